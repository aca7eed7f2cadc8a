//! What polls out of turn are for: verdicts that rest on views of one moment. The core that ships, on virtual time.

#![allow(clippy::unwrap_used, reason = "in a test, a panic is the report")]

mod views;

use std::time::Duration;

use turtle_pool_multi_daemon::{
    config::Config,
    consensus::{
        moment::Moment,
        observation::{Failure, FailureKind},
    },
    core::{Command, Core, Input, News},
    endpoint::{DaemonId, Endpoint},
    routing::{Learnt, Who},
    status::Status,
};

#[test]
fn nobody_lags_by_a_view_from_before_the_blocks_came() {
    let mut pool = Pool::settled();
    assert_eq!(pool.wait_until(5.0), [P, A, B, C]);
    for daemon in [P, B, C] {
        pool.answer(daemon, 100);
    }
    // It is slow, and the blocks come meanwhile.
    pool.wait_until(6.9);
    assert_eq!(pool.answer(A, 104), [P, B, C]);
    pool.answer(B, 104);
    assert_eq!(state(&pool.status(), P), ("healthy", None));
    pool.answer(C, 104);
    pool.answer(P, 104);
    assert_eq!(state(&pool.status(), P), ("healthy", None));
}

#[test]
fn who_does_not_have_the_blocks_even_then_lags() {
    let mut pool = Pool::settled();
    pool.wait_until(5.0);
    for daemon in [P, B, C] {
        pool.answer(daemon, 100);
    }
    pool.wait_until(6.9);
    assert_eq!(pool.answer(A, 104), [P, B, C]);
    pool.answer(B, 104);
    pool.answer(C, 104);
    pool.answer(P, 100);
    assert_eq!(state(&pool.status(), P), ("unhealthy", Some("lagging")));
}

#[test]
fn of_two_that_die_together_neither_is_used() {
    let mut pool = Pool::settled();
    assert_eq!(pool.learn(Learnt::Suspect(pool.who("primary"))), [P]);
    assert_eq!(pool.fail(P), [A, B, C]);
    pool.fail(A);
    assert_eq!(pool.wait_until(2.25), [P, A]);
    pool.fail(P);
    let status = pool.status();
    assert_eq!((status.current.host.as_str(), status.switches.len()), ("b", 1));
}

#[test]
fn a_daemon_whose_second_try_is_good_may_be_used() {
    let mut pool = Pool::settled();
    assert_eq!(pool.learn(Learnt::Suspect(pool.who("a"))), [A]);
    assert_eq!(pool.fail(A), [P, B, C]);
    assert_eq!(pool.wait_until(2.25), [A]);
    pool.answer(A, 100);
    pool.fail(P);
    assert_eq!(pool.wait_until(2.5), [P]);
    pool.fail(P);
    assert_eq!(pool.status().current.host, "a");
}

#[test]
fn however_many_requests_show_a_daemon_failing_it_is_polled_for_that_once_a_second() {
    let mut pool = Pool::settled();
    let (a, b) = (pool.who("a"), pool.who("b"));
    let (start, mut polls) = (pool.now, vec![]);
    for hundredth in 0..500 {
        // From several processes, that is at the same time.
        for lesson in [Learnt::Failed(a.clone()), Learnt::Suspect(a.clone()), Learnt::Failed(a.clone())] {
            let tried = pool.learn(lesson);
            // The first failure of a daemon has the others polled as well.
            tried.iter().for_each(|daemon| drop(pool.answer(*daemon, 100)));
            polls.extend(tried.contains(&A).then_some(hundredth));
        }
        if hundredth == 250 {
            // Each daemon has a second of its own.
            assert!(pool.learn(Learnt::Failed(b.clone())).contains(&B));
            pool.answer(B, 100);
        }
        let until = start + Duration::from_millis(10) * (hundredth + 1);
        // Those in turn, or called because another one failed.
        let tried = pool.wait_until(until.as_secs_f64());
        tried.into_iter().for_each(|daemon| drop(pool.answer(daemon, 100)));
    }
    assert_eq!(polls, [0, 100, 200, 300, 400]);
}

#[test]
fn what_requests_show_of_a_daemon_that_is_not_watched_leads_to_nothing() {
    let mut pool = Pool::settled();
    let nobody = pool.who("nobody");
    assert_eq!(pool.learn(Learnt::Failed(nobody)), []);
}

const P: DaemonId = DaemonId::PRIMARY;
const A: DaemonId = DaemonId(1);
const B: DaemonId = DaemonId(2);
const C: DaemonId = DaemonId(3);

/// Four daemons on one chain.
struct Pool {
    core: Core,
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
        let mut pool = Self { core: Core::new(&config.unwrap(), Moment { elapsed: now, unix: now }), now };
        assert_eq!(pool.tries(), [P, A, B, C]);
        for daemon in [P, A, B, C] {
            assert_eq!(pool.answer(daemon, 100), []);
        }
        assert_eq!(pool.status().healthy, 4);
        // Long enough after it for a view to be of another moment.
        assert_eq!(pool.wait_until(2.0), []);
        pool
    }

    /// Lets time pass, and gives the daemons that are tried meanwhile.
    fn wait_until(&mut self, seconds: f64) -> Vec<DaemonId> {
        let (end, mut tried) = (Duration::from_secs_f64(seconds), vec![]);
        while let Some(next) = self.core.next_deadline().filter(|next| *next <= end) {
            self.now = next.max(self.now);
            tried.extend(self.tries());
        }
        self.now = end;
        tried
    }

    fn who(&self, host: &str) -> Who {
        Who::new(Endpoint { host: host.into(), port: 1, tls: false })
    }

    fn status(&self) -> Status {
        self.core.snapshot()
    }

    /// The daemons that are tried then.
    fn learn(&mut self, lesson: Learnt) -> Vec<DaemonId> {
        self.take_in(Input::Learnt(lesson))
    }

    fn answer(&mut self, daemon: DaemonId, height: u64) -> Vec<DaemonId> {
        self.take_in(Input::News(daemon, News::Tried(Ok(views::at_height(height, Duration::from_millis(1))))))
    }

    fn fail(&mut self, daemon: DaemonId) -> Vec<DaemonId> {
        let failure = Failure { kind: FailureKind::Refused, detail: "connection refused".into() };
        self.take_in(Input::News(daemon, News::Tried(Err(failure))))
    }

    fn take_in(&mut self, input: Input) -> Vec<DaemonId> {
        let now = self.moment();
        self.core.handle(now, input);
        self.tries()
    }

    fn tries(&mut self) -> Vec<DaemonId> {
        let now = self.moment();
        self.core.judge(now);
        let tries = self.core.commands(now).into_iter().filter_map(|command| match command {
            Command::Try(daemon, _) => Some(daemon),
            _ => None,
        });
        tries.collect()
    }

    fn moment(&self) -> Moment {
        Moment { elapsed: self.now, unix: self.now }
    }
}

fn state(status: &Status, daemon: DaemonId) -> (&'static str, Option<&'static str>) {
    let daemon = &status.daemons[daemon.0];
    (daemon.state, daemon.reason.as_ref().map(|reason| reason.code))
}
