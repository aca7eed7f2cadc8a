//! What holds for any bytes that come in place of a daemon's reply.

use std::{fmt::Debug, sync::LazyLock, time::Duration};

use serde_json::{Value, json};
use turtle_pool_multi_daemon::{
    consensus::{
        block::{BlockHash, Height},
        observation::{Failure, FailureKind},
    },
    rpc::dialect::{DIALECTS, Dialect, Header, Info, NoHeader, Recognition, Reply, Which, first_question, recognise},
    words::text_of,
};

/// Every family reads the body, wherever a poll could meet it.
pub fn hold_for(body: &[u8]) {
    for path in PATHS.iter().copied() {
        match recognise(path, &reply(200, body)) {
            Ok(Recognition::Known(dialect, info)) => check_info(dialect, &info, body),
            // Some software says with status 200 that it lacks a path or a call. There is always a next question then.
            Ok(Recognition::AskNext(next)) => assert_eq!(Some(next), after(path)),
            Err(failure) => check_failure(&failure, &READING),
        }
    }
    for dialect in DIALECTS {
        match dialect.info(&reply(200, body)) {
            Ok(info) => check_info(dialect, &info, body),
            Err(failure) => check_failure(&failure, &READING),
        }
        match dialect.header(Which::Last, &reply(200, body)) {
            Ok(header) => check_header(dialect, &header),
            Err(NoHeader::Busy) => {}
            Err(NoHeader::Failed(failure)) => check_failure(&failure, &READING),
        }
        match dialect.peers(&reply(200, body)) {
            Ok(peers) => assert!(peers.len() <= 256, "{} peers", peers.len()),
            Err(failure) => check_failure(&failure, &[FailureKind::InvalidReply]),
        }
        match dialect.header(Which::Last, &reply(500, body)) {
            Ok(header) => panic!("a header with status 500: {header:?}"),
            Err(NoHeader::Busy) => assert!(speaks_json_rpc(dialect)),
            Err(NoHeader::Failed(failure)) => {
                check_failure(&failure, &[FailureKind::HttpStatus, FailureKind::Damaged]);
            }
        }
    }
}

/// What a body may be that is no info or no header.
const READING: [FailureKind; 2] = [FailureKind::InvalidReply, FailureKind::Unsupported];

/// One short line of printable ASCII.
fn check_failure(failure: &Failure, kinds: &[FailureKind]) {
    assert!(kinds.contains(&failure.kind), "{failure}");
    assert!(failure.detail.len() <= 200, "{} characters", failure.detail.len());
    assert!(failure.detail.bytes().all(|byte| (b' '..=b'~').contains(&byte)), "{:?}", failure.detail);
}

fn check_info(dialect: &dyn Dialect, info: &Info, body: &[u8]) {
    if let Some(version) = &info.version {
        assert!((1..=64).contains(&version.len()), "{version:?}");
        assert!(version.bytes().all(|byte| (b' '..=b'~').contains(&byte)), "{version:?}");
    }
    assert!(info.busy || info.height.is_some(), "{info:?}");
    info.height.iter().chain(&info.network_height).copied().for_each(check_height);
    if let Some(upgrade) = info.upgrade {
        assert!(upgrade.at > upgrade.supported, "{upgrade:?}");
    }
    // A second reader, where it can read it: it minds nesting and large numbers even where nobody looks at them.
    if let (Ok(value), Some(height), true) = (serde_json::from_slice::<Value>(body), info.height, is_plain(dialect)) {
        let member = if info.borrowed { "height_without_bootstrap" } else { "height" };
        assert_eq!(value[member].as_u64(), Some(height.get() + 1), "{value}");
    }
    let again = dialect.info(&reply(200, written(dialect, info).as_bytes()));
    same(info, &again, |info| (info.height, info.network_height, info.incoming, info.outgoing));
    same(info, &again, |info| (info.version.clone(), info.busy, info.upgrade));
}

/// Whether the info is a body by itself.
fn is_plain(dialect: &dyn Dialect) -> bool {
    dialect.info_request().body().is_none()
}

fn check_header(dialect: &dyn Dialect, header: &Header) {
    check_height(header.height);
    check_hash(header.hash);
    check_hash(header.prev_hash);
    // What is later than the year 9999 is not in seconds.
    assert!(header.timestamp < Duration::from_secs(253_402_300_800), "{:?}", header.timestamp);
    let body = written_header(dialect, header);
    let again = dialect.header(Which::Last, &reply(200, body.as_bytes()));
    same(header, &again, |header| (header.height, header.hash, header.prev_hash));
    same(header, &again, |header| (header.difficulty, header.timestamp));
}

fn check_height(height: Height) {
    assert!(height.get() < 500_000_000, "{height}");
}

fn check_hash(hash: BlockHash) {
    let text = hash.to_string();
    assert!(
        text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte)),
        "{text}"
    );
    assert_eq!(text.parse(), Ok(hash));
}

/// What was read, written as a daemon would and read again, is the same.
fn same<T, E: Debug, P: PartialEq + Debug>(first: &T, again: &Result<T, E>, part: impl Fn(&T) -> P) {
    match again {
        Ok(again) => assert_eq!(part(first), part(again)),
        Err(error) => panic!("{:?}, written again, is refused: {error:?}", part(first)),
    }
}

fn written(dialect: &dyn Dialect, info: &Info) -> String {
    let count = |height: Height| height.get() + 1;
    let (own, claimed) = (info.height.map(count), info.network_height.map(count));
    if dialect.family() == "headers-only" {
        let hash = "0".repeat(64);
        let block =
            info.height.map(|own| json!({ "height": own.get(), "hash": &hash, "prev_hash": &hash, "timestamp": 0 }));
        let status = if info.busy { "BUSY" } else { "OK" };
        return json!({ "result": { "block_header": block, "status": status } }).to_string();
    }
    if info.borrowed {
        let members = json!({ "height": claimed, "height_without_bootstrap": own.unwrap_or(0), "untrusted": true });
        return if is_plain(dialect) { members } else { json!({ "result": members }) }.to_string();
    }
    let (incoming, outgoing, version) = (info.incoming, info.outgoing, &info.version);
    let (upgrades, supported) = (info.upgrade.map(|it| [it.at.get()]), info.upgrade.map(|it| it.supported.get()));
    // One that says `BUSY` tells neither a height nor connections.
    let tells = info.height.is_some() || info.incoming.is_some() || info.outgoing.is_some();
    let is_syncing = info.busy && dialect.family() == "monerod" && tells;
    let status = if info.busy && !is_syncing { "BUSY" } else { "OK" };
    let body = match dialect.family() {
        "turtlecoin-1.0" => json!({
            "height": own, "networkHeight": claimed, "incomingConnections": incoming, "outgoingConnections": outgoing, "version": version,
            "upgradeHeights": upgrades, "supportedHeight": supported,
        }),
        family => json!({
            "height": own,
            if family == "monerod" { "target_height" } else { "network_height" }: claimed,
            "incoming_connections_count": incoming,
            "outgoing_connections_count": outgoing,
            "upgrade_heights": upgrades,
            "supported_height": supported,
            "version": version,
            "status": status,
            "busy_syncing": is_syncing,
        }),
    };
    if is_plain(dialect) { body } else { json!({ "result": body }) }.to_string()
}

fn written_header(dialect: &dyn Dialect, header: &Header) -> String {
    let (hash, prev_hash) = (header.hash.to_string(), header.prev_hash.to_string());
    let (height, difficulty, timestamp) = (header.height.get(), header.difficulty, header.timestamp.as_secs());
    let previous = if speaks_json_rpc(dialect) { "prev_hash" } else { "prevHash" };
    let block = json!({ "height": height, "hash": hash, previous: prev_hash, "difficulty": difficulty, "timestamp": timestamp });
    if speaks_json_rpc(dialect) {
        json!({ "result": { "block_header": block } }).to_string()
    } else {
        block.to_string()
    }
}

/// Every path that a poll may ask for a daemon's info.
static PATHS: LazyLock<Vec<&'static str>> = LazyLock::new(paths);

fn paths() -> Vec<&'static str> {
    std::iter::successors(Some(first_question()), |path| after(path)).collect()
}

/// What is asked where the question is not known.
fn after(question: &'static str) -> Option<&'static str> {
    match recognise(question, &reply(404, b"")) {
        Ok(Recognition::AskNext(next)) => Some(next),
        _ => None,
    }
}

/// Whether its headers are results of JSON-RPC.
fn speaks_json_rpc(dialect: &dyn Dialect) -> bool {
    dialect.header_request(Which::Last).body().is_some()
}

fn reply(status: u16, body: &[u8]) -> Reply {
    Reply { status, body: text_of(body).into() }
}
