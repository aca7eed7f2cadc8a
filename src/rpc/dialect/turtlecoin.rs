//! TurtleCoind 0.8 to 0.28: `GET /info`, headers over JSON-RPC.

use serde::Deserialize;

use super::{
    Info, json_rpc,
    members::{self, Defect, Raw},
};

pub(super) const INFO_PATH: &str = "/info";

/// The info of every daemon that spells its members like TurtleCoind. Only `height` is in all of them.
pub(super) fn info(body: &[u8]) -> Result<Info, Defect> {
    let members: InfoMembers = members::object(body)?;
    Ok(Info {
        height: members::own_height(members.height)?,
        network_height: members::claimed_height("network_height", members.network_height)?,
        incoming: members::connections(INCOMING, members.incoming_connections_count)?,
        outgoing: members::connections(OUTGOING, members.outgoing_connections_count)?,
        upgrade: members::unknown_upgrade(
            ("upgrade_heights", members.upgrade_heights),
            ("supported_height", members.supported_height),
        )?,
        version: members::version(members.version)?,
        busy: json_rpc::is_busy(members.status)?,
    })
}

pub(super) const INCOMING: &str = "incoming_connections_count";
pub(super) const OUTGOING: &str = "outgoing_connections_count";

#[derive(Deserialize)]
struct InfoMembers<'a> {
    #[serde(borrow)]
    height: Raw<'a>,
    #[serde(borrow)]
    network_height: Raw<'a>,
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
