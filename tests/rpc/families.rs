//! Daemons of other families, and TurtleCoinds that are no good any more. Their replies are made after their sources and after
//! reports; see `tests/fixtures/rpc/README.md`.

use serde_json::{Value, json};
use turtle_pool_multi_daemon::{
    consensus::{
        block::Height,
        observation::{FailureKind, Software, View},
    },
    rpc::dialect::{NoHeader, Reply, Which},
};

use crate::{
    chain::{Chain, Family, not_found, reply, serve},
    dialects::{known, ok, recorded},
    server::{AMPLE, Action, Ask, Server, window},
};

const LAST: &str = "getlastblockheader";
const BY_HASH: &str = "getblockheaderbyhash";
const BY_HEIGHT: &str = "getblockheaderbyheight";

fn height(index: u64) -> Option<Height> {
    Height::new(index)
}

fn error(code: i64, message: &str) -> Action {
    reply(json!({ "jsonrpc": "2.0", "id": "0", "error": { "code": code, "message": message } }))
}

/// What a daemon that answers like this fails with.
async fn failure(answer: impl FnMut(&Ask) -> Action + Send + 'static) -> (FailureKind, String) {
    let failure = Server::start(answer).await.client().poll().await.unwrap_err();
    (failure.kind, failure.detail)
}

#[test]
fn the_info_of_a_bootstrapping_monerod_is_its_own_only_in_its_height() {
    let (_, info) = known("/get_info", recorded!("made/monerod-bootstrap-info.json"));
    assert!(info.busy && info.borrowed);
    assert_eq!((info.height, info.network_height), (height(1_200_344), height(3_290_107)));
    assert_eq!((info.incoming, info.outgoing, info.version), (None, None, None));
    for own in [r#""untrusted":true"#, r#""untrusted":false,"height_without_bootstrap":3"#] {
        let (_, info) = known("/get_info", &format!(r#"{{"height":7,"target_height":0,{own}}}"#));
        assert!(!info.busy && !info.borrowed, "{own}");
    }
}

#[tokio::test]
async fn a_bootstrapping_monerod_shows_no_block() {
    let server = Server::start(|ask| match ask.what.as_str() {
        "/get_info" => Action::Reply(200, recorded!("made/monerod-bootstrap-info.json").into()),
        _ => not_found(),
    })
    .await;
    let seen = server.client().poll().await.unwrap();
    assert_eq!(seen.view, View::Busy { height: height(1_200_344), borrowed: true });
    assert_eq!(server.asked(), ["/info", "/getinfo", "/get_info"]);
}

#[test]
fn a_header_that_is_another_daemons_is_none() {
    let (dialect, _) = known("/get_info", r#"{"height":7,"target_height":0}"#);
    let mut header: Value = serde_json::from_str(recorded!("monerod-0.18.0/getlastblockheader.json")).unwrap();
    assert!(dialect.header(Which::Last, &ok(&header.to_string())).is_ok());
    header["result"]["untrusted"] = json!(true);
    assert_eq!(dialect.header(Which::Last, &ok(&header.to_string())), Err(NoHeader::Busy));
}

#[test]
fn zano_is_read() {
    let (dialect, info) = known("/getinfo", recorded!("made/zano-getinfo.json"));
    assert_eq!(dialect.family(), "turtlecoin-legacy");
    assert_eq!((info.height, info.network_height, info.outgoing), (height(2_899_998), height(2_899_999), Some(8)));
    let header = dialect.header(Which::Last, &ok(recorded!("made/zano-getlastblockheader.json"))).unwrap();
    assert_eq!((Some(header.height), header.difficulty), (height(2_899_998), None), "it has more than 64 bits");
}

#[test]
fn a_difficulty_may_be_a_text() {
    let (dialect, _) = known("/getinfo", r#"{"height":7}"#);
    let read = |difficulty: Value| {
        let hash = "ab".repeat(32);
        let header = json!({"height": 4, "hash": &hash, "prev_hash": &hash, "difficulty": difficulty, "timestamp": 1});
        let body = json!({ "result": { "block_header": header } }).to_string();
        dialect.header(Which::Last, &ok(&body)).unwrap().difficulty
    };
    assert_eq!((read(json!("1000")), read(json!(1000))), (Some(1000), Some(1000)));
    for odd in [json!("0x1"), json!(-5), json!(""), json!([]), json!(1e300), json!("18446744073709551616")] {
        assert_eq!(read(odd.clone()), None, "{odd}");
    }
}

#[test]
fn the_last_known_block_stands_for_the_network_height() {
    for (file, own, network) in [
        (recorded!("made/conceal-getinfo.json"), 1_650_001, 1_650_020),
        (recorded!("made/karbo-getinfo.json"), 1_030_119, 1_030_120),
    ] {
        let (dialect, info) = known("/getinfo", file);
        assert_eq!(dialect.family(), "turtlecoin-legacy");
        assert_eq!((info.height, info.network_height), (height(own), height(network)));
    }
    let both = known("/info", r#"{"height":7,"network_height":9,"last_known_block_index":70}"#).1;
    assert_eq!(both.network_height, height(8), "the height itself is asked first");
}

#[test]
fn an_info_that_says_busy_needs_no_height() {
    let (_, info) = known("/getinfo", recorded!("made/monerod-0.10-getinfo-busy.json"));
    assert_eq!((info.busy, info.borrowed, info.height), (true, false, None));
    assert_eq!((info.incoming, info.outgoing), (None, None), "it has not looked");
    let (_, info) = known(
        "/getinfo",
        r#"{"height":0,"status":"BUSY","incoming_connections_count":0,"outgoing_connections_count":0}"#,
    );
    assert_eq!((info.busy, info.height, info.incoming, info.outgoing), (true, None, None, None));
}

#[tokio::test]
async fn a_daemon_that_is_busy_where_blocks_are_asked_for_by_height_or_hash_is_busy() {
    for refused in [BY_HEIGHT, BY_HASH] {
        let chain = Chain::new(Family::Legacy, 100);
        let server = Server::start(move |ask| match ask.what.as_str() {
            what if what == refused => error(-9, "Core is busy"),
            _ => chain.answer(ask),
        })
        .await;
        let mut client = server.client();
        for _ in 0..3 {
            let seen = client.poll().await.unwrap();
            assert_eq!(seen.view, View::Busy { height: height(100), borrowed: false }, "{refused}");
        }
    }
}

#[tokio::test]
async fn a_legacy_daemon_that_was_started_anew_has_to_show_its_first_block_again() {
    let chain = Chain::new(Family::Legacy, 100);
    let server = Server::start(move |ask| chain.answer(ask)).await;
    let mut client = server.client();
    client.poll().await.unwrap();
    // It ends the kept connection, and from then on is not synchronized.
    let mut is_ended = false;
    server.answer_with(move |ask| match ask.what.as_str() {
        _ if !std::mem::replace(&mut is_ended, true) => Action::Reset(vec![]),
        BY_HEIGHT => error(-9, "Core is busy"),
        _ => chain.answer(ask),
    });
    assert!(matches!(client.poll().await.unwrap().view, View::Busy { .. }));
}

#[tokio::test]
async fn a_daemon_without_a_call_for_the_first_block_is_watched() {
    for missing in [404, 200] {
        let chain = Chain::new(Family::Turtlecoin, 100);
        let server = Server::start(move |ask| match ask.what.as_str() {
            BY_HEIGHT if missing == 200 => error(-32601, "Method not found"),
            BY_HEIGHT => not_found(),
            _ => chain.answer(ask),
        })
        .await;
        assert_eq!(window(&server.client().poll().await.unwrap()).genesis, None, "{missing}");
    }
}

/// Answers JSON-RPC alone, with header calls that know more members than others.
fn bytecoin(chain: Chain) -> impl FnMut(&Ask) -> Action + Send {
    move |ask| match ask.what.as_str() {
        LAST | BY_HASH | BY_HEIGHT => chain.answer(ask),
        path if path.starts_with('/') => not_found(),
        _ => error(-32601, "Method not found"),
    }
}

#[tokio::test]
async fn bytecoind_3_is_watched_by_its_header_calls() {
    let chain = Chain::new(Family::Legacy, 100);
    let server = Server::start(bytecoin(chain)).await;
    let mut client = server.client();
    let seen = client.poll().await.unwrap();
    assert_eq!((seen.software, seen.incoming), (Software::of("headers-only"), None));
    assert_eq!(window(&seen).blocks[0].hash, chain.hash(100).parse().unwrap());
    let asked = server.asked();
    assert_eq!(asked[..5], ["/info", "/getinfo", "/get_info", "get_info", LAST]);
    client.poll().await.unwrap();
    assert_eq!(server.asked(), [LAST]);
    client.poll().await.unwrap();
    assert_eq!(server.asked(), [LAST, LAST]);
    server.answer_with(|_| error(-9, "Core is busy"));
    assert_eq!(client.poll().await.unwrap().view, View::Busy { height: None, borrowed: false });
}

#[tokio::test]
async fn a_monerod_of_which_only_json_rpc_is_shown_is_known_by_its_info_there() {
    let chain = Chain::new(Family::Monerod, 100);
    let server = Server::start(move |ask| match ask.what.as_str() {
        "get_info" => {
            reply(json!({ "result": { "height": 101, "target_height": 0, "outgoing_connections_count": 8 } }))
        }
        path if path.starts_with('/') => not_found(),
        _ => chain.answer(ask),
    })
    .await;
    let mut client = server.client();
    let seen = client.poll().await.unwrap();
    assert_eq!((seen.software.family, seen.outgoing), ("monerod", Some(8)));
    server.asked();
    client.poll().await.unwrap();
    assert_eq!(server.asked(), [LAST]);
    client.poll().await.unwrap();
    assert_eq!(server.asked(), ["get_info", LAST]);
}

#[tokio::test]
async fn software_without_header_calls_is_named_where_it_can_be() {
    let says = |who: &str| {
        format!("{who} is not supported: it has no header calls (getlastblockheader), so its chain cannot be watched")
    };
    for (call, who) in [
        ("DERO.Ping", "derohe"),
        ("get_status", "Bytecoin's daemon"),
        ("getstatus", "Bytecoin's daemon"),
        ("nothing", "the daemon's software"),
    ] {
        let answer = move |ask: &Ask| match ask.what.as_str() {
            path if path.starts_with('/') => not_found(),
            method if method == call => reply(json!({ "jsonrpc": "2.0", "id": "0", "result": "Pong " })),
            _ => error(-32601, "no such method"),
        };
        assert_eq!(failure(answer).await, (FailureKind::Unsupported, says(who)));
    }
    // It shows an info, and nothing to compare.
    let answer = |ask: &Ask| match ask.what.as_str() {
        "/getinfo" => reply(json!({ "height": 7, "status": "OK" })),
        path if path.starts_with('/') => not_found(),
        _ => error(-32601, "Method not found"),
    };
    assert_eq!(failure(answer).await, (FailureKind::Unsupported, says("the daemon's software")));
}

#[tokio::test]
async fn derohe_is_named_though_it_greets_at_every_path_and_has_header_calls() {
    let header = json!({ "height": 7, "topoheight": 9, "hash": "1".repeat(64), "tips": ["2".repeat(64), "3".repeat(64)], "timestamp": 1_700_000_000_000_u64, "difficulty": "5" });
    let answer = move |ask: &Ask| match ask.what.as_str() {
        path if path.starts_with('/') => Action::Reply(200, "DERO BLOCKCHAIN Hello world!".into()),
        "get_info" => reply(json!({ "result": { "height": 7, "topoheight": 9, "difficulty": 5, "status": "OK" } })),
        _ => reply(json!({ "result": { "status": "OK", "block_header": header } })),
    };
    let says = "derohe is not supported: its blocks can have several parents (tips), so there is no chain to compare";
    assert_eq!(failure(answer).await, (FailureKind::Unsupported, says.to_owned()));
}

#[test]
fn an_exception_in_the_place_of_a_header_is_a_damaged_database() {
    let (dialect, _) = known("/info", r#"{"height":7}"#);
    let header = |body: &str| dialect.header(Which::Last, &Reply { status: 500, body: body.into() });
    let Err(NoHeader::Failed(failure)) = header(recorded!("made/turtlecoin-damaged-500.json")) else {
        panic!("no failure")
    };
    assert_eq!(failure.kind, FailureKind::Damaged);
    let says =
        "its database is damaged (getlastblockheader: HTTP status 500): stop it, remove its data, let it sync again";
    assert_eq!(failure.detail, says);
    for other in ["", "<html>", r#"{"status":"Failed","error":"out of memory"}"#, r#"{"error":7}"#] {
        let Err(NoHeader::Failed(failure)) = header(other) else { panic!("{other}: no failure") };
        assert_eq!((failure.kind, failure.detail.as_str()), (FailureKind::HttpStatus, "HTTP status 500"), "{other}");
    }
}

#[tokio::test]
async fn a_turtlecoind_that_can_tell_neither_of_itself_nor_of_its_top_block_is_damaged() {
    let exception = |words: &str| {
        let body = format!(r#"{{"status":"Failed","error":"Internal server error: {words}"}}"#);
        let head = format!("HTTP/1.1 500 Internal Server Error\r\nContent-Length: {}\r\n\r\n", body.len());
        Action::Bytes((head + &body).into_bytes())
    };
    for (finds_its_top, kind) in [(false, FailureKind::Damaged), (true, FailureKind::HttpStatus)] {
        let (server, chain) = serve(Chain::new(Family::Turtlecoin, 100)).await;
        let mut client = server.client();
        client.poll().await.unwrap();
        let chain = *chain.lock();
        server.answer_with(move |ask| match ask.what.as_str() {
            "/info" => exception("Requested block height wasn't found in blockchain."),
            LAST if !finds_its_top => exception("unordered_map::at"),
            _ => chain.answer(ask),
        });
        // As one that was known, and as one that has to be recognised.
        for _ in 0..2 {
            let failure = client.poll_within(AMPLE, false).await.unwrap_err();
            assert_eq!(failure.kind, kind, "{failure}");
        }
    }
}

#[tokio::test]
async fn one_block_at_two_heights_is_a_damaged_database_of_a_turtlecoind() {
    for (family, kind) in [
        (Family::Turtlecoin, FailureKind::Damaged),
        (Family::Legacy, FailureKind::Damaged),
        (Family::Monerod, FailureKind::InvalidReply),
    ] {
        let (server, chain) = serve(Chain::new(family, 100)).await;
        let mut client = server.client();
        client.poll().await.unwrap();
        // The top block once more, above itself; what is under it is as ever.
        let chain = *chain.lock();
        server.answer_with(move |ask| match ask.what.as_str() {
            LAST => reply(json!({ "result": { "block_header": {
                "height": 101, "hash": chain.hash(100), "prev_hash": chain.hash(99), "timestamp": 100 } } })),
            _ => chain.answer(ask),
        });
        let failure = client.poll().await.unwrap_err();
        assert_eq!(failure.kind, kind, "{family:?}");
        assert!(failure.detail.contains("block 99 stands where block 100 belongs"), "{failure}");
    }
}
