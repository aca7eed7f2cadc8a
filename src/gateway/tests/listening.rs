use std::io::Write as _;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::mpsc::unbounded_channel,
    time::{pause, timeout},
};

use super::*;
use crate::endpoint::Endpoint;

/// A gateway in front of one daemon, which the test plays, and what it told of where it listens.
struct Stage {
    gateway: Gateway,
    daemon: TcpListener,
    told: Arc<Mutex<Vec<Notice>>>,
}

impl Stage {
    async fn new(gateway: &str) -> Self {
        let daemon = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let (config, told) = (config(daemon.local_addr().unwrap().port(), gateway), Arc::<Mutex<Vec<_>>>::default());
        let endpoint = config.daemons[0].endpoint.clone();
        let (_, charts) = watch::channel(Arc::new(alone(endpoint)));
        let (learning, asks_for_work) = (unbounded_channel().0, unbounded_channel().1);
        let ties = Ties { charts, learning, asks_for_work, traffic: Arc::default() };
        let notices = told.clone();
        let gateway = Gateway::start(Handle::current(), &config, ties, move |notice| notices.lock().push(notice));
        Self { gateway, daemon, told }
    }

    fn reconfigure(&self, gateway: &str) {
        self.gateway.reconfigure(&config(self.daemon.local_addr().unwrap().port(), gateway));
    }

    fn told(&self) -> Vec<Notice> {
        std::mem::take(&mut *self.told.lock())
    }

    async fn client(&self) -> TcpStream {
        let Some(Notice::Place(Some(address))) = self.told().pop() else { panic!("it does not listen") };
        TcpStream::connect(address).await.unwrap()
    }

    /// The gateway's next request, as the daemon that has to answer it.
    async fn asked(&self) -> TcpStream {
        let (mut asking, _) = self.daemon.accept().await.unwrap();
        read_until(&mut asking, "}").await;
        asking
    }
}

fn config(daemon: u16, gateway: &str) -> Config {
    let block = format!(r#"{{"enabled":true,"gateway":{gateway},"daemons":[{{"host":"127.0.0.1","port":1}}]}}"#);
    Config::from_json(&format!(r#"{{"daemon":{{"host":"127.0.0.1","port":{daemon}}},"multiDaemon":{block}}}"#)).unwrap()
}

/// One daemon is asked, and no other.
fn alone(daemon: Endpoint) -> Chart {
    let (in_use, branch) = (Arc::new(daemon), Arc::new([]));
    Chart { in_use, alone: true, ready: true, daemons: vec![], head: None, branch, fork: None }
}

async fn read_until(stream: &mut TcpStream, end: &str) {
    let mut text = vec![];
    while !text.ends_with(end.as_bytes()) {
        assert!(stream.read_buf(&mut text).await.unwrap() > 0, "it ended");
    }
}

async fn rest_of(mut stream: TcpStream) -> String {
    let mut text = String::new();
    let read = timeout(Duration::from_secs(60), stream.read_to_string(&mut text)).await;
    read.expect("the connection does not end").unwrap();
    text
}

const REQUEST: &str = "POST /info HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 2\r\n\r\n{}";
const INTRODUCTION: &str = "GET /.well-known/turtle-pool-multi-daemon HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
const ANSWER: &str = "HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n{\"height\": 7}";

/// Nothing else gets a turn between two configurations here, as little as while a program of one thread reads its own.
#[tokio::test]
async fn another_configuration_takes_the_same_port_over_at_once() {
    let stage = Stage::new(r#"{"password":"sesame"}"#).await;
    let [Notice::Open(address), Notice::Place(Some(_))] = stage.told()[..] else { panic!("it is not open") };
    let port = address.port();
    for _ in 0..3 {
        stage.reconfigure(&format!(r#"{{"port":{port}}}"#));
        assert_eq!(stage.told(), [Notice::Place(Some(address))]);
        stage.reconfigure(&format!(r#"{{"port":{port},"password":"sesame"}}"#));
        assert_eq!(stage.told()[0], Notice::Open(address));
    }
    let mut client = TcpStream::connect(address).await.unwrap();
    client.write_all(REQUEST.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n").as_bytes()).await.unwrap();
    assert!(rest_of(client).await.starts_with("HTTP/1.1 401 "));
}

#[tokio::test]
async fn a_request_under_way_at_the_end_is_answered_and_is_the_last_one_on_its_connection() {
    let stage = Stage::new("{}").await;
    let mut client = stage.client().await;
    client.write_all(REQUEST.as_bytes()).await.unwrap();
    let mut asked = stage.asked().await;
    stage.gateway.stop();
    asked.write_all(ANSWER.as_bytes()).await.unwrap();
    let answer = rest_of(client).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with("{\"height\": 7}"), "{answer}");
}

#[tokio::test]
async fn a_client_that_takes_too_long_is_not_waited_for_after_the_end_either() {
    let stage = Stage::new("{}").await;
    let mut client = stage.client().await;
    let answer = async { stage.asked().await.write_all(ANSWER.as_bytes()).await.unwrap() };
    let ask = async {
        client.write_all(REQUEST.as_bytes()).await.unwrap();
        read_until(&mut client, "{\"height\": 7}").await;
    };
    tokio::join!(answer, ask);
    client.write_all(b"POST /info HTTP/1.1\r\nHost: ").await.unwrap();
    // Once a later client is answered, that much has been read.
    let mut other = TcpStream::connect(client.peer_addr().unwrap()).await.unwrap();
    other.write_all(INTRODUCTION.as_bytes()).await.unwrap();
    read_until(&mut other, "}").await;
    stage.gateway.stop();
    pause();
    rest_of(client).await;
}

/// Whoever has sent a request before the end is answered: those that wait to be let in, and those whose request nobody has read yet.
#[tokio::test]
async fn requests_that_came_before_the_end_are_answered() {
    let stage = Stage::new("{}").await;
    let mut kept = stage.client().await;
    kept.write_all(INTRODUCTION.as_bytes()).await.unwrap();
    read_until(&mut kept, "}").await;
    // Nothing of this lets the gateway have a turn.
    let waiting: Vec<_> = (0..20).map(|_| std::net::TcpStream::connect(kept.peer_addr().unwrap()).unwrap()).collect();
    for mut client in &waiting {
        client.write_all(INTRODUCTION.as_bytes()).unwrap();
        client.set_nonblocking(true).unwrap();
    }
    assert_eq!(kept.try_write(INTRODUCTION.as_bytes()).unwrap(), INTRODUCTION.len());
    stage.gateway.stop();
    for client in waiting.into_iter().map(|client| TcpStream::from_std(client).unwrap()).chain([kept]) {
        assert!(rest_of(client).await.starts_with("HTTP/1.1 200 OK\r\n"));
    }
}

/// The end of the connection is all that tells such a client where an answer ends.
#[tokio::test]
async fn half_an_answer_is_no_whole_one_to_a_client_of_http_1_0() {
    let stage = Stage::new("{}").await;
    let mut client = stage.client().await;
    client.write_all(REQUEST.replace("HTTP/1.1", "HTTP/1.0").as_bytes()).await.unwrap();
    let mut asked = stage.asked().await;
    let long = "x".repeat(2 << 20);
    let ask = async { client.read_to_string(&mut String::new()).await.map_err(|error| error.kind()) };
    let answer = async {
        let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
        asked.write_all(format!("{head}{:x}\r\n{long}\r\n", long.len()).as_bytes()).await.unwrap();
        drop(asked);
    };
    let (read, ()) = tokio::join!(ask, answer);
    assert_eq!(read, Err(std::io::ErrorKind::ConnectionReset));
}
