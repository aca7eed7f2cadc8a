//! Who is polled out of turn, and when: verdicts shall rest on views of one moment.
//!
//! Without sockets, clocks and threads.

use std::time::Duration;

use crate::{
    consensus::{
        block::{BlockHash, Height},
        moment::Moment,
        observation::{Report, View, Window},
        rules::Rules,
    },
    daemon::DaemonId,
    moves::Moves,
};

/// Calls daemons to be polled out of turn when another one has news, a new block or a first failure, and when something
/// before a daemon hints at news of its own.
///
/// Nobody is called more than once a second, or for what it has shown already. A daemon may call the others three times
/// in a row, and then once per [`Pacing::call_period`]: one that shows a new block in every poll at most doubles what the
/// others are asked, at the default interval.
#[derive(Debug)]
pub struct Pacing {
    daemons: Vec<Pace>,
    call_period: Duration,
}

/// What is known of one daemon's polls.
#[derive(Debug, Default)]
struct Pace {
    /// When the latest poll began.
    began: Option<Moment>,
    under_way: bool,
    /// Its latest try failed, or a request of the pool's own to it has since.
    fails: bool,
    /// The blocks it showed last, the tip first.
    blocks: Vec<BlockHash>,
    calls: Allowance,
    call: Option<Call>,
    hints: Allowance,
    hint: Option<Hint>,
}

/// A poll out of turn that is to come.
#[derive(Debug, Clone, Copy)]
struct Call {
    /// Not before, in time since watching began.
    at: Duration,
    /// The height that was news; a view as high as that is an answer too.
    height: Option<Height>,
}

/// A poll out of turn that a hint asks for.
#[derive(Debug, Clone, Copy)]
struct Hint {
    /// Not before, in time since watching began.
    at: Duration,
    /// The block that was hinted at; a view that shows it is an answer too.
    block: Option<BlockHash>,
}

impl Pacing {
    /// So many daemons, the primary included, none of which has been polled.
    pub fn new(daemons: usize, rules: &Rules) -> Self {
        let call_period = rules.polling_interval.min(rules.block_target / 2).max(ONCE);
        Self { daemons: (0..daemons).map(|_| Pace::default()).collect(), call_period }
    }

    /// Goes on with other daemons and rules.
    pub fn reconfigure(&mut self, moves: &Moves, rules: &Rules) {
        let daemons = moves.carry(std::mem::take(&mut self.daemons), |_| Pace::default());
        *self = Self { daemons, ..Self::new(0, rules) };
    }

    /// The time after which a daemon that has used up its calls gets another one: a polling interval, or half a block
    /// target where that is shorter, so that blocks are news however long the interval; a second at least.
    pub fn call_period(&self) -> Duration {
        self.call_period
    }

    /// Takes in that a poll of a daemon began.
    pub fn began(&mut self, now: Moment, daemon: DaemonId) {
        if let Some(pace) = self.daemons.get_mut(daemon.0) {
            (pace.began, pace.under_way, pace.call, pace.hint) = (Some(now), true, None, None);
        }
    }

    /// Takes in that a try of a poll failed, or a request of the pool's own. Gives the daemons that were called and whose
    /// views are too old to judge by.
    pub fn failed(&mut self, now: Moment, daemon: DaemonId) -> Vec<DaemonId> {
        let Some(pace) = self.daemons.get_mut(daemon.0) else { return vec![] };
        pace.call = None;
        if std::mem::replace(&mut pace.fails, true) { vec![] } else { self.call_others(now, daemon, None) }
    }

    /// Takes in a hint that a daemon has news, or this block. A few hints in a row are followed at once, more of them once
    /// a second; one at a block that the daemon has shown already is not followed.
    pub fn hinted(&mut self, now: Moment, daemon: DaemonId, block: Option<BlockHash>) {
        if let Some(pace) = self.daemons.get_mut(daemon.0) {
            pace.hinted(now, block);
        }
    }

    /// Takes in how a poll of a daemon ended; what is below the head is no news. Gives the same as [`Self::failed`].
    pub fn ended(&mut self, now: Moment, daemon: DaemonId, report: &Report, head: Option<Height>) -> Vec<DaemonId> {
        let Some(pace) = self.daemons.get_mut(daemon.0) else { return vec![] };
        pace.under_way = false;
        let window = match report {
            Report::Answered(observation) => match &observation.view {
                View::Chain(window) => Some(window),
                View::Busy { .. } => None,
            },
            Report::Failed { .. } => return self.failed(now, daemon),
        };
        pace.fails = false;
        let height = window.map(|window| window.height);
        pace.call.take_if(|call| call.height.is_none_or(|wanted| height.is_some_and(|height| height >= wanted)));
        match window {
            Some(window) if self.show(daemon, window) && head.is_none_or(|head| window.height >= head) => {
                self.call_others(now, daemon, height)
            }
            _ => vec![],
        }
    }

    /// The daemons to poll now; each is named once.
    pub fn due(&mut self, now: Moment) -> Vec<DaemonId> {
        let paces = (0..).map(DaemonId).zip(&mut self.daemons);
        paces.filter_map(|(id, pace)| pace.take_due(now).then_some(id)).collect()
    }

    /// When the next poll out of turn is due, in time since watching began.
    pub fn next_due(&self) -> Option<Duration> {
        self.daemons.iter().filter_map(Pace::due).min()
    }

    /// Notes what a daemon shows, and says whether its tip is in no other view.
    fn show(&mut self, daemon: DaemonId, window: &Window) -> bool {
        let Some(tip) = window.blocks.first().map(|block| block.hash) else { return false };
        if self.daemons.get(daemon.0).is_some_and(|pace| pace.blocks.first() == Some(&tip)) {
            return false;
        }
        let new = !self.daemons.iter().any(|pace| pace.blocks.contains(&tip));
        if let Some(pace) = self.daemons.get_mut(daemon.0) {
            pace.blocks = window.blocks.iter().map(|block| block.hash).collect();
            pace.hint.take_if(|hint| hint.block.is_some_and(|block| pace.blocks.contains(&block)));
        }
        new
    }

    /// Calls all others but those that fail: they have no view, and are tried often enough by themselves.
    fn call_others(&mut self, now: Moment, caller: DaemonId, height: Option<Height>) -> Vec<DaemonId> {
        let period = self.call_period;
        if !self.daemons.get_mut(caller.0).is_some_and(|pace| pace.calls.take(now, CALLS_IN_A_ROW, period)) {
            return vec![];
        }
        let others = (0..).map(DaemonId).zip(&mut self.daemons).filter(|(id, pace)| *id != caller && !pace.fails);
        others.filter_map(|(id, pace)| pace.call(now, height).then_some(id)).collect()
    }
}

impl Pace {
    /// Whether the view is too old to judge by. A daemon that was never polled is about to be.
    fn call(&mut self, now: Moment, height: Option<Height>) -> bool {
        let Some(began) = self.began else { return false };
        let at = (began.elapsed + ONCE).max(now.elapsed);
        self.call = Some(Call { at, height: height.max(self.call.and_then(|call| call.height)) });
        at == now.elapsed
    }

    fn hinted(&mut self, now: Moment, block: Option<BlockHash>) {
        if block.is_some_and(|block| self.blocks.contains(&block)) {
            return;
        }
        // Used up by the poll, not by the hint: one view may answer several of them.
        let waits = !self.hints.is_left(now, HINTS_IN_A_ROW, ONCE);
        let began = self.began.filter(|_| waits);
        let at = began.map_or(now.elapsed, |began| (began.elapsed + ONCE).max(now.elapsed));
        // Two hints before the poll: only a poll that begins later answers both.
        let (at, block) = self.hint.map_or((at, block), |hint| (at.min(hint.at), None));
        self.hint = Some(Hint { at, block });
    }

    /// When a poll out of turn is due; never while one is under way.
    fn due(&self) -> Option<Duration> {
        let asked = [self.call.map(|call| call.at), self.hint.map(|hint| hint.at)];
        asked.into_iter().flatten().min().filter(|_| !self.under_way)
    }

    fn take_due(&mut self, now: Moment) -> bool {
        let due = self.due().is_some_and(|at| at <= now.elapsed);
        if due && self.hint.is_some_and(|hint| hint.at <= now.elapsed) {
            self.hints.take(now, HINTS_IN_A_ROW, ONCE);
        }
        if due {
            (self.call, self.hint) = (None, None);
        }
        due
    }
}

/// What a daemon may still cause: some calls at once, and another one after each period.
#[derive(Debug, Default)]
struct Allowance {
    used_until: Duration,
}

impl Allowance {
    fn take(&mut self, now: Moment, in_a_row: u32, period: Duration) -> bool {
        let granted = self.is_left(now, in_a_row, period);
        if granted {
            self.used_until = self.used_until.max(now.elapsed) + period;
        }
        granted
    }

    fn is_left(&self, now: Moment, in_a_row: u32, period: Duration) -> bool {
        self.used_until.max(now.elapsed) + period <= now.elapsed + in_a_row * period
    }
}

/// Views that are closer than this are of one moment: a block takes about as long to get through the network.
const ONCE: Duration = Duration::from_secs(1);

/// One block is announced in several words, and a daemon that falls says so more than once.
const HINTS_IN_A_ROW: u32 = 5;

/// Blocks come in clusters, and a race brings two at once.
const CALLS_IN_A_ROW: u32 = 3;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consensus::observation::{Block, Failure, FailureKind, Family, Observation};

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
        Report::Answered(Observation {
            view: View::Chain(Window { genesis: None, height, blocks, timestamp: Duration::ZERO }),
            network_height: None,
            incoming: None,
            outgoing: None,
            upgrade: None,
            family: Family::Turtlecoin,
            json_rpc: true,
            version: None,
            address: None,
            latency: Duration::ZERO,
        })
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
}
