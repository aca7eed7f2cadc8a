use super::*;
use crate::{endpoint::Endpoint, routing::chart::Seat};

#[test]
fn alone_the_primary_is_offered_it_at_once_and_what_it_says_is_told() {
    let primary = who("d");
    let chart = Chart::start(primary.clone());
    let mut submission = Submission::new(Duration::ZERO, Marks::of("00ff"), &chart);
    assert_eq!(submission.orders(Duration::ZERO, &chart), [Order::Offer(primary.clone())]);
    assert_eq!(submission.deadline(&chart), Some(ALONE));
    submission.heard(Duration::ZERO, &primary, Said::Taken);
    assert_eq!(submission.orders(Duration::ZERO, &chart), [Order::Tell(Answer::Accepted(primary))]);
    assert!(submission.is_over());
}

#[test]
fn a_daemon_on_a_branch_of_its_own_delays_no_block() {
    let [in_use, forked, good] = ["a", "b", "c"].map(who);
    assert_eq!(offered_after_looks(&in_use, &forked, &good, false), [Order::Offer(good.clone())]);
    // One that counts may be the first of whom the others get the rival.
    assert_eq!(offered_after_looks(&in_use, &forked, &good, true), []);
}

/// What is ordered when the daemon in use hangs, another one has another block in its place, and the third one stands on its parent.
fn offered_after_looks(in_use: &Who, other: &Who, good: &Who, counts: bool) -> Vec<Order> {
    let chart = Chart {
        alone: false,
        ready: true,
        daemons: vec![seat(in_use, true), seat(other, counts), seat(good, true)],
        ..Chart::start(in_use.clone())
    };
    let mut submission = Submission::new(Duration::ZERO, Marks::of("00ff"), &chart);
    submission.orders(Duration::ZERO, &chart);
    submission.orders(LOOK_LIMIT, &chart);
    for (daemon, sight) in [(in_use, Sight::Silent), (other, Sight::Other), (good, Sight::OnParent)] {
        submission.seen(LOOK_LIMIT, daemon, sight);
    }
    submission.orders(LOOK_LIMIT, &chart)
}

fn who(host: &str) -> Who {
    Endpoint { host: host.into(), port: 1, tls: false }.into()
}

fn seat(daemon: &Who, is_on_branch: bool) -> Seat {
    Seat {
        daemon: daemon.clone(),
        is_sound: is_on_branch,
        is_spare: false,
        is_on_head: is_on_branch,
        is_on_branch,
        takes_blocks: true,
        is_silent: false,
        tip: None,
    }
}
