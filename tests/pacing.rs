//! What polls out of turn are for: verdicts that rest on views of one moment. The decider that ships, on virtual time.

#![allow(clippy::unwrap_used, reason = "in a test, a panic is the report")]

use std::time::Duration;

use turtle_pool_multi_daemon::{
    config::Config,
    consensus::{
        block::{BlockHash, Height},
        moment::Moment,
        observation::{Block, Failure, FailureKind, Family, Observation, Report, View, Window},
    },
    core::{Decider, Lesson},
    endpoint::{DaemonId, Endpoint},
    routing::{Learnt, Who},
    status::Status,
};

#[test]
fn nobody_lags_by_a_view_from_before_the_blocks_came() {
    let mut pool = Pool::settled();
    pool.wait(5.0);
    pool.poll(P, 100);
    pool.poll(C, 100);
    pool.wait(2.0);
    pool.poll(A, 104);
    assert_eq!(pool.due(), [P, B, C]);
    let status = pool.poll(B, 104);
    assert_eq!(state(&status, P), ("healthy", None));
    pool.poll(C, 104);
    assert_eq!(state(&pool.poll(P, 104), P), ("healthy", None));
}

#[test]
fn who_does_not_have_the_blocks_even_then_lags() {
    let mut pool = Pool::settled();
    pool.wait(2.0);
    pool.poll(A, 104);
    assert_eq!(pool.due(), [P, B, C]);
    pool.poll(B, 104);
    pool.poll(C, 104);
    assert_eq!(state(&pool.poll(P, 100), P), ("unhealthy", Some("lagging")));
}

#[test]
fn of_two_that_die_together_neither_is_used() {
    let mut pool = Pool::settled();
    pool.wait(2.0);
    pool.first_try_fails(P);
    assert_eq!(pool.due(), [A, B, C]);
    pool.first_try_fails(A);
    pool.wait(0.25);
    let status = pool.fail(P);
    assert_eq!((status.current.host.as_str(), status.switches.len()), ("b", 1));
}

#[test]
fn a_daemon_whose_second_try_is_good_may_be_used() {
    let mut pool = Pool::settled();
    pool.wait(2.0);
    pool.first_try_fails(A);
    pool.wait(0.25);
    pool.end(A, 100);
    pool.first_try_fails(P);
    assert_eq!(pool.fail(P).current.host, "a");
}

#[test]
fn however_many_requests_show_a_daemon_failing_it_is_polled_for_that_once_a_second() {
    let mut pool = Pool::settled();
    let (a, b) = (pool.who("a"), pool.who("b"));
    let mut polls = vec![];
    for hundredth in 0..500 {
        // From several processes, that is at the same time.
        for lesson in [Learnt::Failed(a.clone()), Learnt::Slow(a.clone()), Learnt::Failed(a.clone())] {
            polls.extend(pool.learn(&lesson).map(|(daemon, _)| (hundredth, daemon)));
        }
        if hundredth == 250 {
            // Each daemon has a second of its own.
            assert_eq!(pool.learn(&Learnt::Failed(b.clone())), Some((B, Lesson::Failed)));
        }
        pool.wait(0.01);
    }
    assert_eq!(polls, [(0, A), (100, A), (200, A), (300, A), (400, A)]);
}

#[test]
fn what_requests_show_of_a_daemon_that_is_not_watched_leads_to_nothing() {
    let mut pool = Pool::settled();
    let nobody = pool.who("nobody");
    assert_eq!(pool.learn(&Learnt::Failed(nobody)), None);
}

const P: DaemonId = DaemonId::PRIMARY;
const A: DaemonId = DaemonId(1);
const B: DaemonId = DaemonId(2);
const C: DaemonId = DaemonId(3);

/// Four daemons on one chain.
struct Pool {
    decider: Decider,
    now: Duration,
}

impl Pool {
    /// All have been polled once, at height 100.
    fn settled() -> Self {
        let config = Config::from_json(
            r#"{ "daemon": { "host": "primary", "port": 1 },
                 "multiDaemon": { "enabled": true, "daemons": [{ "host": "a", "port": 1 }, { "host": "b", "port": 1 },
                                                               { "host": "c", "port": 1 }] } }"#,
        );
        let now = Duration::ZERO;
        let mut pool = Self { decider: Decider::new(&config.unwrap(), Moment { elapsed: now, unix: now }), now };
        let statuses = [P, A, B, C].map(|daemon| pool.poll(daemon, 100));
        assert_eq!(statuses[3].healthy, 4);
        pool
    }

    fn wait(&mut self, seconds: f64) {
        self.now += Duration::from_secs_f64(seconds);
    }

    fn who(&self, host: &str) -> Who {
        Who::new(Endpoint { host: host.into(), port: 1, tls: false })
    }

    fn learn(&mut self, lesson: &Learnt) -> Option<(DaemonId, Lesson)> {
        self.decider.learn(self.moment(), lesson)
    }

    fn moment(&self) -> Moment {
        Moment { elapsed: self.now, unix: self.now }
    }

    fn poll(&mut self, daemon: DaemonId, height: u64) -> Status {
        self.decider.begin(self.moment(), daemon);
        self.end(daemon, height)
    }

    fn end(&mut self, daemon: DaemonId, height: u64) -> Status {
        self.decider.record(self.moment(), daemon, Report::Answered(showing(height)));
        self.decider.decide(self.moment())
    }

    fn first_try_fails(&mut self, daemon: DaemonId) {
        self.decider.begin(self.moment(), daemon);
        self.decider.stumble(self.moment(), daemon);
    }

    fn fail(&mut self, daemon: DaemonId) -> Status {
        let failure = Failure { kind: FailureKind::Refused, detail: "connection refused".into() };
        self.decider.record(self.moment(), daemon, Report::Failed { tries: 2, failure });
        self.decider.decide(self.moment())
    }

    fn due(&mut self) -> Vec<DaemonId> {
        self.decider.due(self.moment())
    }
}

fn state(status: &Status, daemon: DaemonId) -> (&'static str, Option<&'static str>) {
    let daemon = &status.daemons[daemon.0];
    (daemon.state, daemon.reason.as_ref().map(|reason| reason.code))
}

fn showing(height: u64) -> Observation {
    let hash = |depth: u64| {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&(height - depth).to_be_bytes());
        BlockHash::new(bytes)
    };
    let blocks = (0..8).map(|depth| Block { hash: hash(depth), difficulty: Some(1) }).collect();
    let window = Window {
        genesis: Some(BlockHash::new([0; 32])),
        height: Height::new(height).unwrap(),
        blocks,
        timestamp: Duration::ZERO,
    };
    Observation {
        view: View::Chain(window),
        network_height: None,
        incoming: None,
        outgoing: None,
        upgrade: None,
        family: Family::Turtlecoin,
        json_rpc: true,
        version: None,
        address: None,
        latency: Duration::from_millis(1),
    }
}
