use super::*;
use std::time::Duration;

/// Block `height` of the chain that left the main chain (0) at `fork`.
fn hash(chain: u8, fork: u64, height: u64) -> BlockHash {
    let mut bytes = [0xee; 32];
    bytes[0] = if height < fork { 0 } else { chain };
    bytes[1..9].copy_from_slice(&height.to_be_bytes());
    BlockHash::new(bytes)
}

fn header(chain: u8, fork: u64, height: u64) -> Header {
    Header {
        height: Height::new(height).unwrap(),
        hash: hash(chain, fork, height),
        prev_hash: hash(chain, fork, height.wrapping_sub(1)),
        difficulty: Some(1000 + height),
        timestamp: Duration::from_secs(height),
    }
}

/// The window and how many headers it took besides the tip's.
fn walk(chain: u8, fork: u64, tip: u64, known: Option<&Window>) -> (Window, usize) {
    walk_at_pace(chain, fork, tip, known, false)
}

fn walk_at_pace(chain: u8, fork: u64, tip: u64, known: Option<&Window>, hurry: bool) -> (Window, usize) {
    let mut walk = Walk::new(&header(chain, fork, tip), known);
    let mut asked = 0;
    while let Some((height, _)) = walk.wants(hurry) {
        walk.add(&header(chain, fork, height.get())).unwrap();
        asked += 1;
    }
    let window = walk.finish(Some(hash(0, 1, 0))).unwrap();
    for (depth, block) in window.blocks.iter().enumerate() {
        assert_eq!(block.hash, hash(chain, fork, tip - depth as u64), "{depth} below {tip}");
        let last = depth + 1 == window.blocks.len();
        assert!(block.difficulty == Some(1000 + tip - depth as u64) || last, "{depth} below {tip}");
    }
    (window, asked)
}

#[test]
fn a_first_walk_takes_fifteen_headers_for_sixteen_blocks() {
    let (window, asked) = walk(0, 0, 100, None);
    assert_eq!((window.blocks.len(), asked), (16, 14));
    assert_eq!(window.blocks[15].difficulty, None);
}

#[test]
fn a_first_walk_in_a_hurry_takes_three_headers_for_four_blocks() {
    let (window, asked) = walk_at_pace(0, 0, 100, None, true);
    assert_eq!((window.blocks.len(), asked), (4, 2));
}

#[test]
fn every_way_on_from_a_known_window_of_four() {
    let (known, _) = walk_at_pace(0, 0, 100, None, true);
    let row = |name, chain, fork, tip, blocks, asked| {
        let (window, took) = walk(chain, fork, tip, Some(&known));
        assert_eq!((window.blocks.len(), took), (blocks, asked), "{name}");
    };
    row("the same tip", 0, 0, 100, 4, 0);
    row("one new block", 0, 0, 101, 5, 0);
    row("two new blocks", 0, 0, 102, 6, 1);
    row("a jump of 10", 0, 0, 110, 14, 9);
    row("a jump just within reach", 0, 0, 115, 16, 14);
    row("a jump out of reach", 0, 0, 116, 16, 14);
    row("another block at the top", 1, 100, 100, 4, 0);
    row("a deeper and higher branch", 1, 99, 102, 6, 3);
    row("a branch that left below the window", 1, 90, 100, 16, 14);
    row("a step back on the same chain", 0, 0, 98, 4, 2);
    row("a step back below the window", 0, 0, 90, 16, 14);
    row("a lower tip on another branch", 1, 98, 98, 4, 2);
}

#[test]
fn a_window_grows_to_sixteen_and_no_further() {
    let (mut known, _) = walk(0, 0, 100, None);
    for tip in 101..140 {
        known = walk(0, 0, tip, Some(&known)).0;
    }
    assert_eq!(known.blocks.len(), MAX_BLOCKS);
    assert!(known.blocks.iter().all(|block| block.difficulty.is_some()));
}

#[test]
fn a_walk_ends_at_the_first_block() {
    for (tip, blocks) in [(0, 1), (1, 2), (3, 4), (14, 15), (15, 16), (16, 16)] {
        assert_eq!(walk(0, 0, tip, None).0.blocks.len(), blocks, "tip {tip}");
    }
}

#[test]
fn a_hurried_walk_is_content_with_four_blocks() {
    let (known, _) = walk(0, 0, 100, None);
    let mut walk = Walk::new(&header(0, 0, 110), Some(&known));
    while let Some((height, _)) = walk.wants(true) {
        walk.add(&header(0, 0, height.get())).unwrap();
    }
    assert!(!walk.joined());
    assert_eq!(walk.finish(Some(hash(0, 1, 0))).unwrap().blocks.len(), 4);
}

#[test]
fn a_header_that_is_not_the_one_asked_for_is_refused() {
    let tip = header(0, 0, 100);
    let other_block = header(1, 0, 99);
    let other_height = Header { height: Height::new(98).unwrap(), ..header(0, 0, 99) };
    for wrong in [other_block, other_height] {
        assert!(Walk::new(&tip, None).add(&wrong).is_err(), "{wrong:?}");
    }
}

#[test]
fn a_chain_that_ends_in_another_first_block_is_refused() {
    assert!(Walk::new(&header(0, 0, 0), None).finish(Some(hash(1, 0, 0))).is_err());
}
