//! Host names, and daemons that move behind them.

use std::{
    future::pending,
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use parking_lot::Mutex;
use tokio::{
    net::{TcpListener, TcpSocket, TcpStream},
    time::timeout,
};
use turtle_pool_multi_daemon::{
    config::{Config, DaemonConfig},
    consensus::{observation::FailureKind, rules::Rules},
    engine::Engine,
    net::{Lookup, resolver::Addresses},
    rpc::Client,
    status::Change,
};

use crate::{
    chain::{Chain, Family},
    server::{AMPLE, Action, Server, plain, until},
};

/// A name server that answers as the test says, and counts.
#[derive(Default)]
struct Script {
    answer: Mutex<Says>,
    lookups: AtomicUsize,
}

#[derive(Default, Clone)]
enum Says {
    Addresses(Vec<IpAddr>),
    NoSuchName,
    #[default]
    Nothing,
}

impl Script {
    fn say(&self, says: Says) {
        *self.answer.lock() = says;
    }
}

impl Lookup for Script {
    fn lookup(&self, host: String) -> Addresses {
        assert_eq!(host, "node.example");
        self.lookups.fetch_add(1, SeqCst);
        match self.answer.lock().clone() {
            Says::Addresses(addresses) => Box::pin(async { Ok(addresses) }),
            Says::NoSuchName => Box::pin(async { Err(io::Error::from(io::ErrorKind::NotFound)) }),
            Says::Nothing => Box::pin(pending()),
        }
    }
}

const FIRST: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 1));
const V6: IpAddr = IpAddr::V6(Ipv6Addr::LOCALHOST);
const SECOND: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2));

/// Two daemons on one port of two addresses.
async fn two_daemons() -> (Server, Server) {
    let chain = Chain::new(Family::Turtlecoin, 100);
    let first = Server::start(move |ask| chain.answer(ask)).await;
    let second = Server::start_at((SECOND, first.address.port()).into(), move |ask| chain.answer(ask)).await;
    (first, second)
}

fn client(port: u16, script: &Arc<Script>, interval: Duration, limit: Duration) -> Client {
    Client::with_lookup(plain("node.example", port), limit, script.clone(), interval)
}

/// The address that answers a poll.
async fn answered(client: &mut Client) -> IpAddr {
    client.poll().await.unwrap().address.unwrap().ip()
}

#[tokio::test]
async fn a_daemon_that_moves_is_followed_though_its_old_address_answers() {
    let (first, _second) = two_daemons().await;
    let script = Arc::new(Script::default());
    script.say(Says::Addresses(vec![FIRST]));
    let mut client = client(first.address.port(), &script, Duration::ZERO, AMPLE);
    for _ in 0..5 {
        assert_eq!(answered(&mut client).await, FIRST);
    }
    assert_eq!(first.connections(), 1);
    script.say(Says::Addresses(vec![SECOND]));
    let mut polls = 0;
    while answered(&mut client).await == FIRST {
        polls += 1;
        assert!(polls < 100, "never followed");
    }
}

#[tokio::test]
async fn a_name_that_gains_an_address_changes_nothing() {
    let (first, second) = two_daemons().await;
    let script = Arc::new(Script::default());
    script.say(Says::Addresses(vec![FIRST]));
    let mut client = client(first.address.port(), &script, Duration::ZERO, AMPLE);
    answered(&mut client).await;
    script.say(Says::Addresses(vec![SECOND, FIRST]));
    for _ in 0..20 {
        assert_eq!(answered(&mut client).await, FIRST);
    }
    assert_eq!((first.connections(), second.connections()), (1, 0));
}

/// As [`Client::let_go`] does between two polls of a TurtleCoind.
#[tokio::test]
async fn a_new_connection_leads_to_the_same_address_while_that_is_one_of_the_names() {
    let (first, second) = two_daemons().await;
    let script = Arc::new(Script::default());
    script.say(Says::Addresses(vec![FIRST]));
    let mut client = client(first.address.port(), &script, Duration::from_secs(3600), AMPLE);
    answered(&mut client).await;
    for says in [Says::Addresses(vec![SECOND, FIRST]), Says::NoSuchName, Says::Nothing] {
        script.say(says);
        // Twice, since a poll may end before it asks anything.
        client.let_go();
        client.let_go();
        assert_eq!(answered(&mut client).await, FIRST);
    }
    assert_eq!((first.connections(), second.connections()), (4, 0));
}

#[tokio::test]
async fn a_new_connection_leads_where_the_daemon_has_moved_to_though_its_old_address_answers() {
    let (first, second) = two_daemons().await;
    let script = Arc::new(Script::default());
    script.say(Says::Addresses(vec![FIRST]));
    let mut client = client(first.address.port(), &script, Duration::from_secs(3600), AMPLE);
    answered(&mut client).await;
    script.say(Says::Addresses(vec![SECOND]));
    client.let_go();
    assert_eq!(answered(&mut client).await, SECOND);
    assert_eq!((first.connections(), second.connections()), (1, 1));
}

#[tokio::test]
async fn a_name_server_that_fails_or_hangs_harms_no_connection() {
    let (first, _second) = two_daemons().await;
    for trouble in [Says::NoSuchName, Says::Nothing, Says::Addresses(vec![])] {
        let script = Arc::new(Script::default());
        script.say(Says::Addresses(vec![FIRST]));
        let mut client = client(first.address.port(), &script, Duration::ZERO, AMPLE);
        answered(&mut client).await;
        script.say(trouble);
        for _ in 0..20 {
            answered(&mut client).await;
        }
    }
    assert_eq!(first.connections(), 3);
}

#[tokio::test]
async fn a_hanging_name_server_is_asked_once_and_costs_the_time_limit() {
    let script = Arc::new(Script::default());
    let mut client = client(1, &script, Duration::ZERO, Duration::from_millis(50));
    for _ in 0..5 {
        let failure = client.poll().await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Dns, "{failure}");
        assert!(failure.detail.ends_with("no answer from a name server within 50 ms"), "{failure}");
    }
    assert_eq!(script.lookups.load(SeqCst), 1);
}

#[tokio::test]
async fn a_name_without_an_address_is_told() {
    let script = Arc::new(Script::default());
    for says in [Says::NoSuchName, Says::Addresses(vec![])] {
        script.say(says);
        let failure = client(1, &script, AMPLE, AMPLE).poll().await.unwrap_err();
        assert_eq!((failure.kind, failure.detail.as_str()), (FailureKind::Dns, "no address for node.example"));
    }
}

#[tokio::test]
async fn a_name_is_not_looked_up_again_before_its_time() {
    let (first, _second) = two_daemons().await;
    let script = Arc::new(Script::default());
    script.say(Says::Addresses(vec![FIRST]));
    let mut client = client(first.address.port(), &script, Duration::from_secs(3600), AMPLE);
    for _ in 0..5 {
        answered(&mut client).await;
    }
    assert_eq!(script.lookups.load(SeqCst), 1);
}

#[tokio::test]
async fn the_first_address_that_takes_the_connection_is_used() {
    let (first, second) = two_daemons().await;
    let port = first.address.port();
    drop(first);
    let script = Arc::new(Script::default());
    script.say(Says::Addresses(vec![FIRST, SECOND]));
    assert_eq!(answered(&mut client(port, &script, AMPLE, AMPLE)).await, second.address.ip());
}

#[tokio::test]
async fn an_address_that_swallows_connections_does_not_hide_one_that_answers() {
    for dead in [FIRST, V6] {
        let chain = Chain::new(Family::Turtlecoin, 100);
        let hole = Hole::dig(dead).await;
        let live = Server::start_at((SECOND, hole.port).into(), move |ask| chain.answer(ask)).await;
        let script = Arc::new(Script::default());
        script.say(Says::Addresses(vec![dead, SECOND]));
        let mut client = client(hole.port, &script, AMPLE, Duration::from_secs(4));
        assert_eq!(answered(&mut client).await, live.address.ip(), "{dead}");
    }
}

#[tokio::test]
async fn a_daemon_at_an_ipv6_address_is_polled() {
    let chain = Chain::new(Family::Monerod, 100);
    let server = Server::start_at((V6, 0).into(), move |ask| chain.answer(ask)).await;
    assert_eq!(answered(&mut server.client()).await, V6);
}

#[tokio::test]
async fn a_name_whose_ipv6_address_refuses_is_reached_at_the_other() {
    let chain = Chain::new(Family::Monerod, 100);
    let server = Server::start_at((FIRST, 0).into(), move |ask| chain.answer(ask)).await;
    let script = Arc::new(Script::default());
    script.say(Says::Addresses(vec![V6, FIRST]));
    assert_eq!(answered(&mut client(server.address.port(), &script, AMPLE, AMPLE)).await, FIRST);
}

#[tokio::test]
async fn at_every_reconnect_the_name_is_looked_up() {
    let (first, second) = two_daemons().await;
    let script = Arc::new(Script::default());
    script.say(Says::Addresses(vec![FIRST]));
    let mut client = client(first.address.port(), &script, Duration::from_secs(3600), AMPLE);
    answered(&mut client).await;
    script.say(Says::Addresses(vec![SECOND]));
    first.answer_with(|_| Action::Reset(vec![]));
    // The connection that was kept is replaced, and the poll goes on at the new address.
    assert_eq!(answered(&mut client).await, second.address.ip());
    assert_eq!(script.lookups.load(SeqCst), 2);
}

/// A port whose listener never accepts and takes no more: whoever connects hears nothing, as where a firewall swallows packets.
struct Hole {
    port: u16,
    _listener: TcpListener,
    _waiting: Vec<Connecting>,
}

type Connecting = Pin<Box<dyn Future<Output = io::Result<TcpStream>>>>;

impl Hole {
    async fn dig(address: IpAddr) -> Self {
        let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }.unwrap();
        socket.bind((address, 0).into()).unwrap();
        let listener = socket.listen(0).unwrap();
        let place = listener.local_addr().unwrap();
        let mut waiting: Vec<Connecting> = vec![];
        for _ in 0..5 {
            let mut connecting: Connecting = Box::pin(TcpStream::connect(place));
            // One look is enough for it to knock.
            let _ = timeout(Duration::from_millis(1), &mut connecting).await;
            waiting.push(connecting);
        }
        Self { port: place.port(), _listener: listener, _waiting: waiting }
    }
}

#[tokio::test]
async fn what_is_no_host_name_is_a_failure_and_no_panic() {
    for host in ["", "two words", "node.example/info", "\u{0}", "fe80::1%eth0"] {
        let failure = Client::new(plain(host, 1), AMPLE).poll().await.unwrap_err();
        assert!(matches!(failure.kind, FailureKind::Dns | FailureKind::Refused), "{host:?}: {failure}");
    }
}

#[tokio::test]
async fn a_move_is_told_to_the_listener_of_the_engine_once() {
    let (first, second) = two_daemons().await;
    let port = first.address.port();
    let script = Arc::new(Script::default());
    script.say(Says::Addresses(vec![FIRST]));
    let config = format!(
        r#"{{ "daemon": {{ "host": "node.example", "port": {port} }}, "multiDaemon": {{ "enabled": true, "pollingInterval": 10,
            "daemons": [{{ "host": "127.0.0.1", "port": {port} }}] }} }}"#
    );
    let names = script.clone();
    let connect = move |daemon: &DaemonConfig, _: &Rules| {
        Client::with_lookup(daemon.endpoint.clone(), AMPLE, names.clone(), Duration::ZERO)
    };
    let said = Arc::new(Mutex::new(vec![]));
    let heard = said.clone();
    let listener = move |changes: &[Change]| {
        let logs = changes.iter().filter_map(|change| match change {
            Change::Log { severity, text } => Some(format!("{severity}: {text}")),
            _ => None,
        });
        heard.lock().extend(logs);
    };
    let engine = Engine::start(Config::from_json(&config).unwrap(), connect, listener).unwrap();
    until(|| engine.status().daemons[0].height.is_some()).await;
    assert_eq!(*said.lock(), [""; 0]);
    script.say(Says::Addresses(vec![SECOND]));
    until(|| second.connections() > 0).await;
    let polls = engine.status().polls;
    until(|| engine.status().polls > polls + 20).await;
    assert_eq!(*said.lock(), [format!("info: node.example:{port} has moved to another address; connecting there")]);
}
