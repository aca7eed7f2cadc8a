//! Requests to poll every daemon, until all have been.

use std::time::Duration;

use crate::{consensus::moment::Moment, endpoint::DaemonId, remap::Remap};

/// The requests that are open.
#[derive(Debug, Clone, Default)]
pub struct Refreshes {
    open: Vec<Refresh>,
}

#[derive(Debug, Clone)]
struct Refresh {
    request: u32,
    /// In time since watching began.
    asked: Duration,
    waits_for: Vec<DaemonId>,
}

impl Refreshes {
    /// Takes in a request to poll so many daemons.
    pub fn ask(&mut self, now: Moment, request: u32, daemons: usize) {
        self.open.push(Refresh { request, asked: now.elapsed, waits_for: (0..daemons).map(DaemonId).collect() });
    }

    /// Takes in that a poll of a daemon ended, which began at `began`: one from before the request does not answer it.
    pub fn note(&mut self, daemon: DaemonId, began: Moment) {
        for refresh in self.open.iter_mut().filter(|refresh| began.elapsed >= refresh.asked) {
            refresh.waits_for.retain(|it| *it != daemon);
        }
    }

    /// Goes on with other daemons: nobody waits for those that are gone, or for new ones.
    pub fn reconfigure(&mut self, remap: &Remap) {
        for refresh in &mut self.open {
            refresh.waits_for = refresh.waits_for.iter().filter_map(|daemon| remap.to(*daemon)).collect();
        }
    }

    /// The daemons that are waited for.
    pub fn waits_for(&self) -> impl Iterator<Item = DaemonId> {
        self.open.iter().flat_map(|refresh| refresh.waits_for.iter().copied())
    }

    /// The requests that are answered; each is named once.
    pub fn take_done(&mut self) -> Vec<u32> {
        self.open.extract_if(.., |refresh| refresh.waits_for.is_empty()).map(|refresh| refresh.request).collect()
    }
}
