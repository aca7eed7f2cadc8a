//! The health checks, one file each, and the order in which they are asked.
//!
//! A check keeps what it has to remember of one daemon and answers with a [`Reason`] while its condition
//! holds. Some are told of every observation; those that compare daemons are told at the end of a round
//! only, so that views of one moment are compared.

mod alone;
mod finding;
mod forked;
mod isolated;
mod lagging;
mod no_work;
mod outdated;
mod overtaken;
mod stalled;
mod syncing;

use self::{
    alone::Alone, finding::Finding, forked::Forked, isolated::Isolated, lagging::Lagging, outdated::Outdated,
    stalled::Stalled, syncing::Syncing,
};
pub use self::{
    no_work::{NoWork, NoWorkCause, Others},
    outdated::UpgradeDue,
    overtaken::Overtaken,
    stalled::Gain,
};
use super::{
    block::Height,
    branch::Place,
    groups::Standing,
    health::Reason,
    moment::Moment,
    observation::{Observation, View},
    rules::Rules,
};
use crate::remap::Remap;

/// All checks of one daemon.
#[derive(Debug, Default)]
pub struct Checks {
    wrong_network: bool,
    no_json_rpc: bool,
    outdated: Outdated,
    isolated: Isolated,
    forked: Forked,
    lagging: Lagging,
    overtaken: Overtaken,
    alone: Alone,
    stalled: Stalled,
    syncing: Syncing,
    no_work: NoWork,
    others_work: Others,
    drained: bool,
}

/// Where one daemon stood when the views were compared.
#[derive(Debug, Clone)]
pub struct Comparison {
    /// Where its chain stands to the branch.
    pub place: Place,
    /// Blocks behind the head; negative above it.
    pub lag: i64,
    /// The head's height.
    pub head: Height,
    /// The height of the first block that it misses and enough others have: the one after its tip where it is behind the
    /// head, the one where it left the branch where it is outvoted.
    pub misses: Option<Height>,
    /// The height of the first block that it alone has, on top of the head, while most voters have not even heard of one so
    /// high; and when the primary was seen last.
    pub alone: Option<(Height, Moment)>,
    /// The reason to give if it is found to be forked.
    pub fork: Option<Reason>,
}

impl Checks {
    /// The checks of a daemon that an operator may have drained.
    pub fn new(drained: bool) -> Self {
        Self { drained, ..Self::default() }
    }

    /// Takes in what a poll saw.
    pub fn observe(&mut self, now: Moment, observation: &Observation, rules: &Rules) {
        self.no_json_rpc = !observation.software.json_rpc;
        self.outdated.observe(observation);
        self.isolated.observe(observation, rules);
        self.syncing.observe(now, observation, rules);
        self.no_work.observe(now, observation, rules);
        if let View::Chain(window) = &observation.view
            && let Some(tip) = window.blocks.first()
        {
            self.stalled.observe(now, (window.height, tip.hash));
        }
    }

    /// Takes in, at the end of a round, where the network stands and what the daemons' connections prove.
    /// `upgraded` tells whether some daemon has known an upgrade that another did not.
    pub fn survey(&mut self, now: Moment, head: Option<Height>, upgraded: bool, standing: Standing, rules: &Rules) {
        self.outdated.end_of_round(head, upgraded);
        self.isolated.end_of_round(now, standing, rules);
    }

    /// Takes in how the daemon compares with the others at the end of a round, and which of them got blocks.
    pub fn end_of_round(&mut self, now: Moment, comparison: &Comparison, gains: &[Gain], rules: &Rules) {
        // A group that may be cut off from the network is no measure for one that is not.
        if !self.isolated.is_measured_by_isolated() {
            self.forked.end_of_round(now, comparison, rules);
            self.lagging.end_of_round(now, comparison, rules);
        }
        self.stalled.end_of_round(now, gains, rules);
    }

    /// Forgets how the daemon compared: it has stopped answering.
    pub fn forget_comparison(&mut self) {
        self.forked = Forked::default();
        self.lagging = Lagging::default();
        self.overtaken.forget();
        self.alone = Alone::default();
    }

    /// Takes in how a view compares that was taken at `seen`.
    pub fn compare(&mut self, now: Moment, seen: Moment, comparison: &Comparison, rules: &Rules) {
        self.overtaken.compare(now, seen, comparison, rules);
        self.alone.compare(now, comparison, rules);
    }

    /// Whether it has had a block that nobody else gets for long enough.
    pub fn is_alone(&self) -> bool {
        self.alone.counts()
    }

    /// How late it usually gets blocks, and when it is overtaken if nothing changes.
    pub fn overtaken(&self) -> &Overtaken {
        &self.overtaken
    }

    /// Whether others have stood on a better block for long enough.
    pub fn is_overtaken(&self) -> bool {
        self.overtaken.counts() && !self.isolated.is_measured_by_isolated()
    }

    /// Names daemons by their places in the next configuration.
    pub fn move_to(&mut self, remap: &Remap) {
        self.forked.move_to(remap);
    }

    /// Takes the daemon out of use, or back into it.
    pub fn drain(&mut self, drained: bool) {
        self.drained = drained;
    }

    /// What requests for block templates showed.
    pub fn no_work(&self) -> &NoWork {
        &self.no_work
    }

    /// Takes in what requests for block templates show.
    pub fn no_work_mut(&mut self) -> &mut NoWork {
        &mut self.no_work
    }

    /// Takes in how many daemons give work.
    pub fn set_others_work(&mut self, others: Others) {
        self.others_work = others;
    }

    /// Whether an operator took the daemon out of use.
    pub fn is_drained(&self) -> bool {
        self.drained
    }

    /// Notes whether the daemon's genesis block is the others'.
    pub fn set_wrong_network(&mut self, wrong: bool) {
        self.wrong_network = wrong;
    }

    /// Whether the daemon's genesis block is not the others'.
    pub fn is_on_wrong_network(&self) -> bool {
        self.wrong_network
    }

    /// Whether the daemon's view may count in the vote: it is on our network, goes along with it and is not taken out of
    /// use.
    pub fn may_vote(&self, now: Moment, rules: &Rules) -> bool {
        self.findings(now, None, rules).all(|it| it.votes)
    }

    /// Whether a poll that compares like this counts towards recovery.
    pub fn passes(&self, now: Moment, comparison: Option<&Comparison>, rules: &Rules) -> bool {
        self.findings(now, comparison, rules).all(|it| it.passes)
    }

    /// Why the daemon must not be used, if there is a reason: the current one while its condition holds,
    /// otherwise the first in order.
    pub fn reason(&self, now: Moment, current: Option<&Reason>, rules: &Rules) -> Option<Reason> {
        let reasons = || self.reasons(now, rules);
        let kept = current.and_then(|current| reasons().find(|it| it.code() == current.code()));
        kept.or_else(|| reasons().next())
    }

    /// All reasons that there are.
    pub fn reasons(&self, now: Moment, rules: &Rules) -> impl Iterator<Item = Reason> {
        let holding = self.findings(now, None, rules).filter(|it| it.holds);
        holding.filter_map(move |it| (it.reason)(self, now))
    }

    /// What each check finds. The order is part of the rules.
    fn findings(&self, now: Moment, compared: Option<&Comparison>, rules: &Rules) -> impl Iterator<Item = Finding> {
        let (is_up_to_date, is_connected) = (self.outdated.passes(), self.isolated.passes());
        let lacks_work = self.no_work.holds(self.others_work);
        let is_on_branch = compared.is_some_and(forked::passes);
        let keeps_up = compared.is_some_and(|it| self.lagging.passes(now, it, rules));
        [
            Finding::new(self.wrong_network, |_, _| Some(Reason::WrongNetwork)).bars_vote(),
            Finding::new(self.no_json_rpc, |_, _| Some(Reason::NoJsonRpc)),
            Finding::new(self.outdated.holds(), |it, _| it.outdated.reason()).bars_vote().passes_if(is_up_to_date),
            Finding::new(self.isolated.holds(), |it, _| it.isolated.reason()).bars_vote().passes_if(is_connected),
            Finding::new(self.forked.holds(), |it, _| it.forked.reason()).passes_if(is_on_branch),
            Finding::new(self.lagging.holds(), |it, _| it.lagging.reason()).passes_if(keeps_up),
            Finding::new(self.stalled.holds(), |it, now| it.stalled.reason(now)).bars_vote(),
            Finding::new(self.syncing.holds(now, rules), |it, _| Some(it.syncing.reason())).bars_vote(),
            Finding::new(lacks_work, |it, _| it.no_work.reason(it.others_work)).passes_if(true),
            Finding::new(self.drained, |_, _| Some(Reason::Draining)).bars_vote().passes_if(true),
        ]
        .into_iter()
    }

    /// Whether the network is beyond an upgrade that the daemon's software does not know, by its own words.
    pub fn is_behind_upgrade(&self, head: Height) -> bool {
        self.outdated.is_behind(head)
    }

    /// The upgrade that will make the daemon outdated within a week, or would already if anybody else knew it.
    pub fn upgrade_due(&self, rules: &Rules) -> Option<UpgradeDue> {
        self.outdated.due(rules)
    }
}

/// The daemon's own height in a view, where it tells.
fn own_height(view: &View) -> Option<Height> {
    match view {
        View::Chain(window) => Some(window.height),
        View::Busy { height, .. } => *height,
    }
}
