//! The outcome, for programs.

use serde_json::{Map, Value, json};

use super::{policies::Policy, run::Outcome, world::Grade};

/// One object, with shares of time and counts by policy.
pub fn json(outcome: &Outcome) -> Value {
    let policies: Map<_, _> =
        Policy::ALL.map(|policy| (policy.name().to_owned(), of(outcome, policy))).into_iter().collect();
    json!({ "seed": outcome.seed, "worlds": outcome.worlds, "policies": policies })
}

fn of(outcome: &Outcome, policy: Policy) -> Value {
    let tally = outcome.of(policy);
    let (total, requests) = (tally.total() as f64, tally.requests);
    let share = |grade: Grade| tally.time[grade as usize] as f64 / total;
    json!({
        "best": share(Grade::Best),
        "stale": share(Grade::Stale),
        "fork": share(Grade::Fork),
        "nothing": share(Grade::Nothing),
        "switchesPerHour": tally.switches as f64 / (total / HOUR),
        "worseThanPrimary": outcome.worse[policy as usize],
        "withoutWork": requests.without_work as f64 / requests.asked as f64,
        "blocksFound": requests.found,
        "blocksLost": requests.lost,
        "blocksLostNeedlessly": requests.lost_needlessly,
        "blocksUnpaid": requests.unpaid,
        "databasesDamaged": requests.damaged,
    })
}

/// In milliseconds.
const HOUR: f64 = 3_600_000.0;
