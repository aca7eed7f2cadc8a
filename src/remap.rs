//! Where the daemons are in a configuration that takes the place of another.

use crate::endpoint::DaemonId;

/// Where the daemons of one configuration are in the next one. Whatever is kept by [`DaemonId`] has to be moved.
#[derive(Debug)]
pub struct Remap {
    /// For each place in the next configuration, the place before.
    from: Vec<Option<DaemonId>>,
    /// For each place before, the place in the next one.
    to: Vec<Option<DaemonId>>,
}

impl Remap {
    /// From the endpoints of one list of daemons to those of another one. A daemon stays one as long as its endpoint is the same.
    pub fn new<E: PartialEq>(before: &[E], next: &[E]) -> Self {
        let find = |list: &[E], endpoint: &E| list.iter().position(|it| it == endpoint).map(DaemonId);
        Self {
            from: next.iter().map(|endpoint| find(before, endpoint)).collect(),
            to: before.iter().map(|endpoint| find(next, endpoint)).collect(),
        }
    }

    /// Where a daemon of the configuration before is in the next one; `None` where it is gone.
    pub fn to(&self, before: DaemonId) -> Option<DaemonId> {
        self.to.get(before.0).copied().flatten()
    }

    /// Where a daemon of the next configuration was before; `None` where it is new.
    pub fn from(&self, next: DaemonId) -> Option<DaemonId> {
        self.from.get(next.0).copied().flatten()
    }

    /// What was kept of each daemon, in the order of the next configuration; what is gone is dropped.
    pub fn carry<T>(&self, kept: Vec<T>, new: impl Fn(DaemonId) -> T) -> Vec<T> {
        let mut kept: Vec<_> = kept.into_iter().map(Some).collect();
        let mut take = |id: DaemonId| kept.get_mut(id.0).and_then(Option::take);
        let places = (0..).map(DaemonId).zip(&self.from);
        places.map(|(place, from)| from.and_then(&mut take).unwrap_or_else(|| new(place))).collect()
    }
}

#[cfg(test)]
#[path = "tests/remap.rs"]
mod tests;
