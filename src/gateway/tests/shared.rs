use std::net::SocketAddr;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::{mpsc::unbounded_channel, watch},
    time::timeout,
};

use super::*;
use crate::{
    endpoint::Endpoint,
    gateway::{body, lanes::Lane},
    routing::Seat,
};

fn chart(daemon: &Who, is_silent: bool) -> Chart {
    let seat = Seat {
        daemon: daemon.clone(),
        is_sound: !is_silent,
        is_reserve: false,
        is_on_head: true,
        is_on_branch: true,
        takes_blocks: true,
        is_silent,
        tip: None,
    };
    let branch = Arc::new([]);
    let in_use = daemon.clone();
    Chart { in_use, alone: false, ready: true, daemons: vec![seat], head: None, branch, fork: None }
}

/// A gateway in front of one daemon.
pub(in crate::gateway) fn shared_with(daemon: &Who) -> Arc<Shared> {
    shared_with_more(daemon, "")
}

/// The same, with more of the daemon's configuration.
pub(in crate::gateway) fn shared_with_more(daemon: &Who, members: &str) -> Arc<Shared> {
    let primary = format!(r#"{{"host":"127.0.0.1","port":{}{members}}}"#, daemon.port);
    let text =
        format!(r#"{{"daemon":{primary},"multiDaemon":{{"enabled":true,"daemons":[{{"host":"other","port":1}}]}}}}"#);
    let config = Config::from_json(&text).unwrap();
    let (_, charts) = watch::channel(Arc::new(chart(daemon, false)));
    Shared::new(&config, charts, unbounded_channel().0, Arc::default())
}

async fn ask(shared: &Shared, daemon: &Who) {
    let asking = Asking::call("getblockcount", "{}");
    let answer = shared.upstream(daemon).send(&asking, Lane::Read, true).await.ok().unwrap();
    assert_eq!(body::collect(answer.response.into_body(), 9).await.unwrap(), "{}");
    answer.lease.end();
}

async fn answer_over(stream: &mut TcpStream) {
    let mut received = vec![];
    while !received.ends_with(b"}") {
        assert!(stream.read_buf(&mut received).await.unwrap() > 0);
    }
    stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}").await.unwrap();
}

/// What is kept for the next request to a daemon that has ended delays its end, or keeps it from ending.
#[tokio::test]
async fn a_connection_is_kept_while_its_daemon_is_in_use_and_not_silent() {
    let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let daemon: Who = Endpoint { host: "127.0.0.1".into(), port, tls: false }.into();
    let other: Who = Endpoint { host: "other".into(), port: 1, tls: false }.into();
    let shared = shared_with(&daemon);
    let accept = async || {
        let (mut stream, _) = listener.accept().await.unwrap();
        answer_over(&mut stream).await;
        stream
    };
    let is_closed = async |stream: &mut TcpStream| {
        let end = timeout(Duration::from_secs(30), stream.read(&mut [0])).await;
        assert_eq!(end.expect("it is not closed").unwrap(), 0);
    };
    for unneeded in [chart(&daemon, true), Chart { in_use: other, ..chart(&daemon, false) }] {
        shared.keep_connections(&chart(&daemon, false));
        let (mut kept, ()) = tokio::join!(accept(), ask(&shared, &daemon));
        tokio::join!(answer_over(&mut kept), ask(&shared, &daemon));

        shared.keep_connections(&unneeded);
        is_closed(&mut kept).await;
        let (mut of_one_request, ()) = tokio::join!(accept(), ask(&shared, &daemon));
        is_closed(&mut of_one_request).await;
    }
}
