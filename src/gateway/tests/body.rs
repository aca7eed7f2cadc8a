use http_body_util::BodyExt;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::{Instant, advance, pause, resume, timeout},
};

use super::*;
use crate::{
    endpoint::Endpoint,
    gateway::{lanes::Lane, request::Asking, upstream::Upstream},
};

/// An answer of 100 bytes of which one has come, and the daemon that has to send the others.
async fn begun() -> (Reply, TcpStream) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let upstream = Arc::new(Upstream::new(&Endpoint { host: "127.0.0.1".into(), port, tls: false }, None));
    let asking = Asking::call("getblockcount", "{}");
    let accept = async {
        let (mut daemon, _) = listener.accept().await.unwrap();
        let mut received = vec![];
        while !received.ends_with(b"}") {
            assert!(daemon.read_buf(&mut received).await.unwrap() > 0);
        }
        daemon.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\na").await.unwrap();
        daemon
    };
    let (answer, daemon) = tokio::join!(upstream.send(&asking, Lane::Bulk, true), accept);
    let answer = answer.ok().unwrap();
    let mut reply = Reply::stream(Bytes::new(), answer.response.into_body(), answer.lease);
    assert_eq!(next(&mut reply).await.unwrap(), "a");
    (reply, daemon)
}

async fn next(reply: &mut Reply) -> Result<Bytes, Cut> {
    reply.frame().await.expect("it is complete").map(|frame| frame.into_data().unwrap())
}

/// What waits for the rest would have one of the few connections to the daemon for good.
#[tokio::test]
async fn an_answer_that_stops_in_the_middle_ends_after_a_minute() {
    let (mut reply, mut daemon) = begun().await;
    pause();
    let began = Instant::now();
    timeout(60 * PIECE_LIMIT, next(&mut reply)).await.expect("it does not end").expect_err("there is no more of it");
    assert!(began.elapsed() >= PIECE_LIMIT);
    drop(reply);
    let end = timeout(60 * PIECE_LIMIT, daemon.read(&mut [0])).await;
    assert_eq!(end.expect("its connection does not end").unwrap(), 0);
}

#[tokio::test]
async fn one_that_comes_slowly_goes_on() {
    let (mut reply, mut daemon) = begun().await;
    for _ in 0..5 {
        timeout(Duration::ZERO, next(&mut reply)).await.expect_err("there is nothing yet");
        pause();
        advance(PIECE_LIMIT / 2).await;
        resume();
        daemon.write_all(b"b").await.unwrap();
        assert_eq!(next(&mut reply).await.unwrap(), "b");
    }
}
