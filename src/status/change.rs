//! What changed from one snapshot to the next.

use std::sync::Arc;

use serde::Serialize;

use super::{DaemonStatus, HostPort, PinStatus, Status, SwitchEvent, Workless};
use crate::{
    consensus::{select::Mode, vote::Head},
    routing::{BlockFate, fate},
};

/// Hears what changed, while the engine can do nothing else: it must not block, and not give the engine orders.
pub trait Listener: Fn(&[Change]) + Send + Sync + 'static {}

impl<F: Fn(&[Change]) + Send + Sync + 'static> Listener for F {}

/// One change, as the JavaScript side hears of it.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "event", rename_all = "lowercase")]
pub enum Change {
    /// The first round has ended.
    Ready {
        /// The snapshot since.
        #[serde(skip)]
        status: Arc<Status>,
    },
    /// Another daemon is in use.
    Switch {
        /// From where to where, and why.
        switch: Arc<SwitchEvent>,
    },
    /// A daemon's state or reason code changed.
    Daemon {
        /// The daemon now.
        daemon: Box<DaemonStatus>,
        /// Its state before.
        before: &'static str,
    },
    /// The operator drained a daemon that was bad already, or gave it back while it is: no other change tells that.
    Drain {
        /// The daemon now.
        daemon: Box<DaemonStatus>,
    },
    /// The operator pinned the pool to a daemon, or the pin ended.
    Pin {
        /// The pin from now on.
        pin: Option<PinStatus>,
        /// The pin until now.
        before: Option<PinStatus>,
    },
    /// The mode changed.
    Mode {
        /// The mode now.
        mode: Mode,
        /// The snapshot since.
        #[serde(skip)]
        status: Arc<Status>,
    },
    /// `hold` changed.
    Hold {
        /// Its value now.
        hold: bool,
        /// The snapshot since.
        #[serde(skip)]
        status: Arc<Status>,
    },
    /// What a block's submitter was told is settled.
    Submitted {
        /// The block.
        block: BlockFate,
    },
    /// A block that was taken has lost its place in the chain.
    Lost {
        /// The block.
        block: BlockFate,
    },
    /// The pool's own processes send their requests elsewhere.
    Gateway {
        /// From now on.
        gateway: Option<HostPort>,
    },
    /// The head moved.
    Block {
        /// The head now.
        head: Head,
    },
    /// Every daemon has been polled since a refresh was asked for.
    Refreshed {
        /// Which request this answers.
        request: u32,
        /// The snapshot since.
        #[serde(skip)]
        status: Arc<Status>,
    },
    /// Something that happened beside the snapshots.
    Log {
        /// `error`, `warn` or `info`.
        severity: &'static str,
        /// For people.
        text: String,
    },
    /// Something the operator should know.
    Warning {
        /// For people.
        text: String,
    },
}

/// Changes as they are handed over together, with the snapshot since, where one of them tells it: once.
#[derive(Debug, Serialize)]
pub struct Announcement<'a> {
    changes: &'a [Change],
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'a Status>,
}

impl<'a> Announcement<'a> {
    /// These changes.
    pub fn new(changes: &'a [Change]) -> Self {
        Self { changes, status: changes.iter().find_map(Change::status) }
    }
}

impl Change {
    fn status(&self) -> Option<&Status> {
        match self {
            Self::Ready { status }
            | Self::Mode { status, .. }
            | Self::Hold { status, .. }
            | Self::Refreshed { status, .. } => Some(status),
            _ => None,
        }
    }
}

/// What changed from one snapshot to the next, what concerns single daemons first.
pub fn changes(before: &Status, after: &Arc<Status>) -> Vec<Change> {
    let mut changes: Vec<_> = daemons(before, after).filter_map(|(one, other)| daemon(one, other)).collect();
    let news = after.warnings.iter().filter(|text| !before.warnings.contains(text));
    changes.extend(news.map(|text| Change::Warning { text: text.clone() }));
    if let (Workless::Now, Workless::Ended(time)) = (before.workless, after.workless) {
        let text = format!("daemons give block templates again, after {} s", time.as_secs());
        changes.push(Change::Log { severity: "info", text });
    }
    if after.head != before.head {
        changes.extend(after.head.map(|head| Change::Block { head }));
    }
    changes.extend(blocks(before, after));
    if after.gateway != before.gateway {
        changes.push(Change::Gateway { gateway: after.gateway.clone() });
    }
    if after.pin != before.pin {
        changes.push(Change::Pin { pin: after.pin.clone(), before: before.pin.clone() });
    }
    if after.epoch != before.epoch {
        changes.extend(after.switches.last().map(|switch| Change::Switch { switch: switch.clone() }));
    }
    if after.mode != before.mode {
        changes.push(Change::Mode { mode: after.mode, status: after.clone() });
    }
    if after.hold != before.hold {
        changes.push(Change::Hold { hold: after.hold, status: after.clone() });
    }
    if after.ready && !before.ready {
        changes.push(Change::Ready { status: after.clone() });
    }
    changes
}

/// What became of blocks since.
fn blocks(before: &Status, after: &Status) -> Vec<Change> {
    let mut changes = vec![];
    if Arc::ptr_eq(&before.blocks, &after.blocks) {
        return changes;
    }
    for block in after.blocks.iter() {
        let known = before.blocks.iter().find(|it| it.id == block.id);
        let (told, was_orphaned) = known.map_or((fate::BlockAnswer::Pending, false), |it| (it.told, it.orphaned));
        let was_seen = known.is_some_and(|it| it.depth.is_some());
        if block.told != fate::BlockAnswer::Pending && told == fate::BlockAnswer::Pending {
            changes.push(Change::Submitted { block: block.clone() });
        }
        if block.orphaned && !was_orphaned && block.told == fate::BlockAnswer::Accepted {
            changes.push(Change::Lost { block: block.clone() });
        }
        if block.depth.is_some() && !was_seen {
            changes.extend(turned_up(block));
        }
    }
    changes
}

/// What a pool was not told when it asked: it has not counted the block, and somebody should.
fn turned_up(block: &BlockFate) -> Option<Change> {
    let said = match block.told {
        fate::BlockAnswer::Refused => "was refused",
        fate::BlockAnswer::Unknown => "was told to be of unknown fate",
        fate::BlockAnswer::Accepted | fate::BlockAnswer::Pending => return None,
    };
    let (height, hash) = (block.height?, block.hash?);
    let text = format!(
        "the block at {height} {said}, but it is in the chain now: a pool does not count such a block by itself; its hash is {hash}"
    );
    Some(Change::Log { severity: "warn", text })
}

/// The daemons that are in both, whatever their places.
fn daemons<'a>(before: &'a Status, after: &'a Status) -> impl Iterator<Item = (&'a DaemonStatus, &'a DaemonStatus)> {
    let place = |index: usize, daemon: &DaemonStatus| {
        let is_it = |it: &&DaemonStatus| it.endpoint == daemon.endpoint;
        before.daemons.get(index).filter(is_it).or_else(|| before.daemons.iter().find(is_it))
    };
    after.daemons.iter().enumerate().filter_map(move |(index, daemon)| Some((place(index, daemon)?, daemon)))
}

fn daemon(before: &DaemonStatus, after: &DaemonStatus) -> Option<Change> {
    let daemon = || Box::new(after.clone());
    if (before.state, before.code()) != (after.state, after.code()) {
        return Some(Change::Daemon { daemon: daemon(), before: before.state });
    }
    (before.drained != after.drained).then(|| Change::Drain { daemon: daemon() })
}
