use std::net::SocketAddr;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpSocket, TcpStream},
    time::{pause, sleep},
};

use super::*;
use crate::{
    endpoint::Endpoint,
    gateway::shared::tests::{shared_with, shared_with_more},
};

fn at(address: SocketAddr) -> Who {
    Endpoint { host: "127.0.0.1".into(), port: address.port(), tls: false }.into()
}

fn block() -> Asking {
    Asking::call("submitblock", r#"["00"]"#)
}

async fn read_request(stream: &mut TcpStream) {
    let mut text = vec![];
    while !text.ends_with(b"}") {
        assert!(stream.read_buf(&mut text).await.unwrap() > 0, "it ended");
    }
}

/// By then another daemon has been offered it, and two that take it in at once can be damaged.
#[tokio::test]
async fn an_offer_that_cannot_leave_in_time_does_not_leave_later() {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
    let full = socket.listen(1).unwrap();
    let address = full.local_addr().unwrap();
    let mut waiting = vec![];
    while let Ok(stream) = timeout(Duration::from_secs(2), TcpStream::connect(address)).await {
        waiting.push(stream.unwrap());
    }
    let daemon = at(address);
    let shared = shared_with(&daemon);

    pause();
    let began = Instant::now();
    let (said, _) = offer(&shared, &daemon, &block()).await;
    assert_eq!(said, Said::Unreached("not reached within 2500 ms".into()));
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
}

/// It refused it for want of the login, so it has not got it; and by now it is too late.
#[tokio::test]
async fn an_offer_whose_daemon_takes_long_to_ask_for_the_login_does_not_leave_again() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let daemon = at(listener.local_addr().unwrap());
    let shared = shared_with_more(&daemon, r#","login":"pool:secret""#);
    pause();
    let asks_late = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        read_request(&mut stream).await;
        sleep(Duration::from_secs(3)).await;
        let challenge = "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\n\r\n";
        stream.write_all(challenge.as_bytes()).await.unwrap();
        stream.read(&mut [0; 1]).await.unwrap()
    };
    let ((said, _), left_again) = tokio::join!(async { offer(&shared, &daemon, &block()).await }, asks_late);
    assert_eq!(said, Said::Unreached("it asked for the login too late".into()));
    assert_eq!(left_again, 0);
}

#[tokio::test]
async fn offers_that_hang_leave_room_for_others_after_a_while() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let daemon = at(listener.local_addr().unwrap());
    let shared = shared_with(&daemon);
    let mut hanging = vec![];
    pause();
    for _ in 0..2 {
        let (shared, daemon) = (shared.clone(), daemon.clone());
        tokio::spawn(async move { offer(&shared, &daemon, &block()).await });
        let (mut stream, _) = listener.accept().await.unwrap();
        read_request(&mut stream).await;
        hanging.push(stream);
    }
    let upstream = shared.upstream(&daemon);
    let _others = (upstream.reach(Lane::Bulk).await.ok().unwrap(), upstream.reach(Lane::Bulk).await.ok().unwrap());
    sleep(Duration::from_secs(4)).await;
    let began = Instant::now();
    assert!(upstream.reach(Lane::First).await.is_ok());
    assert!(began.elapsed() < Duration::from_millis(100), "{:?}", began.elapsed());
}
