//! Single blocks of a daemon's chain, asked for by their height.

use std::{sync::atomic::Ordering::SeqCst, time::Duration};

use serde_json::json;
use tokio::sync::mpsc::unbounded_channel;
use turtle_pool_multi_daemon::{
    consensus::{
        block::{BlockHash, Height},
        questions::Question,
    },
    endpoint::DaemonId,
    engine::{ask, orders::Orders, poll::PollerId},
    rpc::Client,
};

use crate::{
    chain::{Chain, Family, reply, serve},
    server::{Action, Server, until},
};

const BY_HEIGHT: &str = "getblockheaderbyheight";

async fn ask(client: &mut Client, height: u64) -> Option<BlockHash> {
    client.hash_at(Height::new(height).unwrap()).await
}

#[tokio::test]
async fn every_family_shows_a_block_by_its_height_in_one_request_once_it_is_recognised() {
    let rows: [(Family, &[&str], &str); 4] = [
        (Family::Turtlecoin, &["/info"], BY_HEIGHT),
        (Family::Legacy, &["/info", "/getinfo"], BY_HEIGHT),
        (Family::Monerod, &["/info", "/getinfo"], BY_HEIGHT),
        (Family::Rest, &["/info"], "/block/40"),
    ];
    for (family, recognition, request) in rows {
        let (server, chain) = serve(Chain::new(family, 100)).await;
        let hash = chain.lock().hash(40).parse().ok();
        let mut client = server.client();
        assert_eq!(ask(&mut client, 40).await, hash, "{family:?}");
        assert_eq!(server.asked(), [recognition, &[request]].concat(), "{family:?}");
        assert_eq!(ask(&mut client, 40).await, hash, "{family:?}");
        assert_eq!((server.asked(), server.connections()), (vec![request.to_string()], 1), "{family:?}");
    }
}

#[tokio::test]
async fn a_daemon_that_counts_blocks_from_one_is_understood_and_remembered() {
    let chain = Chain::new(Family::Legacy, 100);
    let server = Server::start(move |ask| {
        let height = serde_json::from_str::<serde_json::Value>(&ask.params).ok().and_then(|it| it["height"].as_u64());
        match height {
            Some(0) => reply(json!({ "error": { "code": -2, "message": "To big height: 0" } })),
            Some(height) => chain.answer_by_height(height - 1),
            None => chain.answer(ask),
        }
    })
    .await;
    let mut client = server.client();
    for height in [40, 100, 1, 0] {
        assert_eq!(ask(&mut client, height).await, chain.hash(height).parse().ok(), "at {height}");
    }
    let by_height = server.asked().iter().filter(|what| *what == BY_HEIGHT).count();
    assert_eq!(by_height, 5, "one more than there are questions");
}

#[tokio::test]
async fn a_height_above_the_tip_is_no_answer_and_the_next_question_gets_its_own() {
    for family in [Family::Turtlecoin, Family::Legacy, Family::Rest, Family::Monerod] {
        let (server, chain) = serve(Chain::new(family, 100)).await;
        let mut client = server.client();
        assert_eq!(ask(&mut client, 101).await, None, "{family:?}");
        assert_eq!(ask(&mut client, 100).await, chain.lock().hash(100).parse().ok(), "{family:?}");
    }
}

#[tokio::test]
async fn another_block_than_the_one_asked_for_is_no_answer() {
    let chain = Chain::new(Family::Turtlecoin, 100);
    let server = Server::start(move |ask| match ask.what.as_str() {
        BY_HEIGHT => chain.answer_by_height(7),
        _ => chain.answer(ask),
    })
    .await;
    assert_eq!(ask(&mut server.client(), 40).await, None);
}

#[tokio::test]
async fn a_busy_daemon_a_silent_one_and_one_that_is_not_there_give_no_answer() {
    let (busy, chain) = serve(Chain { busy: true, ..Chain::new(Family::Turtlecoin, 100) }).await;
    assert_eq!(ask(&mut busy.client(), 40).await, None);
    chain.lock().busy = false;
    let silent = Server::start(|_| Action::Silence).await;
    assert_eq!(ask(&mut silent.hurried_client(Duration::from_millis(50)), 40).await, None);
    let mut client = busy.client();
    drop(busy);
    assert_eq!(ask(&mut client, 40).await, None);
}

#[tokio::test]
async fn after_the_last_question_no_connection_is_left() {
    let (server, _chain) = serve(Chain::new(Family::Turtlecoin, 100)).await;
    let (orders, (sender, mut answers)) = (Orders::default(), unbounded_channel());
    let question = |height| Question { daemon: DaemonId(1), height: Height::new(height).unwrap(), number: height };
    let asking = async {
        for (height, connections) in [(40, 1), (41, 1)] {
            orders.ask(question(height));
            answers.recv().await.unwrap();
            assert_eq!(server.connections(), connections);
        }
        until(|| server.counts.closed.load(SeqCst) == 1).await;
        orders.ask(question(42));
        answers.recv().await.unwrap();
        assert_eq!(server.connections(), 2);
    };
    tokio::select! {
        () = ask::run(PollerId(1), || server.client(), &orders, &sender) => unreachable!(),
        () = asking => {}
    }
}
