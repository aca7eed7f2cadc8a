//! The outcome, for people.

use std::fmt::Write;

use super::{
    Millis,
    balance::{BadWorld, Balance, goal},
    climate::{Class, Climate},
    policies::Policy,
    run::Outcome,
    score::{Requests, Tally},
};

/// A table of what each policy got, and one of what it lost to each class of fault.
pub fn table(outcome: &Outcome, climate: &Climate) -> String {
    let mut text = String::new();
    let days = climate.length as f64 / DAY;
    let length = if days < 1.0 { format!("{:.0} s", days * 86_400.0) } else { format!("{days} days") };
    let Outcome { seed, worlds, .. } = outcome;
    let _ = writeln!(text, "{worlds} worlds of {length}, seed {seed}\n");
    let names = ["best", "stale", "fork", "nothing", "of oracle", "switches/day", "blocks lost/day"];
    let _ = writeln!(text, "{:<18}{}", "", names.map(|name| format!("{name:>16}")).concat());
    for policy in Policy::ALL {
        let _ = writeln!(text, "{:<18}{}", policy.name(), row(outcome, policy));
    }
    text.push_str(&against(outcome));
    text.push_str(&requests(outcome));
    let _ = writeln!(text, "\nSeconds of a day without the best block, by the fault of the daemon in use\n");
    let _ = writeln!(text, "{:<18}{}", "", Policy::ALL.map(|policy| format!("{:>18}", policy.name())).concat());
    for class in Class::ALL {
        let lost = |policy| a_day(outcome.of(policy), outcome.of(policy).lost_to[class as usize]);
        let _ = writeln!(
            text,
            "{:<18}{}",
            class.name(),
            Policy::ALL.map(|policy| format!("{:>18.1}", lost(policy))).concat()
        );
    }
    let none = |policy| a_day(outcome.of(policy), outcome.of(policy).without);
    let _ = writeln!(
        text,
        "{:<18}{}",
        "no daemon given",
        Policy::ALL.map(|policy| format!("{:>18.1}", none(policy))).concat()
    );
    let _ = writeln!(
        text,
        "\nBlocks lost/day: of {FOUND_A_DAY:.0} that a pool with a tenth of the network finds.\n\
         without work: templates that were not given, or are on a block that is not the best. Blocks found: those on the network's newest block; \
         lost: those that no daemon took which could tell the network; needlessly: those that the oracle did not lose; unpaid: those in the chain \
         of which the pool was not told so. damaged: databases that took in one block twice at once."
    );
    text
}

/// A table of what was gained and lost against the primary alone, and the worlds in which most was lost.
fn against(outcome: &Outcome) -> String {
    let mut text = String::from(
        "\nSeconds on the best block, and with usable work, beside the primary alone: worlds that are better add to what is gained, the others to what is lost\n\n",
    );
    let names = ["gained", "lost", "gained/lost", "goal", "work gained", "work lost", "gained/lost"];
    let _ = writeln!(text, "{:<18}{}", "", names.map(|name| format!("{name:>16}")).concat());
    for policy in Policy::ALL.into_iter().filter(|policy| *policy != Policy::PrimaryAlone) {
        let against = outcome.against(policy);
        let goal = goal(policy).map_or_else(String::new, |goal| format!("at least {goal}"));
        let _ = writeln!(text, "{:<18}{}{goal:>16}{}", policy.name(), balance(against.time), balance(against.work));
    }
    for policy in [Policy::FallbackPrimary, Policy::FallbackBest] {
        let _ = writeln!(text, "\nWhere {} lost the most\n", policy.name());
        outcome.against(policy).worst.iter().for_each(|world| text.push_str(&bad_world(world)));
    }
    text
}

fn balance(balance: Balance) -> String {
    let ratio = balance.ratio().map_or_else(|| "no loss".into(), |ratio| format!("{ratio:.1}"));
    format!("{:>16.0}{:>16.0}{ratio:>16}", in_seconds(balance.gained), in_seconds(balance.lost))
}

/// A line for the world, and one for each of the longest causes.
fn bad_world(world: &BadWorld) -> String {
    let mut text = format!("world {:<8}{:>8.1} s less than the primary alone\n", world.number, in_seconds(world.lost));
    for (cause, time) in world.causes.iter().take(CAUSES) {
        let _ = writeln!(text, "{:>22.1} s {cause}", in_seconds(*time));
    }
    text
}

fn in_seconds(time: Millis) -> f64 {
    time as f64 / 1_000.0
}

/// A table of what became of requests.
fn requests(outcome: &Outcome) -> String {
    let mut text = String::from("\nRequests: a template each second, and blocks that were found\n\n");
    let names =
        ["without work", "s/week", "of oracle", "blocks found", "blocks lost", "needlessly", "unpaid", "damaged"];
    let _ = writeln!(text, "{:<18}{}", "", names.map(|name| format!("{name:>16}")).concat());
    for policy in Policy::ALL {
        let requests = outcome.of(policy).requests;
        let without = 1.0 - requests.working();
        let of_oracle = requests.working() / outcome.of(Policy::Oracle).requests.working();
        let shares = format!("{:>15.3}‰{:>16.0}{of_oracle:>16.5}", 1_000.0 * without, without * WEEK);
        let Requests { found, lost, lost_needlessly, unpaid, damaged, .. } = requests;
        let counts = [found, lost, lost_needlessly, unpaid, damaged].map(|count| format!("{count:>16}")).concat();
        let _ = writeln!(text, "{:<18}{shares}{counts}", policy.name());
    }
    text
}

fn row(outcome: &Outcome, policy: Policy) -> String {
    let tally = outcome.of(policy);
    let total = tally.total() as f64;
    let shares = tally.time.map(|time| format!("{:>15.3}%", 100.0 * time as f64 / total)).concat();
    let of_oracle = tally.best() as f64 / outcome.of(Policy::Oracle).best() as f64;
    let switches = tally.switches as f64 / (total / DAY);
    let lost = FOUND_A_DAY * (1.0 - tally.best() as f64 / total);
    format!("{shares}{of_oracle:>16.5}{switches:>16.1}{lost:>16.2}")
}

fn a_day(tally: &Tally, time: u64) -> f64 {
    time as f64 / (tally.total() as f64 / DAY) / 1_000.0
}

/// In milliseconds.
const DAY: f64 = 86_400_000.0;

/// So many causes of a world are told.
const CAUSES: usize = 3;

/// In seconds.
const WEEK: f64 = 604_800.0;

/// A tenth of the blocks of a day at one in 30 s.
const FOUND_A_DAY: f64 = 288.0;
