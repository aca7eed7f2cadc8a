//! Which daemon the pool should use, given the verdicts on all of them.
//!
//! PURE: an assessment, the selection before and the policy go in, a selection comes out.

use std::{cmp::Reverse, time::Duration};

use serde::Serialize;

use super::{
    health::{Health, Reason, Severity},
    moment::Moment,
    tracker::{Assessment, Judgement},
};
use crate::endpoint::DaemonId;

/// How a daemon is chosen; names and defaults are those of the configuration.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    /// Healthy daemons, the primary included, below which the feature turns itself off.
    pub min_healthy: usize,
    /// Which daemon is used while it is off.
    pub fallback: Fallback,
    /// How long the primary has to be healthy before the pool returns to it; `None` for never.
    pub failback: Option<Duration>,
}

/// Which daemon is used while too few are healthy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fallback {
    /// The primary, whatever its state: as the pool works without this addon.
    Primary,
    /// The best that answers.
    Best,
}

impl Default for Policy {
    fn default() -> Self {
        Self { min_healthy: 3, fallback: Fallback::Primary, failback: None }
    }
}

/// Whether the feature is active.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// One pool, one daemon: too few are healthy to compare them.
    Single,
    /// Enough daemons are healthy; the majority's chain wins.
    Multi,
}

/// What was chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Selection {
    /// Whether the feature is active.
    pub mode: Mode,
    /// The daemon to use.
    pub daemon: DaemonId,
    /// Why it is another one than before; says nothing where it is the same.
    pub cause: Cause,
    /// Multi mode, and more than half of the voters on the branch.
    pub quorum: bool,
    /// The pool should not trust orphan marks now: the voters disagree without a strict majority for the branch in
    /// use, or the daemon in use is forked or isolated.
    pub hold: bool,
}

/// Why another daemon is used than before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// The first round ended, and the primary is not healthy.
    Start,
    /// The primary has been healthy for long enough.
    Failback,
    /// Too few daemons are healthy.
    Fallback,
    /// Enough daemons, or the primary, are healthy again.
    Recovered,
    /// The verdict on the daemon that was in use.
    Health,
    /// The operator pinned the pool to it.
    Pinned,
    /// The operator's pin ended.
    Unpinned,
    /// Others have stood on a better block for long enough, though the daemon that was in use is healthy.
    Overtaken,
    /// It alone had the blocks that it showed, and the primary was in order.
    Alone,
    /// It failed again and again, though not often enough in a row to be unresponsive.
    Unsteady,
    /// The configuration was replaced.
    Reconfigured,
}

impl Selection {
    /// The answer until the first round ends: the primary.
    pub const START: Self =
        Self { mode: Mode::Single, daemon: DaemonId::PRIMARY, cause: Cause::Start, quorum: false, hold: false };
}

/// Chooses a daemon; `before` is the selection until now, which stays until the first round ends.
pub fn select(now: Moment, assessment: &Assessment, before: Selection, policy: &Policy) -> Selection {
    if assessment.rounds == 0 {
        return before;
    }
    let is_multi = assessment.comparable() >= policy.min_healthy && assessment.healthy() > 0;
    let mode = if is_multi { Mode::Multi } else { Mode::Single };
    let (daemon, cause) = match (mode, policy.fallback) {
        (Mode::Multi, _) => multi(now, assessment, before, policy),
        // The operator's word on the primary outweighs the policy's. One that shows another daemon's chain refuses every block.
        (Mode::Single, Fallback::Primary)
            if !is_drained(assessment, DaemonId::PRIMARY) && !is_borrowing_among_better(assessment) =>
        {
            (DaemonId::PRIMARY, Cause::Fallback)
        }
        (Mode::Single, Fallback::Primary | Fallback::Best) => best(assessment, before),
    };
    let cause = if before == Selection::START { Cause::Start } else { cause };
    let quorum = mode == Mode::Multi && assessment.votes.majority();
    Selection { mode, daemon, cause, quorum, hold: hold(assessment, daemon) }
}

/// When the pool returns to the primary if nothing else happens until then, in time since watching began; `None` where it does not.
pub fn failback_due(assessment: &Assessment, chosen: Selection, policy: &Policy) -> Option<Duration> {
    let is_away = chosen.mode == Mode::Multi && !chosen.daemon.is_primary();
    let primary = assessment.daemons.first().filter(|primary| is_away && is_sound(primary))?;
    Some(primary.healthy_since?.elapsed.saturating_add(policy.failback?))
}

/// The selection while the operator has the pool pinned to a daemon: that one, whatever the verdict on it is. What the rules
/// would choose goes on beside it.
pub fn pinned(selection: Selection, assessment: &Assessment, daemon: DaemonId) -> Selection {
    Selection { daemon, cause: Cause::Pinned, hold: hold(assessment, daemon), ..selection }
}

fn multi(now: Moment, assessment: &Assessment, before: Selection, policy: &Policy) -> (DaemonId, Cause) {
    let primary = assessment.daemons.first();
    let healthy_for = primary.and_then(|it| it.healthy_since).map(|since| now.since(since));
    let due = policy.failback.zip(healthy_for).is_some_and(|(wait, healthy)| healthy >= wait);
    if due && primary.is_some_and(is_sound) {
        return (DaemonId::PRIMARY, Cause::Failback);
    }
    let cause = if before.mode == Mode::Single { Cause::Recovered } else { Cause::Health };
    match assessment.daemons.get(before.daemon.0).filter(|daemon| daemon.health.is_healthy()) {
        Some(kept) => better(kept, assessment).unwrap_or((before.daemon, cause)),
        None => (healthiest(assessment).unwrap_or(before.daemon), cause),
    }
}

/// The choice among too few: the primary, the daemon in use, any healthy one, the least bad that answers.
fn best(assessment: &Assessment, before: Selection) -> (DaemonId, Cause) {
    let healthy = |id: DaemonId| assessment.daemons.get(id.0).filter(|it| it.health.is_healthy());
    let cause = if before.mode == Mode::Multi { Cause::Fallback } else { Cause::Recovered };
    let kept = [(DaemonId::PRIMARY, cause), (before.daemon, Cause::Health)];
    let mut kept = kept.into_iter().filter_map(|(id, cause)| Some((id, cause, healthy(id)?)));
    let good = kept.clone().find(|(_, _, daemon)| doubt(daemon).is_none());
    if let Some((id, cause, daemon)) = good.or_else(|| kept.next()) {
        let why = |why| if id == before.daemon { why } else { cause };
        return better(daemon, assessment).map_or((id, cause), |(other, doubt)| (other, why(doubt)));
    }
    let chosen = healthiest(assessment).or_else(|| least_bad(assessment, before.daemon));
    (chosen.unwrap_or(DaemonId::PRIMARY), Cause::Health)
}

/// The daemon to use instead of a healthy one that is in doubt, where there is one, and why.
fn better(kept: &Judgement, assessment: &Assessment) -> Option<(DaemonId, Cause)> {
    let primary = assessment.daemons.first().filter(|it| is_sound(it) && is_on_head(it));
    // Who is alone may lie, or be the only one that still gets blocks: in that doubt the pool does what it would do without us.
    if kept.alone && primary.is_some_and(|it| !it.alone) {
        return Some((DaemonId::PRIMARY, Cause::Alone));
    }
    let cause = doubt(kept)?;
    // One that fails now and then is better than one that gives no work, which is not even told while nobody else gives any.
    let serves = |daemon: &Judgement| cause != Cause::Unsteady || daemon.gives_work || !kept.gives_work;
    let is_better = |daemon: &Judgement| is_sound(daemon) && is_on_head(daemon) && serves(daemon);
    daemons(assessment).find(|(_, daemon)| is_better(daemon)).map(|(id, _)| (id, cause))
}

/// Why a healthy daemon is left if there is another one.
fn doubt(daemon: &Judgement) -> Option<Cause> {
    match daemon {
        Judgement { overtaken: true, .. } => Some(Cause::Overtaken),
        Judgement { unsteady: true, .. } => Some(Cause::Unsteady),
        _ => None,
    }
}

/// The first healthy daemon on the head or above it; if none stands there, the highest.
fn healthiest(assessment: &Assessment) -> Option<DaemonId> {
    let sound = || daemons(assessment).filter(|(_, daemon)| is_sound(daemon));
    let highest = || sound().min_by_key(|(_, daemon)| daemon.lag.unwrap_or(i64::MAX));
    // Nobody sound is left when every healthy daemon just failed a poll: then a healthy one is still the best bet.
    let healthy = || daemons(assessment).find(|(_, daemon)| daemon.health.is_healthy());
    let chosen = sound().find(|(_, daemon)| is_on_head(daemon)).or_else(highest).or_else(healthy);
    chosen.map(|(id, _)| id)
}

fn least_bad(assessment: &Assessment, in_use: DaemonId) -> Option<DaemonId> {
    let ranked = daemons(assessment).filter_map(|(id, daemon)| Some((id, badness(daemon)?)));
    ranked.min_by_key(|(id, badness)| (*badness, Reverse(*id == in_use))).map(|(id, _)| id)
}

/// How bad a daemon is that answers; `None` for one that the pool could not work with at all.
fn badness(daemon: &Judgement) -> Option<u32> {
    if !daemon.answers {
        return None;
    }
    let severity = match &daemon.health {
        Health::Unhealthy(reason) => Some(reason.severity()),
        _ => None,
    };
    match &daemon.health {
        _ if severity.is_some_and(Severity::is_hopeless) => None,
        _ if daemon.drained => Reason::Draining.severity().rank,
        Health::Healthy => Some(0),
        Health::Unhealthy(_) | Health::Unresponsive(_) if daemon.recovering && severity.is_none_or(|it| it.mends) => {
            Some(1)
        }
        Health::Unhealthy(reason) => reason.severity().rank,
        Health::Unknown => Some(9),
        Health::Unconfirmed(_) => Some(10),
        // Its latest poll saw something, so it fails one of the checks above as soon as it is compared.
        Health::Unresponsive(_) => Some(9),
    }
}

/// Whether a daemon may be newly chosen: healthy, and nothing since then speaks against it.
pub(crate) fn is_sound(daemon: &Judgement) -> bool {
    daemon.health.is_healthy() && daemon.answers && daemon.confirmed && !daemon.unsteady
}

/// Whether the primary shows another daemon's chain (monerod's bootstrap daemon) while a healthy daemon is there to take its place.
fn is_borrowing_among_better(assessment: &Assessment) -> bool {
    let primary = assessment.daemons.get(DaemonId::PRIMARY.0).map(|it| &it.health);
    matches!(primary, Some(Health::Unhealthy(Reason::Syncing { borrowed: true, .. }))) && assessment.healthy() > 0
}

fn is_drained(assessment: &Assessment, daemon: DaemonId) -> bool {
    assessment.daemons.get(daemon.0).is_some_and(|it| it.drained)
}

/// Whether it stands on the head or above it, and is not outvoted.
pub(crate) fn is_on_head(daemon: &Judgement) -> bool {
    daemon.on_branch && !daemon.beaten && daemon.lag.is_some_and(|lag| lag <= 0)
}

fn hold(assessment: &Assessment, in_use: DaemonId) -> bool {
    let Some(daemon) = assessment.daemons.get(in_use.0) else { return false };
    let outvoted = assessment.votes.disagree() && !(daemon.on_branch && assessment.votes.majority());
    daemon.faults.astray || outvoted
}

fn daemons(assessment: &Assessment) -> impl Iterator<Item = (DaemonId, &Judgement)> {
    (0..).map(DaemonId).zip(&assessment.daemons)
}
