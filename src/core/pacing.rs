//! Who is polled out of turn, and when: verdicts shall rest on views of one moment.
//!
//! Without sockets, clocks and threads.

use std::{sync::Arc, time::Duration};

use crate::{
    consensus::{
        block::{BlockHash, Height},
        moment::Moment,
        observation::{Block, Report, View, Window},
        rules::Rules,
    },
    endpoint::DaemonId,
    remap::Remap,
};

/// Calls daemons to be polled out of turn when another one has news, a new block or a first failure, and when something
/// before a daemon hints at news of its own.
///
/// Nobody is called more than once a second, or for what it has shown already. A daemon may call the others three times
/// in a row, and then once per period: one that shows a new block in every poll at most doubles what the
/// others are asked, at the default interval.
#[derive(Debug)]
pub struct Pacing {
    daemons: Vec<Pace>,
    /// The time after which a daemon that has used up its calls gets another one: a polling interval, or half a block target where
    /// that is shorter, so that blocks are news however long the interval; a second at least.
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
    blocks: Arc<[Block]>,
    calls: Allowance,
    call: Option<Call>,
    hints: Allowance,
    hint: Option<Hint>,
    /// When it is looked at again for a block that it misses, in time since watching began.
    look: Option<Duration>,
    /// It is looked at whenever its latest poll began so long ago, beside its turns.
    period: Option<Duration>,
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
    pub fn reconfigure(&mut self, remap: &Remap, rules: &Rules) {
        let daemons = remap.carry(std::mem::take(&mut self.daemons), |_| Pace::default());
        *self = Self { daemons, ..Self::new(0, rules) };
    }

    /// Has a daemon looked at again for a block that it misses: once a second until this time, in time since watching began, and then.
    pub fn look_until(&mut self, daemon: DaemonId, until: Option<Duration>) {
        if let Some(pace) = self.daemons.get_mut(daemon.0) {
            let next = pace.began.map(|began| began.elapsed + ONCE);
            // The last look is at that time exactly, and no sooner after another one than a second.
            let at = |(until, next): (Duration, Duration)| if until < next + ONCE { until.max(next) } else { next };
            pace.look = until.zip(next).map(at);
        }
    }

    /// Has a daemon that does not fail looked at whenever its latest poll began so long ago, beside its turns.
    pub fn look_every(&mut self, daemon: DaemonId, period: Option<Duration>) {
        self.daemons.get_mut(daemon.0).into_iter().for_each(|pace| pace.period = period);
    }

    /// Takes in that a poll of a daemon began.
    pub fn began(&mut self, now: Moment, daemon: DaemonId) {
        if let Some(pace) = self.daemons.get_mut(daemon.0) {
            (pace.began, pace.under_way) = (Some(now), true);
            (pace.call, pace.hint, pace.look) = (None, None, None);
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
            Report::Spared => return vec![],
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
        if self.daemons.get(daemon.0).is_some_and(|pace| pace.blocks.first().is_some_and(|block| block.hash == tip)) {
            return false;
        }
        let new = !self.daemons.iter().any(|pace| pace.shows(tip));
        if let Some(pace) = self.daemons.get_mut(daemon.0) {
            pace.blocks = window.blocks.clone();
            let is_shown = |block: BlockHash| window.blocks.iter().any(|it| it.hash == block);
            pace.hint.take_if(|hint| hint.block.is_some_and(is_shown));
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
    fn shows(&self, hash: BlockHash) -> bool {
        self.blocks.iter().any(|block| block.hash == hash)
    }

    /// Whether the view is too old to judge by. A daemon that was never polled is about to be.
    fn call(&mut self, now: Moment, height: Option<Height>) -> bool {
        let Some(began) = self.began else { return false };
        let at = (began.elapsed + ONCE).max(now.elapsed);
        self.call = Some(Call { at, height: height.max(self.call.and_then(|call| call.height)) });
        at == now.elapsed
    }

    fn hinted(&mut self, now: Moment, block: Option<BlockHash>) {
        if block.is_some_and(|block| self.shows(block)) {
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
        let again = self.period.filter(|_| !self.fails).zip(self.began).map(|(period, began)| began.elapsed + period);
        let asked = [self.call.map(|call| call.at), self.hint.map(|hint| hint.at), self.look, again];
        asked.into_iter().flatten().min().filter(|_| !self.under_way)
    }

    fn take_due(&mut self, now: Moment) -> bool {
        let due = self.due().is_some_and(|at| at <= now.elapsed);
        if due && self.hint.is_some_and(|hint| hint.at <= now.elapsed) {
            self.hints.take(now, HINTS_IN_A_ROW, ONCE);
        }
        if due {
            (self.call, self.hint, self.look) = (None, None, None);
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
#[path = "tests/pacing.rs"]
mod tests;
