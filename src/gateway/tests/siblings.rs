use super::*;

const SECOND: Duration = Duration::from_secs(1);

fn parent(number: u8) -> BlockHash {
    BlockHash::new([number; 32])
}

#[test]
fn a_block_is_late_for_a_minute_after_another_one_on_its_parent_was_accepted() {
    let siblings = Siblings::default();
    assert!(!siblings.is_late(parent(1), SECOND));
    siblings.note_accepted(parent(1), SECOND);
    assert!(siblings.is_late(parent(1), SECOND));
    assert!(siblings.is_late(parent(1), 60 * SECOND));
    assert!(!siblings.is_late(parent(1), 61 * SECOND));
    assert!(!siblings.is_late(parent(2), SECOND));
}

#[test]
fn few_parents_are_remembered_and_the_latest_of_them() {
    let siblings = Siblings::default();
    siblings.note_accepted(parent(0), SECOND);
    for number in (1..100).chain([0, 98]) {
        siblings.note_accepted(parent(number), SECOND);
    }
    let late: Vec<_> = (0..100).filter(|number| siblings.is_late(parent(*number), SECOND)).collect();
    assert_eq!(late, [0, 93, 94, 95, 96, 97, 98, 99]);
    assert_eq!(siblings.built_on.lock().len(), MOST);
}

#[tokio::test]
async fn a_turn_comes_when_the_one_before_has_ended_and_is_free_on_another_parent() {
    let siblings = Siblings::default();
    let first = siblings.turn(parent(1)).await;
    assert!(first.is_some());
    assert!(siblings.turn_if_free(parent(1)).is_none());
    assert!(siblings.turn_if_free(parent(2)).is_some());
    drop(first);
    assert!(siblings.turn_if_free(parent(1)).is_some());
}
