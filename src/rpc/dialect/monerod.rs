//! monerod and its forks: `GET /get_info` (the older ones only `/getinfo`), headers over JSON-RPC.

use serde::Deserialize;

use super::{
    Info, json_rpc,
    members::{self, Defect, Raw},
    turtlecoin::{INCOMING, OUTGOING},
};

pub(super) const INFO_PATH: &str = "/get_info";

pub(super) fn info(body: &[u8]) -> Result<Info, Defect> {
    let members: InfoMembers = members::object(body)?;
    let incoming = members::connections(INCOMING, members.incoming_connections_count)?;
    let outgoing = members::connections(OUTGOING, members.outgoing_connections_count)?;
    // A restricted daemon says 0 where it means "none of your business".
    let tells = !members::flag("restricted", members.restricted)?.unwrap_or(false);
    // A synchronized daemon is busy for an instant whenever it takes blocks from a peer: that alone proves nothing.
    let synchronized = members::flag("synchronized", members.synchronized)?.unwrap_or(false);
    let syncing = members::flag("busy_syncing", members.busy_syncing)?.unwrap_or(false) && !synchronized;
    Ok(Info {
        height: members::own_height(members.height)?,
        network_height: members::claimed_height("target_height", members.target_height)?,
        incoming: incoming.filter(|_| tells),
        outgoing: outgoing.filter(|_| tells),
        upgrade: None,
        version: members::version(members.version)?,
        busy: syncing || json_rpc::is_busy(members.status)?,
    })
}

#[derive(Deserialize)]
struct InfoMembers<'a> {
    #[serde(borrow)]
    height: Raw<'a>,
    #[serde(borrow)]
    target_height: Raw<'a>,
    #[serde(borrow)]
    incoming_connections_count: Raw<'a>,
    #[serde(borrow)]
    outgoing_connections_count: Raw<'a>,
    #[serde(borrow)]
    restricted: Raw<'a>,
    #[serde(borrow)]
    busy_syncing: Raw<'a>,
    #[serde(borrow)]
    synchronized: Raw<'a>,
    #[serde(borrow)]
    version: Raw<'a>,
    #[serde(borrow)]
    status: Raw<'a>,
}
