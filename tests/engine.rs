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
        observation::{Block, Failure, FailureKind, Observation, Software, View, Window},
        rules::Rules,
    },
    core::Look,
    engine::Engine,
    engine::poll::Probe,
    status::Change,
};

#[test]
fn a_poller_that_panics_is_restarted_and_reported() {
    let daemons = Daemons::default();
    daemons.set("primary", Behaviour::PanicsOnce);
    let (_engine, changes) = start(&daemons);
    let warning = wait_for(&changes, |change| matches!(change, Change::Warning { text } if text.contains("panicked")));
    let Change::Warning { text } = warning else { unreachable!() };
    assert_eq!(text, "polling primary:1 panicked (an error in the addon), and was started again");
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
fn a_daemon_far_behind_is_linked_by_a_question_beside_the_polls() {
    let daemons = Daemons::default();
    daemons.set("b", Behaviour::IsBehind(500));
    let (engine, changes) = start(&daemons);
    wait_for(&changes, |change| is_code(change, "b", "lagging"));
    let lag = engine.status().daemons.iter().find(|daemon| daemon.endpoint.host == "b").and_then(|daemon| daemon.lag);
    assert_eq!(lag, Some(500));
    let asked = daemons.asked.lock().unwrap().clone();
    assert_eq!(asked.iter().map(|(_, height)| *height).collect::<Vec<_>>(), [TIP - 500]);
}

#[test]
fn a_question_that_is_never_answered_delays_neither_polls_nor_verdicts() {
    let daemons = Daemons::default();
    daemons.set("b", Behaviour::IsBehind(500));
    daemons.never_answer();
    let (_engine, changes) = start(&daemons);
    daemons.wait_for_questions(1);
    let (asked, _) = daemons.asked.lock().unwrap()[0].clone();
    let polls = daemons.polls(&asked);
    daemons.wait_for_polls(&asked, polls + 5);
    daemons.set("c", Behaviour::Refuses);
    wait_for(&changes, |change| is_state(change, "c", "unresponsive"));
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
    // No daemon's state need change: the next batch may hold everybody's word.
    engine.refresh(1);
    wait_for(&changes, |change| matches!(change, Change::Refreshed { request: 1, .. }));
    let status = engine.status();
    assert!(status.daemons.iter().filter(|daemon| !daemon.drained).all(|daemon| daemon.state == "healthy"));
    assert_eq!((status.current.host.as_str(), status.pin.is_some(), status.daemons[3].drained), ("b", true, true));
}

#[test]
fn figures_tell_what_snapshots_leave_out() {
    let daemons = Daemons::default();
    let (engine, changes) = start_with(config_with_interval(3_600_000), &daemons);
    wait_for(&changes, |change| matches!(change, Change::Ready { .. }));
    daemons.set("primary", Behaviour::Refuses);
    engine.refresh(1);
    wait_for(&changes, |change| matches!(change, Change::Refreshed { .. }));
    let figures = engine.figures().unwrap();
    assert_eq!((figures.min_healthy, figures.block_target), (3, 30_000));
    assert_eq!(figures.switches.into_iter().collect::<Vec<_>>(), [("refused", 1)]);
    // The tip's own time stamp is 1970: that is how old the head is, and not as old as the engine.
    assert!(figures.head_age > Some(Duration::from_secs(50 * 365 * 86_400).as_millis() as u64));
    let primary = &figures.daemons[0];
    let shown: Vec<_> = (0..4).map(|depth| hash(TIP - depth)).collect();
    assert_eq!((primary.failed, primary.time, &primary.blocks), (1, 1.0, &shown));
    let counts: Vec<_> = primary.answered.iter().map(|range| (range.most, range.count)).collect();
    assert_eq!((counts.len(), counts[0], counts[1], counts[11]), (12, (Some(1.0), 1), (Some(2.0), 0), (None, 0)));
    engine.stop();
    assert!(engine.figures().is_none());
}

#[test]
fn with_another_configuration_pollers_of_daemons_that_stay_go_on_undisturbed() {
    let daemons = Daemons::default();
    let (engine, changes) = start_with(config_with_interval(3_600_000), &daemons);
    wait_for(&changes, |change| matches!(change, Change::Ready { .. }));
    engine.reconfigure(config_of(&["d", "primary", "b", "e"], 3_600_000));
    let status = engine.status();
    let order: Vec<_> = status.daemons.iter().map(|daemon| daemon.endpoint.host.as_str()).collect();
    assert_eq!((order, status.polls), (vec!["d", "primary", "b", "e"], 5));
    wait_for(&changes, |change| is_state(change, "e", "healthy"));
    engine.refresh(1);
    let refreshed = wait_for(&changes, |change| matches!(change, Change::Refreshed { .. }));
    let Change::Refreshed { status, .. } = refreshed else { unreachable!() };
    assert!(status.daemons.iter().all(|daemon| daemon.state == "healthy"));
    let hosts = ["primary", "a", "b", "c", "d", "e"];
    assert_eq!(hosts.map(|host| daemons.polls(host)), [2, 1, 2, 1, 2, 2]);
    // One for the polls; what asks questions beside them is made with the first question.
    assert_eq!(hosts.map(|host| daemons.connects(host)), [1; 6]);
}

#[test]
fn another_interval_counts_at_once() {
    let daemons = Daemons::default();
    let (engine, changes) = start_with(config_with_interval(3_600_000), &daemons);
    wait_for(&changes, |change| matches!(change, Change::Ready { .. }));
    engine.reconfigure(config());
    daemons.wait_for_polls("d", 4);
    daemons.set("primary", Behaviour::Refuses);
    wait_for(&changes, |change| is_state(change, "primary", "unresponsive"));
}

/// By that a daemon that limits requests is spared.
#[test]
fn after_another_interval_pollers_know_how_long_a_view_counts() {
    let daemons = Daemons::default();
    let (engine, changes) = start_with(config_with_interval(3_600_000), &daemons);
    wait_for(&changes, |change| matches!(change, Change::Ready { .. }));
    let hosts = ["primary", "a", "b", "c", "d"];
    assert_eq!(hosts.map(|host| daemons.freshness(host)), [Duration::from_secs(3603); 5]);
    engine.reconfigure(config_with_interval(1_800_000));
    engine.refresh(1);
    wait_for(&changes, |change| matches!(change, Change::Refreshed { .. }));
    assert_eq!(hosts.map(|host| daemons.freshness(host)), [Duration::from_secs(1803); 5]);
    assert!(engine.status().daemons.iter().all(|daemon| daemon.state == "healthy"));
}

#[test]
fn a_refresh_does_not_wait_for_a_daemon_that_is_gone() {
    let daemons = Daemons::default();
    let (engine, changes) = start_with(config_with_interval(3_600_000), &daemons);
    wait_for(&changes, |change| matches!(change, Change::Ready { .. }));
    daemons.set("c", Behaviour::Hangs);
    engine.refresh(3);
    daemons.wait_for_polls("c", 2);
    engine.reconfigure(config_of(&["primary", "a", "b", "d"], 3_600_000));
    let refreshed = wait_for(&changes, |change| matches!(change, Change::Refreshed { .. }));
    assert!(matches!(refreshed, Change::Refreshed { request: 3, .. }));
}

#[test]
fn a_panic_while_deciding_after_another_configuration_goes_on_with_that_one() {
    let daemons = Daemons::default();
    let armed = Arc::new(AtomicBool::new(true));
    let (sender, changes) = channel();
    let listener = move |news: &[Change]| {
        let switched = news.iter().any(|change| matches!(change, Change::Switch { .. }));
        assert!(!(switched && armed.swap(false, Ordering::SeqCst)), "the trap that this test sets");
        news.iter().for_each(|change| sender.send(change.clone()).unwrap_or_default());
    };
    let engine = Engine::start(config(), daemons.connect(), listener).unwrap();
    wait_for(&changes, |change| matches!(change, Change::Ready { .. }));
    engine.reconfigure(config_of(&["d", "a", "b", "e"], 20));
    wait_for(&changes, |change| matches!(change, Change::Warning { text } if text.contains("judging panicked")));
    wait_for(&changes, |change| is_state(change, "e", "healthy"));
    let status = engine.status();
    assert_eq!((status.current.host.as_str(), status.switches[0].code), ("d", "reconfigured"));
}

#[derive(Clone, Copy, PartialEq)]
enum Behaviour {
    Answers,
    Refuses,
    Hangs,
    PanicsOnce,
    /// On the same chain, but so many blocks behind.
    IsBehind(u64),
}

/// What the daemons do, by host, and how often they were polled.
#[derive(Clone, Default)]
struct Daemons {
    behaviours: Arc<Mutex<HashMap<String, Behaviour>>>,
    polls: Arc<Mutex<HashMap<String, usize>>>,
    connects: Arc<Mutex<HashMap<String, usize>>>,
    /// How long a view counts, as the one who polled last was told.
    freshness: Arc<Mutex<HashMap<String, Duration>>>,
    /// Who was asked for the block at which height.
    asked: Arc<Mutex<Vec<(String, u64)>>>,
    ignores_questions: Arc<AtomicBool>,
    panics: Arc<AtomicUsize>,
}

impl Daemons {
    fn set(&self, host: &str, behaviour: Behaviour) {
        self.behaviours.lock().unwrap().insert(host.into(), behaviour);
    }

    fn polls(&self, host: &str) -> usize {
        self.polls.lock().unwrap().get(host).copied().unwrap_or(0)
    }

    fn connects(&self, host: &str) -> usize {
        self.connects.lock().unwrap().get(host).copied().unwrap_or(0)
    }

    fn freshness(&self, host: &str) -> Duration {
        self.freshness.lock().unwrap()[host]
    }

    fn wait_for_polls(&self, host: &str, count: usize) {
        while self.polls(host) < count {
            std::thread::yield_now();
        }
    }

    /// From now on questions stay open for ever.
    fn never_answer(&self) {
        self.ignores_questions.store(true, Ordering::SeqCst);
    }

    fn wait_for_questions(&self, count: usize) {
        while self.asked.lock().unwrap().len() < count {
            std::thread::yield_now();
        }
    }

    fn connect(&self) -> impl Fn(&DaemonConfig, &Rules) -> FakeDaemon + Send + Sync + 'static {
        let daemons = self.clone();
        move |daemon, rules| {
            let host = daemon.endpoint.host.clone();
            *daemons.connects.lock().unwrap().entry(host.clone()).or_default() += 1;
            FakeDaemon { host, freshness: rules.freshness(), daemons: daemons.clone() }
        }
    }
}

struct FakeDaemon {
    host: String,
    freshness: Duration,
    daemons: Daemons,
}

impl Probe for FakeDaemon {
    fn poll(&mut self, _: Look) -> impl Future<Output = Result<Observation, Failure>> + Send {
        *self.daemons.polls.lock().unwrap().entry(self.host.clone()).or_default() += 1;
        self.daemons.freshness.lock().unwrap().insert(self.host.clone(), self.freshness);
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
                Some(Behaviour::IsBehind(blocks)) => Ok(observation(TIP - blocks)),
                _ => Ok(observation(TIP)),
            }
        }
    }

    fn hash_at(&mut self, height: Height) -> impl Future<Output = Option<BlockHash>> + Send {
        self.daemons.asked.lock().unwrap().push((self.host.clone(), height.get()));
        let ignored = self.daemons.ignores_questions.load(Ordering::SeqCst);
        async move { if ignored { future::pending().await } else { Some(hash(height.get())) } }
    }
}

/// The height of the highest daemons.
const TIP: u64 = 1_000;

fn hash(height: u64) -> BlockHash {
    let mut bytes = [7; 32];
    bytes[..8].copy_from_slice(&height.to_be_bytes());
    BlockHash::new(bytes)
}

fn observation(tip: u64) -> Observation {
    let blocks = (0..4).map(|depth| Block { hash: hash(tip - depth), difficulty: Some(1) }).collect();
    let window =
        Window { genesis: Some(hash(0)), height: Height::new(tip).unwrap(), blocks, timestamp: Duration::ZERO };
    Observation {
        view: View::Chain(window),
        network_height: None,
        incoming: None,
        outgoing: None,
        software: Software::of("turtlecoin"),
        upgrade: None,
        version: None,
        address: None::<SocketAddr>,
        latency: Duration::from_millis(1),
    }
}

fn config() -> Config {
    config_with_interval(20)
}

fn config_with_interval(milliseconds: u64) -> Config {
    config_of(&["primary", "a", "b", "c", "d"], milliseconds)
}

fn config_of(hosts: &[&str], milliseconds: u64) -> Config {
    let place = |host: &&str| format!(r#"{{ "host": "{host}", "port": 1 }}"#);
    let others = hosts[1..].iter().map(place).collect::<Vec<_>>().join(", ");
    let json = format!(
        r#"{{ "daemon": {}, "multiDaemon": {{ "enabled": true, "pollingInterval": {milliseconds}, "timeout": 1000,
                "daemons": [{others}] }} }}"#,
        place(&hosts[0])
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

fn is_code(change: &Change, host: &str, code: &str) -> bool {
    matches!(change, Change::Daemon { daemon, .. } if daemon.endpoint.host == host && daemon.code() == Some(code))
}

/// Far more than anything here takes, on any machine.
const LIMIT: Duration = Duration::from_secs(20);
