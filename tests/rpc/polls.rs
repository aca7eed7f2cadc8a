//! What a client asks and learns, poll by poll.

use std::{net::SocketAddr, sync::Arc, thread, time::Duration};

use parking_lot::Mutex;
use serde_json::json;
use turtle_pool_multi_daemon::{
    consensus::observation::{FailureKind, Observation, View},
    rpc::Client,
};

use crate::{
    chain::{Chain, Family, not_found, reply, serve},
    server::{Server, window},
};

const LAST: &str = "getlastblockheader";
const BY_HASH: &str = "getblockheaderbyhash";
const BY_HEIGHT: &str = "getblockheaderbyheight";

async fn poll(client: &mut Client) -> Observation {
    client.poll().await.unwrap()
}

/// Every block of the window is the chain's, its difficulty is known except perhaps that of the deepest.
fn check(observation: &Observation, chain: &Chain, blocks: usize) {
    let window = window(observation);
    assert_eq!((window.height.get(), window.blocks.len()), (chain.tip, blocks));
    assert_eq!(window.genesis, Some(Chain { fork: 1, ..*chain }.hash(0).parse().unwrap()));
    for (block, height) in window.blocks.iter().zip((0..=chain.tip).rev()) {
        assert_eq!(block.hash, chain.hash(height).parse().unwrap(), "at {height}");
        let last = chain.tip + 1 - height == blocks as u64;
        assert!(block.difficulty == Some(1000 + height) || last && block.difficulty.is_none(), "at {height}");
    }
}

#[tokio::test]
async fn every_family_is_recognised_and_then_costs_one_request_and_two_in_turn() {
    let rows: [(Family, &[&str], [&str; 2]); 4] = [
        (Family::Turtlecoin, &["/info", LAST, BY_HEIGHT], ["/info", LAST]),
        (Family::Legacy, &["/info", "/getinfo", LAST, BY_HEIGHT], ["/getinfo", LAST]),
        (Family::Monerod, &["/info", "/getinfo", LAST, BY_HEIGHT], ["/getinfo", LAST]),
        (Family::Rest, &[], ["/info", "/block/last"]),
    ];
    for (family, first, steady) in rows {
        let (server, chain) = serve(Chain::new(family, 100)).await;
        let mut client = server.client();
        let seen = poll(&mut client).await;
        check(&seen, &chain.lock(), 16);
        let asked = server.asked();
        // The first window is the largest: 14 more headers for 16 blocks.
        let with_walk = [first, &[BY_HASH; 14]].concat();
        assert!(first.is_empty() || asked == with_walk, "{family:?}: {asked:?}");
        for expected in [&steady[1..], &steady, &steady[1..]] {
            let again = poll(&mut client).await;
            assert_eq!((&again.view, again.incoming), (&seen.view, seen.incoming), "{family:?}");
            assert_eq!(server.asked(), expected, "{family:?}");
        }
        assert_eq!(server.connections(), 1, "{family:?}");
        assert_eq!(seen.address, Some(server.address));
        assert_eq!(seen.software.json_rpc, family != Family::Rest);
        assert_eq!(seen.incoming, (family != Family::Legacy).then_some(3));
    }
}

#[tokio::test]
async fn a_daemon_that_shows_only_its_latest_blocks_is_observed_all_the_same() {
    let chain = Chain::new(Family::Turtlecoin, 100);
    let shown: Vec<_> = (97..=100).map(|height| chain.hash(height)).collect();
    let server = Server::start(move |ask| match ask.what.as_str() {
        BY_HASH if !shown.iter().any(|hash| ask.params.contains(hash)) => not_found(),
        _ => chain.answer(ask),
    })
    .await;
    let observation = poll(&mut server.client()).await;
    check(&observation, &Chain::new(Family::Turtlecoin, 100), 5);
}

#[tokio::test]
async fn a_daemon_that_does_not_show_its_first_block_is_observed_all_the_same() {
    let chain = Chain::new(Family::Turtlecoin, 100);
    let server = Server::start(move |ask| match ask.what.as_str() {
        BY_HEIGHT => reply(serde_json::json!({ "jsonrpc": "2.0", "error": { "code": -2, "message": "wrong height" } })),
        _ => chain.answer(ask),
    })
    .await;
    let mut client = server.client();
    assert_eq!(window(&poll(&mut client).await).genesis, None);
    server.asked();
    poll(&mut client).await;
    poll(&mut client).await;
    assert_eq!(server.asked(), [LAST, "/info", LAST]);
}

/// How the daemon answers in a poll, and what that is asked.
async fn asked_when(info: serde_json::Value) -> Vec<String> {
    let chain = Chain::new(Family::Turtlecoin, 100);
    let server = Server::start(move |ask| match ask.what.as_str() {
        "/info" => reply(info.clone()),
        _ => chain.answer(ask),
    })
    .await;
    let mut client = server.client();
    poll(&mut client).await;
    server.asked();
    poll(&mut client).await;
    server.asked()
}

#[tokio::test]
async fn a_daemon_that_is_behind_or_alone_is_asked_for_its_info_each_time() {
    let info = |network_height: u64, outgoing: u32| {
        json!({ "height": 101, "network_height": network_height,
            "incoming_connections_count": 0, "outgoing_connections_count": outgoing })
    };
    assert_eq!(asked_when(info(101, 8)).await, [LAST]);
    assert_eq!(asked_when(info(102, 8)).await, ["/info", LAST]);
    assert_eq!(asked_when(info(101, 0)).await, ["/info", LAST]);
}

#[tokio::test]
async fn a_poll_that_may_not_be_short_asks_for_the_info() {
    let (server, _) = serve(Chain::new(Family::Turtlecoin, 100)).await;
    let mut client = server.client();
    poll(&mut client).await;
    server.asked();
    client.poll_within(Duration::from_secs(10), false).await.unwrap();
    assert_eq!(server.asked(), ["/info", LAST]);
    client.poll_within(Duration::from_secs(10), true).await.unwrap();
    assert_eq!(server.asked(), [LAST]);
}

#[tokio::test]
async fn a_daemon_that_shows_no_tip_any_more_is_seen_as_what_it_is_at_the_next_poll() {
    let chain = Chain::new(Family::Turtlecoin, 100);
    let server = Server::start(move |ask| chain.answer(ask)).await;
    for (answer, is_busy) in
        [(json!({ "code": -9, "message": "Core is busy" }), true), (json!({ "code": -5, "message": "x" }), false)]
    {
        server.answer_with(move |ask| chain.answer(ask));
        let mut client = server.client();
        poll(&mut client).await;
        server.answer_with(move |ask| match ask.what.as_str() {
            LAST => reply(json!({ "error": answer.clone() })),
            _ => chain.answer(ask),
        });
        match client.poll().await {
            Ok(seen) => assert!(is_busy && matches!(seen.view, View::Busy { .. })),
            Err(failure) => assert!(!is_busy && failure.kind == FailureKind::InvalidReply, "{failure}"),
        }
    }
}

#[tokio::test]
async fn a_daemon_that_has_another_block_or_another_connection_is_asked_for_its_info_too() {
    let (server, chain) = serve(Chain::new(Family::Turtlecoin, 100)).await;
    let mut client = server.client();
    poll(&mut client).await;
    server.asked();
    chain.lock().tip = 101;
    check(&poll(&mut client).await, &chain.lock(), 16);
    assert_eq!(server.asked(), [LAST, "/info"]);
    client.hang_up();
    check(&poll(&mut client).await, &chain.lock(), 16);
    assert_eq!(server.asked(), ["/info", LAST]);
}

#[tokio::test]
async fn new_blocks_cost_one_request_less_than_there_are() {
    let (server, chain) = serve(Chain::new(Family::Turtlecoin, 100)).await;
    let mut client = server.client();
    poll(&mut client).await;
    for (name, tip, blocks, requests) in
        [("one block", 101, 16, 2), ("two blocks", 103, 16, 3), ("ten blocks", 113, 16, 11), ("too many", 150, 16, 17)]
    {
        server.asked();
        chain.lock().tip = tip;
        check(&poll(&mut client).await, &chain.lock(), blocks);
        assert_eq!(server.asked().len(), requests, "{name}");
    }
}

#[tokio::test]
async fn a_reorganisation_is_walked_down_to_the_common_block() {
    let (server, chain) = serve(Chain::new(Family::Monerod, 100)).await;
    let mut client = server.client();
    poll(&mut client).await;
    server.asked();
    *chain.lock() = Chain { branch: 7, fork: 99, tip: 101, ..Chain::new(Family::Monerod, 0) };
    check(&poll(&mut client).await, &chain.lock(), 16);
    assert_eq!(server.asked(), [LAST, "/getinfo", BY_HASH, BY_HASH]);
}

#[tokio::test]
async fn a_short_chain_is_read_to_its_first_block() {
    for tip in 0..4 {
        let (server, chain) = serve(Chain::new(Family::Turtlecoin, tip)).await;
        check(&poll(&mut server.client()).await, &chain.lock(), tip as usize + 1);
    }
}

#[tokio::test]
async fn scenario_24_blocks_that_arrive_between_the_requests_mix_nothing() {
    let mut chain = Chain::new(Family::Turtlecoin, 100);
    let server = Server::start(move |ask| {
        let action = chain.answer(ask);
        chain.tip += 1;
        action
    })
    .await;
    let mut client = server.client();
    for _ in 0..5 {
        let seen = poll(&mut client).await;
        let tip = window(&seen).height.get();
        check(&seen, &Chain::new(Family::Turtlecoin, tip), window(&seen).blocks.len());
    }
}

#[tokio::test]
async fn upper_case_hashes_are_the_same_hashes() {
    let (server, chain) = serve(Chain::new(Family::Rest, 100)).await;
    let mut client = server.client();
    let lower = poll(&mut client).await;
    server.asked();
    chain.lock().upper_case = true;
    for requests in [1, 2] {
        assert_eq!(window(&poll(&mut client).await), window(&lower));
        assert_eq!(server.asked().len(), requests);
    }
}

#[tokio::test]
async fn a_busy_daemon_tells_its_height() {
    for family in [Family::Turtlecoin, Family::Legacy, Family::Monerod] {
        let (server, chain) = serve(Chain { busy: true, ..Chain::new(family, 100) }).await;
        let mut client = server.client();
        let View::Busy { height, .. } = poll(&mut client).await.view else { panic!("{family:?} is busy") };
        assert_eq!(height.map(|height| height.get()), Some(100), "{family:?}");
        chain.lock().busy = false;
        check(&poll(&mut client).await, &chain.lock(), 16);
    }
}

#[tokio::test]
async fn another_daemon_on_the_port_is_recognised_after_one_failed_poll() {
    let (server, chain) = serve(Chain::new(Family::Turtlecoin, 100)).await;
    let mut client = server.client();
    poll(&mut client).await;
    chain.lock().family = Family::Monerod;
    // It shows the same blocks.
    check(&poll(&mut client).await, &chain.lock(), 16);
    assert_eq!(client.poll().await.unwrap_err().kind, FailureKind::HttpStatus);
    server.asked();
    check(&poll(&mut client).await, &chain.lock(), 16);
    // The window was kept: no header is asked for but the tip's and the first.
    assert_eq!(server.asked(), ["/info", "/getinfo", LAST, BY_HEIGHT]);
}

#[tokio::test]
async fn another_network_on_the_port_is_noticed_without_a_failed_poll() {
    let (server, chain) = serve(Chain::new(Family::Turtlecoin, 100)).await;
    let mut client = server.client();
    poll(&mut client).await;
    chain.lock().network = 1;
    check(&poll(&mut client).await, &chain.lock(), 16);
}

#[tokio::test]
async fn a_header_that_was_not_asked_for_is_an_invalid_reply() {
    let chain = Chain::new(Family::Turtlecoin, 100);
    let server = Server::start(move |ask| match ask.what.as_str() {
        BY_HASH => chain.answer(&crate::server::Ask { what: LAST.into(), ..Default::default() }),
        _ => chain.answer(ask),
    })
    .await;
    let failure = server.client().poll().await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::InvalidReply);
    assert!(failure.detail.starts_with("getblockheaderbyhash: \"hash\" is "), "{failure}");
}

#[tokio::test]
async fn an_address_is_told_as_the_one_that_answered() {
    let address: SocketAddr = "127.0.0.3:0".parse().unwrap();
    let chain = Chain::new(Family::Legacy, 9);
    let server = Server::start_at(address, move |ask| chain.answer(ask)).await;
    assert_eq!(poll(&mut server.client()).await.address, Some(server.address));
}

#[tokio::test]
async fn a_daemon_far_away_is_content_with_the_smallest_window() {
    let chain = Chain::new(Family::Turtlecoin, 100);
    let (server, shared) = serve(chain).await;
    let mut client = server.hurried_client(Duration::from_secs(2));
    poll(&mut client).await;
    shared.lock().tip = 112;
    let seen = shared.clone();
    server.answer_with(move |ask| {
        thread::sleep(Duration::from_millis(250));
        seen.lock().answer(ask)
    });
    let blocks = window(&poll(&mut client).await).blocks.len();
    assert!((4..8).contains(&blocks), "{blocks} blocks");
}

#[tokio::test]
async fn a_reply_without_a_header_is_an_invalid_reply() {
    let server = Server::start(|_| reply(serde_json::json!({"height": 7}))).await;
    let failure = server.client().poll().await.unwrap_err();
    assert_eq!(failure.detail, "getlastblockheader: \"result\" is missing");
}

/// A monerod that tells its tip in its info, as real ones do.
async fn monerod_that_vouches(chain: Chain) -> (Server, Arc<Mutex<Chain>>) {
    let shared = Arc::new(Mutex::new(chain));
    let seen = shared.clone();
    let server = Server::start(move |ask| {
        let chain = *seen.lock();
        match ask.what.as_str() {
            "/get_info" | "/getinfo" => reply(json!({"height": chain.tip + 1, "target_height": 0,
                "synchronized": !chain.busy, "top_block_hash": chain.hash(chain.tip)})),
            _ => chain.answer(ask),
        }
    });
    (server.await, shared)
}

#[tokio::test]
async fn a_monerod_whose_tip_has_not_changed_is_asked_nothing_but_its_info_every_other_time() {
    let (server, chain) = monerod_that_vouches(Chain::new(Family::Monerod, 100)).await;
    let mut client = server.client();
    let first = poll(&mut client).await;
    server.asked();
    let again = poll(&mut client).await;
    assert_eq!((window(&again), server.asked()), (window(&first), vec!["/getinfo".to_owned()]));
    let once_more = poll(&mut client).await;
    assert_eq!((window(&once_more), server.asked()), (window(&first), vec!["/getinfo".to_owned(), LAST.to_owned()]));
    chain.lock().tip = 101;
    check(&poll(&mut client).await, &chain.lock(), 16);
    assert_eq!(server.asked(), ["/getinfo", LAST]);
    // Another block of the same height.
    *chain.lock() = Chain { branch: 7, fork: 101, tip: 101, ..Chain::new(Family::Monerod, 0) };
    check(&poll(&mut client).await, &chain.lock(), 16);
    assert_eq!(server.asked(), ["/getinfo", LAST]);
    chain.lock().busy = true;
    assert!(
        matches!(poll(&mut client).await.view, View::Busy { .. }),
        "where it does not vouch, its blocks are asked for"
    );
}

#[tokio::test]
async fn a_monerod_that_vouches_for_its_tip_and_shows_no_blocks_is_found_within_two_polls_and_not_forgiven() {
    for (refusal, is_busy) in
        [(json!({"code": -32003, "message": "too much to do"}), true), (json!({"code": 1}), false)]
    {
        let (server, chain) = monerod_that_vouches(Chain::new(Family::Monerod, 100)).await;
        let mut client = server.client();
        poll(&mut client).await;
        let chain = *chain.lock();
        server.answer_with(move |ask| match ask.what.as_str() {
            "/getinfo" => reply(json!({"height": chain.tip + 1, "target_height": 0, "synchronized": true,
                "top_block_hash": chain.hash(chain.tip)})),
            "/info" => not_found(),
            _ => reply(json!({ "error": refusal })),
        });
        poll(&mut client).await;
        for _ in 0..4 {
            match client.poll().await {
                Ok(seen) => assert!(is_busy && matches!(seen.view, View::Busy { .. })),
                Err(failure) => assert_eq!((is_busy, failure.kind), (false, FailureKind::InvalidReply)),
            }
        }
    }
}
