use super::*;
use crate::{consensus::block::BlockHash, words::text_of};

fn outcome(text: &str) -> Option<Outcome> {
    Envelope::of(text).map(|envelope| envelope.outcome())
}

fn lack(text: &str) -> Option<NoWorkCause> {
    outcome(text).map(|outcome| outcome.lack())
}

#[test]
fn a_result_with_status_ok_or_none_is_a_result() {
    for text in [
        r#"{"result":{"status":"OK"}}"#,
        r#"{"jsonrpc":"2.0","result":{"count":7}}"#,
        r#"{"result":7,"error":null}"#,
        r#"{"error":0,"result":{"status":"OK"}}"#,
        r#"{"error":"","result":{}}"#,
        r#"{"result":{"status":null}}"#,
    ] {
        assert_eq!(outcome(text), Some(Outcome::Result), "{text}");
    }
}

#[test]
fn words_in_another_encoding_are_words() {
    let of = |reply: &[u8]| outcome(&text_of(reply));
    assert_eq!(of(b"{\"result\":{\"status\":\"OK\",\"note\":\"\xe9\"}}"), Some(Outcome::Result));
    let error = Outcome::Error { code: Some(-5), words: "?chec".into() };
    assert_eq!(of(b"{\"error\":{\"code\":-5,\"message\":\"\xe9chec\"}}"), Some(error));
}

#[test]
fn only_a_status_that_says_so_is_ok() {
    let is_ok = |text: &str| Envelope::of(text).is_some_and(|envelope| envelope.is_ok());
    assert!(is_ok(r#"{"result":{"status":"OK"}}"#));
    for text in
        ["null", "false", "{}", "[]", "\"OK\"", r#"{"status":""}"#, r#"{"status":null}"#, r#"{"status":"BUSY"}"#]
    {
        assert!(!is_ok(&format!("{{\"result\":{text}}}")), "{text}");
    }
}

#[test]
fn what_daemons_say_in_the_place_of_work_is_told_apart() {
    let unsynced = "Daemon must be synced to process this RPC method call, please retry when synced";
    let rows = [
        (format!(r#"{{"status":"Failed","error":"{unsynced}"}}"#), NoWorkCause::Unsynced),
        (r#"{"error":{"code":-9,"message":"Core is busy"}}"#.into(), NoWorkCause::Busy),
        (r#"{"error":{"code":-32003,"message":"Server busy"}}"#.into(), NoWorkCause::Busy),
        (r#"{"result":{"status":"BUSY"}}"#.into(), NoWorkCause::Busy),
        (r#"{"error":{"code":-5,"message":"Failed to create block template"}}"#.into(), NoWorkCause::Error),
        (r#"{"result":{"status":"Failed"}}"#.into(), NoWorkCause::Error),
        (r#"{"result":{"status":"PAYMENT REQUIRED"}}"#.into(), NoWorkCause::Error),
        (r#"{"result":null}"#.into(), NoWorkCause::Empty),
        (r#"{}"#.into(), NoWorkCause::Empty),
    ];
    for (text, cause) in rows {
        assert_eq!(lack(&text), Some(cause), "{text}");
    }
}

#[test]
fn what_is_no_json_rpc_tells_when_it_is_no_answer() {
    let lack = |text: &str| Some(Envelope::of(text)?.evasion()?.lack());
    let unsynced = "Daemon must be synced to process this RPC method call, please retry when synced";
    let rows = [
        (r#"{"status":"BUSY"}"#.into(), NoWorkCause::Busy),
        (r#"{"status":"BUSY","height":0}"#.into(), NoWorkCause::Busy),
        (r#"{"status":"Core is busy"}"#.into(), NoWorkCause::Busy),
        (r#"{"status":"Failed","error":{"code":-9,"message":"Core is busy"}}"#.into(), NoWorkCause::Busy),
        (format!(r#"{{"status":"Failed","error":"{unsynced}"}}"#), NoWorkCause::Unsynced),
        (format!(r#"{{"status":"{unsynced}"}}"#), NoWorkCause::Unsynced),
        (r#"{"status":"PAYMENT REQUIRED"}"#.into(), NoWorkCause::Error),
    ];
    for (text, cause) in rows {
        assert_eq!(lack(&text), Some(cause), "{text}");
    }
}

#[test]
fn what_a_daemon_says_of_a_transaction_is_an_answer() {
    for text in [
        r#"{"status":"OK","reason":""}"#,
        r#"{"status":"Failed","double_spend":true,"reason":"double spend"}"#,
        r#"{"status":"Failed","error":"Transaction is already in the pool"}"#,
        r#"{"status":"Failed","error":{"code":-1,"message":"bad transaction"}}"#,
        r#"{"status":"Node's fee address is not set"}"#,
        r#"{"status":7}"#,
        r#"{"height":7}"#,
    ] {
        assert_eq!(Envelope::of(text).map(|envelope| envelope.evasion()), Some(None), "{text}");
    }
}

#[test]
fn a_header_is_one_that_says_which_block_it_is() {
    let has = |result: &str| Envelope::of(&format!("{{\"result\":{result}}}")).is_some_and(|it| it.has_header());
    let (hash, prev) = ("ab".repeat(32), "cd".repeat(32));
    let header = format!(r#"{{"height":7,"hash":"{hash}","prev_hash":"{prev}","reward":1}}"#);
    assert!(has(&format!(r#"{{"block_header":{header},"status":"OK"}}"#)));
    // What monerod gives for several hashes has no other one.
    let none = r#"{"height":0,"hash":"","prev_hash":""}"#;
    assert!(has(&format!(r#"{{"block_header":{none},"block_headers":[{header}]}}"#)));
    for result in ["{}", "[]", "7", r#"{"status":"OK"}"#, r#"{"block_header":null}"#, r#"{"block_header":{}}"#] {
        assert!(!has(result), "{result}");
    }
    assert!(!has(&format!(r#"{{"block_header":{none}}}"#)));
}

#[test]
fn what_real_daemons_answer_to_header_calls_is_a_header() {
    macro_rules! recorded {
        ($($file:literal),*) => { [$(($file, include_str!(concat!("../../../tests/fixtures/rpc/", $file)))),*] };
    }
    for (file, text) in recorded![
        "turtlecoin-0.28.3/getlastblockheader.json",
        "turtlecoin-0.28.3/getblockheaderbyheight-0.json",
        "turtlecoin-0.28.3/getblockheaderbyhash.json",
        "monerod-0.18.0/getlastblockheader.json",
        "monerod-0.18.0/getblockheaderbyheight-0.json",
        "monerod-0.18.0/getblockheaderbyhash.json",
        "made/zano-getlastblockheader.json"
    ] {
        assert!(Envelope::of(text).is_some_and(|envelope| envelope.has_header()), "{file}");
    }
}

#[test]
fn a_wrong_request_is_a_refusal_and_a_daemon_that_lacks_a_method_is_not() {
    let is_refusal = |code: i64| {
        let text = format!(r#"{{"error":{{"code":{code},"message":"x"}}}}"#);
        outcome(&text).is_some_and(|outcome| outcome.is_refusal())
    };
    assert!([-1, -2, -3, -4, -32600, -32602, -32700].into_iter().all(is_refusal));
    assert!(![-5, -7, -9, -20, -32601, -32003, 0, 1].into_iter().any(is_refusal));
}

#[test]
fn words_are_one_short_line_whatever_was_said() {
    let deep = format!(r#"{{"error":{{"code":-7,"message":{}{}}}}}"#, "[".repeat(20_000), "]".repeat(20_000));
    assert_eq!(outcome(&deep).map(|outcome| outcome.words()), Some("error -7".into()));
    let odd = r#"{"error":{"code":-7,"message":{"toString":1}}}"#;
    assert_eq!(outcome(odd).map(|outcome| outcome.words()), Some("error -7".into()));
    let long = format!(r#"{{"error":{{"code":-7,"message":"a\nb{}"}}}}"#, "x".repeat(999));
    assert!(outcome(&long).is_some_and(|outcome| outcome.words().len() == 200 && outcome.words().starts_with("a?b")));
}

#[test]
fn what_is_no_object_is_no_reply() {
    for text in ["", "[]", "7", "null", "x", "{", r#"{"result":1,"result":2}"#, "<html>"] {
        assert!(outcome(text).is_none(), "{text}");
    }
}

#[test]
fn of_members_that_are_there_twice_the_last_one_counts() {
    let blob = "0c".repeat(80);
    let text = format!(
        r#"{{"result":{{"status":"BUSY","count":1,"count":2,"status":"OK","height":7,"difficulty":1,"blocktemplate_blob":"{blob}","height":8}}}}"#
    );
    assert_eq!(outcome(&text), Some(Outcome::Result));
    let height = Envelope::of(&text).and_then(|envelope| envelope.template()).map(|it| it.height().get());
    assert_eq!(height, Some(8));
}

#[test]
fn a_result_may_be_anything() {
    for result in [
        "[]",
        "[1,{\"status\":\"BUSY\"}]",
        "\"x\"",
        "-1",
        "1.5",
        "true",
        "18446744073709551615",
        "1e999",
        "\"\\ud800\"",
    ] {
        assert_eq!(outcome(&format!("{{\"result\":{result}}}")), Some(Outcome::Result), "{result}");
    }
    let deep = format!("{{\"result\":{{\"x\":{}{}}}}}", "[".repeat(20_000), "]".repeat(20_000));
    assert_eq!(outcome(&deep), Some(Outcome::Result));
    let deep = format!("{{\"result\":{}{}}}", "[".repeat(20_000), "]".repeat(20_000));
    assert_eq!(outcome(&deep), Some(Outcome::Result));
}

#[test]
fn a_template_is_read_however_its_blob_is_written() {
    let parents = |blob: &str| {
        let text = format!(r#"{{"result":{{"blocktemplate_blob":{blob},"difficulty":1,"height":8}}}}"#);
        Envelope::of(&text)?.template().map(|template| template.parents().collect::<Vec<_>>())
    };
    let blob = format!("0e0e{}{}00000000{}", "85c8a8c206", "ab".repeat(32), "00".repeat(200));
    let plain = parents(&format!("\"{blob}\"")).unwrap_or_default();
    assert!(plain.contains(&BlockHash::new([0xab; 32])), "{plain:?}");
    assert_eq!(parents(&format!("\"\\u0030{}\"", &blob[1..])), Some(plain));
    assert_eq!((parents("\"\""), parents("7"), parents("null")), (None, None, None));
}
