//! One block that was found: whom it is offered to, and when, and what the pool is told.
//!
//! A daemon may be getting the same block from its peers at the moment it is offered it, and a TurtleCoind then stores it twice and is damaged
//! for good. So a block is offered to one daemon at a time, and only to one that was just seen to stand on its parent; the daemon in use, which
//! the pool would have asked without us, comes first. What a daemon says is not the last word: a block that is known already may be refused,
//! and an answer can be lost. What tells the truth is the chain.
//!
//! A daemon that has another block in its place is not offered it: neither a TurtleCoind nor a monerod tells its peers of a block beside its top, so
//! nobody would build on it, and a TurtleCoind that takes in two blocks of one height at the same moment can be damaged by that too.

use std::time::Duration;

use super::{
    blob::Marks,
    chart::{Chart, Who},
    offer::{Offer, Offers, Said},
    sight::{Seen, Sight, Sights},
};
use crate::consensus::block::{BlockHash, Height};

/// One block on its way.
#[derive(Debug)]
pub struct Submission {
    marks: Marks,
    height: Option<Height>,
    hash: Option<BlockHash>,
    began: Duration,
    /// The head when it began, for blocks that cannot be looked up.
    head: Option<Height>,
    phase: Phase,
    offers: Offers,
    sights: Sights,
    /// Since when another block of the pool's own is known to have its place.
    sibling: Option<Duration>,
    told: Option<Answer>,
    /// When a daemon took it last, as far as is known.
    taken: Option<Duration>,
    rounds: usize,
    /// Whether the looks under way are those right before an offer.
    again: bool,
}

/// What to do now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Order {
    /// Ask this daemon for its top block, and for the one at the height of the block where its top is above that.
    Look(Who),
    /// Offer it the block.
    Offer(Who),
    /// Tell whoever asked. Comes once.
    Tell(Answer),
}

/// What the pool is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// What this daemon answered, as it came: it took the block.
    Accepted(Who),
    /// It is in the chain, whatever was said of it.
    Found,
    /// No daemon accepts the block: the client gets this daemon's own answer.
    Refused(Who),
    /// It came too late: this daemon, and no better one, has another block in its place. No daemon was offered it.
    Replaced(Who),
    /// It is not known what became of it; the sentence tells what each daemon said.
    Unknown(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Phase {
    Begins,
    /// Looks under way.
    Looks {
        at: Vec<Who>,
        since: Duration,
    },
    /// Waits for the answer to an offer that was just made.
    Offers,
    /// Waits before it looks everywhere.
    Rests {
        until: Duration,
    },
    Over,
}

impl Submission {
    /// A block that nobody was offered yet.
    pub fn new(now: Duration, marks: Marks, chart: &Chart) -> Self {
        let height = marks.height(|hash| chart.height_of(hash));
        let (hash, sibling, told, taken) = (None, None, None, None);
        let head = chart.head.map(|head| head.height);
        let (phase, offers, sights) = (Phase::Begins, Offers::default(), Sights::default());
        Self {
            marks,
            height,
            hash,
            began: now,
            head,
            phase,
            offers,
            sights,
            sibling,
            told,
            taken,
            rounds: 0,
            again: false,
        }
    }

    /// Notes that another block of the pool's own is in the chain in its place, though few daemons may show that yet.
    pub fn has_sibling(&mut self, now: Duration) {
        self.sibling = Some(now);
    }

    /// What to do now. To be asked again after each answer and at [`Self::deadline`].
    pub fn orders(&mut self, now: Duration, chart: &Chart) -> Vec<Order> {
        let mut orders = vec![];
        while self.advance(now, chart, &mut orders) {}
        orders
    }

    /// How long after its order an offer may still be sent, whatever it waits for. Later, another daemon may have been offered the block.
    pub fn sent_within(chart: &Chart) -> Duration {
        if chart.alone { ALONE } else { SENT_WITHIN }
    }

    /// When to ask for orders again, even if nothing is heard until then; `None` once it is over.
    pub fn deadline(&self, chart: &Chart) -> Option<Duration> {
        match &self.phase {
            Phase::Begins => Some(self.began),
            Phase::Looks { since, .. } => Some(*since + LOOK_LIMIT),
            Phase::Offers => self.offers.last().map(|offer| self.overdue(offer, chart)),
            Phase::Rests { until } => Some(*until),
            Phase::Over => None,
        }
    }

    /// Takes in what a look showed.
    pub fn seen(&mut self, now: Duration, daemon: &Who, sight: Sight) {
        if let Sight::Has(hash) = sight {
            self.hash = Some(hash);
        }
        self.sights.note(now, daemon, sight);
        if let Phase::Looks { at, .. } = &mut self.phase {
            at.retain(|who| who != daemon);
        }
    }

    /// Takes in what came of an offer, however late.
    pub fn heard(&mut self, now: Duration, daemon: &Who, said: Said) {
        let is_taken = said == Said::Taken;
        if self.offers.hear(now, daemon, said) && is_taken && self.taken.is_some() {
            self.taken = Some(now);
        }
    }

    /// What identifies it.
    pub fn marks(&self) -> &Marks {
        &self.marks
    }

    /// Its height, where that is known.
    pub fn height(&self) -> Option<Height> {
        self.height
    }

    /// Takes in the height of the block that it builds on.
    pub fn learn_parent(&mut self, height: Height) {
        self.height.get_or_insert(height.next());
    }

    /// Its hash, once it was seen.
    pub fn hash(&self) -> Option<BlockHash> {
        self.hash
    }

    /// What was told.
    pub fn told(&self) -> Option<&Answer> {
        self.told.as_ref()
    }

    /// The daemon that said that it took it.
    pub fn taken_by(&self) -> Option<&Who> {
        self.offers.taker()
    }

    /// In how many daemons' chains it was seen.
    pub fn seen_in(&self) -> usize {
        self.sights.count()
    }

    /// One step; whether there may be another one.
    fn advance(&mut self, now: Duration, chart: &Chart, orders: &mut Vec<Order>) -> bool {
        self.tell_if_taken(now, orders);
        match &self.phase {
            Phase::Over => false,
            Phase::Begins => {
                self.begin(now, chart, orders);
                true
            }
            Phase::Rests { until } if now < *until => false,
            Phase::Rests { .. } => {
                self.look_everywhere(now, chart, orders);
                true
            }
            Phase::Looks { at, since } => {
                let waits = at.iter().any(|daemon| self.is_worth_waiting(daemon));
                if (waits || (!at.is_empty() && self.sights.are_silent())) && now < *since + LOOK_LIMIT {
                    return false;
                }
                self.give_up_looks(now);
                self.choose(now, chart, orders);
                true
            }
            Phase::Offers => self.follow_offer(now, chart),
        }
    }

    /// Without anybody to compare with, the primary is asked as it would be without us.
    fn begin(&mut self, now: Duration, chart: &Chart, orders: &mut Vec<Order>) {
        if chart.alone {
            self.offer(now, chart.in_use.clone(), orders);
        } else {
            // A daemon that hangs takes in what it is offered when it wakes up, in the moment it gets the same from its peers.
            self.look(now, vec![chart.in_use.clone()], orders);
        }
    }

    fn look_everywhere(&mut self, now: Duration, chart: &Chart, orders: &mut Vec<Order>) {
        self.rounds += 1;
        let mut at: Vec<_> = self.takers(chart).collect();
        // Whoever may have it is looked at, whatever has become of that daemon since.
        for offer in self.offers.iter().filter(|offer| offer.is_unclear()) {
            if !at.contains(&offer.daemon) {
                at.push(offer.daemon.clone());
            }
        }
        self.look(now, at, orders);
    }

    fn look(&mut self, now: Duration, at: Vec<Who>, orders: &mut Vec<Order>) {
        orders.extend(at.iter().cloned().map(Order::Look));
        self.phase = Phase::Looks { at, since: now };
        self.again = false;
    }

    fn offer(&mut self, now: Duration, daemon: Who, orders: &mut Vec<Order>) {
        orders.push(Order::Offer(daemon.clone()));
        let sight = self.sights.of(&daemon);
        self.offers.make(now, daemon, sight);
        self.phase = Phase::Offers;
    }

    fn rest(&mut self, until: Duration) {
        self.phase = Phase::Rests { until };
    }

    /// One that did not answer the last look either is not waited for.
    fn is_worth_waiting(&self, daemon: &Who) -> bool {
        self.sights.of(daemon) != Some(Sight::Silent)
    }

    fn give_up_looks(&mut self, now: Duration) {
        let Phase::Looks { at, .. } = &mut self.phase else { return };
        for daemon in std::mem::take(at) {
            self.seen(now, &daemon, Sight::Silent);
        }
    }

    /// What comes next, by what the looks have shown.
    fn choose(&mut self, now: Duration, chart: &Chart, orders: &mut Vec<Order>) {
        if self.told.is_none() && self.is_found(chart) {
            self.tell(now, Answer::Found, orders);
        }
        let is_late = self.is_late(now, chart);
        if let Some(daemon) = self.next_taker(now, chart).filter(|_| !is_late) {
            // While the others were waited for, it may have got it from one of them.
            if self.sights.is_old(now, &daemon) {
                self.look(now, vec![daemon], orders);
                return self.again = true;
            }
            return self.offer(now, daemon, orders);
        }
        if self.told.is_none() && self.rounds == 0 {
            return self.look_everywhere(now, chart, orders);
        }
        if self.told.is_none() && (is_late || !self.is_open(now, chart)) {
            let answer = self.last_word(chart);
            self.tell(now, answer, orders);
        }
        match self.told {
            None => self.rest(now + pause(self.rounds)),
            Some(_) => self.watch_on(now, chart, is_late),
        }
    }

    /// Each time it is taken, the others are given the time to get it from their peers. Then it is offered to those that still have not, one
    /// after the other.
    fn watch_on(&mut self, now: Duration, chart: &Chart, is_late: bool) {
        let spread = self.spread_at().filter(|_| !chart.alone);
        let is_wanted = || self.takers(chart).any(|daemon| self.could_take(&daemon, chart));
        self.phase = match spread {
            Some(spread) if now < spread => Phase::Rests { until: spread },
            Some(_) if !is_late && (self.is_under_way(now) || is_wanted()) => Phase::Rests { until: now + LAST_PAUSE },
            _ => Phase::Over,
        };
    }

    /// When whoever does not have it by then is not getting it, once it is taken. Where two have it, it spreads without us, and who does not show
    /// it most likely is adding it.
    fn spread_at(&self) -> Option<Duration> {
        let time = if self.seen_in() > 1 { SLOW_TO_ADD } else { SPREADING };
        self.taken.map(|taken| taken + time)
    }

    /// Whether a block is worth nothing any more, unless a daemon that nobody can take the place of still has it in hand.
    fn is_late(&self, now: Duration, chart: &Chart) -> bool {
        let in_hand = chart.alone && self.offers.is_open(&chart.in_use);
        now >= self.began + if in_hand { ALONE } else { LONGEST }
    }

    /// Follows the offer that was made last; whether there is another step.
    fn follow_offer(&mut self, now: Duration, chart: &Chart) -> bool {
        let Some(offer) = self.offers.last() else { return false };
        match offer.said {
            // Whoever got it may be spreading it.
            Some(Said::Unclear(_)) => self.rest(offer.ended + SETTLING),
            Some(Said::Taken) => self.watch_on(now, chart, self.is_late(now, chart)),
            Some(_) => self.rest(now),
            None if now >= self.overdue(offer, chart) => self.rest(now),
            None => return false,
        }
        true
    }

    /// From when on an answer to an offer is so late that the block is looked for. A daemon that nobody can take the place of has all the time
    /// that there is.
    fn overdue(&self, offer: &Offer, chart: &Chart) -> Duration {
        if chart.alone && offer.daemon == chart.in_use { self.began + ALONE } else { offer.since + OVERDUE }
    }

    /// The daemon to offer it to now, if there is one. Never while another one may be taking it in.
    fn next_taker(&self, now: Duration, chart: &Chart) -> Option<Who> {
        let is_spreading = self.spread_at().is_some_and(|spread| now < spread);
        // Offers after it was told as refused would make it a block that nobody credits.
        let is_told = self.told.is_some() && (chart.alone || self.taken.is_none());
        if self.is_under_way(now) || is_spreading || is_told || self.has_young_rival(now, chart) {
            return None;
        }
        let takes = |daemon: &Who| {
            self.could_take(daemon, chart) && self.has_rested(now, daemon) && !self.is_catching_up(now, daemon)
        };
        // Those on the parent come first. Who was asked already comes later: first those that said nothing at all, then those that may have got it.
        let first = self.takers(chart).filter(takes).min_by_key(|daemon| {
            // Whoever was just looked at for that is not left for another one, who would have to be looked at in turn.
            let is_old = self.again && self.sights.is_old(now, daemon);
            (is_old, self.sights.of(daemon) != Some(Sight::OnParent), self.offers.said_by(daemon).map_or(0, Said::rank))
        });
        first.or_else(|| self.last_resort(chart))
    }

    /// Whether an offer is so young that its daemon may be taking it in, or telling its peers of it.
    fn is_under_way(&self, now: Duration) -> bool {
        self.offers.iter().any(|offer| match offer.said {
            None if self.sights.of(&offer.daemon) == Some(Sight::OnParent) => now < offer.since + GIVEN_UP_AWAKE,
            None => now < offer.since + GIVEN_UP,
            Some(Said::Unclear(_)) => now < offer.ended + SETTLING,
            Some(_) => false,
        })
    }

    /// Whether another block in its place may be on its way to those that still stand on the parent. The pool's own is, where a daemon shows it: then
    /// this one is worth nothing, and who still stands on the parent has all the time that it may need to add the first.
    fn has_young_rival(&self, now: Duration, chart: &Chart) -> bool {
        let is_shown = || self.sights.iter().any(|seen| seen.other.is_some() && counts(&seen.daemon, chart));
        let time = if self.sibling.is_some() && is_shown() { SLOW_TO_ADD } else { SETTLING };
        !chart.alone && self.rival_since(chart).is_some_and(|rival| now < rival + time)
    }

    /// When a daemon that counts first showed another block in its place. One on a branch of its own says nothing of what the others will get.
    fn rival_since(&self, chart: &Chart) -> Option<Duration> {
        // Without a head nobody is known to be on the branch, and anybody may be.
        let may_count = |seen: &&Seen| chart.head.is_none() || counts(&seen.daemon, chart);
        let seen = self.sights.iter().filter(may_count).filter_map(|seen| seen.other);
        seen.chain(self.sibling).min()
    }

    fn could_take(&self, daemon: &Who, chart: &Chart) -> bool {
        if self.taken.is_some() && !self.does_good(daemon, chart) {
            return false;
        }
        let sight = self.sights.of(daemon);
        match self.offers.latest(daemon) {
            Some(Offer { said: None | Some(Said::Taken), .. }) => return false,
            // Without the parent it could not but refuse it.
            Some(Offer { said: Some(Said::Refused(_)), sight: before, .. }) => {
                let had_no_parent = matches!(before, Some(Sight::Below | Sight::Other | Sight::Unclear));
                return had_no_parent && sight == Some(Sight::OnParent);
            }
            _ => {}
        }
        let may_try = || self.told.is_none() && (self.rounds > 0 || self.marks.is_empty());
        match sight {
            Some(Sight::OnParent) => true,
            // It cannot be looked up. That is no reason to lose the block, but nobody would see it come from a daemon that may have it.
            Some(Sight::Unclear) => may_try() && (self.marks.is_empty() || !self.may_come_from_another(daemon)),
            // It may know the parent as a block beside its top, and then changes over to this one.
            Some(Sight::Below) => may_try() && self.offers.is_empty() && *daemon == chart.in_use,
            Some(Sight::Other | Sight::Has(_) | Sight::Silent) | None => false,
        }
    }

    /// Whether an offer to one more can still be worth what it risks, once the block is in a chain: not where it spreads from peer to peer,
    /// and not to a daemon that is just catching up with what its peers tell.
    fn does_good(&self, daemon: &Who, chart: &Chart) -> bool {
        let is_spreading = self.sights.iter().any(|seen| seen.has() && self.offers.latest(&seen.daemon).is_none());
        !is_spreading && chart.seat(daemon).is_some_and(|seat| seat.is_sound)
    }

    fn may_come_from_another(&self, daemon: &Who) -> bool {
        self.taken.is_some() || self.offers.iter().any(|offer| offer.daemon != *daemon && offer.is_unclear())
    }

    /// Whether a daemon that has not judged it is not asked again too soon.
    fn has_rested(&self, now: Duration, daemon: &Who) -> bool {
        self.offers.latest(daemon).is_none_or(|offer| now >= offer.ended + pause(self.offers.times(daemon)))
    }

    /// Whether a daemon that was silent gets from its peers just now what it has missed, and the block may be in that.
    fn is_catching_up(&self, now: Duration, daemon: &Who) -> bool {
        let time = if self.taken.is_some() { SLOW_TO_ADD } else { SETTLING };
        self.sights.woke(daemon).is_some_and(|woke| now < woke + time) && self.may_come_from_another(daemon)
    }

    /// Where nobody answers looks, the daemon in use is offered it all the same: that is what would happen without us. Not where it is known to be
    /// too late.
    fn last_resort(&self, chart: &Chart) -> Option<Who> {
        let is_silent = |daemon: &Who| self.sights.of(daemon) == Some(Sight::Silent);
        let nobody = self.rounds > 0 && self.told.is_none() && self.takers(chart).all(|daemon| is_silent(&daemon));
        (nobody && self.rival_since(chart).is_none() && self.offers.latest(&chart.in_use).is_none())
            .then(|| chart.in_use.clone())
    }

    /// Those that it may be offered to, the daemon in use first.
    fn takers<'a>(&'a self, chart: &'a Chart) -> impl Iterator<Item = Who> + 'a {
        let others = chart.daemons.iter().filter(|seat| seat.takes_blocks || seat.is_silent);
        let others = others.map(|seat| seat.daemon.clone()).filter(|daemon| *daemon != chart.in_use);
        std::iter::once(chart.in_use.clone()).chain(others)
    }

    /// Whether it is in a chain that counts: that of a daemon which stands on the branch, is in use, or was offered it.
    fn is_found(&self, chart: &Chart) -> bool {
        self.sights
            .iter()
            .any(|seen| seen.has() && (counts(&seen.daemon, chart) || self.offers.latest(&seen.daemon).is_some()))
            || self.is_taken_unseen(chart)
    }

    /// A block that cannot be looked up is taken for accepted where an offer of it came to an unclear end, the chain has grown since, and another
    /// daemon says that it does not take it: they say so of what they have. Should it be wrong, the pool finds another block at that height, and
    /// marks this one as orphaned; told as refused, it would never be paid.
    fn is_taken_unseen(&self, chart: &Chart) -> bool {
        let grown = chart.head.map(|head| head.height) > self.head && self.head.is_some();
        self.marks.is_empty() && grown && self.offers.refuser().is_some() && self.has_unclear_offer()
    }

    fn has_unclear_offer(&self) -> bool {
        self.offers.iter().any(Offer::is_unclear)
    }

    /// Whether somebody may have it of whom that is not known: the answer is still to come, or was none, and the chain does not show another block.
    fn may_be_taken(&self) -> bool {
        self.offers.iter().any(|offer| match offer.said {
            None => true,
            Some(Said::Unclear(_)) => !self.sights.iter().any(|Seen { daemon, sight, at, .. }| {
                let has_settled = *daemon == offer.daemon && *at >= offer.ended + SETTLING;
                has_settled && matches!(sight, Sight::Other | Sight::OnParent)
            }),
            Some(_) => false,
        })
    }

    /// Whether somebody may still take it: whoever has not been reached, has not judged it, may have it, or may come to stand on its parent.
    fn is_open(&self, now: Duration, chart: &Chart) -> bool {
        // Without anybody's refusal, those that are behind are given the time to show the parent.
        let is_judged =
            self.offers.refuser().is_some() || self.rival_since(chart).is_some_and(|rival| now >= rival + SPREADING);
        let is_decided = is_judged && self.is_replaced(chart);
        self.may_be_taken() || (!is_decided && self.takers(chart).any(|daemon| self.is_undecided(&daemon, chart)))
    }

    fn is_undecided(&self, daemon: &Who, chart: &Chart) -> bool {
        let unjudged =
            || matches!(self.offers.said_by(daemon), Some(Said::Busy(_) | Said::Unclear(_) | Said::Unreached(_)));
        match self.sights.of(daemon) {
            None | Some(Sight::Silent | Sight::Below) => true,
            // Nobody has shown the parent yet.
            Some(Sight::Unclear) if self.height.is_none() && !self.marks.is_empty() => true,
            Some(Sight::Other | Sight::Has(_)) => false,
            Some(Sight::OnParent | Sight::Unclear) => unjudged() || self.could_take(daemon, chart),
        }
    }

    /// What is known when there is nothing left to do.
    fn last_word(&self, chart: &Chart) -> Answer {
        match self.offers.refuser() {
            // Though nobody knows whether that daemon is on the branch.
            _ if self.seen_in() > 0 => Answer::Found,
            Some(daemon) if !self.may_be_taken() => Answer::Refused(daemon.clone()),
            None => match self.replaced_at(chart) {
                Some(daemon) if self.offers.is_empty() => Answer::Replaced(daemon.clone()),
                _ => Answer::Unknown(self.report(chart)),
            },
            _ => Answer::Unknown(self.report(chart)),
        }
    }

    /// Whether another block has its place on the branch.
    fn is_replaced(&self, chart: &Chart) -> bool {
        self.replaced_at(chart).is_some()
    }

    /// A daemon with another block in its place, where nobody on the branch stands on the parent.
    fn replaced_at(&self, chart: &Chart) -> Option<&Who> {
        let shows = |sight: Sight| move |seen: &&Seen| counts(&seen.daemon, chart) && seen.sight == sight;
        let is_wanted = self.sights.iter().any(|seen| shows(Sight::OnParent)(&seen));
        self.sights.iter().find(shows(Sight::Other)).filter(|_| !is_wanted).map(|seen| &seen.daemon)
    }

    fn report(&self, chart: &Chart) -> String {
        let offers = self.takers(chart).filter_map(|daemon| self.offers.latest(&daemon));
        let said: Vec<_> = offers.map(Offer::words).collect();
        if said.is_empty() { "no daemon answers".into() } else { said.join("; ") }
    }

    /// A daemon's acceptance is told at once, however late it comes.
    fn tell_if_taken(&mut self, now: Duration, orders: &mut Vec<Order>) {
        if self.told.is_some() {
            return;
        }
        if let Some(daemon) = self.taken_by().cloned() {
            self.tell(now, Answer::Accepted(daemon), orders);
        }
    }

    fn tell(&mut self, now: Duration, answer: Answer, orders: &mut Vec<Order>) {
        if matches!(answer, Answer::Accepted(_) | Answer::Found) {
            self.taken = Some(now);
        }
        self.told = Some(answer.clone());
        orders.push(Order::Tell(answer));
    }
}

/// Whether what a daemon's chain shows tells of the branch that the pool mines on.
fn counts(daemon: &Who, chart: &Chart) -> bool {
    *daemon == chart.in_use || chart.seat(daemon).is_some_and(|seat| seat.is_on_branch)
}

/// How long is waited after so many tries: longer from one to the next, up to a second.
fn pause(tries: usize) -> Duration {
    let doublings = tries.saturating_sub(1).min(3);
    (FIRST_PAUSE * (1 << doublings)).min(LAST_PAUSE)
}

/// A daemon that is well shows its top block within that.
const LOOK_LIMIT: Duration = Duration::from_secs(1);
/// The first block after a TurtleCoind's start took 0.7 s to add, on a fast machine.
const OVERDUE: Duration = Duration::from_secs(1);
/// Less than [`GIVEN_UP`].
const SENT_WITHIN: Duration = Duration::from_millis(2500);
/// An offer without an answer for so long is no reason to keep the block from the others, if none of them has it by then.
const GIVEN_UP: Duration = Duration::from_secs(3);
/// The same for a daemon that shows its top meanwhile: it does not hang, it has the block in hand.
const GIVEN_UP_AWAKE: Duration = Duration::from_secs(6);
/// What a daemon may do with a block after the connection broke: it adds it, and then its peers do, each in the time that the first block after a
/// start takes.
const SETTLING: Duration = Duration::from_secs(2);
/// A block reaches all daemons of a network within that, if it reaches them at all.
const SPREADING: Duration = Duration::from_secs(5);
/// Daemons seldom take longer to add a block that they have got. On a machine at eleven times its load, monerods were silent for up to 26 s over their
/// first one; while others answer, who is silent is offered nothing.
pub const SLOW_TO_ADD: Duration = Duration::from_secs(15);
/// A TurtleCoin block time: what is not in a chain by then is worth nothing.
const LONGEST: Duration = Duration::from_secs(30);
/// For a daemon that nobody can take the place of.
const ALONE: Duration = Duration::from_secs(300);
const FIRST_PAUSE: Duration = Duration::from_millis(125);
const LAST_PAUSE: Duration = Duration::from_secs(1);

#[cfg(test)]
#[path = "tests/submission.rs"]
mod tests;
