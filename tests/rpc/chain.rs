//! A daemon of any family on a made-up chain.

use std::sync::Arc;

use parking_lot::Mutex;
use serde_json::{Value, json};

use crate::server::{Action, Ask, Server};

/// The families of daemons.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    Turtlecoin,
    Legacy,
    Rest,
    Monerod,
}

/// A daemon's chain: up to `tip`, on a branch of its own from `fork` on. Height 0 has its own hash on each `network`.
#[derive(Debug, Clone, Copy)]
pub struct Chain {
    pub family: Family,
    pub network: u8,
    pub branch: u8,
    pub fork: u64,
    pub tip: u64,
    pub upper_case: bool,
    pub busy: bool,
}

impl Chain {
    pub fn new(family: Family, tip: u64) -> Self {
        Self { family, network: 0, branch: 0, fork: 0, tip, upper_case: false, busy: false }
    }

    /// The hash at this height, as the daemon writes it.
    pub fn hash(&self, height: u64) -> String {
        let branch = if height < self.fork { 0 } else { self.branch };
        let hash = format!("{:02x}{branch:02x}{:044x}{height:016x}", self.network, 0xabc);
        if self.upper_case { hash.to_uppercase() } else { hash }
    }

    /// How a daemon on this chain answers.
    pub fn answer(&self, ask: &Ask) -> Action {
        let hash = |text: &str| text.to_lowercase();
        let at_hash = |wanted: &str| (0..=self.tip).find(|height| hash(&self.hash(*height)) == hash(wanted));
        let params: Value = serde_json::from_str(&ask.params).unwrap_or_default();
        match (self.family, ask.what.as_str()) {
            (Family::Turtlecoin | Family::Rest, "/info") => self.info(),
            (Family::Legacy, "/getinfo") => self.info(),
            (Family::Monerod, "/get_info" | "/getinfo") => self.info(),
            (Family::Rest, "/block/last") => self.header(self.tip),
            (Family::Rest, path) if path.starts_with("/block/") => {
                let key = &path["/block/".len()..];
                key.parse().ok().or_else(|| at_hash(key)).map_or_else(not_found, |height| self.answer_by_height(height))
            }
            (Family::Rest, _) => not_found(),
            (_, "getlastblockheader") => self.header(self.tip),
            (_, "getblockheaderbyheight") => self.answer_by_height(params["height"].as_u64().unwrap()),
            (_, "getblockheaderbyhash") => match at_hash(params["hash"].as_str().unwrap()) {
                Some(height) => self.header(height),
                None => reply(json!({"error": {"code": -5, "message": "no such block"}})),
            },
            (Family::Monerod, "get_connections") => reply(json!({"result": {"status": "OK", "connections": [
                {"peer_id": "2a", "incoming": true, "state": "normal"}]}})),
            _ => not_found(),
        }
    }

    /// How it answers who asks for the block at a height.
    pub fn answer_by_height(&self, height: u64) -> Action {
        match self.family {
            _ if height <= self.tip => self.header(height),
            Family::Rest => {
                let error = json!({"error": {"code": 63, "message": "greater than the top block height"}});
                Action::Reply(400, error.to_string())
            }
            _ => reply(json!({"error": {"code": -2, "message": "higher than the current blockchain height"}})),
        }
    }

    fn info(&self) -> Action {
        let count = self.tip + 1;
        reply(match self.family {
            Family::Turtlecoin => json!({"height": count, "network_height": count, "synced": true,
                "incoming_connections_count": 3, "outgoing_connections_count": 8, "version": "0.28.3"}),
            Family::Legacy => json!({"height": count, "network_height": count, "synced": true}),
            Family::Rest => json!({"height": count, "networkHeight": count, "lastBlockIndex": self.tip,
                "incomingConnections": 3, "outgoingConnections": 8, "version": "1.0.1"}),
            Family::Monerod => json!({"height": count, "target_height": 0, "busy_syncing": self.busy,
                "incoming_connections_count": 3, "outgoing_connections_count": 8}),
        })
    }

    fn header(&self, height: u64) -> Action {
        if self.busy {
            return reply(json!({"error": {"code": -9, "message": "Core is busy"}}));
        }
        let (hash, prev) = (self.hash(height), self.hash(height.saturating_sub(1)));
        let header = match self.family {
            Family::Rest => {
                return reply(json!({"height": height, "hash": hash, "prevHash": prev,
                    "difficulty": 1000 + height, "timestamp": height}));
            }
            _ => json!({"height": height, "hash": hash, "prev_hash": prev,
                "difficulty": 1000 + height, "timestamp": height}),
        };
        reply(json!({"jsonrpc": "2.0", "result": {"status": "OK", "block_header": header}}))
    }
}

/// A server on a chain that the test can change.
pub async fn serve(chain: Chain) -> (Server, Arc<Mutex<Chain>>) {
    let shared = Arc::new(Mutex::new(chain));
    let seen = shared.clone();
    (Server::start(move |ask| seen.lock().answer(ask)).await, shared)
}

pub fn reply(body: Value) -> Action {
    Action::Reply(200, body.to_string())
}

pub fn not_found() -> Action {
    Action::Reply(404, String::new())
}
