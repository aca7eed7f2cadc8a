//! What a turtlecoind-ha and its clients say: the packets of Engine.IO 3 with those of socket.io 2 in them.
//!
//! Text in, text out: nothing here knows of sockets.

use std::{borrow::Cow, fmt, time::Duration};

use ring::digest::{SHA256, digest};
use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, SeqAccess, Visitor},
};
use serde_json::value::RawValue;

use crate::consensus::block::BlockHash;

/// What a client says to stay connected; in this version of the protocol it is the client that asks.
pub const PING: &str = "2";

/// Says that the client knows the password.
pub fn auth(password: &str) -> String {
    let digest = digest(&SHA256, password.as_bytes());
    let hex: String = digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    format!(r#"42["auth","{hex}"]"#)
}

/// What a server says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Packet {
    /// The connection is open.
    Open(Heartbeat),
    /// The server is about to end the connection.
    Close,
    /// The answer to a ping.
    Pong,
    /// Events follow.
    Connected,
    /// No events follow: the server refuses.
    Refused,
    /// Something happened.
    Event(Event),
    /// What is of no use here.
    Other,
}

/// How often the server wants to hear from its clients, and how long an answer may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Heartbeat {
    /// From the answer to one ping to the next ping; 1 to 60 seconds, whatever the server says.
    pub interval: Duration,
    /// From a ping to its answer; 1 to 60 seconds, whatever the server says.
    pub timeout: Duration,
}

/// What a turtlecoind-ha tells of its daemon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// `block`: the daemon has a new block, this one where the event has its hash.
    Block(Option<BlockHash>),
    /// `topblock`, `desync`, `ready`: whatever it is, a look at the daemon shows it.
    News,
    /// `down`, `stopped`: the daemon does not run.
    Down,
    /// `auth`: whether the password was right.
    Auth(bool),
    /// What is of no use here.
    Other,
}

/// Reads one packet. Never fails: bytes that are no packet are ignored.
pub fn parse(text: &str) -> Packet {
    match text.as_bytes() {
        [b'0', ..] => Packet::Open(heartbeat(&text[1..])),
        [b'1', ..] => Packet::Close,
        [b'3', ..] => Packet::Pong,
        [b'4', b'0', ..] => Packet::Connected,
        [b'4', b'1' | b'4', ..] => Packet::Refused,
        [b'4', b'2', ..] => Packet::Event(event(&text[2..])),
        _ => Packet::Other,
    }
}

fn heartbeat(json: &str) -> Heartbeat {
    #[derive(Deserialize, Default)]
    #[serde(rename_all = "camelCase", default)]
    struct Open {
        ping_interval: Option<u64>,
        ping_timeout: Option<u64>,
    }
    let Open { ping_interval, ping_timeout } = serde_json::from_str(json).unwrap_or_default();
    let within = |millis: Option<u64>, default| millis.unwrap_or(default).clamp(1_000, 60_000);
    // What the server takes for its own where nobody configures it.
    let (interval, timeout) = (within(ping_interval, 25_000), within(ping_timeout, 5_000));
    Heartbeat { interval: Duration::from_millis(interval), timeout: Duration::from_millis(timeout) }
}

fn event(text: &str) -> Event {
    // A number for an acknowledgement may stand before the list, and before that a namespace, none of which is ours.
    let list = text.trim_start_matches(|char: char| char.is_ascii_digit());
    let Ok(Arguments { name, first }) = serde_json::from_str(list) else { return Event::Other };
    match name.as_ref() {
        "block" => Event::Block(first.and_then(hash)),
        "topblock" | "desync" | "ready" => Event::News,
        "down" | "stopped" => Event::Down,
        "auth" => Event::Auth(first.is_some_and(|value| value.get() == "true")),
        _ => Event::Other,
    }
}

fn hash(block: &RawValue) -> Option<BlockHash> {
    #[derive(Deserialize)]
    struct Block<'a> {
        #[serde(borrow)]
        hash: Cow<'a, str>,
    }
    serde_json::from_str::<Block>(block.get()).ok()?.hash.parse().ok()
}

/// An event's name and the first thing that it carries.
struct Arguments<'a> {
    name: Cow<'a, str>,
    first: Option<&'a RawValue>,
}

/// Not derived, so that a list of any length is walked without being kept.
impl<'de> Deserialize<'de> for Arguments<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct List;
        impl<'de> Visitor<'de> for List {
            type Value = Arguments<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list that begins with a name")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
                let name = list.next_element()?.unwrap_or_default();
                let first = list.next_element()?;
                while list.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Arguments { name, first })
            }
        }
        deserializer.deserialize_seq(List)
    }
}

#[cfg(test)]
#[path = "tests/packet.rs"]
mod tests;
