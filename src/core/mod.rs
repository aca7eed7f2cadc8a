//! From reports to published snapshots: the tracker, the selector and the history of switches, in one place.
//!
//! Still without sockets, clocks and threads.

mod chart;
mod counts;
pub mod pacing;

use std::{collections::VecDeque, sync::Arc, time::Duration};

pub use self::chart::chart;
use self::{counts::Counts, pacing::Pacing};
use crate::{
    config::Config,
    consensus::{
        block::{BlockHash, Height},
        checks::UpgradeDue,
        health::Health,
        moment::Moment,
        observation::{Report, Upgrade},
        peers::Peer,
        questions::Question,
        select::{self, Cause, Policy, Selection},
        track::Track,
        tracker::{Assessment, Tracker},
    },
    endpoint::{DaemonId, Endpoint},
    remap::Remap,
    routing::{BlockFate, Chart, Learnt, RequestCounts, Seat, Who},
    status::{DaemonFigures, DaemonStatus, Figures, PinStatus, Status, Switch, SwitchEvent},
};

/// Decides, report by report, which daemon is used.
#[derive(Debug)]
pub struct Decider {
    tracker: Tracker,
    pacing: Pacing,
    head: Option<Height>,
    policy: Policy,
    endpoints: Arc<[Endpoint]>,
    /// Which daemons the configuration wants drained; the operator may have said otherwise since.
    drained: Vec<bool>,
    warnings: Vec<String>,
    /// What the rules choose.
    selection: Selection,
    /// What the pool uses: that, or what the operator pinned it to.
    in_use: Selection,
    /// Where that is. It may have left the configuration since.
    current: Endpoint,
    pin: Option<Pin>,
    reconfigured: bool,
    epoch: u64,
    switches: VecDeque<Arc<SwitchEvent>>,
    polls: u64,
    counts: Counts,
    /// The same as `endpoints`, as requests know them.
    daemons: Vec<Who>,
    chart: Arc<Chart>,
    blocks: Arc<[BlockFate]>,
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

impl Decider {
    /// Knows nothing yet: the primary is the answer.
    pub fn new(config: &Config, now: Moment) -> Self {
        let (endpoints, drained) = (endpoints(config), drained(config));
        let daemons = names(&endpoints);
        Self {
            tracker: Tracker::new(drained.iter().copied(), config.rules.clone()),
            pacing: Pacing::new(config.daemons.len(), &config.rules),
            head: None,
            policy: config.policy.clone(),
            current: endpoints[0].clone(),
            endpoints,
            drained,
            warnings: config.warnings.clone(),
            selection: Selection::START,
            in_use: Selection::START,
            pin: None,
            reconfigured: false,
            epoch: now.unix_millis(),
            switches: VecDeque::new(),
            polls: 0,
            counts: Counts::default(),
            chart: Arc::new(Chart::start(daemons[0].clone())),
            looks: vec![None; daemons.len()],
            daemons,
            blocks: [].into(),
            to_ask: vec![],
            candidates_asked: None,
        }
    }

    /// Goes on where an earlier decider broke off after its last snapshot: with the choice, the history
    /// and what the operator said, though without what the daemons showed.
    pub fn resume(mut self, before: &Self, status: &Status) -> Self {
        let remap = Remap::new(&before.endpoints, &self.endpoints);
        (self.selection, self.in_use, self.current) = (before.selection, before.in_use, status.current.clone());
        self.move_orders(&remap, before.pin);
        for id in (0..self.endpoints.len()).map(DaemonId) {
            let track = remap.from(id).and_then(|id| before.tracker.track(id));
            track.into_iter().for_each(|track| self.tracker.drain(id, track.is_drained()));
        }
        (self.epoch, self.polls) = (status.epoch, status.polls);
        self.switches = status.switches.iter().cloned().collect();
        (self.counts, self.blocks) = (before.counts.clone(), before.blocks.clone());
        self
    }

    /// Takes in that a poll of a daemon began.
    pub fn begin(&mut self, now: Moment, daemon: DaemonId) {
        self.pacing.began(now, daemon);
    }

    /// Takes in that the first try of a poll failed, or a request of the pool's own.
    pub fn stumble(&mut self, now: Moment, daemon: DaemonId) {
        self.tracker.stumble(now, daemon);
        self.call_others(now, daemon);
    }

    /// Takes in somebody's word that a daemon fails, which its next poll proves or does not.
    pub fn doubt(&mut self, now: Moment, daemon: DaemonId) {
        self.tracker.doubt(daemon);
        self.call_others(now, daemon);
    }

    /// Takes in what a request showed; whether the daemon has to be polled now.
    pub fn learn(&mut self, now: Moment, lesson: &Learnt) -> Option<(DaemonId, Lesson)> {
        let find = |daemon: &Who| self.daemons.iter().position(|it| it == daemon).map(DaemonId);
        match lesson {
            Learnt::Failed(daemon) => self.look(now, find(daemon)?).map(|daemon| (daemon, Lesson::Failed)),
            Learnt::Slow(daemon) => self.look(now, find(daemon)?).map(|daemon| (daemon, Lesson::Slow)),
            Learnt::Works(daemon) => {
                self.tracker.works(find(daemon)?);
                None
            }
            Learnt::NoWork { daemon, cause, witnessed } => {
                self.tracker.gives_no_work(now, find(daemon)?, *cause, *witnessed);
                None
            }
            Learnt::Blocks(blocks) => {
                self.blocks = blocks.clone();
                None
            }
        }
    }

    /// A daemon is polled once a second at most for what requests show, however many of them fail.
    fn look(&mut self, now: Moment, daemon: DaemonId) -> Option<DaemonId> {
        let last = self.looks.get_mut(daemon.0)?;
        if last.is_some_and(|last| now.since(last) < LOOK_AT_MOST_EVERY) {
            return None;
        }
        *last = Some(now);
        Some(daemon)
    }

    /// The daemons to ask for a block template now; each is named once.
    pub fn work_to_ask(&mut self) -> Vec<Who> {
        let mut asked = std::mem::take(&mut self.to_ask);
        asked.sort_unstable();
        asked.dedup();
        asked.into_iter().filter_map(|id| self.daemons.get(id.0).cloned()).collect()
    }

    /// What requests go by, as of the last decision.
    pub fn chart(&self) -> Arc<Chart> {
        self.chart.clone()
    }

    /// Goes on with another configuration. What is known of daemons that stay is kept, wherever they are in it; so are the
    /// operator's orders, unless the configuration says something else than before about draining the daemon.
    pub fn reconfigure(&mut self, config: &Config) {
        let (endpoints, drained) = (endpoints(config), drained(config));
        let remap = Remap::new(&self.endpoints, &endpoints);
        self.tracker.reconfigure(&remap, config.rules.clone());
        self.pacing.reconfigure(&remap, &config.rules);
        for (id, drained) in (0..).map(DaemonId).zip(&drained) {
            if remap.from(id).is_none_or(|before| self.drained[before.0] != *drained) {
                self.tracker.drain(id, *drained);
            }
        }
        self.move_orders(&remap, self.pin);
        self.looks = remap.carry(std::mem::take(&mut self.looks), |_| None);
        self.daemons = names(&endpoints);
        (self.endpoints, self.drained, self.reconfigured) = (endpoints, drained, true);
        (self.policy, self.warnings) = (config.policy.clone(), config.warnings.clone());
    }

    /// The daemon at an address, if it is watched.
    pub fn find(&self, host: &str, port: u16) -> Option<DaemonId> {
        let is_there = |endpoint: &Endpoint| endpoint.host == host && endpoint.port == port;
        self.endpoints.iter().position(is_there).map(DaemonId)
    }

    /// Takes a daemon out of use, or back into it. It goes on being watched, but has no vote, and is used only when nothing
    /// else answers.
    pub fn drain(&mut self, daemon: DaemonId, drained: bool) {
        self.tracker.drain(daemon, drained);
    }

    /// Uses a daemon for so long, whatever is held of it, and whether or not the first round has ended. Takes the place of a
    /// pin from before.
    pub fn pin(&mut self, now: Moment, daemon: DaemonId, time: Duration) {
        self.pin = Some(Pin { daemon, until: now.after(time) });
    }

    /// Ends the pin, if there is one: the pool uses what the rules have chosen meanwhile.
    pub fn unpin(&mut self) {
        self.pin = None;
    }

    /// Whether something has ended by itself, so that it has to decide though nothing was reported.
    pub fn is_due(&self, now: Moment) -> bool {
        self.pin.is_some_and(|pin| pin.until.elapsed <= now.elapsed)
    }

    /// Takes in how a poll of a daemon ended.
    pub fn record(&mut self, now: Moment, daemon: DaemonId, report: Report) {
        self.polls += 1;
        let outdated = self.pacing.ended(now, daemon, &report, self.head);
        self.tracker.record(now, daemon, report);
        if self.tracker.track(daemon).is_some_and(Track::has_to_be_asked_for_work) {
            self.to_ask.push(daemon);
        }
        self.renew(&outdated);
    }

    /// The questions to ask now, as of the last decision.
    pub fn questions(&mut self, now: Moment) -> Vec<Question> {
        self.tracker.questions(now)
    }

    /// Takes in the hash that a daemon answered a question with, or that it gave no usable answer.
    pub fn answer(&mut self, now: Moment, question: &Question, hash: Option<BlockHash>) {
        self.tracker.answer(now, question, hash);
    }

    /// The daemons to ask now for a list of their connections, as of the last decision.
    pub fn unproven(&mut self, now: Moment) -> Vec<DaemonId> {
        self.tracker.unproven(now)
    }

    /// Takes in the list of connections that a daemon gave; `None` where it gave no usable one.
    pub fn list(&mut self, now: Moment, daemon: DaemonId, peers: Option<Vec<Peer>>) {
        self.tracker.list(now, daemon, peers);
    }

    /// Takes in a hint that a daemon has news, or this block.
    pub fn hint(&mut self, now: Moment, daemon: DaemonId, block: Option<BlockHash>) {
        self.pacing.hinted(now, daemon, block);
    }

    /// The daemons to poll now, out of turn; each is named once.
    pub fn due(&mut self, now: Moment) -> Vec<DaemonId> {
        self.pacing.due(now)
    }

    /// When to ask for [`Self::due`] and [`Self::is_due`] again, even if nothing is reported until then, in time since watching
    /// began.
    pub fn next_deadline(&self) -> Option<Duration> {
        let pin = self.pin.map(|pin| pin.until.elapsed);
        self.pacing.next_due().into_iter().chain(pin).min()
    }

    /// Judges, chooses and gives the snapshot to publish.
    pub fn decide(&mut self, now: Moment) -> Status {
        let in_use = self.endpoints.iter().position(|endpoint| *endpoint == self.current).map(DaemonId);
        let assessment = self.tracker.assess(now, in_use.unwrap_or(DaemonId::PRIMARY));
        self.selection = select::select(now, &assessment, self.selection, &self.policy);
        let chosen = self.heed_pin(now, &assessment);
        let reconfigured = std::mem::take(&mut self.reconfigured);
        if in_use != Some(chosen.daemon) {
            let left = in_use.map_or(&Health::Unknown, |id| &assessment.daemons[id.0].health);
            let cause = if reconfigured { Cause::Reconfigured } else { chosen.cause };
            self.switch(now, &assessment, left, Selection { cause, ..chosen });
        }
        self.in_use = chosen;
        self.head = assessment.head.map(|head| head.height);
        self.note_head(now, &assessment);
        let policy = (&self.policy, self.pin.is_some());
        self.chart = Arc::new(chart(&self.daemons, &self.tracker, &assessment, &self.in_use, policy));
        self.ask_candidates(now);
        self.snapshot(&assessment)
    }

    /// Those that would be used next, so that no switch leads to a daemon without work.
    fn ask_candidates(&mut self, now: Moment) {
        let is_time = self.candidates_asked.is_none_or(|asked| now.since(asked) >= ASK_CANDIDATES_EVERY);
        if !is_time || self.chart.alone || !self.chart.ready {
            return;
        }
        self.candidates_asked = Some(now);
        let is_next = |seat: &&Seat| seat.is_sound && seat.is_on_head && seat.daemon != self.chart.in_use;
        let next = self.chart.daemons.iter().filter(is_next).take(CANDIDATES);
        let ids = next.filter_map(|seat| self.daemons.iter().position(|it| *it == seat.daemon).map(DaemonId));
        self.to_ask.extend(ids);
    }

    /// What only metrics and the status page need.
    pub fn figures(&self, now: Moment) -> Figures {
        let tracks = (0..self.endpoints.len()).filter_map(|id| self.tracker.track(DaemonId(id)));
        let millis = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        Figures {
            votes: self.tracker.votes().into(),
            min_healthy: self.policy.min_healthy,
            block_target: millis(self.tracker.rules().block_target),
            head_age: self.counts.head_age(now).map(millis),
            switches: self.counts.switches().clone(),
            daemons: tracks.map(DaemonFigures::new).collect(),
        }
    }

    /// Takes along what was chosen and pinned. Who is gone is the primary's concern, and before the first round so is all.
    fn move_orders(&mut self, remap: &Remap, pin: Option<Pin>) {
        self.pin = pin.and_then(|pin| Some(Pin { daemon: remap.to(pin.daemon)?, ..pin }));
        if self.selection != Selection::START {
            self.selection.daemon = remap.to(self.selection.daemon).unwrap_or(DaemonId::PRIMARY);
        }
    }

    fn call_others(&mut self, now: Moment, daemon: DaemonId) {
        let outdated = self.pacing.failed(now, daemon);
        self.renew(&outdated);
    }

    fn renew(&mut self, outdated: &[DaemonId]) {
        outdated.iter().for_each(|daemon| self.tracker.renew(*daemon));
    }

    fn heed_pin(&mut self, now: Moment, assessment: &Assessment) -> Selection {
        self.pin = self.pin.filter(|pin| pin.until.elapsed > now.elapsed);
        match self.pin {
            Some(pin) => select::pinned(self.selection, assessment, pin.daemon),
            None if self.in_use.cause == Cause::Pinned => Selection { cause: Cause::Unpinned, ..self.selection },
            None => self.selection,
        }
    }

    fn switch(&mut self, now: Moment, assessment: &Assessment, left: &Health, selection: Selection) {
        self.epoch += 1;
        let switch = Switch {
            from: &self.current,
            left,
            to: &self.endpoints[selection.daemon.0],
            cause: selection.cause,
            votes: assessment.votes,
            mode: selection.mode,
            healthy: assessment.healthy(),
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
    fn note_head(&mut self, now: Moment, assessment: &Assessment) {
        let Some(head) = assessment.head else { return };
        let tracks = (0..self.endpoints.len()).filter_map(|id| self.tracker.track(DaemonId(id)));
        let ages = tracks.filter(|track| track.tip() == Some(head.hash)).filter_map(|track| track.tip_age(now));
        let first = assessment.rounds <= 1;
        self.counts.note_head(now, head.hash, || ages.min().filter(|_| first).unwrap_or_default());
    }

    fn snapshot(&self, assessment: &Assessment) -> Status {
        let Selection { mode, quorum, hold, .. } = self.in_use;
        let pin = |pin: Pin| PinStatus { daemon: self.endpoints[pin.daemon.0].clone(), until: pin.until.unix_millis() };
        let judged = (0..).map(DaemonId).zip(&assessment.daemons);
        let status = |(id, judgement)| Some(DaemonStatus::new(id, &self.endpoints, judgement, self.tracker.track(id)?));
        Status {
            enabled: true,
            mode,
            quorum,
            hold,
            epoch: self.epoch,
            current: self.current.clone(),
            primary: self.endpoints[0].clone(),
            pin: self.pin.map(pin),
            head: assessment.head,
            healthy: assessment.healthy(),
            daemons: judged.filter_map(status).collect(),
            switches: self.switches.iter().cloned().collect(),
            polls: self.polls,
            warnings: self.warnings(assessment),
            blocks: self.blocks.clone(),
            gateway: None,
            requests: RequestCounts::default(),
            ready: assessment.rounds > 0,
        }
    }

    fn warnings(&self, assessment: &Assessment) -> Vec<String> {
        let names = self.endpoints.iter().zip(&assessment.daemons);
        let same = names.filter_map(|(endpoint, daemon)| Some((endpoint, &self.endpoints[daemon.same_as?.0])));
        let twice = same.map(|(one, other)| format!("{one} and {other} are one daemon, which counts once"));
        self.warnings.iter().cloned().chain(twice).chain(self.upgrades_due(assessment)).collect()
    }

    /// Says how many days are left, so that the text, and with it the line in a log, is a new one once a day.
    fn upgrades_due(&self, assessment: &Assessment) -> Vec<String> {
        let names = self.endpoints.iter().zip(&assessment.daemons);
        let due = names.filter_map(|(endpoint, daemon)| Some((endpoint, daemon.upgrade_due?)));
        let text = |(endpoint, UpgradeDue { upgrade: Upgrade { at, supported }, days }): (&Endpoint, UpgradeDue)| {
            let when = match days {
                None => {
                    return format!(
                        "{endpoint} may have to be upgraded: it says that the network upgraded at {at}, and that its software \
                     supports only up to {supported}"
                    );
                }
                Some(0) => "less than a day".into(),
                Some(1) => "1 day".into(),
                Some(days) => format!("{days} days"),
            };
            format!(
                "{endpoint} has to be upgraded: the network upgrades at {at}, in {when}, and its software supports only \
                 up to {supported}"
            )
        };
        due.map(text).collect()
    }
}

fn endpoints(config: &Config) -> Arc<[Endpoint]> {
    config.daemons.iter().map(|daemon| daemon.endpoint.clone()).collect()
}

fn names(endpoints: &[Endpoint]) -> Vec<Who> {
    endpoints.iter().cloned().map(Arc::new).collect()
}

fn drained(config: &Config) -> Vec<bool> {
    config.daemons.iter().map(|daemon| daemon.drained).collect()
}

/// What a lesson has to lead to, besides a poll.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lesson {
    /// With a poll that fails too, it is a failed try.
    Failed,
    /// Nothing.
    Slow,
}

const KEPT_SWITCHES: usize = 50;
const LOOK_AT_MOST_EVERY: Duration = Duration::from_secs(1);
const ASK_CANDIDATES_EVERY: Duration = Duration::from_secs(60);
/// The one that would be used next, and the one after it.
const CANDIDATES: usize = 2;
