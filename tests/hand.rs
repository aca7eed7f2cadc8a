//! The operator's hand: what draining and pinning make of the choice, on virtual time.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{sync::Arc, time::Duration};

use turtle_pool_multi_daemon::{
    config::Config,
    consensus::{
        block::{BlockHash, Height},
        moment::Moment,
        observation::{Block, Failure, FailureKind, Family, Observation, Report, View, Window},
    },
    decider::Decider,
    status::{Change, Status, changes},
};

#[test]
fn a_drained_daemon_is_left_at_once_and_stays_watched() {
    let mut pool = Pool::settled(4);
    pool.drain('P');
    assert_eq!((pool.in_use(), pool.verdict('P'), pool.codes()), ('A', "draining", vec!["draining"]));
    assert_eq!(pool.last_reason(), "From p:1 to a:1, because p:1: drained by the operator; 4 of 4 votes agree.");
    pool.mine();
    pool.round();
    assert_eq!((pool.status().daemons[0].height, pool.votes()), (Height::new(101), 3));
}

#[test]
fn a_daemon_given_back_is_healthy_at_once_but_not_returned_to() {
    let mut pool = Pool::settled(4);
    pool.drain('P');
    pool.undrain('P');
    assert_eq!((pool.in_use(), pool.verdict('P'), pool.status().healthy), ('A', "healthy", 4));
}

#[test]
fn a_daemon_that_went_down_while_drained_has_to_prove_itself_when_it_is_given_back() {
    let mut pool = Pool::settled(4);
    pool.drain('P');
    pool.refuse('P');
    pool.round();
    assert_eq!((pool.verdict('P'), pool.is_drained('P')), ("refused", true));
    pool.undrain('P');
    assert_eq!((pool.verdict('P'), pool.is_drained('P')), ("refused", false));
    pool.answer('P');
    pool.round();
    assert_eq!(pool.verdict('P'), "refused");
    pool.round();
    assert_eq!(pool.verdict('P'), "healthy");
}

#[test]
fn a_drained_primary_is_not_fallen_back_to_while_another_answers() {
    let mut pool = Pool::settled(3);
    pool.drain('P');
    assert_eq!((pool.mode(), pool.in_use()), ("single", 'A'));
    pool.refuse('A');
    pool.round();
    assert_eq!((pool.mode(), pool.in_use()), ("single", 'B'));
    pool.refuse('B');
    pool.round();
    assert_eq!(pool.in_use(), 'P');
}

#[test]
fn a_drained_daemon_that_lags_comes_after_one_that_only_lags() {
    let mut pool = Pool::settled_best(4);
    pool.mine_for("PC", 10);
    pool.round();
    pool.drain('A');
    assert_eq!((pool.verdict('A'), pool.verdict('B')), ("lagging", "lagging"));
    pool.refuse('P');
    pool.refuse('C');
    pool.round();
    assert_eq!(pool.in_use(), 'B');
    pool.refuse('B');
    pool.round();
    assert_eq!(pool.in_use(), 'A');
}

#[test]
fn two_names_of_one_daemon_are_drained_together() {
    let mut pool = Pool::settled(5);
    pool.place("AB", "127.0.0.1:9");
    pool.round();
    pool.drain('B');
    assert_eq!((pool.verdict('A'), pool.verdict('B'), pool.status().healthy), ("draining", "draining", 3));
    pool.undrain('A');
    assert_eq!((pool.is_drained('A'), pool.is_drained('B')), (false, false));
}

#[test]
fn a_drain_before_the_first_poll_counts_from_the_first_verdict() {
    let mut pool = Pool::new(4, "primary");
    pool.drain('P');
    assert_eq!((pool.in_use(), pool.is_drained('P')), ('P', true));
    pool.round();
    assert_eq!((pool.in_use(), pool.codes()), ('A', vec!["start"]));
}

#[test]
fn a_pin_is_heeded_at_once_and_ends_by_itself() {
    let mut pool = Pool::settled(4);
    pool.pin('B', 60_000);
    assert_eq!((pool.in_use(), pool.codes()), ('B', vec!["pinned"]));
    assert_eq!(pool.last_reason(), "To b:1, which the operator pinned the pool to; p:1: healthy.");
    assert_eq!(pool.pinned(), Some(("b:1".into(), 60_000)));
    assert_eq!(pool.decider.next_deadline(), Some(pool.now + seconds(60)));
    pool.now += seconds(60) - Duration::from_nanos(1);
    pool.decide();
    assert_eq!(pool.in_use(), 'B');
    pool.now += Duration::from_nanos(1);
    pool.decide();
    assert_eq!((pool.in_use(), pool.codes()), ('P', vec!["pinned", "unpinned"]));
    assert_eq!(pool.last_reason(), "From b:1 to p:1, because the operator's pin ended.");
    assert_eq!((pool.pinned(), pool.decider.next_deadline()), (None, None));
}

#[test]
fn a_pin_ends_when_the_operator_says_so() {
    let mut pool = Pool::settled(4);
    pool.pin('C', 1);
    pool.unpin();
    pool.unpin();
    assert_eq!((pool.in_use(), pool.codes()), ('P', vec!["pinned", "unpinned"]));
}

#[test]
fn a_pin_wins_over_a_dead_daemon_and_over_the_mode_single() {
    let mut pool = Pool::settled(4);
    pool.refuse('A');
    pool.refuse('B');
    pool.round();
    assert_eq!((pool.mode(), pool.verdict('B')), ("single", "refused"));
    pool.pin('B', 60_000);
    pool.round();
    assert_eq!((pool.mode(), pool.in_use()), ("single", 'B'));
}

#[test]
fn a_pin_wins_over_a_drain() {
    let mut pool = Pool::settled(4);
    pool.pin('B', 60_000);
    pool.drain('B');
    pool.round();
    assert_eq!((pool.in_use(), pool.verdict('B')), ('B', "draining"));
}

#[test]
fn a_pin_counts_before_anything_is_known_and_does_not_spoil_the_start() {
    let mut pool = Pool::new(4, "primary");
    pool.pin('C', 60_000);
    assert_eq!((pool.in_use(), pool.mode()), ('C', "single"));
    pool.refuse('P');
    pool.round();
    assert_eq!(pool.in_use(), 'C');
    pool.unpin();
    assert_eq!((pool.in_use(), pool.codes()), ('A', vec!["pinned", "unpinned"]));
}

#[test]
fn a_pin_to_the_daemon_in_use_is_no_switch_but_is_told() {
    let mut pool = Pool::settled(4);
    let before = pool.status();
    pool.pin('P', 60_000);
    assert_eq!(pool.codes(), Vec::<&str>::new());
    let told = changes(&before, &pool.status());
    assert!(matches!(&told[..], [Change::Pin { pin: Some(_), before: None }]), "{told:?}");
}

#[test]
fn a_second_pin_takes_the_place_of_the_first() {
    let mut pool = Pool::settled(4);
    pool.pin('B', 60_000);
    pool.pin('C', 1_000);
    assert_eq!((pool.in_use(), pool.codes()), ('C', vec!["pinned", "pinned"]));
    pool.now += seconds(1);
    pool.decide();
    assert_eq!(pool.in_use(), 'P');
}

#[test]
fn what_happens_behind_a_pin_is_where_the_pool_goes_when_it_ends() {
    let mut pool = Pool::settled(4);
    pool.pin('C', 60_000);
    pool.refuse('P');
    pool.round();
    assert_eq!((pool.in_use(), pool.codes()), ('C', vec!["pinned"]));
    pool.unpin();
    assert_eq!(pool.in_use(), 'A');
}

#[test]
fn a_pin_to_a_forked_daemon_says_hold() {
    let mut pool = Pool::settled(4);
    pool.pin('C', 60_000);
    pool.fork('C');
    pool.mine_for("PABC", 3);
    pool.round();
    pool.round();
    assert_eq!((pool.verdict('C'), pool.in_use(), pool.status().hold), ("forked", 'C', true));
    pool.unpin();
    assert_eq!((pool.in_use(), pool.status().hold), ('P', false));
}

#[test]
fn a_drain_that_changes_no_state_is_told_by_itself() {
    let mut pool = Pool::settled(4);
    pool.refuse('C');
    pool.round();
    let before = pool.status();
    pool.drain('C');
    let told = changes(&before, &pool.status());
    assert!(matches!(&told[..], [Change::Drain { daemon }] if daemon.drained), "{told:?}");
}

#[test]
fn a_decider_that_is_started_again_keeps_what_the_operator_said() {
    let mut pool = Pool::settled(4);
    pool.drain('A');
    pool.pin('B', 60_000);
    let before = pool.status();
    pool.decider = Decider::new(&pool.config, pool.moment()).resume(&pool.decider, &before);
    pool.decide();
    assert_eq!((pool.in_use(), pool.is_drained('A'), pool.pinned()), ('B', true, Some(("b:1".into(), 60_000))));
    assert_eq!((pool.status().epoch, pool.codes()), (before.epoch, vec!["pinned"]));
    pool.round();
    pool.unpin();
    assert_eq!((pool.in_use(), pool.verdict('A')), ('P', "draining"));
}

#[test]
fn what_is_not_watched_is_not_found() {
    let pool = Pool::settled(4);
    assert!(pool.decider.find("p", 2).is_none() && pool.decider.find("nobody", 1).is_none());
}

/// A decider over daemons `p:1` (P), `a:1` (A) and so on, all on one chain at height 100.
struct Pool {
    config: Config,
    decider: Decider,
    now: Duration,
    latest: Arc<Status>,
    daemons: Vec<Daemon>,
}

struct Daemon {
    answers: bool,
    side: u8,
    height: u64,
    address: Option<std::net::SocketAddr>,
}

impl Pool {
    fn new(daemons: usize, fallback: &str) -> Self {
        let place = |index: usize| format!(r#"{{ "host": "{}", "port": 1 }}"#, letter(index).to_ascii_lowercase());
        let others = (1..daemons).map(place).collect::<Vec<_>>().join(", ");
        let json = format!(
            r#"{{ "daemon": {}, "multiDaemon": {{ "enabled": true, "fallback": "{fallback}", "daemons": [{others}] }} }}"#,
            place(0)
        );
        let config = Config::from_json(&json).unwrap();
        let mut decider = Decider::new(&config, moment(Duration::ZERO));
        let latest = Arc::new(decider.decide(moment(Duration::ZERO)));
        let daemon = || Daemon { answers: true, side: 0, height: 100, address: None };
        let daemons = std::iter::repeat_with(daemon).take(daemons).collect();
        Self { config, decider, now: Duration::ZERO, latest, daemons }
    }

    fn settled(daemons: usize) -> Self {
        let mut pool = Self::new(daemons, "primary");
        pool.round();
        pool
    }

    fn settled_best(daemons: usize) -> Self {
        let mut pool = Self::new(daemons, "best");
        pool.round();
        pool
    }

    /// Five seconds later every daemon is polled.
    fn round(&mut self) {
        self.now += seconds(5);
        let now = self.moment();
        for (name, daemon) in (0..).map(letter).zip(&self.daemons) {
            let id = self.decider.find(&host(name), 1).unwrap();
            self.decider.record(now, id, daemon.report());
        }
        self.decide();
    }

    fn decide(&mut self) {
        self.latest = Arc::new(self.decider.decide(self.moment()));
    }

    fn drain(&mut self, name: char) {
        let id = self.decider.find(&host(name), 1).unwrap();
        self.decider.drain(id, true);
        self.decide();
    }

    fn undrain(&mut self, name: char) {
        let id = self.decider.find(&host(name), 1).unwrap();
        self.decider.drain(id, false);
        self.decide();
    }

    fn pin(&mut self, name: char, milliseconds: u64) {
        let id = self.decider.find(&host(name), 1).unwrap();
        self.decider.pin(self.moment(), id, Duration::from_millis(milliseconds));
        self.decide();
    }

    fn unpin(&mut self) {
        self.decider.unpin();
        self.decide();
    }

    fn refuse(&mut self, name: char) {
        self.daemons[index(name)].answers = false;
    }

    fn answer(&mut self, name: char) {
        self.daemons[index(name)].answers = true;
    }

    /// The next blocks it takes are others than everybody else's.
    fn fork(&mut self, name: char) {
        self.daemons[index(name)].side = 1;
    }

    fn place(&mut self, names: &str, address: &str) {
        names.chars().for_each(|name| self.daemons[index(name)].address = Some(address.parse().unwrap()));
    }

    fn mine(&mut self) {
        self.daemons.iter_mut().for_each(|daemon| daemon.height += 1);
    }

    fn mine_for(&mut self, names: &str, count: u64) {
        names.chars().for_each(|name| self.daemons[index(name)].height += count);
    }

    fn status(&self) -> Arc<Status> {
        self.latest.clone()
    }

    fn in_use(&self) -> char {
        name_of(&self.latest.current.host)
    }

    fn mode(&self) -> &'static str {
        if self.latest.mode == turtle_pool_multi_daemon::selector::Mode::Multi { "multi" } else { "single" }
    }

    fn verdict(&self, name: char) -> &'static str {
        let daemon = &self.latest.daemons[index(name)];
        daemon.code().unwrap_or(daemon.state)
    }

    fn is_drained(&self, name: char) -> bool {
        self.latest.daemons[index(name)].drained
    }

    /// The daemon it is pinned to, and the milliseconds from now to the end.
    fn pinned(&self) -> Option<(String, u64)> {
        let pin = self.latest.pin.as_ref()?;
        Some((pin.daemon.to_string(), pin.until - self.moment().unix_millis()))
    }

    fn codes(&self) -> Vec<&'static str> {
        self.latest.switches.iter().map(|switch| switch.code).collect()
    }

    fn last_reason(&self) -> String {
        self.latest.switches.last().unwrap().reason.clone()
    }

    /// How many voted, as the next switch tells.
    fn votes(&mut self) -> usize {
        self.pin('C', 1);
        self.unpin();
        self.latest.switches.last().unwrap().votes.all
    }

    fn moment(&self) -> Moment {
        moment(self.now)
    }
}

impl Daemon {
    fn report(&self) -> Report {
        if !self.answers {
            let failure = Failure { kind: FailureKind::Refused, detail: "connection refused".into() };
            return Report::Failed { tries: 2, failure };
        }
        let block = |height: u64| {
            let side = if height > FORK_POINT { self.side } else { 0 };
            let mut bytes = [side; 32];
            bytes[..8].copy_from_slice(&height.to_be_bytes());
            Block { hash: BlockHash::new(bytes), difficulty: Some(1) }
        };
        let window = Window {
            genesis: Some(BlockHash::new([99; 32])),
            height: Height::new(self.height).unwrap(),
            blocks: (0..16).map(|depth| block(self.height - depth)).collect(),
            timestamp: Duration::ZERO,
        };
        Report::Answered(Observation {
            view: View::Chain(window),
            network_height: Height::new(self.height),
            incoming: Some(8),
            outgoing: Some(8),
            family: Family::Turtlecoin,
            json_rpc: true,
            version: None,
            address: self.address,
            latency: Duration::from_millis(1),
        })
    }
}

const FORK_POINT: u64 = 100;

fn moment(now: Duration) -> Moment {
    Moment { elapsed: now, unix: Duration::from_secs(1_767_225_600) + now }
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn letter(index: usize) -> char {
    char::from(b"PABCDEF"[index])
}

fn index(name: char) -> usize {
    "PABCDEF".find(name).unwrap()
}

fn host(name: char) -> String {
    name.to_ascii_lowercase().to_string()
}

fn name_of(host: &str) -> char {
    host.to_ascii_uppercase().chars().next().unwrap()
}
