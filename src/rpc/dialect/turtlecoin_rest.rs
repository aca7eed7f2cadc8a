//! TurtleCoind 1.0: everything by GET, members in camel case, no JSON-RPC.

use super::{
    Dialect, Header, Info, NoHeader, Reply, Request, Which,
    members::{self, Defect},
};
use crate::consensus::observation::{Failure, Software};

#[derive(Debug)]
pub(super) struct TurtlecoinRest;

impl Dialect for TurtlecoinRest {
    fn family(&self) -> &'static str {
        "turtlecoin-1.0"
    }

    fn question(&self) -> &'static str {
        INFO_PATH
    }

    /// Those before it have the same path and no member in camel case.
    fn is_spoken(&self, body: &str) -> bool {
        members::object(body)
            .is_ok_and(|marks: Marks| marks.last_block_index.is_some() || marks.network_height.is_some())
    }

    fn info(&self, reply: &Reply) -> Result<Info, Failure> {
        members::read(INFO_PATH, reply, info)
    }

    fn software(&self, _info: &Info) -> Software {
        Software { json_rpc: false, ..Software::of(self.family()) }
    }

    fn header_request(&self, which: Which) -> Request {
        header_request(which)
    }

    fn header(&self, which: Which, reply: &Reply) -> Result<Header, NoHeader> {
        Ok(parse(reply.body_if_ok()?).map_err(|defect| defect.of(&header_request(which)))?)
    }

    fn counts_heights_alike(&self) -> bool {
        true
    }

    /// As those before it: it has the same HTTP server.
    fn waits_for_its_clients(&self) -> bool {
        true
    }
}

const INFO_PATH: &str = "/info";

fn info(body: &str) -> Result<Info, Defect> {
    let members: InfoMembers = members::object(body)?;
    Ok(Info {
        height: Some(members::own_height(members.height)?),
        tip: None,
        network_height: members::claimed_height(members.network_height),
        incoming: members::connections(members.incoming_connections),
        outgoing: members::connections(members.outgoing_connections),
        upgrade: members::unknown_upgrade(members.upgrade_heights, members.supported_height),
        version: members::version(members.version),
        busy: false,
        borrowed: false,
    })
}

fn header_request(which: Which) -> Request {
    match which {
        Which::Last => Request::get("/block/last"),
        Which::At(height) => Request::get(format!("/block/{height}")),
        Which::Of(hash) => Request::get(format!("/block/{hash}")),
    }
}

fn parse(body: &str) -> Result<Header, Defect> {
    let members: HeaderMembers = members::object(body)?;
    Ok(Header {
        height: members::block_height(members.height)?,
        hash: members::hash("hash", members.hash)?,
        prev_hash: members::hash("prevHash", members.prev_hash)?,
        difficulty: members::difficulty(members.difficulty),
        timestamp: members::timestamp(members.timestamp)?,
    })
}

members::members! {
    struct Marks {
        last_block_index: "lastBlockIndex",
        network_height: "networkHeight",
    }
}

members::members! {
    struct InfoMembers {
        height: "height",
        network_height: "networkHeight",
        incoming_connections: "incomingConnections",
        outgoing_connections: "outgoingConnections",
        upgrade_heights: "upgradeHeights",
        supported_height: "supportedHeight",
        version: "version",
    }
}

members::members! {
    struct HeaderMembers {
        height: "height",
        hash: "hash",
        prev_hash: "prevHash",
        difficulty: "difficulty",
        timestamp: "timestamp",
    }
}
