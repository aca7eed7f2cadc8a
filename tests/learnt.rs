//! What is learnt of daemons, and the limits that follow: what holds whatever they do. The core that ships, on virtual time.

#![allow(clippy::unwrap_used, reason = "in a test, a panic is the report")]

mod views;

use std::time::Duration;

use proptest::{collection::vec, prelude::*};
use turtle_pool_multi_daemon::{
    config::Config,
    consensus::{
        moment::Moment,
        observation::{Failure, FailureKind},
    },
    core::{Command, Core, Input, News},
    status::{LearntStatus, Status},
};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn a_limit_is_never_above_the_configured_one_nor_below_the_floor(times in histories()) {
        let mut pool = Pool::new("abc");
        for times in times {
            pool.round(&times);
            for learnt in pool.learnt() {
                prop_assert!((FLOOR..=TIMEOUT).contains(&learnt.time_limit), "{learnt:?}");
            }
        }
    }

    #[test]
    fn a_daemon_that_is_replaced_starts_anew_and_those_that_stay_keep_what_was_learnt(times in histories()) {
        let mut pool = Pool::new("abc");
        times.iter().for_each(|times| pool.round(times));
        let [p, a, _, c] = pool.learnt();
        pool.reconfigure("cxa");
        let nothing = LearntStatus { answer_time: None, time_limit: TIMEOUT, block_delay: None };
        prop_assert_eq!(pool.learnt(), [p, c, nothing, a]);
    }
}

#[test]
fn who_shows_blocks_early_makes_nobody_late() {
    let delays = |early: u64| {
        let mut pool = Pool::new("abc");
        for _ in 0..40 {
            pool.height += 1;
            pool.ahead = early;
            pool.round(&[1; DAEMONS]);
        }
        pool.learnt().map(|learnt| learnt.block_delay)
    };
    assert_eq!(delays(0), [Some(0.0); DAEMONS]);
    assert_eq!(delays(1)[..3], [Some(0.0); 3]);
}

#[test]
fn a_daemon_that_becomes_slow_little_by_little_never_reaches_its_limit() {
    let mut pool = Pool::new("abc");
    for time in (1..1_900).step_by(10) {
        pool.round(&[1, time, 1, 1]);
        assert_eq!(pool.status().daemons[1].consecutive_failures, 0, "{time} ms");
    }
}

#[test]
fn a_daemon_that_becomes_slow_at_once_is_taken_back_as_soon_as_it_answers_in_time() {
    let mut pool = Pool::new("abc");
    (0..20).for_each(|_| pool.round(&[1; DAEMONS]));
    (0..6).for_each(|_| pool.round(&[1, 1_500, 1, 1]));
    let status = pool.status();
    assert_eq!((status.daemons[1].state, status.daemons[1].consecutive_failures), ("healthy", 0));
}

#[test]
fn a_daemon_that_loses_requests_while_the_others_answer_is_left() {
    let mut pool = Pool::new("abc");
    (0..20).for_each(|_| pool.round(&[1; DAEMONS]));
    pool.lose([1, 0, 0, 0]);
    assert_eq!(pool.codes(), [] as [&str; 0]);
    pool.lose([1, 0, 0, 0]);
    assert_eq!(pool.codes(), ["unsteady"]);
}

#[test]
fn a_moment_in_which_all_are_late_is_held_against_nobody() {
    let mut pool = Pool::new("abc");
    (0..20).for_each(|_| pool.round(&[1; DAEMONS]));
    pool.lose([1, 1, 1, 1]);
    pool.lose([1, 0, 0, 0]);
    assert_eq!(pool.codes(), [] as [&str; 0]);
}

#[test]
fn a_witness_beside_the_daemon_in_use_is_looked_at_between_its_turns() {
    let mut pool = Pool::new("abc");
    (0..20).for_each(|_| pool.round(&[1; DAEMONS]));
    pool.asked = [0; DAEMONS];
    pool.round(&[1; DAEMONS]);
    assert_eq!(pool.asked, [5, 2, 1, 1]);
    // It takes so long that looking at it once a second would be a burden; the witness is another one.
    (0..20).for_each(|_| pool.round(&[1, 500, 1, 1]));
    pool.asked = [0; DAEMONS];
    pool.round(&[1, 500, 1, 1]);
    assert_eq!(pool.asked, [5, 1, 2, 1]);
}

/// Some of them are over every limit.
fn any_time() -> impl Strategy<Value = u64> {
    prop_oneof![0_u64..100, 0_u64..3_000]
}

fn histories() -> impl Strategy<Value = Vec<[u64; DAEMONS]>> {
    vec([any_time(), any_time(), any_time(), any_time()], 12..40)
}

const DAEMONS: usize = 4;
/// In milliseconds.
const TIMEOUT: f64 = 2_000.0;
const FLOOR: f64 = 1_000.0;

/// A primary and three more, all on one chain.
struct Pool {
    core: Core,
    now: Duration,
    height: u64,
    /// How many blocks more the last one shows.
    ahead: u64,
    /// How many of the next tries get no answer.
    lost: [u32; DAEMONS],
    /// How often each was tried.
    asked: [u32; DAEMONS],
}

impl Pool {
    fn new(hosts: &str) -> Self {
        let core = Core::new(&config(hosts), Moment { elapsed: Duration::ZERO, unix: Duration::ZERO });
        Self { core, now: Duration::ZERO, height: 100, ahead: 0, lost: [0; DAEMONS], asked: [0; DAEMONS] }
    }

    fn reconfigure(&mut self, hosts: &str) {
        self.core.reconfigure(self.moment(), &config(hosts));
        self.core.judge(self.moment());
    }

    /// An interval in which each daemon takes so many milliseconds to answer, or fails where it may not.
    fn round(&mut self, times: &[u64; DAEMONS]) {
        let end = self.now + INTERVAL;
        while let Some(next) = self.core.next_deadline().filter(|next| *next < end) {
            self.now = next.max(self.now);
            self.act(times);
        }
        self.now = end;
    }

    /// An interval in which the first tries get no answer.
    fn lose(&mut self, tries: [u32; DAEMONS]) {
        self.lost = tries;
        self.round(&[1; DAEMONS]);
    }

    fn codes(&self) -> Vec<&'static str> {
        self.status().switches.iter().map(|switch| switch.code).collect()
    }

    fn act(&mut self, times: &[u64; DAEMONS]) {
        loop {
            self.core.judge(self.moment());
            let commands = self.core.commands(self.moment());
            let tries = commands.into_iter().filter_map(|command| match command {
                Command::Try(daemon, look) => Some((daemon, look.limit)),
                _ => None,
            });
            let tries: Vec<_> = tries.collect();
            if tries.is_empty() {
                return;
            }
            for (daemon, limit) in tries {
                let height = self.height + if daemon.0 == DAEMONS - 1 { self.ahead } else { 0 };
                let took = Duration::from_millis(times[daemon.0]);
                let late = Failure { kind: FailureKind::Timeout, detail: String::new() };
                self.asked[daemon.0] += 1;
                let is_lost = self.lost[daemon.0] > 0;
                self.lost[daemon.0] -= u32::from(is_lost);
                let tried = if took < limit && !is_lost { Ok(views::at_height(height, took)) } else { Err(late) };
                self.core.handle(self.moment(), Input::News(daemon, News::Tried(tried)));
            }
        }
    }

    fn status(&self) -> Status {
        self.core.snapshot()
    }

    fn learnt(&self) -> [LearntStatus; DAEMONS] {
        let status = self.status();
        std::array::from_fn(|daemon| status.daemons[daemon].learnt)
    }

    fn moment(&self) -> Moment {
        Moment { elapsed: self.now, unix: self.now }
    }
}

fn config(hosts: &str) -> Config {
    let daemons: Vec<_> = hosts.chars().map(|host| format!(r#"{{ "host": "{host}", "port": 1 }}"#)).collect();
    let daemons = daemons.join(", ");
    Config::from_json(&format!(
        r#"{{ "daemon": {{ "host": "p", "port": 1 }}, "multiDaemon": {{ "enabled": true, "daemons": [{daemons}] }} }}"#
    ))
    .unwrap()
}

const INTERVAL: Duration = Duration::from_secs(5);
