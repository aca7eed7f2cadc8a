//! Reads where the daemons are.

use serde_json::Value;

use super::{
    DaemonConfig,
    members::Members,
    options,
    values::{flag, host, port},
};
use crate::endpoint::Endpoint;

/// The most daemons in the list; a longer one was not written by hand.
const MOST_DAEMONS: usize = 1000;
/// Where the pools themselves speak https.
const HTTPS_PORT: u16 = 443;
const DAEMON: &str = "an object with host and port";
const DAEMONS: &str = "a list of at least one daemon";

/// The daemon that the pool's own `daemon` block names. What else is in the block is the pool's.
pub(super) fn primary(pool: &mut Members) -> Option<DaemonConfig> {
    daemon(&mut pool.required_object("daemon", DAEMON)?)
}

/// The primary and the daemons that are listed in the block, every one once.
pub(super) fn with_primary(primary: Option<DaemonConfig>, block: &mut Members) -> Vec<DaemonConfig> {
    let mut listed = listed(block);
    if let Some(primary) = &primary {
        listed.retain(|(place, daemon)| {
            let again = address(daemon) == address(primary);
            if again {
                let path = block.path_of(place);
                block.warn(format!("{path} is the primary, {}, again; the addon ignores this entry", primary.endpoint));
            }
            !again
        });
    }
    primary.into_iter().chain(listed.into_iter().map(|(_, daemon)| daemon)).collect()
}

/// The daemons in the list that could be read, and the place of each.
fn listed(block: &mut Members) -> Vec<(String, DaemonConfig)> {
    let mut listed = Vec::new();
    for (index, entry) in entries(block).iter().enumerate() {
        let place = format!("daemons[{index}]");
        let Some(mut entry) = block.child(&place, entry, DAEMON) else { continue };
        let daemon = daemon(&mut entry);
        entry.finish();
        listed.extend(daemon.map(|daemon| (place, daemon)));
    }
    report_equal(&listed, block);
    listed
}

/// The list, empty where it is unusable.
fn entries<'json>(block: &mut Members<'json, '_>) -> &'json [Value] {
    match block.get("daemons") {
        None => block.missing("daemons", DAEMONS),
        Some(Value::Array(entries)) if entries.is_empty() => {
            block.mistake("daemons", &format!("the list is empty; expected {DAEMONS}"));
        }
        Some(Value::Array(entries)) if entries.len() > MOST_DAEMONS => {
            block.mistake(
                "daemons",
                &format!("{} daemons are too many; expected at most {MOST_DAEMONS}", entries.len()),
            );
        }
        Some(Value::Array(entries)) => return entries,
        Some(other) => block.mistake("daemons", &format!("{} is not {DAEMONS}", super::quote::quote(other))),
    }
    &[]
}

/// Reads what the primary and the others have in common.
fn daemon(members: &mut Members) -> Option<DaemonConfig> {
    let host = members.required("host", host);
    let port = members.required("port", port);
    let tls = members.or("tls", flag, port == Some(HTTPS_PORT));
    let drained = members.or("drain", flag, false);
    let ha = options::ha(members, port);
    let login = options::login(members);
    Some(DaemonConfig { endpoint: Endpoint { host: host?, port: port?, tls }, drained, ha, login })
}

/// Two entries for one daemon would give it two votes.
fn report_equal(listed: &[(String, DaemonConfig)], block: &mut Members) {
    for (index, (place, daemon)) in listed.iter().enumerate() {
        let first = listed[..index].iter().find(|(_, other)| address(other) == address(daemon));
        if let Some(first) = first.map(|(first, _)| block.path_of(first)) {
            block.mistake(
                place,
                &format!("{} is there already as {first}; expected every daemon once", daemon.endpoint),
            );
        }
    }
}

/// What makes two entries one daemon.
fn address(daemon: &DaemonConfig) -> (&str, u16) {
    (&daemon.endpoint.host, daemon.endpoint.port)
}
