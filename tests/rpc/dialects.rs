//! The dialects on what real daemons replied.

use std::time::Duration;

use turtle_pool_multi_daemon::{
    consensus::{
        block::Height,
        observation::{FailureKind, Upgrade},
        peers::Peer,
    },
    rpc::dialect::{DIALECTS, Dialect, Header, Info, NoHeader, Recognition, Reply, Which, first_question, recognise},
};

macro_rules! recorded {
    ($file:literal) => {
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/rpc/", $file))
    };
}
pub(crate) use recorded;

pub fn ok(body: &str) -> Reply {
    Reply { status: 200, body: body.into() }
}

/// Recognises a daemon that knows only this path.
pub fn known(path: &str, body: &str) -> (&'static dyn Dialect, Info) {
    let mut asked = first_question();
    loop {
        let reply = if asked == path { ok(body) } else { Reply { status: 404, body: String::new() } };
        match recognise(asked, &reply).unwrap() {
            Recognition::AskNext(next) => asked = next,
            Recognition::Known(dialect, info) => return (dialect, info),
        }
    }
}

/// The family and whether pools can use it.
fn described(dialect: &dyn Dialect, info: &Info) -> (&'static str, bool) {
    let software = dialect.software(info);
    (software.family, software.json_rpc)
}

fn height(index: u64) -> Height {
    Height::new(index).unwrap()
}

fn header(height: u64, hash: &str, prev_hash: &str, difficulty: u64, timestamp: u64) -> Header {
    Header {
        height: self::height(height),
        hash: hash.parse().unwrap(),
        prev_hash: prev_hash.parse().unwrap(),
        difficulty: Some(difficulty),
        timestamp: Duration::from_secs(timestamp),
    }
}

const ZERO: &str = "0000000000000000000000000000000000000000000000000000000000000000";
const TURTLE_0: &str = "7fb97df81221dd1366051b2d0bc7f49c66c22ac4431d879c895b06d66ef66f4c";
const TURTLE_1: &str = "38f6a4efe7953c17d8f58259e67eb65409d1b83f3e127e00c97b6103ab952d48";
const TURTLE_2: &str = "bdf291521e63b9b43817e2aeae1e7aeb464225605218a2311a84e6ec53d7619c";
const TURTLE_3: &str = "d1d4414605851ea3ed17025dda5da4b8062aa019c1b849afbcb547b5267a6330";
const MONERO_0: &str = "418015bb9ae982a1975da7d79277c2705727a56894ba0fb246adaabb1f4632e3";
const MONERO_2: &str = "6fece06a571f3e6f734ceb3d2d41ee204f974526a6cbbde3063261164cc78fcf";
const MONERO_3: &str = "afa6cf50fca1a333e13a0fcad0484c0def49de65b8945589be0418de49bd5a07";

#[test]
fn turtlecoin_0_28_is_recognised_and_read() {
    let (dialect, info) = known("/info", recorded!("turtlecoin-0.28.3/info.json"));
    assert_eq!(described(dialect, &info), ("turtlecoin", true));
    let expected = Info {
        height: Some(height(3)),
        tip: None,
        network_height: Some(height(3)),
        incoming: Some(3),
        outgoing: Some(3),
        upgrade: Some(Upgrade { at: height(3_000_000), supported: height(2_800_000) }),
        version: Some("0.28.3".into()),
        busy: false,
        borrowed: false,
    };
    assert_eq!(info, expected);
    let read = |which, body| dialect.header(which, &ok(body)).unwrap();
    let last = read(Which::Last, recorded!("turtlecoin-0.28.3/getlastblockheader.json"));
    assert_eq!(last, header(3, TURTLE_3, TURTLE_2, 30, 1_795_393_042));
    let before = read(Which::Of(TURTLE_2.parse().unwrap()), recorded!("turtlecoin-0.28.3/getblockheaderbyhash.json"));
    assert_eq!(before, header(2, TURTLE_2, TURTLE_1, 1, 1_795_393_042));
    let first = read(Which::At(Height::GENESIS), recorded!("turtlecoin-0.28.3/getblockheaderbyheight-0.json"));
    assert_eq!(first, header(0, TURTLE_0, ZERO, 1, 0));
}

#[test]
fn turtlecoin_1_0_is_recognised_and_read() {
    let (dialect, info) = known("/info", recorded!("turtlecoin-1.0.1/info.json"));
    assert_eq!(described(dialect, &info), ("turtlecoin-1.0", false));
    let expected = Info {
        height: Some(height(0)),
        tip: None,
        network_height: Some(height(0)),
        incoming: Some(2),
        outgoing: Some(2),
        upgrade: None,
        version: Some("1.0.1".into()),
        busy: false,
        borrowed: false,
    };
    assert_eq!(info, expected);
    let last = dialect.header(Which::Last, &ok(recorded!("turtlecoin-1.0.1/block-last.json"))).unwrap();
    assert_eq!(last, header(0, TURTLE_0, ZERO, 1, 0));
}

#[test]
fn monerod_0_18_is_recognised_and_read_at_either_path() {
    for path in ["/get_info", "/getinfo"] {
        let (dialect, info) = known(path, recorded!("monerod-0.18.0/get_info.json"));
        assert_eq!(described(dialect, &info), ("monerod", true), "{path}");
        assert_eq!(dialect.info_request().path(), path);
        let expected = Info {
            height: Some(height(2)),
            tip: Some(MONERO_2.parse().unwrap()),
            network_height: None,
            incoming: Some(1),
            outgoing: Some(0),
            upgrade: None,
            version: Some("0.18.0.0-unknown".into()),
            busy: false,
            borrowed: false,
        };
        assert_eq!(info, expected, "{path}");
    }
}

#[test]
fn the_connections_of_monerod_0_18_are_read() {
    let (dialect, _) = known("/get_info", recorded!("monerod-0.18.0/get_info.json"));
    let peers = dialect.peers(&ok(recorded!("monerod-0.18.0/get_connections.json"))).unwrap();
    let (one, other) = (0x2156_f537_f77d_bea9, 0x9ddc_ed0b_14db_c31b);
    let expected = [(one, false), (other, false), (other, true), (one, true)];
    assert_eq!(peers, expected.map(|(id, incoming)| Peer { id, incoming }));
    assert_eq!(dialect.peers_request().unwrap().to_string(), "get_connections");
}

#[test]
fn only_connections_that_are_established_count() {
    let (dialect, _) = known("/get_info", r#"{"height":7,"target_height":0}"#);
    let connection = |id, state| format!(r#"{{"peer_id":"{id}","incoming":true,"state":"{state}"}}"#);
    let all = [connection("0", "before_handshake"), connection("1", "synchronizing"), connection("2", "normal")];
    let body = format!(r#"{{"result":{{"status":"OK","connections":[{}]}}}}"#, all.join(","));
    let ids: Vec<_> = dialect.peers(&ok(&body)).unwrap().iter().map(|peer| peer.id).collect();
    assert_eq!(ids, [1, 2]);
    assert_eq!(dialect.peers(&ok(r#"{"result":{"status":"OK"}}"#)), Ok(vec![]));
}

#[test]
fn a_list_of_connections_that_is_none_is_the_daemons_own_error() {
    let (dialect, _) = known("/get_info", r#"{"height":7,"target_height":0}"#);
    let rows = [
        (recorded!("monerod-0.18.0/unknown-method.json"), "error -32601: Method not found"),
        (r#"{"result":{"status":"BUSY"}}"#, "the core is busy"),
        (r#"{"result":{"connections":7}}"#, "\"connections\" is not a list"),
        (r#"{"result":{"connections":[{"peer_id":7,"incoming":true,"state":""}]}}"#, "\"connections\" is not a list"),
        (r#"{"result":{"connections":[{"peer_id":"z","incoming":true,"state":""}]}}"#, "\"peer_id\" is not a number"),
    ];
    for (body, says) in rows {
        let failure = dialect.peers(&ok(body)).unwrap_err();
        assert_eq!(failure.kind, FailureKind::InvalidReply);
        assert!(failure.detail.starts_with("get_connections: ") && failure.detail.contains(says), "{failure}");
    }
    for (path, info) in [("/info", r#"{"height":7}"#), ("/getinfo", r#"{"height":7}"#)] {
        assert_eq!(known(path, info).0.peers_request(), None, "{path}");
    }
}

#[test]
fn headers_of_monerod_0_18_are_read() {
    let (dialect, _) = known("/get_info", recorded!("monerod-0.18.0/get_info.json"));
    let read = |which, body| dialect.header(which, &ok(body)).unwrap();
    let last = read(Which::Last, recorded!("monerod-0.18.0/getlastblockheader.json"));
    assert_eq!(last, header(3, MONERO_3, MONERO_2, 1, 1_795_393_270));
    let before = read(Which::Of(MONERO_2.parse().unwrap()), recorded!("monerod-0.18.0/getblockheaderbyhash.json"));
    assert_eq!((before.height, before.hash), (height(2), last.prev_hash));
    let first = read(Which::At(Height::GENESIS), recorded!("monerod-0.18.0/getblockheaderbyheight-0.json"));
    assert_eq!(first, header(0, MONERO_0, ZERO, 1, 0));
}

#[test]
fn a_block_that_is_not_there_is_the_daemons_own_error() {
    let rows = [
        (
            "/info",
            recorded!("turtlecoin-0.28.3/info.json"),
            recorded!("turtlecoin-0.28.3/getblockheaderbyhash-unknown.json"),
        ),
        (
            "/get_info",
            recorded!("monerod-0.18.0/get_info.json"),
            recorded!("monerod-0.18.0/getblockheaderbyhash-unknown.json"),
        ),
    ];
    for (path, info, unknown) in rows {
        let (dialect, _) = known(path, info);
        let Err(NoHeader::Failed(failure)) = dialect.header(Which::Of(ZERO.parse().unwrap()), &ok(unknown)) else {
            panic!("{path}: no failure")
        };
        assert_eq!(failure.kind, FailureKind::InvalidReply);
        assert!(failure.detail.starts_with("getblockheaderbyhash: error -5: "), "{failure}");
    }
}

#[test]
fn a_legacy_daemon_needs_to_tell_nothing_but_its_height() {
    let (dialect, info) = known("/getinfo", r#"{"height":7,"status":"OK"}"#);
    assert_eq!(dialect.family(), "turtlecoin-legacy");
    let expected = Info {
        height: Some(height(6)),
        tip: None,
        network_height: None,
        incoming: None,
        outgoing: None,
        upgrade: None,
        version: None,
        busy: false,
        borrowed: false,
    };
    assert_eq!(info, expected);
}

#[test]
fn what_infos_say_between_the_lines() {
    let info = |path: &str, body: &str| known(path, body).1;
    let restricted = info(
        "/get_info",
        r#"{"height":7,"target_height":9,"restricted":true,"version":"",
        "incoming_connections_count":0,"outgoing_connections_count":0}"#,
    );
    assert_eq!((restricted.incoming, restricted.outgoing, restricted.version), (None, None, None));
    assert_eq!(restricted.network_height, Some(height(8)));
    assert!(info("/get_info", r#"{"height":7,"busy_syncing":true,"synchronized":false}"#).busy);
    assert!(!info("/get_info", r#"{"height":7,"busy_syncing":true,"synchronized":true}"#).busy);
    assert!(info("/getinfo", r#"{"height":7,"status":"BUSY"}"#).busy);
    // What its peers claim is not the daemon's fault.
    let claimed = |claim: &str| info("/info", &format!(r#"{{"height":7,"network_height":{claim}}}"#)).network_height;
    assert_eq!(claimed("0"), None);
    assert_eq!(claimed("4294967295"), Some(height(499_999_999)));
    assert_eq!(claimed("18446744073709551615"), Some(height(499_999_999)));
}

#[test]
fn the_first_upgrade_above_the_supported_one_is_the_one_that_counts() {
    let upgrade = |heights: &str, supported: &str| {
        let members = format!(r#"{{"height":7,"upgrade_heights":{heights},"supported_height":{supported}}}"#);
        known("/info", &members).1.upgrade.map(|upgrade| (upgrade.at.get(), upgrade.supported.get()))
    };
    assert_eq!(upgrade("[10,20,30]", "10"), Some((20, 10)));
    assert_eq!(upgrade("[30,20,10]", "0"), Some((10, 0)));
    assert_eq!(upgrade("[10,20,30]", "15"), Some((20, 15)));
    assert_eq!(upgrade("[10,20,30]", "30"), None);
    assert_eq!(upgrade("[10,20,30]", "null"), None);
    assert_eq!(upgrade("null", "10"), None);
    assert_eq!(upgrade("[]", "0"), None);
    // A place holder for what is not planned yet, and a supported height that nobody set.
    assert_eq!(upgrade("[10,500000000]", "10"), None);
    assert_eq!(upgrade("[10,20]", "18446744073709551615"), None);
}

#[test]
fn a_busy_core_is_no_failure() {
    let (dialect, _) = known("/getinfo", r#"{"height":7}"#);
    let rows = [
        (200, r#"{"jsonrpc":"2.0","error":{"code":-9,"message":"Core is busy"}}"#),
        (200, r#"{"jsonrpc":"2.0","error":{"code":-32003,"message":"Server busy, try again later"}}"#),
        (200, r#"{"jsonrpc":"2.0","id":"0","result":{"status":"BUSY","block_header":{"hash":"","height":0}}}"#),
        (500, "Core is busy"),
    ];
    for (status, body) in rows {
        let reply = Reply { status, body: body.into() };
        assert_eq!(dialect.header(Which::Last, &reply), Err(NoHeader::Busy), "{body}");
    }
}

#[test]
fn no_path_known_is_a_status_failure() {
    let failure = recognise("getlastblockheader", &Reply { status: 404, body: String::new() }).unwrap_err();
    assert_eq!((failure.kind, failure.detail.as_str()), (FailureKind::HttpStatus, "HTTP status 404"));
}

#[test]
fn every_dialect_has_a_name_that_the_contract_knows_and_its_own_question_or_neighbours_with_the_same() {
    let contract = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/index.d.ts"));
    let names = contract.lines().find_map(|line| line.strip_prefix("export type Dialect = ")).unwrap();
    let mut told: Vec<_> = names.split(" | ").map(|name| name.trim_matches('\'')).collect();
    let mut families: Vec<_> = DIALECTS.iter().map(|dialect| dialect.family()).collect();
    told.sort_unstable();
    families.sort_unstable();
    families.dedup();
    assert_eq!(families, told);
    let mut questions: Vec<_> = DIALECTS.iter().map(|dialect| dialect.question()).collect();
    questions.dedup();
    let neighbours = questions.len();
    questions.sort_unstable();
    questions.dedup();
    assert_eq!(questions.len(), neighbours);
}

#[test]
fn turtlecoind_0_24_to_0_28_gives_no_work_below_its_network_height() {
    let refuses = |path, version: &str| {
        let (dialect, info) = known(path, &format!(r#"{{"height":7,"version":"{version}"}}"#));
        dialect.software(&info).refuses_unsynced
    };
    assert!(refuses("/info", "0.24.0") && refuses("/info", "0.28.3"));
    for version in ["0.23.0", "0.29.0", "18.4", "", "0.x"] {
        assert!(!refuses("/info", version), "{version}");
    }
    assert!(!refuses("/getinfo", "0.28.3") && !refuses("/get_info", "0.28.3"), "others have such versions too");
}

#[test]
fn a_monerod_vouches_for_its_tip_once_it_is_synchronized() {
    let tip = |members: &str| {
        let body = format!(r#"{{"height":7,"target_height":0,"top_block_hash":"{MONERO_3}",{members}}}"#);
        known("/get_info", &body).1.tip
    };
    assert_eq!(tip(r#""synchronized":true"#), Some(MONERO_3.parse().unwrap()));
    for members in [
        r#""synchronized":false"#,
        r#""busy_syncing":false"#,
        r#""synchronized":true,"status":"BUSY""#,
        r#""synchronized":true,"untrusted":true"#,
    ] {
        assert_eq!(tip(members), None, "{members}");
    }
    assert_eq!(known("/get_info", r#"{"height":7,"synchronized":true,"top_block_hash":""}"#).1.tip, None);
}
