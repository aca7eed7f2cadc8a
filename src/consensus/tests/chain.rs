use std::time::Duration;

use super::*;

#[test]
fn a_window_that_stands_on_known_blocks_extends_them() {
    let mut chain = chain(10, &["d", "c", "b", "a"]);
    chain.advance(&window(12, &["f", "e", "d", "c"]));
    assert_eq!((chain.height(), chain.bottom()), (height(12), height(7)));
    assert_eq!(chain.at(height(11)), Some(hash("e")));
    assert_eq!(chain.at(height(7)), Some(hash("a")));
}

#[test]
fn a_reorganisation_replaces_what_is_above_the_fork_point() {
    let mut chain = chain(10, &["d", "c", "b", "a"]);
    chain.advance(&window(11, &["E", "D", "C", "b"]));
    assert_eq!(chain.at(height(9)), Some(hash("C")));
    assert_eq!(chain.at(height(8)), Some(hash("b")));
    assert_eq!(chain.at(height(7)), Some(hash("a")));
}

#[test]
fn a_window_that_meets_nothing_known_replaces_everything() {
    let mut chain = chain(10, &["d", "c"]);
    chain.advance(&window(20, &["n", "m"]));
    assert_eq!((chain.height(), chain.bottom()), (height(20), height(19)));
    assert_eq!(chain.at(height(10)), None);
}

#[test]
fn single_blocks_below_the_row_outlast_its_growth() {
    let mut chain = chain(10, &["d", "c"]);
    chain.learn(height(5), hash("x"));
    assert!(chain.advance(&window(12, &["f", "e", "d", "c"])));
    assert_eq!((chain.at(height(5)), chain.at(height(0))), (Some(hash("x")), Some(hash("genesis"))));
}

#[test]
fn single_blocks_are_dropped_where_the_chain_is_another_one() {
    let mut chain = chain(10, &["d", "c"]);
    chain.learn(height(5), hash("x"));
    assert!(!chain.advance(&window(10, &["D", "C"])));
    assert_eq!(chain.at(height(5)), None);
}

#[test]
fn single_blocks_are_dropped_where_a_later_window_contradicts_one() {
    let mut chain = chain(10, &["d"]);
    chain.learn(height(9), hash("x"));
    chain.learn(height(5), hash("y"));
    assert!(chain.advance(&window(10, &["d", "c"])));
    assert_eq!((chain.at(height(9)), chain.at(height(5))), (None, None));
}

#[test]
fn a_single_block_cannot_replace_one_of_the_row_or_stand_above_it() {
    let mut chain = chain(10, &["d", "c"]);
    for at in [9, 10, 11] {
        chain.learn(height(at), hash("x"));
    }
    assert_eq!((chain.at(height(9)), chain.at(height(11))), (Some(hash("c")), None));
}

#[test]
fn a_window_deeper_than_the_genesis_block_is_no_chain() {
    assert!(Chain::new(&window(1, &["c", "b", "a"])).is_none());
    assert!(Chain::new(&window(1, &[])).is_none());
}

#[test]
fn memory_stays_bounded_while_the_chain_grows() {
    let chain = grown(3_000);
    assert_eq!(chain.blocks.len(), MOST_BLOCKS);
    assert_eq!(chain.bottom(), height(3_001 - MOST_BLOCKS as u64));
}

#[test]
fn blocks_are_kept_down_to_the_lowest_tip_that_is_compared() {
    let mut chain = grown(1_000);
    for (floor, bottom) in [(300, 300), (990, 1_001 - KEPT_BLOCKS as u64), (2_000, 1_001 - KEPT_BLOCKS as u64)] {
        chain.forget_below(height(floor), &BTreeSet::new());
        assert_eq!(chain.bottom(), height(bottom));
    }
}

#[test]
fn blocks_where_chains_were_compared_are_kept_when_the_row_ends_above_them() {
    let mut chain = grown(2_000);
    let compared = BTreeSet::from([height(1_000), height(1_900)]);
    chain.forget_below(height(1_990), &compared);
    assert_eq!((chain.at(height(1_000)), chain.at(height(1_001))), (Some(hash("1000")), None));
    assert_eq!(chain.anchors_from(height(2_000)).collect::<Vec<_>>(), [height(1_000), height(0)]);
}

#[test]
fn too_many_single_blocks_are_dropped_but_not_where_chains_were_compared() {
    let mut chain = grown(2_000);
    (1..=300).for_each(|at| chain.learn(height(at), hash("x")));
    chain.forget_below(height(2_000), &BTreeSet::from([height(7)]));
    assert_eq!(chain.anchors_from(height(2_000)).collect::<Vec<_>>(), [height(7), height(0)]);
}

fn grown(tip: u64) -> Chain {
    let mut chain = chain(1, &["1"]);
    for tip in 2..=tip {
        chain.advance(&window(tip, &[&tip.to_string(), &(tip - 1).to_string()]));
    }
    chain
}

fn chain(tip: u64, names: &[&str]) -> Chain {
    Chain::new(&window(tip, names)).unwrap()
}

fn window(tip: u64, names: &[&str]) -> Window {
    let blocks = names.iter().map(|name| Block { hash: hash(name), difficulty: Some(1) }).collect();
    Window { genesis: Some(hash("genesis")), height: height(tip), blocks, timestamp: Duration::ZERO }
}

fn height(index: u64) -> Height {
    Height::new(index).unwrap()
}

fn hash(name: &str) -> BlockHash {
    let mut bytes = [0; 32];
    bytes[..name.len()].copy_from_slice(name.as_bytes());
    BlockHash::new(bytes)
}
