//! Replies that no daemon sends.

use serde_json::{Value, json};
use turtle_pool_multi_daemon::{
    consensus::observation::{Failure, FailureKind},
    rpc::dialect::{Dialect, NoHeader, Recognition, Reply, Which, first_question, recognise},
    words::into_text,
};

use crate::dialects::{known, ok, recorded};

fn check(name: &str, failure: Failure, says: &str) {
    assert_eq!(failure.kind, FailureKind::InvalidReply, "{name}: {failure}");
    assert!(failure.detail.contains(says), "{name}: {failure}");
    assert!(failure.detail.chars().count() <= 200, "{name}: {failure}");
    assert!(!failure.detail.chars().any(char::is_control), "{name}: {failure:?}");
}

fn bodies_of_no_json() -> Vec<(&'static str, String, &'static str)> {
    vec![
        ("nothing", String::new(), "no JSON object"),
        ("HTML", "<html><body>502</body></html>".into(), "a web page instead of JSON"),
        ("null", "null".into(), "no JSON object"),
        ("a list", "[4, 4, 1, 1]".into(), "no JSON object"),
        ("deep lists", "[".repeat(100_000), "no JSON object"),
        ("deep objects", r#"{"height":"#.repeat(100_000), "breaks off"),
        ("truncated", r#"{"height": 4, "diff"#.into(), "breaks off"),
        ("something after it", r#"{"height": 4} {"height": 5}"#.into(), "no valid JSON"),
        ("a member twice", r#"{"height": 4, "height": 5}"#.into(), "twice"),
        ("control characters", "{\"\u{1b}[31m\r\n".into(), "no valid JSON"),
    ]
}

#[test]
fn an_info_that_is_none_is_an_invalid_reply() {
    let deep = format!(r#"{{"height": {}1{}}}"#, "[".repeat(100_000), "]".repeat(100_000));
    let mut rows = bodies_of_no_json();
    // Something in front of the daemon may let another path through.
    rows.retain(|(name, ..)| *name != "HTML");
    rows.push(("a deep member", deep, "\"height\""));
    for (name, member, value) in [
        ("no height", "hight", json!(4)),
        ("height of null", "height", json!(null)),
        ("height of 0", "height", json!(0)),
        ("negative height", "height", json!(-4)),
        ("height in a string", "height", json!("4")),
        ("height with a fraction", "height", json!(4.5)),
        ("the greatest number", "height", json!(u64::MAX)),
        ("beyond the greatest number", "height", json!(1e300)),
        ("height in an object", "height", json!({"height": 4})),
    ] {
        rows.push((name, json!({member: value}).to_string(), "\"height\""));
    }
    for (name, body, says) in rows {
        let failure = recognise(first_question(), &ok(&body)).unwrap_err();
        assert!(failure.detail.starts_with("GET /info: "), "{name}: {failure}");
        check(name, failure, says);
    }
}

#[test]
fn an_odd_member_that_no_daemon_needs_counts_as_absent() {
    let absent = known("/info", r#"{"height":4,"upgrade_heights":[9],"status":"OK"}"#).1;
    for (member, value) in [
        ("network_height", "-1"),
        ("network_height", r#""4""#),
        ("network_height", "1e300"),
        ("last_known_block_index", "[]"),
        ("incoming_connections_count", "5000000000"),
        ("outgoing_connections_count", "-1"),
        ("upgrade_heights", r#""187000""#),
        ("upgrade_heights", "[187000,-1]"),
        ("supported_height", "-1"),
        ("version", r#"["0.28.3"]"#),
        ("version", r#""\ud800""#),
        ("status", "7"),
        ("status", r#"["BUSY"]"#),
    ] {
        let body = format!(r#"{{"height":4,"{member}":{value}}}"#);
        assert_eq!(known("/info", &body).1, absent, "{body}");
    }
    let absent = known("/get_info", r#"{"height":4,"target_height":0}"#).1;
    for (member, value) in [
        ("target_height", r#""5""#),
        ("restricted", "1"),
        ("busy_syncing", r#""true""#),
        ("synchronized", "[]"),
        ("untrusted", "1"),
        ("height_without_bootstrap", r#""2""#),
    ] {
        let body = match member {
            "target_height" => format!(r#"{{"height":4,"target_height":{value}}}"#),
            _ => format!(r#"{{"height":4,"target_height":0,"{member}":{value}}}"#),
        };
        assert_eq!(known("/get_info", &body).1, absent, "{body}");
    }
}

#[test]
fn of_a_member_that_no_daemon_needs_the_last_counts_where_there_are_two() {
    let info =
        known("/info", r#"{"version":"1","height":4,"height_":1,"vers\u0069on":"2","height_":2,"status":"OK"}"#).1;
    assert_eq!((info.height.map(|height| height.get()), info.version.as_deref()), (Some(3), Some("2")));
    let called = r#"{"id":0,"id":1,"result":{"height":4,"status":"BUSY","status":"OK","hash":1,"hash":2}}"#;
    let info = known("get_info", called).1;
    assert_eq!((info.height.map(|height| height.get()), info.busy), (Some(3), false));
    let many: String = (0..5000).map(|_| r#","version":"1""#).collect();
    let info = known("/info", &format!(r#"{{"height":4{many}}}"#)).1;
    assert_eq!(info.version.as_deref(), Some("1"), "of more than any daemon has");
}

#[test]
fn of_a_member_that_a_header_needs_there_is_one() {
    let (hash, other) = ("ab".repeat(32), "cd".repeat(32));
    let header = |more: &str| {
        let block =
            format!(r#"{{"height":3,"hash":"{hash}","prev_hash":"{hash}","timestamp":1,"difficulty":1{more}}}"#);
        json_rpc().header(Which::Last, &ok(&format!(r#"{{"result":{{"block_header":{block}}}}}"#)))
    };
    assert_eq!(header(r#","difficulty":2,"tips":1,"tips":2"#).unwrap().difficulty, Some(2));
    for more in
        [r#","height":4"#, &format!(r#","hash":"{other}""#), &format!(r#","prev_hash":"{other}""#), r#","timestamp":2"#]
    {
        let Err(NoHeader::Failed(failure)) = header(more) else { panic!("a header with two: {more}") };
        check(more, failure, "a member is there twice");
    }
    let two = r#"{"result":{"status":"OK"},"result":{}}"#;
    check("two results", failed(json_rpc(), two), "a member is there twice");
}

#[test]
fn a_header_that_is_none_is_an_invalid_reply() {
    let mut rows = bodies_of_no_json();
    rows.retain(|(name, ..)| *name != "a member twice");
    for (name, body, says) in [
        ("neither result nor error", json!({"jsonrpc": "2.0"}), "\"result\" is missing"),
        ("a result of text", json!({"result": "OK"}), "\"result\": no JSON object"),
        ("no header", json!({"result": {"status": "OK"}}), "\"block_header\" is missing"),
        ("an error of text", json!({"error": "Core is busy"}), "\"error\": no JSON object"),
        ("an error without a code", json!({"error": {}}), "error without a code"),
        ("a long error", json!({"error": {"code": -1, "message": "\n\u{1b}[2J".repeat(10_000)}}), "error -1: ??[2J"),
    ] {
        rows.push((name, body.to_string(), says));
    }
    for (name, body, says) in rows {
        check(name, failed(json_rpc(), &body), says);
    }
}

#[test]
fn a_header_with_a_wrong_member_is_an_invalid_reply() {
    let hash = "ab".repeat(32);
    let rows = [
        ("hash", json!(&hash[1..])),
        ("hash", json!(format!("{hash}0"))),
        ("hash", json!("zz".repeat(32))),
        ("hash", json!("")),
        ("hash", json!(7)),
        ("hash", json!(null)),
        ("prev_hash", json!("é".repeat(32))),
        ("height", json!(-1)),
        ("height", json!(u64::MAX)),
        ("height", json!(500_000_000)),
        ("height", json!(true)),
        ("timestamp", json!(u64::MAX)),
        ("timestamp", json!(-1)),
        ("timestamp", json!(null)),
    ];
    for (member, value) in rows {
        let mut header =
            json!({"height": 4, "hash": &hash, "prev_hash": &hash, "difficulty": 1, "timestamp": 1_600_000_000});
        header[member] = value.clone();
        let says = format!("getlastblockheader: \"{member}\"");
        check(member, failed(json_rpc(), &json!({"result": {"block_header": header}}).to_string()), &says);
        let says = format!("GET /block/last: \"{}\"", camel_case(member));
        check(member, failed(rest(), &in_camel_case(&header).to_string()), &says);
    }
}

#[test]
fn a_recorded_reply_cut_or_changed_anywhere_is_read_or_refused() {
    let replies = [recorded!("turtlecoin-0.28.3/info.json"), recorded!("monerod-0.18.0/getlastblockheader.json")];
    for recorded in replies.map(str::trim_end) {
        let read = |body: Vec<u8>| {
            let reply = Reply { status: 200, body: into_text(body) };
            (recognise(first_question(), &reply).is_ok(), json_rpc().header(Which::Last, &reply).is_ok())
        };
        for at in 0..recorded.len() {
            assert_eq!(read(recorded.as_bytes()[..at].to_vec()), (false, false), "cut at {at}");
            for byte in [0, b'"', b'{', b'9', 0xff] {
                let mut changed = recorded.as_bytes().to_vec();
                changed[at] = byte;
                read(changed);
            }
        }
    }
}

#[test]
fn members_that_nobody_reads_may_be_anything() {
    let odd = format!(r#"{{"height": 4, "alt_blocks_count": {}{}}}"#, "[".repeat(100_000), "]".repeat(100_000));
    assert!(recognise(first_question(), &ok(&odd)).is_ok());
}

#[test]
fn words_in_another_encoding_do_no_harm() {
    // "Fehlerschlüssel" in Latin 1.
    let body =
        [br#"{"height": 4, "note": "Fehlerschl"#.as_slice(), b"\xfc", br#"ssel", "version": "1"#, b"\xfc", b"\"}"];
    let reply = Reply { status: 200, body: into_text(body.concat()) };
    let Ok(Recognition::Known(_, info)) = recognise("/info", &reply) else { panic!("{reply:?}") };
    assert_eq!(info.version, Some("1?".into()));
}

#[test]
fn a_version_is_kept_short() {
    let (_, info) = known("/info", &json!({"height": 4, "version": "\u{1b}9".repeat(100_000)}).to_string());
    assert_eq!(info.version, Some("?9".repeat(32)));
}

fn failed(dialect: &dyn Dialect, body: &str) -> Failure {
    match dialect.header(Which::Last, &ok(body)) {
        Err(NoHeader::Failed(failure)) => failure,
        other => panic!("{other:?}"),
    }
}

fn json_rpc() -> &'static dyn Dialect {
    known("/info", r#"{"height":4}"#).0
}

fn rest() -> &'static dyn Dialect {
    known("/info", r#"{"height":4,"lastBlockIndex":3}"#).0
}

fn camel_case(member: &str) -> &str {
    if member == "prev_hash" { "prevHash" } else { member }
}

fn in_camel_case(header: &Value) -> Value {
    header.as_object().unwrap().iter().map(|(member, value)| (camel_case(member).to_string(), value.clone())).collect()
}
