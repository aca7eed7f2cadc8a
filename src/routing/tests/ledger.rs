use std::time::Duration;

use super::*;
use crate::{
    consensus::{block::BlockHash, vote::Head},
    endpoint::Endpoint,
    routing::{Seat, Who, offer::Said, submission::Order},
};

const BLOB: &str =
    concat!("1010", "8095d3af06", "abababababababababababababababababababababababababababababababab", "01000000", "00");

fn chart(height: u64) -> Chart {
    let in_use = Endpoint { host: "d".into(), port: 1, tls: false }.into();
    let hash = "ab".repeat(32).parse().unwrap_or(BlockHash::new([0; 32]));
    let head = Height::new(height).map(|height| Head { height, hash });
    Chart { head, branch: [hash].into(), alone: true, ..Chart::start(in_use) }
}

/// A ledger with one block, that the daemon in use took.
fn taken() -> (Ledger, EntryId) {
    let (mut ledger, chart) = (Ledger::default(), chart(99));
    let mut submission = Submission::new(Duration::ZERO, Marks::of(BLOB), &chart);
    let id = ledger.begin(1, &submission, None);
    submission.orders(Duration::ZERO, &chart);
    submission.heard(Duration::ZERO, &chart.in_use, Said::Taken);
    submission.orders(Duration::ZERO, &chart);
    assert!(ledger.note(id, &submission));
    (ledger, id)
}

/// What is known of the daemon at a port; that at port 1 is in use.
fn seat(port: u16, height: u64, is_on_branch: bool) -> Seat {
    let tip = Height::new(height).map(|height| Head { height, hash: BlockHash::new([8; 32]) });
    let daemon = Endpoint { host: "d".into(), port, tls: false }.into();
    Seat {
        daemon,
        is_sound: true,
        is_reserve: false,
        is_on_head: true,
        is_on_branch,
        takes_blocks: true,
        is_silent: false,
        tip,
    }
}

#[test]
fn a_block_that_was_taken_is_told_of() {
    let (ledger, _) = taken();
    let fate = &ledger.fates()[0];
    assert_eq!((fate.told, fate.height, fate.by.is_some()), (BlockAnswer::Accepted, Height::new(100), true));
}

#[test]
fn the_height_of_its_template_is_told_until_the_daemons_show_its_parent() {
    let (mut ledger, nothing_known) = (Ledger::default(), Chart { branch: [].into(), ..chart(99) });
    let submission = Submission::new(Duration::ZERO, Marks::of(BLOB), &nothing_known);
    let id = ledger.begin(1, &submission, Height::new(102));
    ledger.note(id, &submission);
    assert_eq!((ledger.place(&nothing_known), ledger.fates()[0].height), (false, Height::new(102)));
    assert_eq!((ledger.place(&chart(99)), ledger.fates()[0].height), (true, Height::new(100)));
    assert!(!ledger.place(&chart(99)), "known already");
}

#[test]
fn it_is_looked_at_once_a_head_until_it_lies_deep() {
    let (mut ledger, id) = taken();
    assert_eq!(ledger.due(&chart(99)), [], "the chain is not there yet");
    assert_eq!(ledger.due(&chart(101)).len(), 1);
    assert_eq!(ledger.due(&chart(101)), [], "once a head");
    ledger.look(id, Sight::Has(BlockHash::new([7; 32])), &chart(120));
    assert_eq!(ledger.fates()[0].depth, Some(20));
    assert_eq!(ledger.due(&chart(121)), []);
}

#[test]
fn daemons_that_get_it_later_are_counted_once_their_polls_show_it() {
    let (mut ledger, id) = taken();
    let daemons = vec![seat(1, 105, true), seat(2, 102, true), seat(3, 101, true), seat(4, 105, false)];
    let later = Chart { daemons, ..chart(105) };
    ledger.look(id, Sight::Has(BlockHash::new([7; 32])), &later);
    assert_eq!(ledger.fates()[0].seen, 2, "one may race, one is elsewhere");
    ledger.look(id, Sight::Has(BlockHash::new([7; 32])), &chart(106));
    assert_eq!(ledger.fates()[0].seen, 2, "what was seen was seen");
}

#[test]
fn daemons_on_the_branch_are_not_counted_for_what_a_daemon_off_it_shows() {
    let (mut ledger, id) = taken();
    let daemons = vec![seat(1, 105, false), seat(2, 105, true), seat(3, 105, true), seat(4, 105, true)];
    ledger.look(id, Sight::Has(BlockHash::new([7; 32])), &Chart { daemons, ..chart(105) });
    assert_eq!(ledger.fates()[0].seen, 1);
}

#[test]
fn another_block_in_its_place_makes_it_orphaned_three_blocks_later_and_it_may_come_back() {
    let (mut ledger, id) = taken();
    ledger.look(id, Sight::Other, &chart(102));
    assert!(!ledger.fates()[0].orphaned);
    ledger.look(id, Sight::Other, &chart(103));
    assert!(ledger.fates()[0].orphaned);
    ledger.look(id, Sight::Has(BlockHash::new([7; 32])), &chart(104));
    assert!(!ledger.fates()[0].orphaned);
}

#[test]
fn a_daemon_that_hung_and_takes_it_later_is_not_the_one_that_accepted_it() {
    let [slow, other] = [1, 2].map(|port| Who::from(Endpoint { host: "d".into(), port, tls: false }));
    let chart = Chart { daemons: vec![seat(1, 99, true), seat(2, 99, true)], alone: false, ..chart(99) };
    let (mut ledger, mut submission) = (Ledger::default(), Submission::new(Duration::ZERO, Marks::of(BLOB), &chart));
    let id = ledger.begin(1, &submission, None);
    let later = |seconds| Duration::from_secs(seconds);
    let play = |submission: &mut Submission, now| {
        for order in submission.orders(now, &chart) {
            if let Order::Look(daemon) = order {
                submission.seen(now, &daemon, Sight::OnParent);
            }
        }
    };
    for second in 0..8 {
        play(&mut submission, later(second));
        play(&mut submission, later(second));
    }
    submission.heard(later(8), &other, Said::Taken);
    play(&mut submission, later(8));
    submission.heard(later(9), &slow, Said::Taken);
    play(&mut submission, later(9));
    ledger.note(id, &submission);
    assert_eq!(ledger.fates()[0].by, Some((*other).clone()));
}

#[test]
fn what_a_daemon_shows_that_is_off_the_branch_or_while_the_daemons_disagree_is_no_proof_that_it_is_lost() {
    let (mut ledger, id) = taken();
    let off = Chart { daemons: vec![seat(1, 103, false), seat(2, 103, true)], ..chart(103) };
    assert!(!ledger.look(id, Sight::Other, &off));
    let forked = Chart { daemons: vec![seat(1, 103, true)], fork: Height::new(100), ..chart(103) };
    assert!(!ledger.look(id, Sight::Other, &forked));
    let agreed = Chart { daemons: vec![seat(1, 103, true)], ..chart(103) };
    assert!(ledger.look(id, Sight::Other, &agreed) && ledger.fates()[0].orphaned);
    ledger.look(id, Sight::Has(BlockHash::new([7; 32])), &off);
    assert!(ledger.fates()[0].orphaned, "nor is it one that it is back");
}

#[test]
fn one_that_was_not_told_as_accepted_may_still_show_up() {
    for told in [BlockAnswer::Unknown, BlockAnswer::Refused] {
        let (mut ledger, id) = taken();
        ledger.entries[0].fate.told = told;
        assert_eq!(ledger.due(&chart(119)).len(), 1, "{told:?}");
        assert_eq!(ledger.due(&chart(120)), [], "it is too deep, wherever it is");
        ledger.look(id, Sight::Has(BlockHash::new([7; 32])), &chart(119));
        assert_eq!((ledger.fates()[0].depth, ledger.fates()[0].told), (Some(19), told));
    }
    let (mut ledger, id) = taken();
    ledger.entries[0].fate.told = BlockAnswer::Refused;
    ledger.look(id, Sight::Other, &chart(110));
    assert!(!ledger.fates()[0].orphaned, "nobody waits for it");
    ledger.entries[0].fate.late = true;
    assert_eq!(ledger.due(&chart(111)), [], "nobody was offered it");
}

#[test]
fn the_last_hundred_are_kept() {
    let mut ledger = Ledger::default();
    let submission = Submission::new(Duration::ZERO, Marks::of(BLOB), &chart(99));
    (0..150).for_each(|at| _ = ledger.begin(at, &submission, None));
    let fates = ledger.fates();
    assert_eq!((fates.len(), fates[0].at, fates[99].id), (100, 50, 149));
}
