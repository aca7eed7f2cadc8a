//! One request that is no block: whom it is asked of, and whose answer is passed on.
//!
//! The daemon in use is asked first. Another one is asked when it fails, does not give what was asked for, or is slow; what can
//! be used is passed on as soon as it is there, and otherwise the words of the daemon in use, which are what the asker would have without us.

use std::time::Duration;

use super::{
    NoWorkCause,
    call::{Call, Kind},
    chart::{Chart, Who},
    habit::Habits,
    learnt::Learnt,
    reply::Verdict,
    template::{Credit, Template},
    traffic::Ending,
};
use crate::consensus::block::Height;

/// One request on its way. Every [`Route::next`] tells what to do now.
#[derive(Debug)]
pub struct Route {
    manner: Manner,
    /// How long a daemon may take before a second one is asked too; `None` for as long as it likes.
    hedge_after: Option<Duration>,
    asked: Vec<Asked>,
    lessons: Vec<Learnt>,
    /// The time as of the latest look.
    now: Duration,
    /// Since when others may be asked too; `None` while nobody else is to be.
    others_since: Option<Duration>,
    /// Since when there is a template that is on an old block.
    stale_since: Option<Duration>,
}

/// What to do now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Ask this daemon as well; its answer is told under the number of asks before it.
    Ask(Who),
    /// Wait for an answer, until then at most (in time since watching began); for ever without a time.
    Wait(Option<Duration>),
    /// The answer to this ask is the asker's. The others are not waited for.
    Pass(usize),
    /// No daemon has given anything that could be passed on.
    GiveUp,
}

/// What came of one ask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    /// What it is.
    pub verdict: Verdict,
    /// Whether it is an HTTP answer, which could be passed on.
    pub speaks: bool,
    /// The template in it.
    pub template: Option<Template>,
}

/// How a kind of request is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Manner {
    /// Once.
    Once,
    /// Again where it fails, or a daemon is slower than it usually is.
    Repeat,
    /// The same, though what is asked for takes longer than that.
    RepeatLate,
    /// As [`Manner::Repeat`], and what is asked for can be worth less than somebody else's.
    Compare,
}

#[derive(Debug)]
struct Asked {
    daemon: Who,
    since: Duration,
    slow_after: Option<Duration>,
    state: State,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum State {
    Pending,
    Over { heard: Heard, stale: bool, base: Option<Height> },
}

impl Route {
    /// A request that nobody was asked yet. `hedge_after` is the most that a daemon may take before a second one is asked as well; `None` for
    /// any time.
    pub fn new(call: &Call, hedge_after: Option<Duration>) -> Self {
        let (manner, hedge_after) = match call.kind {
            Kind::Template => (Manner::Compare, hedge_after),
            Kind::Chain(_) | Kind::Read => (Manner::Repeat, hedge_after),
            // What they ask for takes seconds to make, and a second daemon would have to make it too.
            Kind::Transaction | Kind::Wallet => (Manner::RepeatLate, hedge_after.map(|_| PATIENCE)),
            Kind::Block(_) | Kind::Other => (Manner::Once, None),
        };
        let (asked, lessons, now) = (vec![], vec![], Duration::ZERO);
        Self { manner, hedge_after, asked, lessons, now, others_since: None, stale_since: None }
    }

    /// What to do now. To be asked again after each answer, at the time that it gave, and when there is another chart.
    pub fn next(&mut self, now: Duration, chart: &Chart, habits: &Habits) -> Step {
        self.note(now, chart);
        if self.asked.is_empty() {
            return self.ask(now, chart.in_use.clone(), chart, habits);
        }
        if let Some(index) = self.answer() {
            return Step::Pass(index);
        }
        let limit = self.limit(chart);
        if self.wants_another(now, chart, limit)
            && let Some(daemon) = self.another(chart)
        {
            return self.ask(now, daemon, chart, habits);
        }
        let early_until = self.early_until(chart).filter(|until| now < *until);
        // Whoever is known not to answer is waited for only where there is nothing else to tell; and not where the asker, who asks again, has only
        // the primary, and that has failed.
        let is_only_primary = chart.alone && self.manner != Manner::Once;
        let is_last_hope = self.best().is_none() && (!is_only_primary || self.waits_for(&chart.in_use));
        let waits = self.hopeful(chart).next().is_some() || (self.pending().next().is_some() && is_last_hope);
        if (waits || early_until.is_some()) && limit.is_none_or(|limit| now < limit) {
            let slow_at = self.slow_at(now, chart);
            return Step::Wait(slow_at.into_iter().chain(early_until).chain(limit).min());
        }
        self.best().map_or(Step::GiveUp, Step::Pass)
    }

    /// Takes in what came of an ask. `head_is_old`: everybody has had the time to build on the head.
    pub fn hear(&mut self, index: usize, heard: Heard, chart: &Chart, head_is_old: bool) {
        let Some(asked) = self.asked.get_mut(index) else { return };
        let template = heard.template.as_ref();
        let (stale, base) = (template.is_some_and(|it| it.is_stale(chart)), template.and_then(|it| it.base(chart)));
        if matches!(heard.verdict, Verdict::Failure | Verdict::Lost) {
            let daemon = asked.daemon.clone();
            // Where nobody else is asked, the request may be at fault: a client could have the pool leave one daemon after the other.
            let is_proof = self.manner != Manner::Once;
            self.lessons.push(if is_proof { Learnt::Failed(daemon) } else { Learnt::Suspect(daemon) });
        }
        let discredited = match template.map(|it| it.credit(chart)) {
            Some(Credit::Absurd) => Some(Verdict::Lacking(NoWorkCause::Empty)),
            Some(Credit::Unproven) => Some(Verdict::Unproven),
            Some(Credit::Credible) | None => None,
        };
        if let Some(verdict) = discredited {
            // A poll tells whether it has taken in many blocks at once, or lies.
            let suspect = (verdict == Verdict::Unproven).then(|| Learnt::Suspect(asked.daemon.clone()));
            self.lessons.extend(suspect);
            asked.state = State::Over { heard: Heard { verdict, template: None, ..heard }, stale: false, base: None };
            return;
        }
        // Until then it is no worse than the others' first answers to a new block.
        if stale && !head_is_old {
            asked.state = State::Over { heard, stale, base };
            return;
        }
        let verdict = if stale { Verdict::Lacking(NoWorkCause::Stale) } else { heard.verdict };
        asked.state = State::Over { heard: Heard { verdict, ..heard }, stale, base };
    }

    /// What the request has shown, once it is over.
    pub fn lessons(mut self) -> Vec<Learnt> {
        let mut lessons = std::mem::take(&mut self.lessons);
        let outrun = self.pending().filter(|it| it.is_slow(self.now) && self.asked.len() > 1);
        lessons.extend(outrun.map(|it| Learnt::Suspect(it.daemon.clone())));
        if self.manner == Manner::Compare {
            lessons.extend(self.asked.iter().filter_map(|asked| self.work_of(asked)));
        }
        lessons
    }

    /// How the request ended, once [`Route::next`] has said so.
    pub fn ending(&self) -> Ending {
        match self.answer() {
            Some(0) => Ending::Answered,
            Some(_) => Ending::Rescued,
            None => Ending::Failed,
        }
    }

    /// Whether a daemon that was asked has not answered yet: whoever is asked now is asked because that one is slow.
    pub fn is_waiting(&self) -> bool {
        self.pending().next().is_some()
    }

    /// The daemons that were asked, in their order.
    pub fn asked(&self) -> impl Iterator<Item = &Who> {
        self.asked.iter().map(|asked| &asked.daemon)
    }

    /// Another daemon that the answered request should reach too: a transaction spreads better from two.
    pub fn also(call: &Call, asked: &Who, chart: &Chart) -> Option<Who> {
        if call.kind != Kind::Transaction || chart.alone {
            return None;
        }
        candidates(chart).find(|daemon| daemon != asked)
    }

    fn note(&mut self, now: Duration, chart: &Chart) {
        self.now = now;
        self.others_since = if chart.alone { None } else { self.others_since.or(Some(now)) };
        if self.stale_since.is_none() && self.asked.iter().any(Asked::has_stale_template) {
            self.stale_since = Some(now);
        }
    }

    fn ask(&mut self, now: Duration, daemon: Who, chart: &Chart, habits: &Habits) -> Step {
        let slow_after = self.hedge_after.map(|most| match chart.seat(&daemon) {
            Some(seat) if seat.is_silent => Duration::ZERO,
            _ if self.manner == Manner::RepeatLate => most,
            _ => habits.slow_after(&daemon, most),
        });
        self.asked.push(Asked { daemon: daemon.clone(), since: now, slow_after, state: State::Pending });
        Step::Ask(daemon)
    }

    /// The ask whose answer is as good as any.
    fn answer(&self) -> Option<usize> {
        self.asked.iter().position(|asked| match &asked.state {
            State::Over { heard, stale, .. } => match heard.verdict {
                Verdict::Usable => !stale,
                Verdict::Refusal => true,
                _ => false,
            },
            State::Pending => false,
        })
    }

    /// Whether another daemon is to be asked: nobody is left to wait for, or the one that was asked last is slow; alone the one in use at once.
    fn wants_another(&self, now: Duration, chart: &Chart, limit: Option<Duration>) -> bool {
        if chart.alone || !self.may_ask(chart) {
            return self.may_ask(chart);
        }
        if limit.is_some_and(|limit| now >= limit) {
            return false;
        }
        self.slow_hopeful_at(chart).is_none_or(|slow_at| slow_at.is_some_and(|slow_at| now >= slow_at))
    }

    /// From when on those that may still answer are all slow: `None` where there are none, `Some(None)` where any time is theirs. Of two or more the last
    /// one gets some seconds: another one would only add to the load of daemons that are all slow, but what two hang on a third may give.
    fn slow_hopeful_at(&self, chart: &Chart) -> Option<Option<Duration>> {
        let mut hopeful = self.hopeful(chart);
        let first = hopeful.next()?;
        let (last, least) = hopeful.last().map_or((first, Duration::ZERO), |last| (last, CROWDED_AFTER));
        Some(last.slow_after.map(|after| last.since + after.max(least)))
    }

    /// Whether anybody may still be asked. Whoever is alone now may be, however many were asked before.
    fn may_ask(&self, chart: &Chart) -> bool {
        self.manner != Manner::Once && (chart.alone || self.asked.len() < MOST_ASKED)
    }

    /// The next daemon that may be asked in the place of those that were: at last, or alone, the one that has come into use since then, whatever its
    /// state. A new request would go to it, and those that were asked may hang for ever.
    fn another(&self, chart: &Chart) -> Option<Who> {
        let others = candidates(chart).chain(reserves(chart)).filter(|_| !chart.alone);
        others.chain([chart.in_use.clone()]).find(|daemon| !self.asked.iter().any(|asked| asked.daemon == *daemon))
    }

    /// Until when answers are waited for: a minute after the last one was asked, though not for long where one is there that will do. Alone
    /// a daemon has all the time that the asker has, and what of it is over is not held against those that may be asked after that. So it has where
    /// nobody else may be asked, until it is silent and the pool has left it.
    fn limit(&self, chart: &Chart) -> Option<Duration> {
        let last = self.asked.last()?;
        if chart.alone && self.waits_for(&chart.in_use) {
            return None;
        }
        if self.manner == Manner::Once {
            let is_left = last.daemon != chart.in_use && is_silent(chart, &last.daemon);
            return is_left.then_some(last.since);
        }
        let since = last.since.max(self.others_since.unwrap_or_default());
        Some(self.stale_since.map_or(since + LONGEST, |stale| since.max(stale) + STALE_PATIENCE))
    }

    /// Until when whoever fails may be the one that will not be used, while nothing is known of the others yet.
    fn early_until(&self, chart: &Chart) -> Option<Duration> {
        let first = self.asked.first().filter(|_| !chart.ready && self.manner != Manner::Once)?;
        Some(first.since + STARTING)
    }

    /// From when on another one is to be asked because those that may still answer are slow; whether anybody is left for that is looked at then.
    fn slow_at(&self, now: Duration, chart: &Chart) -> Option<Duration> {
        self.slow_hopeful_at(chart).flatten().filter(|at| now < *at && self.may_ask(chart))
    }

    /// Where nobody gave what was asked for: the newest of the templates on an old block, or else the words of whoever was asked first
    /// and has some.
    fn best(&self) -> Option<usize> {
        let over = || self.asked.iter().enumerate();
        let stale = over().filter(|(_, asked)| asked.has_stale_template()).rev().max_by_key(|(_, asked)| asked.base());
        let words = || over().find(|(_, asked)| matches!(&asked.state, State::Over { heard, .. } if heard.speaks));
        stale.or_else(words).map(|(index, _)| index)
    }

    fn waits_for(&self, daemon: &Who) -> bool {
        self.pending().any(|asked| asked.daemon == *daemon)
    }

    fn pending(&self) -> impl Iterator<Item = &Asked> {
        self.asked.iter().filter(|asked| asked.state == State::Pending)
    }

    /// Those among them that may still answer.
    fn hopeful<'a>(&'a self, chart: &'a Chart) -> impl Iterator<Item = &'a Asked> {
        self.pending().filter(|asked| !is_silent(chart, &asked.daemon))
    }

    fn work_of(&self, asked: &Asked) -> Option<Learnt> {
        let State::Over { heard, stale, .. } = &asked.state else { return None };
        let daemon = asked.daemon.clone();
        let cause = match &heard.verdict {
            Verdict::Usable if *stale => return None,
            Verdict::Usable => return Some(Learnt::Works(daemon)),
            Verdict::Lacking(cause) => *cause,
            Verdict::Failure => NoWorkCause::Error,
            // Its polls tell whether it is there.
            Verdict::Refusal | Verdict::Lost | Verdict::TurnedAway | Verdict::Unproven => return None,
        };
        let witnessed = self.asked.iter().any(|other| other.daemon != daemon && other.works());
        Some(Learnt::NoWork { daemon, cause, witnessed })
    }
}

impl Asked {
    fn is_slow(&self, now: Duration) -> bool {
        self.slow_after.is_some_and(|after| now >= self.since + after)
    }

    fn works(&self) -> bool {
        matches!(&self.state, State::Over { heard, stale: false, .. } if heard.verdict == Verdict::Usable)
    }

    /// Whether it has a template that is on an old block: better than none.
    fn has_stale_template(&self) -> bool {
        matches!(self.state, State::Over { stale: true, .. })
    }

    fn base(&self) -> Option<Height> {
        match self.state {
            State::Over { base, .. } => base,
            State::Pending => None,
        }
    }
}

fn is_silent(chart: &Chart, daemon: &Who) -> bool {
    chart.seat(daemon).is_some_and(|seat| seat.is_silent)
}

/// Those that may be asked in the place of the daemon in use, best first.
fn candidates(chart: &Chart) -> impl Iterator<Item = Who> {
    let sound = || chart.daemons.iter().filter(|seat| seat.is_sound);
    let behind = sound().filter(|seat| !seat.is_on_head);
    sound().filter(|seat| seat.is_on_head).chain(behind).map(|seat| seat.daemon.clone())
}

/// Those that may be asked where nobody else gives what is asked for: a daemon that was just restarted may be the only one that gives work.
fn reserves(chart: &Chart) -> impl Iterator<Item = Who> {
    chart.daemons.iter().filter(|seat| seat.is_reserve).map(|seat| seat.daemon.clone())
}

/// As many as a pool usually has: if four daemons fail, the cause is the request, and a fifth one does not help.
const MOST_ASKED: usize = 4;

/// Within that the first round of polls has ended, whatever the daemons do.
const STARTING: Duration = Duration::from_secs(6);

/// How long what wallets read may take before a second daemon is asked for it.
const PATIENCE: Duration = Duration::from_secs(10);

/// The longest that an answer is waited for.
const LONGEST: Duration = Duration::from_secs(60);

/// How long the second daemon may take, or the third, before another one is asked beside it.
const CROWDED_AFTER: Duration = Duration::from_secs(2);

/// How long a better template than the one at hand is waited for.
const STALE_PATIENCE: Duration = Duration::from_millis(500);

#[cfg(test)]
#[path = "tests/route.rs"]
mod tests;
