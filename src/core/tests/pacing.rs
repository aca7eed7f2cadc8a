use super::*;
use crate::consensus::observation::{Block, Failure, FailureKind, Observation};

/// Four daemons on one chain at height 100, polled one after the other; then `seconds` pass.
struct Polls {
    pacing: Pacing,
    now: Duration,
}

const HEAD: u64 = 100;

impl Polls {
    fn settled() -> Self {
        let mut polls = Self { pacing: Pacing::new(4, &Rules::default()), now: Duration::ZERO };
        (0..4).for_each(|daemon| polls.poll(daemon, 0, HEAD));
        polls.wait(5.0);
        polls
    }

    fn wait(&mut self, seconds: f64) {
        self.now += Duration::from_secs_f64(seconds);
    }

    fn moment(&self) -> Moment {
        Moment { elapsed: self.now, unix: self.now }
    }

    fn begin(&mut self, daemon: usize) {
        self.pacing.began(self.moment(), DaemonId(daemon));
    }

    /// The poll of a daemon ends: it shows a chain that left the others' at the top block.
    fn end(&mut self, daemon: usize, chain: u8, height: u64) -> Vec<usize> {
        let head = Height::new(HEAD);
        let called = self.pacing.ended(self.moment(), DaemonId(daemon), &showing(chain, height), head);
        called.into_iter().map(|daemon| daemon.0).collect()
    }

    fn poll(&mut self, daemon: usize, chain: u8, height: u64) {
        self.begin(daemon);
        self.end(daemon, chain, height);
    }

    fn fail(&mut self, daemon: usize) {
        self.pacing.failed(self.moment(), DaemonId(daemon));
    }

    fn due(&mut self) -> Vec<usize> {
        self.pacing.due(self.moment()).into_iter().map(|daemon| daemon.0).collect()
    }

    /// In how many milliseconds the next poll out of turn is due.
    fn next(&self) -> Option<u128> {
        self.pacing.next_due().map(|at| at.saturating_sub(self.now).as_millis())
    }
}

fn showing(chain: u8, height: u64) -> Report {
    let hash = |depth: u64| {
        let mut bytes = [0; 32];
        bytes[0] = if depth == 0 { chain } else { 0 };
        bytes[1..9].copy_from_slice(&(height - depth).to_be_bytes());
        BlockHash::new(bytes)
    };
    let blocks = (0..4).map(|depth| Block { hash: hash(depth), difficulty: None }).collect();
    let height = Height::new(height).unwrap();
    let view = View::Chain(Window { genesis: None, height, blocks, timestamp: Duration::ZERO });
    Report::Answered(Observation { view, ..Observation::of_busy() })
}

#[test]
fn a_new_block_calls_the_others_at_once() {
    let mut polls = Polls::settled();
    polls.begin(1);
    assert_eq!(polls.end(1, 0, 101), [0, 2, 3]);
    assert_eq!((polls.due(), polls.due()), (vec![0, 2, 3], vec![]));
}

#[test]
fn a_block_that_another_one_showed_calls_nobody() {
    let mut polls = Polls::settled();
    polls.poll(1, 0, 101);
    polls.due();
    (0..4).for_each(|daemon| polls.poll(daemon, 0, 101));
    assert_eq!(polls.next(), None);
}

#[test]
fn a_block_below_the_head_is_no_news() {
    let mut polls = Polls::settled();
    polls.poll(1, 0, 60);
    assert_eq!(polls.next(), None);
}

#[test]
fn another_block_at_the_height_of_the_head_is_news() {
    let mut polls = Polls::settled();
    polls.poll(1, 1, HEAD);
    assert_eq!(polls.due(), [0, 2, 3]);
}

#[test]
fn whoever_was_polled_within_the_second_is_called_at_its_end() {
    let mut polls = Polls::settled();
    polls.poll(0, 0, HEAD);
    polls.wait(0.4);
    polls.begin(1);
    assert_eq!(polls.end(1, 0, 101), [2, 3]);
    assert_eq!((polls.due(), polls.next()), (vec![2, 3], Some(600)));
    polls.wait(0.6);
    assert_eq!(polls.due(), [0]);
}

#[test]
fn a_poll_under_way_that_shows_the_block_is_not_repeated() {
    let mut polls = Polls::settled();
    (0..4).for_each(|daemon| polls.begin(daemon));
    polls.end(1, 0, 101);
    assert_eq!((polls.due(), polls.next()), (vec![], None));
    polls.end(0, 0, 101);
    polls.end(2, 0, 102);
    polls.wait(1.0);
    // Daemon 2 had news of its own, and daemon 3 is still under way.
    assert_eq!(polls.due(), [0, 1]);
}

#[test]
fn a_poll_under_way_that_does_not_show_it_is_repeated_once() {
    let mut polls = Polls::settled();
    (0..2).for_each(|daemon| polls.begin(daemon));
    polls.end(1, 0, 101);
    polls.end(0, 0, HEAD);
    assert_eq!(polls.due(), [2, 3]);
    polls.wait(1.0);
    assert_eq!(polls.due(), [0]);
}

#[test]
fn a_poll_that_begins_anyway_answers_the_call() {
    let mut polls = Polls::settled();
    polls.poll(1, 0, 101);
    (0..4).for_each(|daemon| polls.begin(daemon));
    (0..4).for_each(|daemon| drop(polls.end(daemon, 0, HEAD)));
    assert!(polls.due().is_empty());
}

#[test]
fn the_first_failure_calls_the_others_and_the_next_ones_do_not() {
    let mut polls = Polls::settled();
    polls.begin(2);
    polls.fail(2);
    assert_eq!(polls.due(), [0, 1, 3]);
    polls.pacing.ended(polls.moment(), DaemonId(2), &failed(), Height::new(HEAD));
    polls.wait(5.0);
    polls.fail(2);
    assert_eq!(polls.next(), None);
}

fn failed() -> Report {
    Report::Failed { tries: 1, failure: Failure { kind: FailureKind::Refused, detail: "refused".into() } }
}

#[test]
fn who_fails_is_left_to_its_own_schedule() {
    let mut polls = Polls::settled();
    polls.fail(3);
    polls.due();
    polls.wait(2.0);
    polls.poll(1, 0, 101);
    assert_eq!(polls.due(), [0, 2]);
}

#[test]
fn before_its_first_poll_nobody_is_called() {
    let mut polls = Polls { pacing: Pacing::new(4, &Rules::default()), now: Duration::ZERO };
    polls.poll(0, 0, HEAD);
    assert_eq!(polls.next(), None);
}

const BLOCK: fn(u64) -> Option<BlockHash> = |height| tip(&showing(0, height));

fn tip(report: &Report) -> Option<BlockHash> {
    let Report::Answered(Observation { view: View::Chain(window), .. }) = report else { return None };
    window.blocks.first().map(|block| block.hash)
}

impl Polls {
    fn hint(&mut self, daemon: usize, block: Option<BlockHash>) {
        self.pacing.hinted(self.moment(), DaemonId(daemon), block);
    }
}

#[test]
fn a_hint_has_its_daemon_polled_at_once_however_lately_it_was() {
    let mut polls = Polls::settled();
    polls.poll(1, 0, HEAD);
    polls.hint(1, None);
    assert_eq!((polls.due(), polls.due()), (vec![1], vec![]));
}

#[test]
fn a_hint_at_a_block_that_was_shown_is_not_followed() {
    let mut polls = Polls::settled();
    polls.hint(1, BLOCK(HEAD));
    assert_eq!(polls.next(), None);
}

#[test]
fn a_hint_during_a_poll_is_followed_unless_that_shows_the_block() {
    for (hint, shown, due) in [(BLOCK(101), 101, vec![]), (BLOCK(101), HEAD, vec![1]), (None, 101, vec![1])] {
        let mut polls = Polls::settled();
        polls.begin(1);
        polls.hint(1, hint);
        assert!(polls.due().is_empty());
        polls.end(1, 0, shown);
        polls.pacing.daemons.iter_mut().for_each(|pace| pace.call = None);
        assert_eq!(polls.due(), due, "{hint:?} {shown}");
    }
}

#[test]
fn a_daemon_that_fails_is_polled_when_hinted_at() {
    let mut polls = Polls::settled();
    polls.fail(1);
    polls.due();
    polls.hint(1, None);
    assert_eq!(polls.due(), [1]);
}

#[test]
fn hints_that_one_poll_answers_use_up_no_more_than_one() {
    let mut polls = Polls::settled();
    for height in HEAD + 1..HEAD + 60 {
        polls.hint(1, None);
        assert_eq!(polls.due(), [1], "{height}");
        polls.begin(1);
        polls.hint(1, BLOCK(height));
        polls.end(1, 0, height);
        polls.hint(1, BLOCK(height));
        assert!(!polls.due().contains(&1), "{height}");
        polls.wait(1.0);
    }
}

#[test]
fn a_flood_of_hints_is_followed_once_a_second() {
    let mut polls = Polls::settled();
    let mut count = 0;
    for _ in 0..60_000 {
        polls.hint(1, None);
        for daemon in polls.due() {
            polls.poll(daemon, 0, HEAD);
            count += 1;
        }
        polls.wait(0.001);
    }
    assert!((60..=70).contains(&count), "{count} polls in a minute");
}

/// How often the daemons are polled in an hour in which some show another new block in every poll.
fn polls_in_an_hour(liars: &[usize]) -> [u32; 4] {
    let mut polls = Polls::settled();
    let (mut count, mut next, mut height) = ([0; 4], [polls.now; 4], HEAD);
    while polls.now < Duration::from_secs(3605) {
        let now = polls.now;
        polls.due().into_iter().for_each(|called| next[called] = now);
        for daemon in (0..4).filter(|daemon| next[*daemon] <= now).collect::<Vec<_>>() {
            height += 1;
            polls.poll(daemon, 0, if liars.contains(&daemon) { height } else { HEAD });
            (count[daemon], next[daemon]) = (count[daemon] + 1, now + Duration::from_secs(5));
        }
        polls.wait(0.1);
    }
    count
}

const TURNS: u32 = 3600 / 5;

#[test]
fn a_liar_with_a_new_block_in_every_poll_at_most_doubles_what_the_others_are_asked() {
    let [a, b, c, liar] = polls_in_an_hour(&[3]);
    assert!([a, b, c].iter().all(|polls| (TURNS + 1..=2 * TURNS + 3).contains(polls)), "{:?}", [a, b, c]);
    assert_eq!(liar, TURNS);
}

#[test]
fn liars_that_call_each_other_cost_a_poll_a_turn_each() {
    let polls = polls_in_an_hour(&[1, 2, 3]);
    assert!(polls.iter().all(|polls| (TURNS + 1..=4 * TURNS + 9).contains(polls)), "{polls:?}");
}
