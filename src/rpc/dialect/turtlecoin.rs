//! TurtleCoind 0.8 to 0.28: `GET /info`, headers over JSON-RPC.

use serde::Deserialize;

use super::{
    Info, json_rpc,
    members::{self, Defect, Raw},
};
use crate::consensus::block::Height;

pub(super) const INFO_PATH: &str = "/info";

/// The info of every daemon that spells its members like TurtleCoind. Only `height` is in all of them.
pub(super) fn info(body: &[u8]) -> Result<Info, Defect> {
    let members: InfoMembers = members::object(body)?;
    let busy = json_rpc::is_busy(members.status);
    let claimed = || members::claimed_height(members.network_height);
    let seen = || members::claimed_height(members.max_net_seen_height);
    Ok(Info {
        height: info_height(busy, members.height)?,
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

#[derive(Deserialize)]
struct InfoMembers<'a> {
    #[serde(borrow)]
    height: Raw<'a>,
    #[serde(borrow)]
    network_height: Raw<'a>,
    /// What Conceal and Karbo tell in its place: an index.
    #[serde(borrow)]
    last_known_block_index: Raw<'a>,
    /// What Zano tells in its place.
    #[serde(borrow)]
    max_net_seen_height: Raw<'a>,
    #[serde(borrow)]
    incoming_connections_count: Raw<'a>,
    #[serde(borrow)]
    outgoing_connections_count: Raw<'a>,
    #[serde(borrow)]
    upgrade_heights: Raw<'a>,
    #[serde(borrow)]
    supported_height: Raw<'a>,
    #[serde(borrow)]
    version: Raw<'a>,
    #[serde(borrow)]
    status: Raw<'a>,
}
