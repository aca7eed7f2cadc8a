//! What is known of each daemon that requests have met.

use super::chart::Who;
use crate::endpoint::Endpoint;

/// A value for each daemon that requests have met. Those are few, so that to compare them costs less than to hash a host's name.
#[derive(Debug, Clone)]
pub struct Each<T>(Vec<(Who, T)>);

impl<T> Default for Each<T> {
    fn default() -> Self {
        Self(vec![])
    }
}

impl<T> Each<T> {
    /// What is known of a daemon.
    pub fn get(&self, daemon: &Endpoint) -> Option<&T> {
        self.0.iter().find(|(it, _)| is_same(it, daemon)).map(|(_, value)| value)
    }

    /// What is known of a daemon, to be changed; made where nothing is.
    pub fn get_or_insert_with(&mut self, daemon: &Who, make: impl FnOnce() -> T) -> &mut T {
        let place = self.0.iter().position(|(it, _)| is_same(it, daemon)).unwrap_or_else(|| {
            self.0.push((daemon.clone(), make()));
            self.0.len() - 1
        });
        &mut self.0[place].1
    }

    /// Forgets a daemon.
    pub fn remove(&mut self, daemon: &Endpoint) {
        self.0.retain(|(it, _)| !is_same(it, daemon));
    }

    /// Forgets daemons that are no longer in the configuration.
    pub fn keep(&mut self, is_known: impl Fn(&Who) -> bool) {
        self.0.retain(|(daemon, _)| is_known(daemon));
    }

    /// All of them, those that were met first before the others.
    pub fn iter(&self) -> impl Iterator<Item = (&Who, &T)> {
        self.0.iter().map(|(daemon, value)| (daemon, value))
    }
}

/// Nearly always it is the very same one.
fn is_same(one: &Who, other: &Endpoint) -> bool {
    std::ptr::eq(&**one, other) || **one == *other
}

#[cfg(test)]
#[path = "tests/each.rs"]
mod tests;
