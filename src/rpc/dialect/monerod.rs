//! monerod and its forks: `GET /get_info` (the older ones only `/getinfo`), headers over JSON-RPC.

use std::borrow::Cow;

use serde::Deserialize;

use super::{
    Info, Request, json_rpc,
    members::{self, Defect, Raw},
    turtlecoin::{INCOMING, OUTGOING},
};
use crate::consensus::peers::Peer;

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

pub(super) fn peers_request() -> Request {
    Request::Call { method: "get_connections", params: "{}".into() }
}

/// The connections that are established; a daemon without any leaves the list out.
pub(super) fn peers(body: &[u8]) -> Result<Vec<Peer>, Defect> {
    let result: ConnectionsResult = json_rpc::result(body)?;
    if json_rpc::is_busy(result.status)? {
        return Err(Defect("the core is busy".into()));
    }
    let connections: Option<Vec<Connection>> = members::list("connections", result.connections)?;
    let connections = connections.unwrap_or_default().into_iter();
    connections.filter(|it| it.state != BEFORE_HANDSHAKE).take(MOST_PEERS).map(|it| it.peer()).collect()
}

const BEFORE_HANDSHAKE: &str = "before_handshake";

/// More than it takes to see that not all of them are the configured daemons.
const MOST_PEERS: usize = 256;

#[derive(Deserialize)]
struct ConnectionsResult<'a> {
    #[serde(borrow)]
    connections: Raw<'a>,
    #[serde(borrow)]
    status: Raw<'a>,
}

#[derive(Deserialize)]
struct Connection<'a> {
    #[serde(borrow)]
    peer_id: Cow<'a, str>,
    incoming: bool,
    #[serde(borrow)]
    state: Cow<'a, str>,
}

impl Connection<'_> {
    fn peer(&self) -> Result<Peer, Defect> {
        let id = u64::from_str_radix(&self.peer_id, 16);
        let id = id.map_err(|_| Defect("\"peer_id\" is not a number in hex digits".into()))?;
        Ok(Peer { id, incoming: self.incoming })
    }
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
