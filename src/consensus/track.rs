//! What the tracker remembers of one daemon.

use std::{collections::BTreeSet, net::SocketAddr, time::Duration};

use super::{
    block::{BlockHash, Height},
    branch::Place,
    chain::Chain,
    checks::{Checks, Comparison, Gain, NoWorkCause, Others, UpgradeDue},
    groups::{Connections, Standing},
    health::{Claim, Faults, Health, Reason},
    moment::Moment,
    observation::{Failure, FailureKind, Observation, Report, View},
    peers::{ConnectionCounts, Peer},
    questions::{Inquiry, Question, Wanted},
    rules::Rules,
    tally::Tally,
};
use crate::remap::Remap;

/// What the tracker remembers of one daemon.
#[derive(Debug)]
pub struct Track {
    checks: Checks,
    health: Health,
    chain: Option<Chain>,
    inquiry: Inquiry,
    unlinked_since: Option<Moment>,
    latest: Option<Latest>,
    peers: Option<(Moment, Vec<Peer>)>,
    list_refused: Option<Moment>,
    failed_tries: u32,
    failure: Option<Failure>,
    good_polls: u32,
    unconfirmed: Option<Claim>,
    jumped: bool,
    gain: Option<Gain>,
    reported: bool,
    doubted: bool,
    /// When tries failed lately.
    stumbles: Vec<Moment>,
    unjudged: bool,
    healthy_since: Option<Moment>,
    tally: Tally,
}

/// The last view of a daemon that answered.
#[derive(Debug)]
pub struct Latest {
    /// When it was taken.
    pub at: Moment,
    /// What was seen.
    pub observation: Observation,
}

impl Track {
    /// A daemon that nothing is known of yet.
    pub fn new(drained: bool) -> Self {
        Self {
            checks: Checks::new(drained),
            health: Health::Unknown,
            chain: None,
            inquiry: Inquiry::default(),
            unlinked_since: None,
            latest: None,
            peers: None,
            list_refused: None,
            failed_tries: 0,
            failure: None,
            good_polls: 0,
            unconfirmed: None,
            jumped: false,
            gain: None,
            reported: false,
            doubted: false,
            stumbles: vec![],
            unjudged: false,
            healthy_since: None,
            tally: Tally::default(),
        }
    }

    /// Takes in how a poll ended.
    pub fn record(&mut self, now: Moment, report: Report, rules: &Rules) {
        if report == Report::Spared {
            // Rounds go on with the view from before.
            self.reported = true;
            return;
        }
        (self.reported, self.doubted, self.unjudged) = (true, false, true);
        self.tally.note(&report);
        match report {
            Report::Answered(observation) => self.answered(now, observation, rules),
            Report::Failed { tries, failure } => {
                self.failed_tries = self.failed_tries.saturating_add(tries);
                if failure.kind == FailureKind::Refused {
                    self.checks.no_work_mut().forget();
                }
                self.failure = Some(failure);
            }
            Report::Spared => {}
        }
    }

    /// Notes that a try failed, or a request of the pool's own, and that a poll will tell. What fails until then, such as the
    /// same request of other workers, is the same failure.
    pub fn stumble(&mut self, now: Moment, rules: &Rules) {
        if !self.doubted {
            self.falter(now, rules);
        }
        self.doubt();
    }

    /// Notes a failed try that counts towards its being unsteady.
    pub fn falter(&mut self, now: Moment, rules: &Rules) {
        self.stumbles.retain(|at| now.since(*at) <= rules.stumbles_kept());
        self.stumbles.push(now);
    }

    /// Whether a poll of it has ended well since then, and nothing failed after that.
    pub fn has_answered_since(&self, then: Moment) -> bool {
        self.answers() && self.latest.as_ref().is_some_and(|latest| latest.at.elapsed >= then.elapsed)
    }

    /// Notes that a poll has to tell whether it still answers.
    pub fn doubt(&mut self) {
        self.doubted = true;
    }

    /// Makes the round wait for the daemon's next poll.
    pub fn renew(&mut self) {
        self.reported = false;
    }

    /// The question that the daemon is to be asked now for a block of its chain, if it can be.
    pub fn ask(&mut self, now: Moment, wanted: Wanted, rules: &Rules) -> Option<Question> {
        let unknown = self.chain(now, rules)?.at(wanted.height).is_none();
        if unknown && self.answers() { self.inquiry.ask(now, wanted, rules) } else { None }
    }

    /// Takes in what the daemon answered: the block's hash, or `None` where it gave no usable answer.
    pub fn answer(&mut self, now: Moment, question: &Question, hash: Option<BlockHash>) {
        let hash = self.inquiry.settle(now, question, hash);
        if let Some((chain, hash)) = self.chain.as_mut().zip(hash) {
            chain.learn(question.height, hash);
        }
    }

    /// Takes in, at the end of a round, where the network stands and what the daemons' connections prove.
    /// `upgraded` tells whether some daemon has known an upgrade that another did not.
    pub fn survey(&mut self, now: Moment, head: Option<Height>, upgraded: bool, standing: Standing, rules: &Rules) {
        self.checks.survey(now, head, upgraded, standing, rules);
    }

    /// Whether the network is beyond an upgrade that the daemon's software does not know; `None` without a fresh view.
    pub fn is_behind_upgrade(&self, now: Moment, head: Height, rules: &Rules) -> Option<bool> {
        self.fresh(now, rules).map(|_| self.checks.is_behind_upgrade(head))
    }

    /// Takes in how the daemon compares with the others at the end of a round.
    pub fn end_of_round(&mut self, now: Moment, comparison: Option<&Comparison>, gains: &[Gain], rules: &Rules) {
        self.reported = false;
        let Some(comparison) = comparison else { return };
        self.checks.end_of_round(now, comparison, gains, rules);
        self.unconfirmed = self.claim(comparison, rules);
        // A view that came from nowhere has as little behind it as one that jumped.
        self.jumped |= comparison.place == Place::Unlinked;
        self.jumped &= -comparison.lag > rules.max_deviance as i64;
    }

    /// Decides what is held of the daemon; `comparison` is how its latest view compares right now.
    pub fn judge(&mut self, now: Moment, comparison: Option<&Comparison>, rules: &Rules) {
        if self.failed_tries >= rules.max_polling_failures {
            self.checks.forget_comparison();
            self.unconfirmed = None;
        }
        self.note_link(now, comparison);
        if let (Some(latest), Some(comparison)) = (&self.latest, comparison) {
            self.checks.compare(now, latest.at, comparison, rules);
        }
        self.count_good_polls(now, comparison, rules);
        let health = self.badness(now, rules).unwrap_or_else(|| self.recovery(rules));
        self.healthy_since = health.is_healthy().then(|| self.healthy_since.unwrap_or(now));
        self.health = health;
    }

    /// Takes in that it gave a usable block template.
    pub fn works(&mut self, rules: &Rules) {
        self.checks.no_work_mut().works(rules);
    }

    /// Takes in that it gave none; `witnessed` tells whether another daemon did in the same moment.
    pub fn gives_no_work(&mut self, now: Moment, cause: NoWorkCause, witnessed: bool) {
        self.checks.no_work_mut().fails(now, cause, witnessed);
    }

    /// Whether it has to be asked for a template to know whether it gives work again.
    pub fn has_to_be_asked_for_work(&self) -> bool {
        self.checks.no_work().has_to_be_asked()
    }

    /// Whether it answers, and nothing is known against its giving work.
    pub fn may_give_work(&self) -> bool {
        self.answers() && self.checks.no_work().may_work()
    }

    /// Takes in how many daemons give work.
    pub fn set_others_work(&mut self, others: Others) {
        self.checks.set_others_work(others);
    }

    /// Names daemons by their places in the next configuration.
    pub fn move_to(&mut self, remap: &Remap) {
        self.health = std::mem::replace(&mut self.health, Health::Unknown).moved(remap);
        self.checks.move_to(remap);
        self.inquiry.drop_open();
    }

    /// Takes the daemon out of use, or back into it; see [`Checks::drain`].
    pub fn drain(&mut self, drained: bool) {
        self.checks.drain(drained);
    }

    /// Whether an operator took the daemon out of use.
    pub fn is_drained(&self) -> bool {
        self.checks.is_drained()
    }

    /// Notes whether the daemon's genesis block is the others'.
    pub fn set_wrong_network(&mut self, wrong: bool) {
        self.checks.set_wrong_network(wrong);
    }

    /// Whether the daemon has reported since the last round ended.
    pub fn reported(&self) -> bool {
        self.reported
    }

    /// Whether a round has to wait for the daemon: one that does not answer has no view to compare.
    pub fn is_awaited(&self) -> bool {
        !self.reported && !matches!(self.health, Health::Unresponsive(_))
    }

    /// What is held of the daemon.
    pub fn health(&self) -> &Health {
        &self.health
    }

    /// What all that is wrong with it comes to: the reason that is told stays while it lasts, whatever graver ones there are.
    pub fn faults(&self, now: Moment, rules: &Rules) -> Faults {
        match &self.health {
            Health::Healthy => Faults::NONE,
            Health::Unhealthy(told) => {
                self.checks.reasons(now, rules).fold(Faults::NONE.with(told), |faults, reason| faults.with(&reason))
            }
            Health::Unknown | Health::Unconfirmed(_) | Health::Unresponsive(_) => {
                Faults { compares: false, ..Faults::NONE }
            }
        }
    }

    /// Since when it has been healthy, while it is.
    pub fn healthy_since(&self) -> Option<Moment> {
        self.healthy_since
    }

    /// The last view.
    pub fn latest(&self) -> Option<&Latest> {
        self.latest.as_ref()
    }

    /// Tries that failed since the last good one.
    pub fn failed_tries(&self) -> u32 {
        self.failed_tries
    }

    /// Whether the latest poll saw something.
    pub fn answers(&self) -> bool {
        self.failed_tries == 0 && self.latest.is_some()
    }

    /// Whether something failed since its latest poll.
    pub fn is_doubted(&self) -> bool {
        self.doubted
    }

    /// Whether as many tries have failed lately as would make it unresponsive, if they had failed in a row.
    pub fn is_unsteady(&self, now: Moment, rules: &Rules) -> bool {
        let lately = self.stumbles.iter().filter(|at| now.since(**at) <= rules.stumbles_kept());
        lately.count() >= rules.max_polling_failures as usize
    }

    /// Whether it was bad, its latest poll passes every check, and it only has to go on doing so.
    pub fn is_recovering(&self) -> bool {
        self.good_polls > 0 && self.answers() && !self.health.is_healthy()
    }

    /// Whether it has had a block that nobody else gets for long enough.
    pub fn is_alone(&self) -> bool {
        self.checks.is_alone()
    }

    /// When it is overtaken unless it shows the block that it misses before, in time since watching began.
    pub fn overtaken_due(&self, rules: &Rules) -> Option<Duration> {
        self.checks.overtaken().due(rules).filter(|_| self.answers() && self.health.is_healthy())
    }

    /// How long after the others it usually shows a block; `None` while too little is known.
    pub fn block_delay(&self) -> Option<Duration> {
        self.checks.overtaken().usual()
    }

    /// Whether others have stood on a better block for long enough.
    pub fn is_overtaken(&self) -> bool {
        self.checks.is_overtaken()
    }

    /// When it last got blocks that others confirm, in a fresh view.
    pub fn gain(&self, now: Moment, rules: &Rules) -> Option<Gain> {
        self.gain.filter(|_| self.unconfirmed.is_none() && self.vote(now, rules).is_some())
    }

    /// Whether it got to its height by an incredible jump.
    pub fn jumped(&self) -> bool {
        self.jumped
    }

    /// Whether it left the last question for a block unanswered.
    pub fn is_silent(&self) -> bool {
        self.inquiry.is_silent()
    }

    /// Whether there was time enough to link its chain to the others'.
    pub fn is_unlinkable(&self, now: Moment) -> bool {
        self.unlinked_since.is_some_and(|since| now.since(since) > LINK_PATIENCE)
    }

    /// The address that answered last, where it identifies the daemon.
    pub fn address(&self) -> Option<SocketAddr> {
        self.latest.as_ref()?.observation.address
    }

    /// The tip's height, where the daemon told.
    pub fn height(&self) -> Option<Height> {
        match &self.latest.as_ref()?.observation.view {
            View::Chain(window) => Some(window.height),
            View::Busy { height, .. } => *height,
        }
    }

    /// The tip's hash, where the daemon showed it.
    pub fn tip(&self) -> Option<BlockHash> {
        match &self.latest.as_ref()?.observation.view {
            View::Chain(window) => window.blocks.first().map(|block| block.hash),
            View::Busy { .. } => None,
        }
    }

    /// The genesis block of the chain in a fresh view.
    pub fn genesis(&self, now: Moment, rules: &Rules) -> Option<BlockHash> {
        match &self.fresh(now, rules)?.observation.view {
            View::Chain(window) => window.genesis,
            View::Busy { .. } => None,
        }
    }

    /// The connections that it showed last; `None` where it hides them.
    pub fn latest_connections(&self) -> Option<ConnectionCounts> {
        ConnectionCounts::of(&self.latest.as_ref()?.observation)
    }

    /// What is known now of its connections.
    pub fn connections(&self, now: Moment, rules: &Rules) -> Connections {
        match self.fresh(now, rules) {
            Some(latest) => ConnectionCounts::of(&latest.observation).map_or(Connections::Hidden, Connections::Told),
            None => Connections::Silent,
        }
    }

    /// Whether it is worth asking it for a list of its connections: its software has one, and it did not refuse lately.
    pub fn lists_peers(&self, now: Moment) -> bool {
        let has_list = self.latest.as_ref().is_some_and(|latest| latest.observation.software.lists_peers);
        has_list && self.list_refused.is_none_or(|refused| now.since(refused) >= REFUSED_PAUSE)
    }

    /// Takes in a list of its connections; `None` where it gave no usable one.
    pub fn list(&mut self, now: Moment, peers: Option<Vec<Peer>>) {
        self.list_refused = peers.is_none().then_some(now);
        // An empty one would say the same as the counts, and otherwise is no list.
        self.peers = peers.filter(|peers| !peers.is_empty()).map(|peers| (now, peers));
    }

    /// Its connections, where it listed them lately.
    pub fn peers(&self, now: Moment, rules: &Rules) -> Option<&[Peer]> {
        let limit = rules.deviance_grace + rules.freshness();
        self.peers.as_ref().filter(|(at, _)| now.since(*at) <= limit).map(|(_, peers)| peers.as_slice())
    }

    /// Whether connections that it listed have ended since: the one to the outside may be among them.
    pub fn has_lost_peers(&self, now: Moment, rules: &Rules) -> bool {
        let Some(listed) = self.peers(now, rules) else { return false };
        match self.connections(now, rules) {
            Connections::Told(counts) => counts.fell_from(ConnectionCounts::of_list(listed)),
            Connections::Hidden | Connections::Silent => false,
        }
    }

    /// The upgrade that will make the daemon outdated within a week, or would already if anybody else knew it.
    pub fn upgrade_due(&self, rules: &Rules) -> Option<UpgradeDue> {
        self.checks.upgrade_due(rules)
    }

    /// Whether its genesis block is not the others'.
    pub fn is_on_wrong_network(&self) -> bool {
        self.checks.is_on_wrong_network()
    }

    /// The chain as it was last seen, however long ago.
    pub fn last_chain(&self) -> Option<&Chain> {
        self.chain.as_ref()
    }

    /// The chain in a fresh view.
    pub fn chain(&self, now: Moment, rules: &Rules) -> Option<&Chain> {
        let shows_chain = matches!(self.fresh(now, rules)?.observation.view, View::Chain(_));
        self.chain.as_ref().filter(|_| shows_chain)
    }

    /// The chain of a daemon that votes.
    pub fn vote(&self, now: Moment, rules: &Rules) -> Option<&Chain> {
        self.chain(now, rules).filter(|_| self.checks.may_vote(now, rules))
    }

    /// How its polls ended.
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// How old its tip is by the block's own time stamp.
    pub fn tip_age(&self, now: Moment) -> Option<Duration> {
        self.latest.as_ref()?.observation.view.tip_age(now)
    }

    /// Forgets blocks that no comparison needs; see [`Chain::forget_below`].
    pub fn forget_blocks_below(&mut self, floor: Height, compared: &BTreeSet<Height>) {
        if let Some(chain) = &mut self.chain {
            chain.forget_below(floor, compared);
        }
    }

    /// What an unconfirmed daemon claims; `None` for one whose blocks others confirm.
    pub fn claim(&self, comparison: &Comparison, rules: &Rules) -> Option<Claim> {
        let above = -comparison.lag;
        let incredible = self.jumped && above > rules.max_deviance as i64;
        (incredible || comparison.place == Place::Unlinked).then_some(Claim { above })
    }

    fn answered(&mut self, now: Moment, observation: Observation, rules: &Rules) {
        (self.failed_tries, self.failure) = (0, None);
        self.checks.observe(now, &observation, rules);
        if let View::Chain(window) = &observation.view {
            let height = self.chain.as_ref().map(Chain::height);
            let credible = rules.max_deviance as i64 + 1;
            self.jumped |= height.is_some_and(|height| window.height.above(height) > credible);
            if height.is_some_and(|height| window.height > height) {
                self.gain = Some(Gain { at: now, height: window.height });
            }
            let goes_on = match &mut self.chain {
                Some(chain) => chain.advance(window),
                None => {
                    self.chain = Chain::new(window);
                    false
                }
            };
            if !goes_on {
                self.inquiry.drop_open();
            }
        }
        self.latest = Some(Latest { at: now, observation });
    }

    fn note_link(&mut self, now: Moment, comparison: Option<&Comparison>) {
        match comparison.map(|comparison| comparison.place) {
            Some(Place::Unlinked) => self.unlinked_since = self.unlinked_since.or(Some(now)),
            Some(Place::OnBranch | Place::Off { .. }) => self.unlinked_since = None,
            None => {}
        }
    }

    fn count_good_polls(&mut self, now: Moment, comparison: Option<&Comparison>, rules: &Rules) {
        if !std::mem::take(&mut self.unjudged) {
            return;
        }
        let confirmed = comparison.is_some_and(|comparison| self.claim(comparison, rules).is_none());
        let good = self.answers() && confirmed && self.checks.passes(now, comparison, rules);
        self.good_polls = if good { self.good_polls.saturating_add(1) } else { 0 };
    }

    /// What is wrong with the daemon now, if anything is.
    fn badness(&self, now: Moment, rules: &Rules) -> Option<Health> {
        if self.failed_tries >= rules.max_polling_failures {
            return self.failure.clone().map(|failure| match failure.kind {
                FailureKind::InvalidReply => Health::Unhealthy(Reason::InvalidReply { detail: failure.detail }),
                FailureKind::Unsupported => Health::Unhealthy(Reason::Unsupported { detail: failure.detail }),
                FailureKind::Damaged => Health::Unhealthy(Reason::Damaged { detail: failure.detail }),
                _ => Health::Unresponsive(failure),
            });
        }
        let current = match &self.health {
            Health::Unhealthy(reason) => Some(reason),
            _ => None,
        };
        let reason = self.checks.reason(now, current, rules).map(Health::Unhealthy);
        reason.or(self.unconfirmed.map(Health::Unconfirmed))
    }

    /// What is held of a daemon that nothing is wrong with now.
    fn recovery(&self, rules: &Rules) -> Health {
        let needed = match self.health {
            // An unconfirmed daemon has done nothing wrong: it only had to wait for the head.
            Health::Healthy | Health::Unconfirmed(_) => 0,
            Health::Unknown => 1,
            Health::Unhealthy(ref reason) if reason.severity().recovers_at_once => 1,
            Health::Unhealthy(_) | Health::Unresponsive(_) => rules.recovery_polls,
        };
        if self.good_polls >= needed { Health::Healthy } else { self.health.clone() }
    }

    fn fresh(&self, now: Moment, rules: &Rules) -> Option<&Latest> {
        let limit: Duration = rules.freshness();
        self.latest.as_ref().filter(|latest| now.since(latest.at) <= limit)
    }
}

/// A view that was not linked for so long is taken to be not linkable: to find a fork takes seconds.
const LINK_PATIENCE: Duration = Duration::from_secs(60);

/// A daemon that gives no list of its connections does not give one a moment later either.
const REFUSED_PAUSE: Duration = Duration::from_secs(60);

#[cfg(test)]
#[path = "tests/track.rs"]
mod tests;
