//! Observations of all daemons in, an assessment out.

use std::collections::BTreeSet;

use super::{
    block::{BlockHash, Height},
    branch::{Place, depth},
    chain::Chain,
    checks::{Comparison, NoWorkCause, Others, UpgradeDue},
    health::{Faults, Health, Reason},
    moment::Moment,
    observation::Report,
    peers::Peer,
    questions::{Question, Wanted},
    rules::Rules,
    survey::Survey,
    track::Track,
    vote::{self, Head, Outcome, Votes},
    voter::Voter,
};
use crate::{endpoint::DaemonId, order::sort_by_key, remap::Remap};

/// Remembers what the daemons showed and judges them.
#[derive(Debug)]
pub struct Tracker {
    rules: Rules,
    tracks: Vec<Track>,
    rounds: u64,
    votes: Votes,
    /// The blocks that would link views, or show whose word is true; whom to ask first changes each time.
    wanted: Vec<Wanted>,
    turn: usize,
    /// Those whose connections should be known one by one, and when that was last asked for.
    unproven: Vec<DaemonId>,
    /// Whether connections have ended that a daemon listed.
    lists_are_old: bool,
    /// Whether a daemon has known an upgrade of the network that another one did not.
    upgraded: bool,
    peers_asked: Option<Moment>,
}

/// What is held of all daemons at one moment.
#[derive(Debug, Clone)]
pub struct Assessment {
    /// In configuration order, the primary first.
    pub daemons: Vec<Judgement>,
    /// The highest block of the branch that at least two voters stand on or above; before the first round ends,
    /// the primary's tip.
    pub head: Option<Head>,
    /// The votes at the end of the last round.
    pub votes: Votes,
    /// The votes now, without that of the daemon in use.
    pub others: Votes,
    /// How many rounds have ended. Before the first one ends, only what a daemon does by itself is judged.
    pub rounds: u64,
}

/// What is held of one daemon, as far as choosing needs it.
#[derive(Debug, Clone)]
pub struct Judgement {
    /// Its state and reason.
    pub health: Health,
    /// What all that is wrong with it comes to.
    pub faults: Faults,
    /// Since when it has been healthy, while it is.
    pub healthy_since: Option<Moment>,
    /// Whether its latest poll saw something, and nothing failed since.
    pub answers: bool,
    /// Whether others confirm the blocks it claims, as of its latest view.
    pub confirmed: bool,
    /// Whether it was bad, and only has to go on passing every check.
    pub recovering: bool,
    /// Whether an operator took it out of use, whatever else is wrong with it.
    pub drained: bool,
    /// Whether it is behind the head or outvoted, as of its latest view.
    pub beaten: bool,
    /// Whether it has been behind the head or outvoted for long enough to be left for another one, though it may be healthy.
    pub overtaken: bool,
    /// Whether it has had a block on top of the head for long enough that nobody else gets or has heard of.
    pub alone: bool,
    /// Whether as many tries have failed lately as would make it unresponsive, if they had failed in a row.
    pub unsteady: bool,
    /// Whether it answers, and nothing speaks against its giving work.
    pub gives_work: bool,
    /// Whether it stands on the branch or races with it, as of its latest view.
    pub on_branch: bool,
    /// Blocks behind the head; negative above it. `None` without a fresh view.
    pub lag: Option<i64>,
    /// The first height at which it has another block than the branch, where that is known, and is no race.
    pub off_at: Option<Height>,
    /// The upgrade of the network that its software does not know, where it is near.
    pub upgrade_due: Option<UpgradeDue>,
    /// The daemon listed before it that has the same address: both are one daemon, and that one counts.
    pub same_as: Option<DaemonId>,
}

impl Tracker {
    /// Watches daemons in configuration order; each is `true` if an operator drained it.
    pub fn new(drained: impl IntoIterator<Item = bool>, rules: Rules) -> Self {
        let tracks = drained.into_iter().map(Track::new).collect();
        let (wanted, unproven, peers_asked) = (vec![], vec![], None);
        Self {
            rules,
            tracks,
            rounds: 0,
            votes: Votes::default(),
            wanted,
            turn: 0,
            unproven,
            upgraded: false,
            lists_are_old: false,
            peers_asked,
        }
    }

    /// Takes in how a poll of a daemon ended. A daemon that is not watched is ignored.
    pub fn record(&mut self, now: Moment, daemon: DaemonId, report: Report) {
        if let Some(track) = self.tracks.get_mut(daemon.0) {
            track.record(now, report, &self.rules);
        }
    }

    /// Takes in that a try which failed was the daemon's fault, though its poll ended well.
    pub fn falter(&mut self, now: Moment, daemon: DaemonId) {
        if let Some(track) = self.tracks.get_mut(daemon.0) {
            track.falter(now, &self.rules);
        }
    }

    /// Takes in that a try of a poll failed, or a request of the pool's own: until the next poll ends, the daemon is not
    /// taken for one that answers.
    pub fn stumble(&mut self, now: Moment, daemon: DaemonId) {
        if let Some(track) = self.tracks.get_mut(daemon.0) {
            track.stumble(now, &self.rules);
        }
    }

    /// The same on somebody else's word that it failed, which does not count against it: only the poll does.
    pub fn doubt(&mut self, daemon: DaemonId) {
        self.tracks.get_mut(daemon.0).into_iter().for_each(Track::doubt);
    }

    /// Takes in that a daemon gave a usable block template.
    pub fn works(&mut self, daemon: DaemonId) {
        if let Some(track) = self.tracks.get_mut(daemon.0) {
            track.works(&self.rules);
        }
    }

    /// Takes in that a daemon gave none; `witnessed` tells whether another daemon did in the same moment.
    pub fn gives_no_work(&mut self, now: Moment, daemon: DaemonId, cause: NoWorkCause, witnessed: bool) {
        if let Some(track) = self.tracks.get_mut(daemon.0) {
            track.gives_no_work(now, cause, witnessed);
        }
    }

    /// Makes the round wait for the daemon's next poll, because its view is older than what another one just showed. The
    /// first round waits for nobody twice.
    pub fn renew(&mut self, daemon: DaemonId) {
        if self.rounds > 0 {
            self.tracks.get_mut(daemon.0).into_iter().for_each(Track::renew);
        }
    }

    /// The questions to ask now, as of the last assessment: at most one a daemon, which is open until its answer comes or
    /// time is up. To be called after each assessment; nobody has to be in a hurry with the answers.
    pub fn questions(&mut self, now: Moment) -> Vec<Question> {
        let mut wanted = std::mem::take(&mut self.wanted);
        if !wanted.is_empty() {
            self.turn = self.turn.wrapping_add(1);
            let first = self.turn % wanted.len();
            wanted.rotate_left(first);
        }
        let mut ask = |wanted: Wanted| self.tracks.get_mut(wanted.daemon.0)?.ask(now, wanted, &self.rules);
        wanted.into_iter().filter_map(&mut ask).collect()
    }

    /// Takes in what the daemon answered: the hash of the block at the height it was asked for, or `None` where it gave no
    /// usable answer. An answer that is not waited for any more is ignored.
    pub fn answer(&mut self, now: Moment, question: &Question, hash: Option<BlockHash>) {
        if let Some(track) = self.tracks.get_mut(question.daemon.0) {
            track.answer(now, question, hash);
        }
    }

    /// The daemons to ask for a list of their connections now, all at once, so that the lists fit together. Seldom anybody:
    /// only where connection counts prove nothing, and once in `devianceGrace`, or at once where a list is old.
    pub fn unproven(&mut self, now: Moment) -> Vec<DaemonId> {
        let unproven = std::mem::take(&mut self.unproven);
        let lately = self.peers_asked.is_some_and(|asked| now.since(asked) < self.rules.deviance_grace);
        if unproven.is_empty() || lately && !self.lists_are_old {
            return vec![];
        }
        self.peers_asked = Some(now);
        unproven
    }

    /// Takes in the list of connections that a daemon gave; `None` where it gave no usable one.
    pub fn list(&mut self, now: Moment, daemon: DaemonId, peers: Option<Vec<Peer>>) {
        if let Some(track) = self.tracks.get_mut(daemon.0) {
            track.list(now, peers);
        }
    }

    /// Goes on with other daemons and rules: what is known of daemons that stay is kept.
    pub fn reconfigure(&mut self, remap: &Remap, rules: Rules) {
        self.rules = rules;
        self.wanted.clear();
        self.unproven.clear();
        self.tracks.iter_mut().for_each(|track| track.move_to(remap));
        self.tracks = remap.carry(std::mem::take(&mut self.tracks), |_| Track::new(false));
    }

    /// Takes a daemon out of use, or back into it, by all the names it is known to have. It counts from the next
    /// assessment on; of a daemon that is given back one good poll is asked, the latest.
    pub fn drain(&mut self, daemon: DaemonId, drained: bool) {
        let address = self.track(daemon).and_then(Track::address);
        let is_meant = |id: DaemonId, track: &Track| id == daemon || (address.is_some() && track.address() == address);
        for (id, track) in (0..).map(DaemonId).zip(&mut self.tracks) {
            if is_meant(id, track) {
                track.drain(drained);
            }
        }
    }

    /// Judges all daemons; `in_use` is the one that the pool uses now.
    pub fn assess(&mut self, now: Moment, in_use: DaemonId) -> Assessment {
        let round_over = self.is_round_over();
        if self.rounds == 0 && !round_over {
            return self.assess_start(now);
        }
        self.settle_network(now);
        let same_as = self.same_daemons();
        let outcome = vote::vote(&self.voters(now, in_use, &same_as));
        let comparisons = self.compare(now, outcome.as_ref());
        let wanted = outcome.as_ref().map(|outcome| self.wanted(now, outcome)).unwrap_or_default();
        let compared = outcome.as_ref().filter(|_| round_over).map(|it| it.compared(self.chains(now)));
        let head = outcome.as_ref().map(Outcome::head);
        let survey = round_over.then(|| Survey::new(now, &self.tracks, &same_as, outcome.as_ref(), &self.rules));
        let others = outcome.as_ref().map_or(Votes::default(), |outcome| outcome.votes_without(in_use));
        let votes = outcome.map_or(Votes::default(), |outcome| outcome.votes());
        self.wanted = wanted;
        if let Some(survey) = survey {
            self.take_survey(now, head, survey);
            self.end_round(now, votes, &comparisons);
            self.forget_blocks(now, &compared.unwrap_or_default());
        }
        self.judge(now, &comparisons);
        let judged = self.tracks.iter().zip(&comparisons).zip(same_as);
        let daemons =
            judged.map(|((track, comparison), same_as)| self.judgement(now, track, comparison.as_ref(), same_as));
        Assessment { daemons: daemons.collect(), head, votes: self.votes, others, rounds: self.rounds }
    }

    /// Judges those first that give work, which does not depend on the others: one that is found healthy now counts for the others' verdicts at
    /// once, or the pool could be sent from it to one that gives none.
    fn judge(&mut self, now: Moment, comparisons: &[Option<Comparison>]) {
        let gives_work: Vec<_> = self.tracks.iter().map(Track::may_give_work).collect();
        for are_first in [true, false] {
            let work = self.work();
            let all = self.tracks.iter_mut().zip(comparisons).zip(&gives_work);
            for ((track, comparison), _) in all.filter(|(_, gives_work)| **gives_work == are_first) {
                track.set_others_work(work);
                track.judge(now, comparison.as_ref(), &self.rules);
            }
        }
    }

    /// How many daemons give work. While none of them may be used yet, they count for nothing: to leave all others for it would leave the pool
    /// without any.
    fn work(&self) -> Others {
        match self.count(|track| track.may_give_work() && track.health().is_healthy()) {
            0 => Others::Nothing,
            _ => Others::of(self.count(Track::may_give_work), self.count(Track::answers)),
        }
    }

    /// How the vote stood at the end of the last round.
    pub fn votes(&self) -> Votes {
        self.votes
    }

    /// What the daemons are judged by.
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// What is remembered of all daemons, in configuration order.
    pub fn tracks(&self) -> &[Track] {
        &self.tracks
    }

    /// Whether nothing has to be known of a daemon's connections but that it has not lost them all at once: by itself it had more than the
    /// others could account for, or they do not count. Where several daemons' counts are compared, all of them have to be of one moment.
    pub fn proves_itself(&self, daemon: DaemonId) -> bool {
        let least = i64::from(self.rules.min_outside_peers);
        let told = self.track(daemon).and_then(Track::latest_connections);
        least == 0 || told.is_none_or(|counts| counts.beyond(self.tracks.len()) >= least)
    }

    /// What is remembered of a daemon.
    pub fn track(&self, daemon: DaemonId) -> Option<&Track> {
        self.tracks.get(daemon.0)
    }

    /// Until every daemon has answered or failed once there is nothing to compare: only failures are judged, and the
    /// primary's view stands for the network's.
    fn assess_start(&mut self, now: Moment) -> Assessment {
        for track in self.tracks.iter_mut().filter(|track| track.failed_tries() > 0) {
            track.judge(now, None, &self.rules);
        }
        let primary = self.tracks.first().and_then(|track| track.vote(now, &self.rules));
        let head = primary.map(|chain| Head { height: chain.height(), hash: chain.tip() });
        let daemons = self.tracks.iter().map(|track| self.judgement(now, track, None, None)).collect();
        Assessment { daemons, head, votes: Votes::default(), others: Votes::default(), rounds: 0 }
    }

    fn count(&self, is: impl Fn(&Track) -> bool) -> usize {
        self.tracks.iter().filter(|track| is(track)).count()
    }

    fn is_round_over(&self) -> bool {
        let anybody = self.tracks.iter().any(Track::reported);
        anybody && !self.tracks.iter().any(Track::is_awaited)
    }

    fn take_survey(&mut self, now: Moment, head: Option<Head>, survey: Survey) {
        let head = head.map(|head| head.height);
        self.upgraded |= head.is_some_and(|head| self.tell_apart_by_upgrade(now, head));
        for (track, standing) in self.tracks.iter_mut().zip(survey.standings) {
            track.survey(now, head, self.upgraded, standing, &self.rules);
        }
        (self.unproven, self.lists_are_old) = (survey.unproven, survey.lists_are_old);
    }

    /// Whether some daemons know the upgrades of the network, and others do not.
    fn tell_apart_by_upgrade(&self, now: Moment, head: Height) -> bool {
        let behind = || self.tracks.iter().filter_map(|track| track.is_behind_upgrade(now, head, &self.rules));
        behind().any(|is| is) && behind().any(|is| !is)
    }

    fn end_round(&mut self, now: Moment, votes: Votes, comparisons: &[Option<Comparison>]) {
        self.rounds += 1;
        self.votes = votes;
        let gains: Vec<_> = self.tracks.iter().filter_map(|track| track.gain(now, &self.rules)).collect();
        for (track, comparison) in self.tracks.iter_mut().zip(comparisons) {
            track.end_of_round(now, comparison.as_ref(), &gains, &self.rules);
        }
    }

    fn forget_blocks(&mut self, now: Moment, compared: &BTreeSet<Height>) {
        let voters = self.tracks.iter().filter_map(|track| track.vote(now, &self.rules));
        let Some(floor) = voters.map(Chain::height).min() else { return };
        self.tracks.iter_mut().for_each(|track| track.forget_blocks_below(floor, compared));
    }

    /// Our network is the one whose genesis block most answering daemons share; in a tie the primary's, then that of
    /// the daemon configured first.
    fn settle_network(&mut self, now: Moment) {
        let geneses = || self.tracks.iter().map(|track| track.genesis(now, &self.rules));
        // What nearly always holds, and needs no counting.
        let mut known = geneses().flatten();
        if known.next().is_none_or(|first| known.all(|genesis| genesis == first)) {
            return self.tracks.iter_mut().for_each(|track| track.set_wrong_network(false));
        }
        let geneses: Vec<_> = geneses().collect();
        // There are few of them, in the order of the configuration.
        let mut counts: Vec<(BlockHash, usize)> = vec![];
        for genesis in geneses.iter().flatten() {
            match counts.iter_mut().find(|(it, _)| it == genesis) {
                Some((_, count)) => *count += 1,
                None => counts.push((*genesis, 1)),
            }
        }
        // max_by_key takes the last of equal ones: from the back, that is the one configured first.
        let ours = counts.iter().rev().max_by_key(|(_, count)| *count).map(|(genesis, _)| *genesis);
        for (track, genesis) in self.tracks.iter_mut().zip(&geneses) {
            track.set_wrong_network(genesis.is_some() && *genesis != ours);
        }
    }

    /// For each daemon, the answering one before it that has the same address.
    fn same_daemons(&self) -> Vec<Option<DaemonId>> {
        let mut same_as = vec![None; self.tracks.len()];
        let mut addresses = Vec::with_capacity(self.tracks.len());
        let address = |(id, track): (usize, &Track)| Some((track.address().filter(|_| track.answers())?, id));
        addresses.extend(self.tracks.iter().enumerate().filter_map(address));
        sort_by_key(&mut addresses, |it| *it);
        for names in addresses.chunk_by(|(one, _), (other, _)| one == other) {
            names[1..].iter().for_each(|(_, id)| same_as[*id] = Some(DaemonId(names[0].1)));
        }
        same_as
    }

    fn voters(&self, now: Moment, in_use: DaemonId, same_as: &[Option<DaemonId>]) -> Vec<Voter<'_>> {
        let mut voters = Vec::with_capacity(self.tracks.len());
        for ((index, track), same_as) in self.tracks.iter().enumerate().zip(same_as) {
            let daemon = DaemonId(index);
            if let (Some(chain), None) = (track.vote(now, &self.rules), same_as) {
                let (in_use, jumped, silent) = (daemon == in_use, track.jumped(), track.is_silent());
                voters.push(Voter { daemon, chain, in_use, jumped, silent });
            }
        }
        voters
    }

    fn compare(&self, now: Moment, outcome: Option<&Outcome<'_>>) -> Vec<Option<Comparison>> {
        let compare = |(daemon, track): (DaemonId, &Track)| {
            let (outcome, chain) = (outcome?, track.chain(now, &self.rules)?);
            let place = outcome.place(daemon, chain);
            let lag = outcome.head().height.above(chain.height());
            let fork = match place {
                Place::Off { at, depth, .. } => {
                    let (with, against) = (outcome.side(chain, at), outcome.members());
                    Some(Reason::Forked { at, exact: true, depth, with, against })
                }
                Place::Unlinked if lag >= 0 && track.is_unlinkable(now) => {
                    let at = outcome.apart(daemon, chain).unwrap_or(chain.bottom());
                    let (depth, against) = (depth(chain.height(), at), outcome.members());
                    Some(Reason::Forked { at, exact: false, depth, with: [].into(), against })
                }
                Place::OnBranch | Place::Unlinked => None,
            };
            let misses = match place {
                Place::OnBranch => (lag > 0).then(|| chain.height().next()),
                Place::Off { at, race, .. } => outcome.outvotes(chain, at, race).then_some(at),
                Place::Unlinked => None,
            };
            let is_alone = place == Place::OnBranch && lag < 0 && outcome.votes().all > 2;
            let above_head = is_alone.then(|| outcome.head().height.next());
            let unheard_of = above_head.filter(|height| !self.is_heard_of(now, *height));
            let alone = unheard_of.zip(self.tracks.first().and_then(Track::latest).map(|latest| latest.at));
            Some(Comparison { place, lag, head: outcome.head().height, misses, alone, fork })
        };
        (0..).map(DaemonId).zip(&self.tracks).map(compare).collect()
    }

    /// Whether at least half of the voters have heard of a block at this height.
    fn is_heard_of(&self, now: Moment, height: Height) -> bool {
        let voters = self.tracks.iter().filter(|track| track.vote(now, &self.rules).is_some());
        let (heard, all) = voters.fold((0, 0), |(heard, all), track| {
            let network = track.latest().and_then(|latest| latest.observation.network_height);
            (heard + usize::from(network >= Some(height)), all + 1)
        });
        heard * 2 >= all
    }

    /// The blocks that would link the daemons' chains to one another, or show whose word is true.
    fn wanted(&self, now: Moment, outcome: &Outcome<'_>) -> Vec<Wanted> {
        let chains = (0..).map(DaemonId).zip(&self.tracks);
        let chains = chains.filter_map(|(daemon, track)| Some((daemon, track.chain(now, &self.rules)?)));
        let links = chains.flat_map(|(daemon, chain)| outcome.wanted(daemon, chain));
        links.chain(outcome.contested().iter().copied()).collect()
    }

    fn chains(&self, now: Moment) -> impl Iterator<Item = &Chain> {
        self.tracks.iter().filter_map(move |track| track.chain(now, &self.rules))
    }

    fn judgement(
        &self,
        now: Moment,
        track: &Track,
        comparison: Option<&Comparison>,
        same_as: Option<DaemonId>,
    ) -> Judgement {
        let claim = comparison.and_then(|comparison| track.claim(comparison, &self.rules));
        let off_at = |it: &Comparison| match it.place {
            Place::Off { at, race: false, .. } => Some(at),
            _ => None,
        };
        let on_branch = |it: &Comparison| matches!(it.place, Place::OnBranch | Place::Off { race: true, .. });
        Judgement {
            health: track.health().clone(),
            faults: track.faults(now, &self.rules),
            healthy_since: track.healthy_since(),
            answers: track.answers() && !track.is_doubted(),
            confirmed: claim.is_none(),
            recovering: track.is_recovering(),
            drained: track.is_drained(),
            beaten: comparison.is_some_and(|it| it.misses.is_some()),
            overtaken: track.is_overtaken(),
            alone: track.is_alone(),
            unsteady: track.is_unsteady(now, &self.rules),
            gives_work: track.may_give_work(),
            on_branch: comparison.is_some_and(on_branch),
            off_at: comparison.and_then(off_at),
            lag: comparison.map(|comparison| comparison.lag),
            upgrade_due: track.upgrade_due(&self.rules),
            same_as,
        }
    }
}

impl Assessment {
    /// How many daemons there are to compare: those that the pool may use, and those that only give no work. Their chains are as good as
    /// ever, and to turn the feature off for them would leave the pool with a primary that may be one of them.
    pub fn comparable(&self) -> usize {
        let counts = |daemon: &&Judgement| daemon.faults.compares;
        self.daemons.iter().filter(counts).filter(|daemon| daemon.same_as.is_none()).count()
    }

    /// How many daemons the pool may use; two names of one daemon count once.
    pub fn healthy(&self) -> usize {
        self.daemons.iter().filter(|daemon| daemon.health.is_healthy() && daemon.same_as.is_none()).count()
    }
}
