//! monerod and its forks: `GET /get_info` (the older ones only `/getinfo`), headers over JSON-RPC.

use std::borrow::Cow;

use serde::Deserialize;

use super::{
    Dialect, Info, Reply, Request, json_rpc,
    members::{self, Defect},
    request_for,
    turtlecoin::info_height,
};
use crate::consensus::{
    observation::{Failure, Software},
    peers::Peer,
};

/// One of those that differ in where their info is.
#[derive(Debug)]
pub(super) struct Monerod {
    info_at: &'static str,
    is_called: bool,
}

impl Monerod {
    pub(super) const OLD: Self = Self { info_at: "/getinfo", is_called: false };
    pub(super) const NEW: Self = Self { info_at: "/get_info", is_called: false };
    /// Where the info is a result of JSON-RPC, for proxies that let nothing else through.
    pub(super) const CALLED: Self = Self { info_at: "get_info", is_called: true };
}

impl Dialect for Monerod {
    fn family(&self) -> &'static str {
        "monerod"
    }

    fn question(&self) -> &'static str {
        self.info_at
    }

    /// The call is only this family's: whatever is not its answer is none.
    fn is_spoken(&self, body: &str) -> bool {
        !self.is_called || called_info(body).is_ok()
    }

    fn info(&self, reply: &Reply) -> Result<Info, Failure> {
        members::read(self.info_at, reply, if self.is_called { called_info } else { info })
    }

    fn software(&self, _info: &Info) -> Software {
        Software { lists_peers: true, ..Software::of(self.family()) }
    }

    fn peers_request(&self) -> Option<Request> {
        Some(request_for(CONNECTIONS_CALL))
    }

    fn peers(&self, reply: &Reply) -> Result<Vec<Peer>, Failure> {
        members::read(CONNECTIONS_CALL, reply, peers)
    }
}

const CONNECTIONS_CALL: &str = "get_connections";

fn info(body: &str) -> Result<Info, Defect> {
    read(members::object(body)?)
}

/// The info as a result of JSON-RPC.
fn called_info(body: &str) -> Result<Info, Defect> {
    read(json_rpc::result(body)?)
}

fn read(members: InfoMembers) -> Result<Info, Defect> {
    if is_borrowed(&members) {
        return Ok(borrowed(&members));
    }
    let is_blank = json_rpc::is_busy(members.status);
    // A restricted daemon says 0 where it means "none of your business", and one that is busy where it has not looked.
    let tells = !members::flag(members.restricted).unwrap_or(false) && !is_blank;
    // A synchronized daemon is busy for an instant whenever it takes blocks from a peer: that alone proves nothing.
    let synchronized = members::flag(members.synchronized).unwrap_or(false);
    let is_untrusted = members::flag(members.untrusted).unwrap_or(false);
    let syncing = members::flag(members.busy_syncing).unwrap_or(false) && !synchronized;
    let busy = syncing || is_blank;
    Ok(Info {
        height: info_height(busy, members.height)?,
        // Until it is synchronized it refuses to show blocks.
        tip: members::optional_hash(members.top_block_hash).filter(|_| synchronized && !busy && !is_untrusted),
        network_height: members::claimed_height(members.target_height),
        incoming: members::connections(members.incoming_connections_count).filter(|_| tells),
        outgoing: members::connections(members.outgoing_connections_count).filter(|_| tells),
        upgrade: None,
        version: members::version(members.version),
        busy,
        borrowed: false,
    })
}

/// Whether a bootstrap daemon answered in its place, as it does until it is synchronized itself. Only then it tells its own
/// height beside the other one's.
fn is_borrowed(members: &InfoMembers) -> bool {
    let is_untrusted = members::flag(members.untrusted).unwrap_or(false);
    is_untrusted && members::optional::<u64>(members.height_without_bootstrap).is_some()
}

/// All that is its own in another daemon's words.
fn borrowed(members: &InfoMembers) -> Info {
    let (shown, claimed) = (members::claimed_height(members.height), members::claimed_height(members.target_height));
    Info {
        height: members::counted(members.height_without_bootstrap),
        tip: None,
        network_height: shown.max(claimed),
        incoming: None,
        outgoing: None,
        upgrade: None,
        version: None,
        busy: true,
        borrowed: true,
    }
}

/// The connections that are established; a daemon without any leaves the list out.
fn peers(body: &str) -> Result<Vec<Peer>, Defect> {
    let result: ConnectionsResult = json_rpc::result(body)?;
    if json_rpc::is_busy(result.status) {
        return Err(Defect("the core is busy".into()));
    }
    let connections: Option<Vec<Connection>> = members::list("connections", result.connections)?;
    let connections = connections.unwrap_or_default().into_iter();
    connections.filter(|it| it.state != BEFORE_HANDSHAKE).take(MOST_PEERS).map(|it| it.peer()).collect()
}

const BEFORE_HANDSHAKE: &str = "before_handshake";

/// More than it takes to see that not all of them are the configured daemons.
const MOST_PEERS: usize = 256;

members::members! {
    struct ConnectionsResult {
        connections: "connections",
        status: "status",
    }
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

members::members! {
    struct InfoMembers {
        height: "height",
        top_block_hash: "top_block_hash",
        target_height: "target_height",
        incoming_connections_count: "incoming_connections_count",
        outgoing_connections_count: "outgoing_connections_count",
        restricted: "restricted",
        busy_syncing: "busy_syncing",
        synchronized: "synchronized",
        version: "version",
        untrusted: "untrusted",
        height_without_bootstrap: "height_without_bootstrap",
        status: "status",
    }
}
