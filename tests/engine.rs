//! The engine with probes in memory: what runs beside each other, what is restarted, what ends.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{
    collections::HashMap,
    future::{self, Future},
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
        mpsc::{Receiver, channel},
    },
    time::Duration,
};

use turtle_pool_multi_daemon::{
    config::{Config, DaemonConfig},
    consensus::{
        block::{BlockHash, Height},
        observation::{Block, Failure, FailureKind, Observation, View, Window},
    },
    engine::Engine,
    poller::Probe,
    status::Change,
};

#[test]
fn a_poller_that_panics_is_restarted_and_reported() {
    let daemons = Daemons::default();
    daemons.set("primary", Behaviour::PanicsOnce);
    let (_engine, changes) = start(&daemons);
    let warning = wait_for(&changes, |change| matches!(change, Change::Warning { text } if text.contains("panicked")));
    let Change::Warning { text } = warning else { unreachable!() };
    assert_eq!(text, "polling primary:1 panicked; restarted");
    wait_for(&changes, |change| is_state(change, "primary", "healthy"));
}

#[test]
fn a_panic_while_deciding_keeps_the_choice_and_goes_on() {
    let daemons = Daemons::default();
    let armed = Arc::new(AtomicBool::new(false));
    let trap = armed.clone();
    let (sender, changes) = channel();
    let listener = move |news: &[Change]| {
        let bad_news = news.iter().any(|change| matches!(change, Change::Daemon { .. }));
        assert!(!(bad_news && trap.swap(false, Ordering::SeqCst)), "the trap that this test sets");
        news.iter().for_each(|change| sender.send(change.clone()).unwrap_or_default());
    };
    let engine = Engine::start(config(), daemons.connect(), listener).unwrap();
    wait_for(&changes, |change| matches!(change, Change::Ready { .. }));
    daemons.set("primary", Behaviour::Refuses);
    let Change::Switch { switch } = wait_for(&changes, |change| matches!(change, Change::Switch { .. })) else {
        unreachable!()
    };
    armed.store(true, Ordering::SeqCst);
    daemons.set("c", Behaviour::Refuses);
    wait_for(&changes, |change| matches!(change, Change::Warning { text } if text.contains("judging panicked")));
    assert_eq!((engine.current(), engine.status().epoch), (switch.to.clone(), switch.epoch));
    daemons.set("c", Behaviour::Answers);
    wait_for(&changes, |change| is_state(change, "c", "healthy"));
    assert_eq!(engine.current(), switch.to);
    assert_eq!(engine.status().switches.len(), 1);
}

#[test]
fn a_daemon_that_never_answers_delays_no_other() {
    let daemons = Daemons::default();
    daemons.set("primary", Behaviour::Hangs);
    let (_engine, changes) = start(&daemons);
    daemons.wait_for_polls("c", 5);
    assert_eq!(daemons.polls("primary"), 1);
    drop(changes);
}

#[test]
fn a_refresh_ends_when_every_daemon_was_polled_since() {
    let daemons = Daemons::default();
    let (engine, changes) = start_with(config_with_interval(3_600_000), &daemons);
    wait_for(&changes, |change| matches!(change, Change::Ready { .. }));
    engine.refresh(7);
    let refreshed = wait_for(&changes, |change| matches!(change, Change::Refreshed { .. }));
    let Change::Refreshed { request, status } = refreshed else { unreachable!() };
    assert_eq!((request, status.polls), (7, 10));
}

#[test]
fn a_suspected_daemon_is_polled_at_once() {
    let daemons = Daemons::default();
    let (engine, changes) = start_with(config_with_interval(3_600_000), &daemons);
    wait_for(&changes, |change| matches!(change, Change::Ready { .. }));
    daemons.set("b", Behaviour::Refuses);
    engine.suspect("b", 1);
    engine.suspect("nobody", 1);
    wait_for(&changes, |change| is_state(change, "b", "unresponsive"));
    // One suspicion and one failed try make two.
    assert_eq!(daemons.polls("b"), 2);
}

#[test]
fn when_one_fails_the_others_are_polled_too() {
    let daemons = Daemons::default();
    let (engine, changes) = start_with(config_with_interval(3_600_000), &daemons);
    wait_for(&changes, |change| matches!(change, Change::Ready { .. }));
    daemons.set("b", Behaviour::Refuses);
    engine.suspect("b", 1);
    ["primary", "a", "c", "d"].iter().for_each(|host| daemons.wait_for_polls(host, 2));
}

#[test]
fn a_suspected_daemon_that_answers_stays_healthy() {
    let daemons = Daemons::default();
    let (engine, changes) = start_with(config_with_interval(3_600_000), &daemons);
    wait_for(&changes, |change| matches!(change, Change::Ready { .. }));
    engine.suspect("b", 1);
    daemons.wait_for_polls("b", 2);
    engine.refresh(1);
    let refreshed = wait_for(&changes, |change| matches!(change, Change::Refreshed { .. }));
    let Change::Refreshed { status, .. } = refreshed else { unreachable!() };
    assert!(status.daemons.iter().all(|daemon| daemon.state == "healthy" && daemon.consecutive_failures == 0));
}

#[test]
fn after_stop_nothing_is_polled_and_the_last_choice_stays() {
    let daemons = Daemons::default();
    let (engine, changes) = start(&daemons);
    wait_for(&changes, |change| matches!(change, Change::Ready { .. }));
    engine.stop();
    engine.stop();
    // The tasks hold the listener, and with it the sender: once both are gone, so are they.
    wait_until_closed(&changes);
    let polls = daemons.polls("a");
    assert_eq!(engine.current().host, "primary");
    assert_eq!(daemons.polls("a"), polls);
}

#[test]
fn the_generation_moves_after_the_new_daemon_can_be_read() {
    let daemons = Daemons::default();
    let (engine, changes) = start(&daemons);
    wait_for(&changes, |change| matches!(change, Change::Ready { .. }));
    let generation = engine.generation();
    assert_eq!(generation.load(Ordering::Acquire), 0);
    daemons.set("primary", Behaviour::Refuses);
    while generation.load(Ordering::Acquire) == 0 {
        std::thread::yield_now();
    }
    assert_eq!(engine.current().host, "a");
}

#[test]
fn an_order_has_happened_when_it_returns_and_its_end_needs_no_poll() {
    let daemons = Daemons::default();
    let (engine, changes) = start_with(config_with_interval(3_600_000), &daemons);
    wait_for(&changes, |change| matches!(change, Change::Ready { .. }));
    let generation = engine.generation();
    assert!(engine.pin("c", 1, Duration::from_millis(300)));
    assert_eq!((engine.current().host.as_str(), generation.load(Ordering::Acquire)), ("c", 1));
    assert!(engine.drain("primary", 1, true));
    assert_eq!(engine.status().daemons[0].state, "unhealthy");
    let ended = wait_for(&changes, |change| matches!(change, Change::Switch { switch } if switch.code == "unpinned"));
    let Change::Switch { switch } = ended else { unreachable!() };
    assert_eq!((switch.to.host.as_str(), engine.status().polls), ("a", 5));
}

#[test]
fn orders_hold_before_the_first_round_has_ended() {
    let daemons = Daemons::default();
    daemons.set("d", Behaviour::Hangs);
    let (engine, _changes) = start(&daemons);
    assert!(engine.pin("b", 1, Duration::from_secs(60)));
    assert_eq!(engine.current().host, "b");
    engine.unpin();
    assert_eq!(engine.current().host, "primary");
}

#[test]
fn orders_for_what_is_not_watched_or_after_stop_change_nothing() {
    let daemons = Daemons::default();
    let (engine, changes) = start(&daemons);
    wait_for(&changes, |change| matches!(change, Change::Ready { .. }));
    assert!(!engine.pin("nobody", 1, Duration::from_secs(60)) && !engine.drain("a", 2, true));
    engine.stop();
    assert!(!engine.pin("a", 1, Duration::from_secs(60)) && !engine.drain("a", 1, true));
    engine.unpin();
    engine.refresh(1);
    engine.suspect("a", 1);
    assert_eq!((engine.current().host.as_str(), engine.status().pin.is_none()), ("primary", true));
}

#[test]
fn a_panic_while_obeying_keeps_the_order() {
    let daemons = Daemons::default();
    let armed = Arc::new(AtomicBool::new(true));
    let (sender, changes) = channel();
    let listener = move |news: &[Change]| {
        let pinned = news.iter().any(|change| matches!(change, Change::Pin { .. }));
        assert!(!(pinned && armed.swap(false, Ordering::SeqCst)), "the trap that this test sets");
        news.iter().for_each(|change| sender.send(change.clone()).unwrap_or_default());
    };
    let engine = Engine::start(config(), daemons.connect(), listener).unwrap();
    wait_for(&changes, |change| matches!(change, Change::Ready { .. }));
    assert!(engine.drain("c", 1, true) && engine.pin("b", 1, Duration::from_secs(60)));
    wait_for(&changes, |change| matches!(change, Change::Warning { text } if text.contains("judging panicked")));
    wait_for(&changes, |change| is_state(change, "a", "healthy"));
    let status = engine.status();
    assert_eq!((status.current.host.as_str(), status.pin.is_some(), status.daemons[3].drained), ("b", true, true));
}

#[derive(Clone, Copy, PartialEq)]
enum Behaviour {
    Answers,
    Refuses,
    Hangs,
    PanicsOnce,
}

/// What the daemons do, by host, and how often they were polled.
#[derive(Clone, Default)]
struct Daemons {
    behaviours: Arc<Mutex<HashMap<String, Behaviour>>>,
    polls: Arc<Mutex<HashMap<String, usize>>>,
    panics: Arc<AtomicUsize>,
}

impl Daemons {
    fn set(&self, host: &str, behaviour: Behaviour) {
        self.behaviours.lock().unwrap().insert(host.into(), behaviour);
    }

    fn polls(&self, host: &str) -> usize {
        self.polls.lock().unwrap().get(host).copied().unwrap_or(0)
    }

    fn wait_for_polls(&self, host: &str, count: usize) {
        while self.polls(host) < count {
            std::thread::yield_now();
        }
    }

    fn connect(&self) -> impl Fn(&DaemonConfig) -> FakeDaemon + Send + Sync + 'static {
        let daemons = self.clone();
        move |daemon| FakeDaemon { host: daemon.endpoint.host.clone(), daemons: daemons.clone() }
    }
}

struct FakeDaemon {
    host: String,
    daemons: Daemons,
}

impl Probe for FakeDaemon {
    fn poll(&mut self) -> impl Future<Output = Result<Observation, Failure>> + Send {
        *self.daemons.polls.lock().unwrap().entry(self.host.clone()).or_default() += 1;
        let behaviour = self.daemons.behaviours.lock().unwrap().get(&self.host).copied();
        let panics = &self.daemons.panics;
        let panic = behaviour == Some(Behaviour::PanicsOnce) && panics.fetch_add(1, Ordering::SeqCst) == 0;
        async move {
            assert!(!panic, "the panic that this test provokes");
            match behaviour {
                Some(Behaviour::Hangs) => future::pending().await,
                Some(Behaviour::Refuses) => {
                    Err(Failure { kind: FailureKind::Refused, detail: "connection refused".into() })
                }
                _ => Ok(observation()),
            }
        }
    }
}

fn observation() -> Observation {
    let blocks = (0..4).map(|depth| Block { hash: BlockHash::new([depth; 32]), difficulty: Some(1) }).collect();
    let window = Window {
        genesis: Some(BlockHash::new([99; 32])),
        height: Height::new(100).unwrap(),
        blocks,
        timestamp: Duration::ZERO,
    };
    Observation {
        view: View::Chain(window),
        network_height: None,
        incoming: None,
        outgoing: None,
        json_rpc: true,
        version: None,
        address: None::<SocketAddr>,
        latency: Duration::from_millis(1),
    }
}

fn config() -> Config {
    config_with_interval(20)
}

fn config_with_interval(milliseconds: u64) -> Config {
    let json = format!(
        r#"{{ "daemon": {{ "host": "primary", "port": 1 }},
              "multiDaemon": {{ "enabled": true, "pollingInterval": {milliseconds}, "timeout": 1000,
                "daemons": [{{ "host": "a", "port": 1 }}, {{ "host": "b", "port": 1 }}, {{ "host": "c", "port": 1 }},
                            {{ "host": "d", "port": 1 }}] }} }}"#
    );
    Config::from_json(&json).unwrap()
}

fn start(daemons: &Daemons) -> (Engine, Receiver<Change>) {
    start_with(config(), daemons)
}

fn start_with(config: Config, daemons: &Daemons) -> (Engine, Receiver<Change>) {
    let (sender, changes) = channel();
    let listener =
        move |news: &[Change]| news.iter().for_each(|change| sender.send(change.clone()).unwrap_or_default());
    (Engine::start(config, daemons.connect(), listener).unwrap(), changes)
}

fn wait_for(changes: &Receiver<Change>, wanted: impl Fn(&Change) -> bool) -> Change {
    loop {
        let change = changes.recv_timeout(LIMIT).expect("the change did not come in time");
        if wanted(&change) {
            return change;
        }
    }
}

fn wait_until_closed(changes: &Receiver<Change>) {
    while changes.recv_timeout(LIMIT).is_ok() {}
    let closed = changes.recv_timeout(Duration::ZERO);
    assert!(matches!(closed, Err(std::sync::mpsc::RecvTimeoutError::Disconnected)), "tasks are still running");
}

fn is_state(change: &Change, host: &str, state: &str) -> bool {
    matches!(change, Change::Daemon { daemon, .. } if daemon.endpoint.host == host && daemon.state == state)
}

/// Far more than anything here takes, on any machine.
const LIMIT: Duration = Duration::from_secs(20);
