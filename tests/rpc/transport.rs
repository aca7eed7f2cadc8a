//! Connections and HTTP that go wrong, or well.

use std::{sync::atomic::Ordering::SeqCst, time::Duration};

use tokio::{sync::mpsc::unbounded_channel, time::Instant};
use turtle_pool_multi_daemon::{
    consensus::observation::{Failure, FailureKind},
    core::{Look, News},
    engine::{
        orders::Orders,
        poll::{self, Heard, PollerId},
    },
    rpc::Client,
};

use crate::{
    chain::{Chain, Family, serve},
    server::{AMPLE, Action, Server, plain, until},
};

const SHORT: Duration = Duration::from_millis(300);

/// What is done with some bytes.
type Answer = fn(Vec<u8>) -> Action;

/// How a poll fails when every request is answered like this.
async fn failure(limit: Duration, answer: impl Fn() -> Action + Send + 'static) -> Failure {
    let server = Server::start(move |_| answer()).await;
    server.hurried_client(limit).poll().await.unwrap_err()
}

fn head(rest: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\n{rest}").into_bytes()
}

#[tokio::test]
async fn statuses_other_than_200_are_told() {
    for status in [201, 204, 301, 302, 400, 403, 404, 500, 502] {
        let failure = failure(AMPLE, move || {
            let head = format!("HTTP/1.1 {status} X\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n");
            Action::Bytes(head.into_bytes())
        });
        let failure = failure.await;
        assert_eq!((failure.kind, failure.detail), (FailureKind::HttpStatus, format!("HTTP status {status}")));
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let (elsewhere, _) = serve(Chain::new(Family::Turtlecoin, 9)).await;
    let port = elsewhere.address.port();
    failure(AMPLE, move || {
        let location = format!("Location: http://127.0.0.1:{port}/info\r\nContent-Length: 0\r\n\r\n");
        Action::Bytes(format!("HTTP/1.1 301 Moved\r\n{location}").into_bytes())
    })
    .await;
    assert_eq!(elsewhere.connections(), 0);
}

#[tokio::test]
async fn answers_that_are_no_http_are_invalid_replies() {
    let rows: [(&str, Vec<u8>); 5] = [
        ("another protocol", b"SSH-2.0-OpenSSH_9.6\r\n".to_vec()),
        ("a bad header", head("Content-Length: many\r\n\r\n")),
        ("a bad chunk", head("Transfer-Encoding: chunked\r\n\r\nzz\r\n")),
        ("a bad status", b"HTTP/1.1 2000 OK\r\n\r\n".to_vec()),
        ("an announcement too large", head("Content-Length: 9000000000000\r\n\r\n{")),
    ];
    for (name, bytes) in rows {
        let failure = failure(AMPLE, move || Action::Bytes(bytes.clone())).await;
        assert_eq!(failure.kind, FailureKind::InvalidReply, "{name}: {failure}");
    }
}

#[tokio::test]
async fn connections_that_end_early_are_resets() {
    let half = || head("Content-Length: 500\r\n\r\n{\"height\": 4");
    let rows: [(&str, Answer, Vec<u8>); 5] = [
        ("closed at once", Action::Bytes, vec![]),
        ("closed in the head", Action::Bytes, head("Content-Le")),
        ("closed in the body", Action::Bytes, half()),
        ("reset at once", Action::Reset, vec![]),
        ("reset in the body", Action::Reset, half()),
    ];
    for (name, action, bytes) in rows {
        let failure = failure(AMPLE, move || action(bytes.clone())).await;
        assert_eq!(failure.kind, FailureKind::Reset, "{name}: {failure}");
    }
}

#[tokio::test]
async fn a_refused_connection_is_told() {
    let failure = Client::new(plain("127.0.0.1", 1), AMPLE).poll().await.unwrap_err();
    assert_eq!((failure.kind, failure.detail.as_str()), (FailureKind::Refused, "connection refused"));
}

#[tokio::test]
async fn no_answer_ends_at_the_time_limit() {
    let begun = || head("Content-Length: 100000\r\n\r\n");
    let rows: [(&str, Answer); 3] = [
        ("silence", |_| Action::Silence),
        ("a dripping body", |begun| Action::Repeat(begun, b" ".to_vec(), 100_000, Duration::from_millis(5))),
        ("endless interim answers", |_| {
            Action::Repeat(vec![], b"HTTP/1.1 100 Continue\r\n\r\n".to_vec(), 1_000_000, Duration::from_millis(1))
        }),
    ];
    for (name, action) in rows {
        let started = Instant::now();
        let failure = failure(SHORT, move || action(begun())).await;
        assert_eq!(
            (failure.kind, failure.detail.as_str()),
            (FailureKind::Timeout, "no answer within 300 ms"),
            "{name}"
        );
        assert!(started.elapsed() < SHORT * 10, "{name}: {:?}", started.elapsed());
    }
}

#[tokio::test]
async fn the_whole_poll_is_under_one_limit() {
    let chain = Chain::new(Family::Monerod, 100);
    let server = Server::start(move |ask| {
        std::thread::sleep(SHORT / 3);
        chain.answer(ask)
    })
    .await;
    assert_eq!(server.hurried_client(SHORT).poll().await.unwrap_err().kind, FailureKind::Timeout);
}

#[tokio::test]
async fn bodies_without_end_are_hung_up_on() {
    let megabyte = || vec![b' '; 1 << 20];
    let chunk = || [b"100000\r\n".to_vec(), vec![b' '; 1 << 20], b"\r\n".to_vec()].concat();
    let rows: [(&str, Vec<u8>, Vec<u8>); 3] = [
        ("no announced length", head("\r\n"), megabyte()),
        ("chunks", head("Transfer-Encoding: chunked\r\n\r\n"), chunk()),
        ("headers", head(""), b"X-Header: of no use\r\n".repeat(50_000)),
    ];
    for (name, first, then) in rows {
        let server = Server::start(move |_| Action::Repeat(first.clone(), then.clone(), 50, Duration::ZERO)).await;
        let failure = server.client().poll().await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::InvalidReply, "{name}: {failure}");
        until(|| server.counts.closed.load(SeqCst) == 1).await;
        // What the operating system buffers on both sides counts as sent.
        let sent = server.counts.sent.load(SeqCst);
        assert!(sent < 20 << 20, "{name}: {sent} bytes were sent");
    }
}

#[tokio::test]
async fn one_connection_is_kept_and_replaced_when_the_daemon_closes_it() {
    let (server, chain) = serve(Chain::new(Family::Turtlecoin, 100)).await;
    let mut client = server.client();
    for _ in 0..5 {
        client.poll().await.unwrap();
    }
    assert_eq!(server.connections(), 1);
    server.answer_with(|_| Action::Bytes(b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n".to_vec()));
    assert!(client.poll().await.unwrap_err().detail.starts_with("HTTP status 503: "));
    server.answer_with(move |ask| chain.lock().answer(ask));
    client.poll().await.unwrap();
    client.poll().await.unwrap();
    assert_eq!(server.connections(), 2);
}

#[tokio::test]
async fn a_connection_is_let_go_where_the_daemon_would_wait_for_its_end() {
    let rows = [(Family::Turtlecoin, 3), (Family::Legacy, 1), (Family::Rest, 3), (Family::Monerod, 1)];
    for (family, connections) in rows {
        let (server, _chain) = serve(Chain::new(family, 100)).await;
        let mut client = server.client();
        for _ in 0..2 {
            client.poll().await.unwrap();
            client.let_go();
        }
        client.poll().await.unwrap();
        assert_eq!(server.connections(), connections, "{family:?}");
    }
}

#[tokio::test]
async fn between_two_polls_a_turtlecoind_has_nobody_to_wait_for() {
    let (server, _chain) = serve(Chain::new(Family::Turtlecoin, 100)).await;
    let (orders, (sender, mut heard)) = (Orders::default(), unbounded_channel());
    let mut client = server.client();
    let polling = async {
        for polls in 1..=2 {
            orders.try_once(Look { limit: AMPLE, ..Look::default() });
            let Some(Heard { news: News::Tried(Ok(_)), .. }) = heard.recv().await else { unreachable!() };
            until(|| server.counts.closed.load(SeqCst) == polls).await;
        }
        // Nor has one that answers, but not as it should.
        server.answer_with(|_| Action::Bytes(head("Content-Length: 2\r\n\r\n{}")));
        orders.try_once(Look { limit: AMPLE, ..Look::default() });
        let Some(Heard { news: News::Tried(Err(_)), .. }) = heard.recv().await else { unreachable!() };
        until(|| server.counts.closed.load(SeqCst) == 3).await;
    };
    tokio::select! {
        () = poll::run(PollerId(1), &mut client, &orders, &sender) => unreachable!(),
        () = polling => {}
    }
}

#[tokio::test]
async fn a_daemon_that_ends_used_connections_is_asked_again_at_once_and_has_not_failed() {
    let ends: [fn() -> Action; 2] = [|| Action::Reset(vec![]), || Action::Bytes(vec![])];
    for end in ends {
        let (server, chain) = serve(Chain::new(Family::Turtlecoin, 100)).await;
        let mut client = server.client();
        client.poll().await.unwrap();
        let (mut turn, chain) = (0, chain.clone());
        // Every second request meets the end of the connection that the one before was answered over.
        server.answer_with(move |ask| {
            turn += 1;
            if turn % 2 == 1 { end() } else { chain.lock().answer(ask) }
        });
        for _ in 0..3 {
            client.poll().await.unwrap();
        }
        assert_eq!(server.connections(), 7);
    }
}

#[tokio::test]
async fn a_daemon_that_ends_new_connections_too_has_failed() {
    let (server, _) = serve(Chain::new(Family::Turtlecoin, 100)).await;
    let mut client = server.client();
    client.poll().await.unwrap();
    server.answer_with(|_| Action::Reset(vec![]));
    assert_eq!(client.poll().await.unwrap_err().kind, FailureKind::Reset);
    assert_eq!(server.connections(), 2);
}

#[tokio::test]
async fn a_client_recovers_from_every_failure() {
    let (server, chain) = serve(Chain::new(Family::Turtlecoin, 100)).await;
    let mut client = server.hurried_client(Duration::from_secs(2));
    let faults: [fn() -> Action; 4] = [
        || Action::Silence,
        || Action::Reset(vec![]),
        || Action::Reply(200, "<html>".into()),
        || Action::Bytes(b"nonsense".to_vec()),
    ];
    for fault in faults {
        server.answer_with(move |_| fault());
        client.poll().await.unwrap_err();
        let chain = chain.clone();
        server.answer_with(move |ask| chain.lock().answer(ask));
        client.poll().await.unwrap();
    }
}
