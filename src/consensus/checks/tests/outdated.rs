use super::*;

#[test]
fn it_counts_from_the_last_block_under_the_old_rules_on() {
    let mut outdated = knowing_up_to(900, 1_000);
    assert_eq!(with_head(&mut outdated, 999).reason(), None);
    assert_eq!(with_head(&mut outdated, 1_000).reason(), Some(Reason::Outdated(upgrade(1_000, 900))));
}

#[test]
fn a_head_that_nobody_is_left_to_vote_for_stays() {
    let mut outdated = knowing_up_to(900, 1_000);
    with_head(&mut outdated, 1_000).end_of_round(None, true);
    assert!(outdated.reason().is_some());
}

#[test]
fn without_a_head_or_an_unknown_upgrade_nothing_is_wrong() {
    assert_eq!(knowing_up_to(900, 1_000).reason(), None);
    let mut outdated = Outdated::default();
    assert_eq!(with_head(&mut outdated, 1_000).reason(), None);
}

#[test]
fn an_upgrade_is_due_for_the_last_week_before_it() {
    let rules = Rules::default();
    let days_at = |head| {
        let mut outdated = knowing_up_to(900, 100_000);
        with_head(&mut outdated, head).due(&rules).and_then(|due| due.days)
    };
    // At 30 s a block, 2,880 a day.
    assert_eq!(days_at(100_000 - 7 * 2_880 - 1), None);
    assert_eq!(days_at(100_000 - 7 * 2_880), Some(7));
    assert_eq!(days_at(100_000 - 2_880), Some(1));
    assert_eq!(days_at(100_000 - 2_879), Some(0));
    assert_eq!(days_at(99_999), Some(0));
    assert_eq!(days_at(100_000), None);
}

#[test]
fn an_upgrade_that_nobody_knows_makes_nobody_outdated() {
    let mut outdated = knowing_up_to(900, 1_000);
    outdated.end_of_round(Height::new(1_000), false);
    assert_eq!(outdated.reason(), None);
    let due = UpgradeDue { upgrade: upgrade(1_000, 900), days: None };
    assert_eq!(outdated.due(&Rules::default()), Some(due));
}

fn knowing_up_to(supported: u64, at: u64) -> Outdated {
    let mut outdated = Outdated::default();
    outdated.observe(&Observation { upgrade: Some(upgrade(at, supported)), ..Observation::of_busy() });
    outdated
}

fn with_head(outdated: &mut Outdated, head: u64) -> &mut Outdated {
    outdated.end_of_round(Height::new(head), true);
    outdated
}

fn upgrade(at: u64, supported: u64) -> Upgrade {
    Upgrade { at: Height::new(at).unwrap(), supported: Height::new(supported).unwrap() }
}
