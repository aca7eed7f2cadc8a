//! The outcome, for programs.

use serde_json::{Map, Value, json};

use super::{Millis, balance::BadWorld, cause::Cause, policies::Policy, run::Outcome, world::Grade};

/// One object, with shares of time and counts by policy.
pub fn json(outcome: &Outcome) -> Value {
    let policies: Map<_, _> =
        Policy::ALL.map(|policy| (policy.name().to_owned(), of(outcome, policy))).into_iter().collect();
    json!({ "seed": outcome.seed, "worlds": outcome.worlds, "policies": policies })
}

fn of(outcome: &Outcome, policy: Policy) -> Value {
    let tally = outcome.of(policy);
    let against = outcome.against(policy);
    let (total, requests) = (tally.total() as f64, tally.requests);
    let share = |grade: Grade| tally.time[grade as usize] as f64 / total;
    json!({
        "best": share(Grade::Best),
        "stale": share(Grade::Stale),
        "fork": share(Grade::Fork),
        "nothing": share(Grade::Nothing),
        "switchesPerHour": tally.switches as f64 / (total / HOUR),
        "gainedSeconds": seconds(against.time.gained),
        "lostSeconds": seconds(against.time.lost),
        "gainedWorkSeconds": seconds(against.work.gained),
        "lostWorkSeconds": seconds(against.work.lost),
        "worstWorlds": against.worst.iter().map(bad_world).collect::<Vec<_>>(),
        "withoutWork": 1.0 - requests.working(),
        "blocksFound": requests.found,
        "blocksLost": requests.lost,
        "blocksLostNeedlessly": requests.lost_needlessly,
        "blocksUnpaid": requests.unpaid,
        "databasesDamaged": requests.damaged,
    })
}

/// The moments that the primary alone had the best block at, by cause.
fn bad_world(world: &BadWorld) -> Value {
    let cause = |(cause, time): &(Cause, Millis)| json!({ "cause": format!("{cause}"), "seconds": seconds(*time) });
    let causes: Vec<_> = world.causes.iter().map(cause).collect();
    json!({ "world": world.number, "lostSeconds": seconds(world.lost), "causes": causes })
}

fn seconds(time: Millis) -> f64 {
    time as f64 / 1_000.0
}

/// In milliseconds.
const HOUR: f64 = 3_600_000.0;
