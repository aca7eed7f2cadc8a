use super::*;
use crate::{consensus::vote::Head, endpoint::Endpoint, routing::chart::Seat};

#[test]
fn alone_the_primary_is_offered_it_at_once_and_what_it_says_is_told() {
    let primary = who("d");
    let chart = Chart::start(primary.clone());
    let mut submission = Submission::new(Duration::ZERO, Marks::of("00ff"), &chart);
    assert_eq!(submission.orders(Duration::ZERO, &chart), [Order::Offer(primary.clone())]);
    assert_eq!(submission.deadline(&chart), Some(ALONE));
    submission.heard(Duration::ZERO, &primary, Said::Taken);
    assert_eq!(submission.orders(Duration::ZERO, &chart), [Order::Tell(Answer::Accepted(primary))]);
    assert_eq!(submission.deadline(&chart), None, "nothing is left to do");
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
        head: Some(Head { height: Height::new(7).unwrap(), hash: BlockHash::new([7; 32]) }),
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

#[test]
fn after_a_sibling_that_was_taken_it_is_offered_to_nobody_who_may_be_getting_that() {
    let daemons = ["a", "b"].map(who);
    let (mut submission, chart) = with_sibling(&daemons);
    let mut see_all = |now: Duration| {
        let asked = submission.orders(now, &chart);
        daemons.iter().for_each(|daemon| submission.seen(now, daemon, Sight::OnParent));
        [asked, submission.orders(now, &chart)].concat()
    };
    let is_offer = |order: &Order| matches!(order, Order::Offer(_));
    assert!(!see_all(Duration::ZERO).iter().any(is_offer));
    assert!(!see_all(SETTLING / 2).iter().any(is_offer));
    // Nobody has got it, so whoever said that it was taken did not tell the truth.
    assert!(see_all(SETTLING + LAST_PAUSE).iter().any(is_offer));
}

#[test]
fn where_its_sibling_is_shown_the_others_have_all_the_time_to_get_that() {
    let daemons = ["a", "b"].map(who);
    let (mut submission, chart) = with_sibling(&daemons);
    let mut offers = |now: Duration| {
        let asked = submission.orders(now, &chart);
        submission.seen(now, &daemons[0], Sight::OnParent);
        submission.seen(now, &daemons[1], Sight::Other);
        let orders = [asked, submission.orders(now, &chart)].concat();
        orders.iter().any(|order| matches!(order, Order::Offer(_)))
    };
    let seconds = |seconds| Duration::from_secs(seconds);
    assert!((0..15).all(|second| !offers(seconds(second))));
    assert!((15..20).any(|second| offers(seconds(second))));
}

/// A block whose sibling was just taken, at two daemons on the branch.
fn with_sibling([in_use, other]: &[Who; 2]) -> (Submission, Chart) {
    let chart = Chart {
        alone: false,
        ready: true,
        daemons: vec![seat(in_use, true), seat(other, true)],
        ..Chart::start(in_use.clone())
    };
    let mut submission = Submission::new(Duration::ZERO, Marks::of("00ff"), &chart);
    submission.has_sibling(Duration::ZERO);
    (submission, chart)
}

fn who(host: &str) -> Who {
    Endpoint { host: host.into(), port: 1, tls: false }.into()
}

fn seat(daemon: &Who, is_on_branch: bool) -> Seat {
    Seat {
        daemon: daemon.clone(),
        is_sound: is_on_branch,
        is_reserve: false,
        is_on_head: is_on_branch,
        is_on_branch,
        takes_blocks: true,
        is_silent: false,
        tip: None,
    }
}
