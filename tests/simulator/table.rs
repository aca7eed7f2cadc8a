//! The outcome, for people.

use std::fmt::Write;

use super::{
    climate::{Class, Climate},
    policies::Policy,
    run::{MARGIN, Outcome},
    score::Tally,
};

/// A table of what each policy got, and one of what it lost to each class of fault.
pub fn table(outcome: &Outcome, climate: &Climate) -> String {
    let mut text = String::new();
    let days = climate.length as f64 / DAY;
    let length = if days < 1.0 { format!("{:.0} s", days * 86_400.0) } else { format!("{days} days") };
    let Outcome { seed, worlds, .. } = outcome;
    let _ = writeln!(text, "{worlds} worlds of {length}, seed {seed}\n");
    let names = ["best", "stale", "fork", "nothing", "of oracle", "switches/day", "blocks lost/day", "worse worlds"];
    let _ = writeln!(text, "{:<18}{}", "", names.map(|name| format!("{name:>16}")).concat());
    for policy in Policy::ALL {
        let _ = writeln!(text, "{:<18}{}", policy.name(), row(outcome, policy));
    }
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
    let margin = MARGIN / 1_000;
    let _ = writeln!(
        text,
        "\nworse worlds: with more than {margin} s less on the best block than the primary alone. \
         Blocks lost: of {FOUND_A_DAY:.0} that a pool with a tenth of the network finds."
    );
    text
}

fn row(outcome: &Outcome, policy: Policy) -> String {
    let tally = outcome.of(policy);
    let total = tally.total() as f64;
    let shares = tally.time.map(|time| format!("{:>15.3}%", 100.0 * time as f64 / total)).concat();
    let of_oracle = tally.best() as f64 / outcome.of(Policy::Oracle).best() as f64;
    let switches = tally.switches as f64 / (total / DAY);
    let lost = FOUND_A_DAY * (1.0 - tally.best() as f64 / total);
    let worse = outcome.worse[policy as usize];
    format!("{shares}{of_oracle:>16.5}{switches:>16.1}{lost:>16.2}{worse:>16}")
}

fn a_day(tally: &Tally, time: u64) -> f64 {
    time as f64 / (tally.total() as f64 / DAY) / 1_000.0
}

/// In milliseconds.
const DAY: f64 = 86_400_000.0;

/// A tenth of the blocks of a day at one in 30 s.
const FOUND_A_DAY: f64 = 288.0;
