//! TurtleCoind 0.8 to 0.28: `GET /info`, headers over JSON-RPC. TurtleCoind 0.3 to 0.6, and the forks of CryptoNote that answer like it:
//! `GET /getinfo`, otherwise the same with fewer members.

use super::{
    Dialect, Info, Reply, json_rpc,
    members::{self, Defect, Raw},
};
use crate::consensus::{
    block::Height,
    observation::{Failure, Software},
};

/// One of the two that differ in the path of their info.
#[derive(Debug)]
pub(super) struct Turtlecoin {
    family: &'static str,
    info_at: &'static str,
    is_old: bool,
}

impl Turtlecoin {
    pub(super) const SINCE_0_8: Self = Self { family: "turtlecoin", info_at: "/info", is_old: false };
    pub(super) const BEFORE: Self = Self { family: "turtlecoin-legacy", info_at: "/getinfo", is_old: true };
}

impl Dialect for Turtlecoin {
    fn family(&self) -> &'static str {
        self.family
    }

    fn question(&self) -> &'static str {
        self.info_at
    }

    /// Old monerods have an info at the same path as old TurtleCoinds.
    fn is_spoken(&self, body: &str) -> bool {
        !self.is_old || members::object(body).is_ok_and(|marks: MonerodsMark| marks.target_height.is_none())
    }

    fn info(&self, reply: &Reply) -> Result<Info, Failure> {
        members::read(self.info_at, reply, info)
    }

    fn software(&self, info: &Info) -> Software {
        let refuses_unsynced = !self.is_old && info.version.as_deref().is_some_and(refuses_unsynced);
        Software { refuses_unsynced, ..Software::of(self.family) }
    }

    fn counts_heights_alike(&self) -> bool {
        true
    }

    /// TurtleCoind does since 0.22 (`httplib.h`, `Server::listen_internal`), for up to 30 s; and it may hang for good meanwhile (seen on 0.28.3).
    fn waits_for_its_clients(&self) -> bool {
        !self.is_old
    }

    fn hides_that_it_is_busy(&self) -> bool {
        self.is_old
    }
}

/// Whether a version gives no work while its peers claim more blocks than it has: read in TurtleCoin's source, from 0.24 to 0.28.3.
fn refuses_unsynced(version: &str) -> bool {
    let rest = version.strip_prefix("0.").unwrap_or_default();
    let minor = rest.split('.').next().and_then(|minor| minor.parse::<u32>().ok());
    minor.is_some_and(|minor| (24..=28).contains(&minor))
}

/// The info of every daemon that spells its members like TurtleCoind. Only `height` is in all of them.
fn info(body: &str) -> Result<Info, Defect> {
    let members: InfoMembers = members::object(body)?;
    let busy = json_rpc::is_busy(members.status);
    let claimed = || members::claimed_height(members.network_height);
    let seen = || members::claimed_height(members.max_net_seen_height);
    Ok(Info {
        height: info_height(busy, members.height)?,
        tip: None,
        network_height: claimed().or_else(|| members::claimed_index(members.last_known_block_index)).or_else(seen),
        // What comes with a busy status may be empty members, and no word of its peers.
        incoming: members::connections(members.incoming_connections_count).filter(|_| !busy),
        outgoing: members::connections(members.outgoing_connections_count).filter(|_| !busy),
        upgrade: members::unknown_upgrade(members.upgrade_heights, members.supported_height),
        version: members::version(members.version),
        busy,
        borrowed: false,
    })
}

/// The height in an info. A daemon that is busy may have none to tell, and says 0.
pub(super) fn info_height(busy: bool, height: Raw) -> Result<Option<Height>, Defect> {
    if busy { Ok(members::counted(height)) } else { members::own_height(height).map(Some) }
}

members::members! {
    struct InfoMembers {
        height: "height",
        network_height: "network_height",
        /// What Conceal and Karbo tell in its place: an index.
        last_known_block_index: "last_known_block_index",
        /// What Zano tells in its place.
        max_net_seen_height: "max_net_seen_height",
        incoming_connections_count: "incoming_connections_count",
        outgoing_connections_count: "outgoing_connections_count",
        upgrade_heights: "upgrade_heights",
        supported_height: "supported_height",
        version: "version",
        status: "status",
    }
}

members::members! {
    struct MonerodsMark {
        target_height: "target_height",
    }
}
