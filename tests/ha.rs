//! A subscription to a turtlecoind-ha over real sockets: servers that move behind a name, and what the log says of them.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "in a test, a panic is the report")]

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use futures_util::SinkExt;
use parking_lot::Mutex;
use tokio::{
    net::{TcpListener, TcpSocket},
    sync::mpsc::{UnboundedReceiver, unbounded_channel},
    task::JoinHandle,
    time::{sleep, timeout},
};
use tokio_tungstenite::{accept_async, tungstenite::Message};
use turtle_pool_multi_daemon::{
    config::{Config, DaemonConfig},
    consensus::rules::Rules,
    engine::Engine,
    ha::{Subscription, packet::Event},
    net::{Lookup, resolver::Addresses},
    rpc::Client,
    status::Change,
};

const FIRST: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 1));
const SECOND: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2));

#[tokio::test]
async fn a_server_that_moves_is_followed_though_its_old_address_still_talks() {
    let first = Server::start((FIRST, 0).into()).await;
    let second = Server::start((SECOND, first.port).into()).await;
    let names = Names::saying(&[FIRST]);
    let mut events = listen(&names, first.port);
    assert_eq!(next(&mut events).await, Event::News);
    assert_eq!((first.connections(), second.connections()), (1, 0));
    names.say(&[SECOND]);
    until(|| second.connections() == 1).await;
    assert_eq!(first.connections(), 1);
}

#[tokio::test]
async fn a_name_that_fails_or_gains_an_address_changes_nothing() {
    let first = Server::start((FIRST, 0).into()).await;
    let second = Server::start((SECOND, first.port).into()).await;
    let names = Names::saying(&[FIRST]);
    let mut events = listen(&names, first.port);
    next(&mut events).await;
    for addresses in [&[SECOND, FIRST][..], &[]] {
        names.say(addresses);
        let lookups = names.lookups.load(SeqCst);
        until(|| names.lookups.load(SeqCst) > lookups + 3).await;
    }
    assert_eq!((first.connections(), second.connections()), (1, 0));
}

#[tokio::test]
async fn of_several_addresses_the_one_that_takes_the_connection_is_used() {
    let (server, _refused) = only_at_the_second_address().await;
    let mut events = listen(&Names::saying(&[FIRST, SECOND]), server.port);
    assert_eq!(next(&mut events).await, Event::News);
}

/// A server, and what sees to it that nobody listens at its port at the first address for as long as it exists.
async fn only_at_the_second_address() -> (Server, TcpSocket) {
    loop {
        let server = Server::start((SECOND, 0).into()).await;
        let socket = TcpSocket::new_v4().unwrap();
        if socket.bind((FIRST, server.port).into()).is_ok() {
            return (server, socket);
        }
    }
}

#[tokio::test]
async fn an_ipv6_address_is_an_address() {
    let server = Server::start((Ipv6Addr::LOCALHOST, 0).into()).await;
    let mut events = listen_at("::1", &Names::saying(&[]), server.port);
    assert_eq!(next(&mut events).await, Event::News);
}

#[tokio::test]
async fn another_configuration_starts_and_ends_the_listening() {
    let server = Server::start((FIRST, 0).into()).await;
    let with = || config("127.0.0.1", &format!(r#"{{ "port": {} }}"#, server.port));
    let without = || config("127.0.0.1", "false");
    let connect = |daemon: &DaemonConfig, _: &Rules| Client::new(daemon.endpoint.clone(), LIMIT);
    let engine = Engine::start(without(), connect, |_: &[Change]| {}).unwrap();
    for connections in 1..=2 {
        engine.reconfigure(with());
        until(|| server.open() == 1).await;
        engine.reconfigure(with());
        // Those that an ended connection may still take are fewer; the others come over one that was counted.
        let texts = server.texts();
        until(|| server.texts() > texts + 20).await;
        assert_eq!(server.connections(), connections);
        engine.reconfigure(without());
        until(|| server.open() == 0).await;
    }
}

/// What comes from a subscription, as long as somebody waits for it.
fn listen(names: &Arc<Names>, port: u16) -> UnboundedReceiver<Event> {
    listen_at("node.example", names, port)
}

fn listen_at(host: &str, names: &Arc<Names>, port: u16) -> UnboundedReceiver<Event> {
    let daemon = config(host, &format!(r#"{{ "port": {port} }}"#)).daemons.remove(0);
    let subscription = Subscription::with_lookup(&daemon, names.clone(), Duration::from_millis(10)).unwrap();
    let (sender, events) = unbounded_channel();
    tokio::spawn(async move { subscription.run(|event| sender.send(event).unwrap_or_default()).await });
    events
}

/// A primary with this for `ha`, and another daemon.
fn config(host: &str, ha: &str) -> Config {
    let json = format!(
        r#"{{ "daemon": {{ "host": "{host}", "port": 1, "ha": {ha} }},
              "multiDaemon": {{ "enabled": true, "daemons": [{{ "host": "127.0.0.2", "port": 1 }}] }} }}"#
    );
    Config::from_json(&json).unwrap()
}

async fn next(events: &mut UnboundedReceiver<Event>) -> Event {
    timeout(LIMIT, events.recv()).await.expect("no event came").expect("nobody listens")
}

async fn until(condition: impl Fn() -> bool) {
    let wait = async {
        while !condition() {
            sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(LIMIT, wait).await.expect("it never came true");
}

/// Far more than anything here takes, on any machine.
const LIMIT: Duration = Duration::from_secs(60);

/// A server that says `ready` over and over, and counts its connections and what it said. It ends with the test.
struct Server {
    port: u16,
    connections: Arc<AtomicUsize>,
    open: Arc<AtomicUsize>,
    texts: Arc<AtomicUsize>,
    accepting: JoinHandle<()>,
}

impl Server {
    async fn start(address: SocketAddr) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let connections = Arc::<AtomicUsize>::default();
        let open = Arc::<AtomicUsize>::default();
        let texts = Arc::<AtomicUsize>::default();
        let (count, now_open, said) = (connections.clone(), open.clone(), texts.clone());
        let accepting = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                count.fetch_add(1, SeqCst);
                let (open, texts) = (now_open.clone(), said.clone());
                tokio::spawn(async move {
                    // Whoever is let go of in the handshake was never open.
                    let Ok(mut socket) = accept_async(stream).await else { return };
                    open.fetch_add(1, SeqCst);
                    for text in ["0{}", "40"].into_iter().chain(std::iter::repeat(r#"42["ready"]"#)) {
                        if socket.send(Message::text(text)).await.is_err() {
                            break;
                        }
                        texts.fetch_add(1, SeqCst);
                        sleep(Duration::from_millis(5)).await;
                    }
                    open.fetch_sub(1, SeqCst);
                });
            }
        });
        Self { port, connections, open, texts, accepting }
    }

    fn connections(&self) -> usize {
        self.connections.load(SeqCst)
    }

    fn open(&self) -> usize {
        self.open.load(SeqCst)
    }

    fn texts(&self) -> usize {
        self.texts.load(SeqCst)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// A name server that answers as the test says, and counts.
#[derive(Default)]
struct Names {
    addresses: Mutex<Vec<IpAddr>>,
    lookups: AtomicUsize,
}

impl Names {
    fn saying(addresses: &[IpAddr]) -> Arc<Self> {
        let names = Arc::<Self>::default();
        names.say(addresses);
        names
    }

    /// No address at all is a failure.
    fn say(&self, addresses: &[IpAddr]) {
        *self.addresses.lock() = addresses.to_vec();
    }
}

impl Lookup for Names {
    fn lookup(&self, host: String) -> Addresses {
        assert_eq!(host, "node.example");
        self.lookups.fetch_add(1, SeqCst);
        let addresses = self.addresses.lock().clone();
        let answer = if addresses.is_empty() { Err(io::Error::from(io::ErrorKind::NotFound)) } else { Ok(addresses) };
        Box::pin(async { answer })
    }
}
