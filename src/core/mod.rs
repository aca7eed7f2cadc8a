//! The one place where it is decided which daemon is used, who is polled, and when: a state machine without I/O and without a clock.
//!
//! [`Input`]s go in with the time, and [`Command`]s come out. Whoever drives it does four things, again and again: [`Core::handle`]
//! what happened, [`Core::judge`], execute the [`Core::commands`], and come back at the [`Core::next_deadline`], or before that when something
//! happens. The engine does so with sockets and a clock, tests and the simulator with neither.
//!
//! | file | noun |
//! |---|---|
//! | `input.rs` | what goes in, and what is to be done |
//! | `schedule.rs` | when each daemon is polled, and how often it is tried |
//! | `pacing.rs` | who is polled out of turn |
//! | `answers.rs` | how long each daemon takes to answer, and so how long a try may take |
//! | `refresh.rs` | requests to poll everybody |
//! | `chart.rs` | what requests go by |
//! | `snapshot.rs` | what the outside sees |
//! | `counts.rs` | what is only counted |
//! | `drought.rs` | how long requests have got no template |

mod answers;
mod chart;
mod counts;
mod drought;
mod input;
mod pacing;
mod refresh;
mod schedule;
mod snapshot;

use std::{collections::VecDeque, sync::Arc, time::Duration};

use self::{
    answers::Answers,
    counts::Counts,
    drought::Drought,
    pacing::Pacing,
    refresh::Refreshes,
    schedule::{Schedule, Try, TryOutcome},
};
pub use self::{
    input::{Command, Hint, Input, Look, News},
    schedule::SECOND_TRY_AFTER,
};
use crate::{
    config::Config,
    consensus::{
        health::Health,
        moment::Moment,
        observation::{Failure, FailureKind, Observation, Report},
        questions::Question,
        select::{self, Cause, Mode, Policy, Selection},
        track::Track,
        tracker::{Assessment, Tracker},
    },
    endpoint::DaemonId,
    order::sort_by_key,
    remap::Remap,
    routing::{BlockFate, Chart, Learnt, Seat, Who},
    status::{Status, Switch, SwitchEvent},
};

/// Decides which daemon is used, and what has to be done to know.
#[derive(Debug)]
pub struct Core {
    tracker: Tracker,
    schedule: Schedule,
    pacing: Pacing,
    /// How long each daemon takes to answer.
    answers: Answers,
    refreshes: Refreshes,
    /// What is held of all daemons since the last judgement.
    assessment: Assessment,
    /// Whether something was taken in since then that may change it.
    is_news: bool,
    policy: Policy,
    /// In configuration order, as requests know them.
    endpoints: Arc<[Who]>,
    /// Which daemons the configuration wants drained; the operator may have said otherwise since.
    drained: Vec<bool>,
    warnings: Vec<String>,
    /// What the rules choose.
    chosen: Selection,
    /// What the pool uses: that, or what the operator pinned it to.
    in_use: Selection,
    /// Where that is. It may have left the configuration since.
    current: Who,
    pin: Option<Pin>,
    reconfigured: bool,
    epoch: u64,
    switches: VecDeque<Arc<SwitchEvent>>,
    polls: u64,
    counts: Counts,
    drought: Drought,
    /// What requests go by, unless it was judged since it was drawn.
    chart: Option<Arc<Chart>>,
    blocks: Arc<[BlockFate]>,
    /// When each daemon reached a learnt time limit in the poll that is under way.
    hasty: Vec<Option<Moment>>,
    /// When each daemon was last looked at because of a request.
    looks: Vec<Option<Moment>>,
    /// The daemons to ask for a block template.
    to_ask: Vec<DaemonId>,
    /// When those were last asked that would be used next.
    candidates_asked: Option<Moment>,
}

/// Where the operator wants the pool to be for a while.
#[derive(Debug, Clone, Copy)]
struct Pin {
    daemon: DaemonId,
    until: Moment,
}

impl Core {
    /// Knows nothing yet: the primary is the answer, and all daemons are about to be polled.
    pub fn new(config: &Config, now: Moment) -> Self {
        let (endpoints, drained) = (endpoints(config), drained(config));
        let daemons = endpoints.len();
        let mut tracker = Tracker::new(drained.iter().copied(), config.rules.clone());
        Self {
            schedule: Schedule::new(now, daemons, &config.rules),
            pacing: Pacing::new(daemons, &config.rules),
            answers: Answers::new(daemons, &config.rules),
            refreshes: Refreshes::default(),
            assessment: tracker.assess(now, DaemonId::PRIMARY),
            tracker,
            is_news: false,
            policy: config.policy.clone(),
            current: endpoints[0].clone(),
            endpoints,
            drained,
            warnings: config.warnings.clone(),
            chosen: Selection::START,
            in_use: Selection::START,
            pin: None,
            reconfigured: false,
            epoch: now.unix_millis(),
            switches: VecDeque::new(),
            polls: 0,
            counts: Counts::default(),
            drought: Drought::default(),
            chart: None,
            looks: vec![None; daemons],
            hasty: vec![None; daemons],
            blocks: [].into(),
            to_ask: vec![],
            candidates_asked: None,
        }
    }

    /// Goes on where an earlier core broke off after its last snapshot: with the choice, the history and what the operator said,
    /// though without what the daemons showed. They are polled when it is their turn, so that a core that breaks off again and again polls
    /// nobody more often.
    pub fn resume(mut self, now: Moment, before: &Self, status: &Status) -> Self {
        let remap = Remap::new(&before.endpoints, &self.endpoints);
        (self.chosen, self.in_use, self.current) = (before.chosen, before.in_use, status.current.clone());
        self.move_orders(&remap, before.pin);
        for id in (0..self.endpoints.len()).map(DaemonId) {
            let track = remap.from(id).and_then(|id| before.tracker.track(id));
            track.into_iter().for_each(|track| self.tracker.drain(id, track.is_drained()));
        }
        (self.epoch, self.polls) = (status.epoch, status.polls);
        self.switches = status.switches.iter().cloned().collect();
        (self.counts, self.blocks) = (before.counts.clone(), before.blocks.clone());
        self.drought = before.drought.clone();
        self.refreshes = before.refreshes.clone();
        self.refreshes.reconfigure(&remap);
        self.schedule.wait_for_turns(now);
        self.refreshes.waits_for().for_each(|daemon| self.schedule.call(daemon));
        self.is_news = true;
        self
    }

    /// Takes in what happened, or what the operator orders.
    pub fn handle(&mut self, now: Moment, input: Input) {
        match input {
            Input::News(daemon, news) => return self.hear(now, daemon, news),
            Input::Learnt(learnt) => self.learn(now, learnt),
            Input::Drain(daemon, drained) => self.tracker.drain(daemon, drained),
            Input::Pin(daemon, time) if daemon.0 < self.endpoints.len() => {
                self.pin = Some(Pin { daemon, until: now.after(time) });
            }
            Input::Pin(..) => {}
            Input::Unpin => self.pin = None,
            Input::Refresh(request) => {
                self.refreshes.ask(now, request, self.endpoints.len());
                return self.refreshes.waits_for().for_each(|daemon| self.schedule.call(daemon));
            }
        }
        self.is_news = true;
    }

    /// Goes on with another configuration. What is known of daemons that stay is kept, wherever they are in it; so are the
    /// operator's orders, unless the configuration says something else than before about draining the daemon.
    pub fn reconfigure(&mut self, now: Moment, config: &Config) {
        let (endpoints, drained) = (endpoints(config), drained(config));
        let remap = Remap::new(&self.endpoints, &endpoints);
        self.tracker.reconfigure(&remap, config.rules.clone());
        self.schedule.reconfigure(now, &remap, &config.rules);
        self.pacing.reconfigure(&remap, &config.rules);
        self.answers.reconfigure(&remap, &config.rules);
        self.refreshes.reconfigure(&remap);
        for (id, drained) in (0..).map(DaemonId).zip(&drained) {
            if remap.from(id).is_none_or(|before| self.drained[before.0] != *drained) {
                self.tracker.drain(id, *drained);
            }
        }
        self.move_orders(&remap, self.pin);
        self.looks = remap.carry(std::mem::take(&mut self.looks), |_| None);
        self.hasty = remap.carry(std::mem::take(&mut self.hasty), |_| None);
        self.to_ask.clear();
        (self.endpoints, self.drained, self.reconfigured) = (endpoints, drained, true);
        (self.policy, self.warnings) = (config.policy.clone(), config.warnings.clone());
        self.is_news = true;
    }

    /// Judges and chooses, where something was taken in that may change it, or its time has come. Tells whether it did.
    ///
    /// What is taken in before it is judged together: views of one moment, one verdict.
    pub fn judge(&mut self, now: Moment) -> bool {
        if !std::mem::take(&mut self.is_news) && self.due_by_itself().is_none_or(|due| due > now.elapsed) {
            return false;
        }
        let in_use = self.endpoints.iter().position(|endpoint| *endpoint == self.current).map(DaemonId);
        self.assessment = self.tracker.assess(now, in_use.unwrap_or(DaemonId::PRIMARY));
        self.chosen = select::select(now, &self.assessment, self.chosen, &self.policy);
        let selection = self.heed_pin(now);
        let reconfigured = std::mem::take(&mut self.reconfigured);
        if in_use != Some(selection.daemon) {
            let left = in_use.map_or(Health::Unknown, |id| self.assessment.daemons[id.0].health.clone());
            let cause = if reconfigured { Cause::Reconfigured } else { selection.cause };
            self.switch(now, &left, Selection { cause, ..selection });
        }
        (self.in_use, self.chart) = (selection, None);
        self.look_again();
        self.note_head(now);
        self.ask_candidates(now);
        true
    }

    /// What is to be done now. To be called after each judgement, and at each deadline.
    pub fn commands(&mut self, now: Moment) -> Vec<Command> {
        let mut commands: Vec<_> =
            self.begin_tries(now).into_iter().map(|(daemon, begins)| self.try_of(daemon, begins)).collect();
        commands.extend(self.tracker.questions(now).into_iter().map(Command::Ask));
        commands.extend(self.tracker.unproven(now).into_iter().map(Command::List));
        commands.extend(self.work_to_ask().into_iter().map(Command::AskForWork));
        commands
    }

    /// When there is something to judge or to do again, even if nothing happens until then, in time since watching began.
    pub fn next_deadline(&self) -> Option<Duration> {
        [self.schedule.next_due(), self.pacing.next_due(), self.due_by_itself()].into_iter().flatten().min()
    }

    /// What is held of all daemons, as of the last judgement.
    pub fn assessment(&self) -> &Assessment {
        &self.assessment
    }

    /// What the pool uses, as of the last judgement.
    pub fn selection(&self) -> Selection {
        self.in_use
    }

    /// What requests go by, as of the last judgement.
    pub fn chart(&mut self) -> Arc<Chart> {
        let is_pinned = self.pin.is_some();
        let draw = || {
            let policy = (&self.policy, is_pinned);
            Arc::new(chart::chart(&self.endpoints, &self.tracker, &self.assessment, &self.in_use, policy))
        };
        let chart = self.chart.take().unwrap_or_else(draw);
        self.chart = Some(chart.clone());
        chart
    }

    /// The requests to poll everybody that are answered; each is named once.
    pub fn take_refreshed(&mut self) -> Vec<u32> {
        self.refreshes.take_done()
    }

    /// The daemon at an address, if it is watched.
    pub fn find(&self, host: &str, port: u16) -> Option<DaemonId> {
        let is_there = |endpoint: &Who| endpoint.host == host && endpoint.port == port;
        self.endpoints.iter().position(is_there).map(DaemonId)
    }

    /// When something ends or falls due by itself: the pin, or the return to the primary.
    fn due_by_itself(&self) -> Option<Duration> {
        let pin = self.pin.map(|pin| pin.until.elapsed);
        pin.into_iter().chain(select::failback_due(&self.assessment, self.chosen, &self.policy)).min()
    }

    fn hear(&mut self, now: Moment, daemon: DaemonId, news: News) {
        match news {
            News::Tried(tried) => {
                let is_hasty = self.is_hasty(daemon, &tried);
                self.note_answer(daemon, &tried);
                let failed = self.tracker.track(daemon).map_or(0, Track::failed_tries);
                let left = self.tracker.rules().max_polling_failures.saturating_sub(failed);
                let outcome = self.schedule.end(now, daemon, tried, left);
                match outcome {
                    Some(TryOutcome::FirstFailed) if is_hasty => self.wonder(now, daemon),
                    outcome => self.end_try(now, daemon, outcome),
                }
            }
            News::Spared => {
                self.answers.spared(daemon);
                let outcome = self.schedule.spare(now, daemon);
                self.end_try(now, daemon, outcome);
            }
            News::Answered(question, hash) => {
                self.tracker.answer(now, &Question { daemon, ..question }, hash);
                self.is_news = true;
            }
            // What it proves counts at the end of a round.
            News::Listed(peers) => self.tracker.list(now, daemon, peers),
            News::Hinted(hint) => self.hint(now, daemon, hint),
            News::Restarted => self.schedule.restart(now, daemon),
        }
    }

    /// Where somebody wants to know, or something failed, nothing of the look before may stand for this one.
    fn try_of(&self, daemon: DaemonId, begins: Try) -> Command {
        let is_healthy = self.assessment.daemons.get(daemon.0).is_some_and(|it| it.health == Health::Healthy);
        let may_be_short = begins == Try::First && is_healthy && self.tracker.proves_itself(daemon);
        Command::Try(daemon, Look { limit: self.answers.limit(daemon), may_be_short })
    }

    fn note_answer(&mut self, daemon: DaemonId, tried: &Result<Observation, Failure>) {
        match tried {
            Ok(observation) => self.answers.answered(daemon, observation.latency),
            Err(failure) if failure.kind == FailureKind::Timeout => self.answers.late(daemon),
            Err(_) => {}
        }
    }

    fn end_try(&mut self, now: Moment, daemon: DaemonId, outcome: Option<TryOutcome>) {
        match outcome {
            None => return,
            Some(TryOutcome::FirstFailed) => self.stumble(now, daemon),
            Some(TryOutcome::Ended { began, report }) => {
                self.refreshes.note(daemon, began);
                self.record(now, daemon, report);
            }
        }
        self.is_news = true;
    }

    fn record(&mut self, now: Moment, daemon: DaemonId, report: Report) {
        self.polls += 1;
        let head = self.assessment.head.map(|head| head.height);
        let stale = self.pacing.ended(now, daemon, &report, head);
        self.tracker.record(now, daemon, report);
        self.settle_hasty(now, daemon);
        if self.tracker.track(daemon).is_some_and(Track::has_to_be_asked_for_work) {
            self.to_ask.push(daemon);
        }
        self.renew(&stale);
    }

    /// Whether a try was given less time than is configured, and needed more: that may be a busy machine, ours or the daemon's.
    fn is_hasty(&self, daemon: DaemonId, tried: &Result<Observation, Failure>) -> bool {
        let is_late = tried.as_ref().is_err_and(|failure| failure.kind == FailureKind::Timeout);
        is_late && self.answers.limit(daemon) < self.tracker.rules().timeout
    }

    /// A try took longer than usual. The next one tells; until then the daemon is not chosen anew, and the others are looked at.
    fn wonder(&mut self, now: Moment, daemon: DaemonId) {
        self.hasty.get_mut(daemon.0).into_iter().for_each(|hasty| *hasty = Some(now));
        self.tracker.doubt(daemon);
        self.call_others(now, daemon);
        self.is_news = true;
    }

    /// A poll has ended in which a daemon reached a learnt limit. If others have answered meanwhile, it was not this machine that was busy, and what the
    /// first try lost was lost.
    fn settle_hasty(&mut self, now: Moment, daemon: DaemonId) {
        let Some(since) = self.hasty.get_mut(daemon.0).and_then(Option::take) else { return };
        let others = (0..self.endpoints.len()).map(DaemonId).filter(|id| *id != daemon);
        let prompt = others.filter_map(|id| self.tracker.track(id)).filter(|track| track.has_answered_since(since));
        if prompt.take(WITNESSES).count() == WITNESSES {
            self.tracker.falter(now, daemon);
        }
    }

    /// A try of a poll failed, or a request of the pool's own.
    fn stumble(&mut self, now: Moment, daemon: DaemonId) {
        self.tracker.stumble(now, daemon);
        self.call_others(now, daemon);
    }

    fn hint(&mut self, now: Moment, daemon: DaemonId, hint: Hint) {
        let block = match hint {
            Hint::New(block) => block,
            Hint::Down => {
                self.schedule.doubt(daemon);
                self.tracker.doubt(daemon);
                self.call_others(now, daemon);
                None
            }
        };
        self.pacing.hinted(now, daemon, block);
    }

    fn learn(&mut self, now: Moment, learnt: Learnt) {
        let find = |daemon: &Who| self.endpoints.iter().position(|it| it == daemon).map(DaemonId);
        match learnt {
            Learnt::Failed(daemon) => {
                if let Some(daemon) = find(&daemon).filter(|daemon| self.may_look(now, *daemon)) {
                    self.stumble(now, daemon);
                    self.schedule.suspect(daemon);
                }
            }
            Learnt::Suspect(daemon) => {
                if let Some(daemon) = find(&daemon).filter(|daemon| self.may_look(now, *daemon)) {
                    self.schedule.call(daemon);
                }
            }
            Learnt::Works(daemon) => find(&daemon).into_iter().for_each(|daemon| self.tracker.works(daemon)),
            Learnt::NoWork { daemon, cause, witnessed } => {
                let daemon = find(&daemon);
                daemon.into_iter().for_each(|daemon| self.tracker.gives_no_work(now, daemon, cause, witnessed));
            }
            Learnt::Template(Ok(())) => self.drought.ends(now),
            Learnt::Template(Err(words)) => self.drought.lacks(now, words),
            Learnt::NoTemplate(words) => self.drought.lasts(now, words),
            Learnt::Blocks(blocks) => self.blocks = blocks,
        }
    }

    /// A daemon is polled once a second at most for what requests show, however many of them fail.
    fn may_look(&mut self, now: Moment, daemon: DaemonId) -> bool {
        let Some(last) = self.looks.get_mut(daemon.0) else { return false };
        let may = last.is_none_or(|last| now.since(last) >= LOOK_AT_MOST_EVERY);
        *last = if may { Some(now) } else { *last };
        may
    }

    /// Those in turn, and those that are called out of turn.
    fn begin_tries(&mut self, now: Moment) -> Vec<(DaemonId, Try)> {
        let mut tries = self.begin_due(now);
        for daemon in self.pacing.due(now) {
            self.schedule.call(daemon);
        }
        tries.extend(self.begin_due(now));
        tries
    }

    fn begin_due(&mut self, now: Moment) -> Vec<(DaemonId, Try)> {
        let tries = self.schedule.begin(now);
        for (daemon, _) in tries.iter().filter(|(_, begins)| *begins != Try::Second) {
            self.pacing.began(now, *daemon);
        }
        tries
    }

    /// Each daemon is named once.
    fn work_to_ask(&mut self) -> Vec<Who> {
        let mut asked = std::mem::take(&mut self.to_ask);
        sort_by_key(&mut asked, |it| *it);
        asked.dedup();
        asked.into_iter().filter_map(|id| self.endpoints.get(id.0).cloned()).collect()
    }

    /// Those that would be used next, so that no switch leads to a daemon without work.
    fn ask_candidates(&mut self, now: Moment) {
        let lately = self.candidates_asked.is_some_and(|asked| now.since(asked) < ASK_CANDIDATES_EVERY);
        let is_alone = chart::is_alone(&self.in_use, &self.policy, self.pin.is_some());
        if lately || is_alone || self.assessment.rounds == 0 {
            return;
        }
        self.candidates_asked = Some(now);
        let chart = self.chart();
        let is_next = |seat: &&Seat| seat.is_sound && seat.is_on_head && seat.daemon != chart.in_use;
        let next = chart.daemons.iter().filter(is_next).take(CANDIDATES);
        let ids = next.filter_map(|seat| self.endpoints.iter().position(|it| *it == seat.daemon).map(DaemonId));
        self.to_ask.extend(ids);
    }

    /// Who misses a block that others have is looked at until it has that, or is overtaken. While there are enough to replace it, the daemon in use is looked
    /// at more often than in its turns; so is a witness, since a daemon in use that gets no more blocks does not show that there is one.
    fn look_again(&mut self) {
        let rules = self.tracker.rules();
        let is_watched = self.in_use.mode == Mode::Multi;
        let witness = self.witness();
        for id in (0..self.endpoints.len()).map(DaemonId) {
            let until = self.tracker.track(id).and_then(|track| track.overtaken_due(rules));
            self.pacing.look_until(id, until);
            let period = match id {
                id if id == self.in_use.daemon => self.answers.period(id),
                id if Some(id) == witness => self.answers.witness_period(id),
                _ => None,
            };
            self.pacing.look_every(id, period.filter(|_| is_watched));
        }
    }

    /// The first of the others that may be used and can be looked at more often.
    fn witness(&self) -> Option<DaemonId> {
        let judged = (0..).map(DaemonId).zip(&self.assessment.daemons);
        let mut fit =
            judged.filter(|(id, it)| *id != self.in_use.daemon && select::is_sound(it) && select::is_on_head(it));
        fit.find(|(id, _)| self.answers.witness_period(*id).is_some()).map(|(id, _)| id)
    }

    /// Takes along what was chosen and pinned. Who is gone is the primary's concern, and before the first round so is all.
    fn move_orders(&mut self, remap: &Remap, pin: Option<Pin>) {
        self.pin = pin.and_then(|pin| Some(Pin { daemon: remap.to(pin.daemon)?, ..pin }));
        if self.chosen != Selection::START {
            self.chosen.daemon = remap.to(self.chosen.daemon).unwrap_or(DaemonId::PRIMARY);
        }
    }

    fn call_others(&mut self, now: Moment, daemon: DaemonId) {
        let stale = self.pacing.failed(now, daemon);
        self.renew(&stale);
    }

    fn renew(&mut self, stale: &[DaemonId]) {
        stale.iter().for_each(|daemon| self.tracker.renew(*daemon));
    }

    fn heed_pin(&mut self, now: Moment) -> Selection {
        self.pin = self.pin.filter(|pin| pin.until.elapsed > now.elapsed);
        match self.pin {
            Some(pin) => select::pinned(self.chosen, &self.assessment, pin.daemon),
            None if self.in_use.cause == Cause::Pinned => Selection { cause: Cause::Unpinned, ..self.chosen },
            None => self.chosen,
        }
    }

    fn switch(&mut self, now: Moment, left: &Health, selection: Selection) {
        self.epoch += 1;
        let switch = Switch {
            from: &self.current,
            left,
            to: &self.endpoints[selection.daemon.0],
            cause: selection.cause,
            votes: self.assessment.votes,
            others: self.assessment.others,
            mode: selection.mode,
            healthy: self.assessment.healthy(),
        };
        let event = switch.event(self.epoch, now);
        self.counts.note_switch(event.code);
        self.switches.push_back(Arc::new(event));
        if self.switches.len() > KEPT_SWITCHES {
            self.switches.pop_front();
        }
        self.current = self.endpoints[selection.daemon.0].clone();
    }

    /// When the first head came is not known: until the first round has ended, the block's own time stamp has to tell.
    fn note_head(&mut self, now: Moment) {
        let Some(head) = self.assessment.head else { return };
        let tracks = self.tracker.tracks().iter();
        let ages = tracks.filter(|track| track.tip() == Some(head.hash)).filter_map(|track| track.tip_age(now));
        let first = self.assessment.rounds <= 1;
        self.counts.note_head(now, head.hash, || ages.min().filter(|_| first).unwrap_or_default());
    }
}

fn endpoints(config: &Config) -> Arc<[Who]> {
    config.daemons.iter().map(|daemon| Who::new(daemon.endpoint.clone())).collect()
}

fn drained(config: &Config) -> Vec<bool> {
    config.daemons.iter().map(|daemon| daemon.drained).collect()
}

const KEPT_SWITCHES: usize = 50;
const LOOK_AT_MOST_EVERY: Duration = Duration::from_secs(1);
const ASK_CANDIDATES_EVERY: Duration = Duration::from_secs(60);
/// The one that would be used next, and the one after it.
const CANDIDATES: usize = 2;
/// Of one, it might be chance.
const WITNESSES: usize = 2;
