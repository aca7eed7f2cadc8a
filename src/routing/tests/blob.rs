use super::*;

/// A template of monerod 0.18, up to its nonce.
const MONERO: &str =
    concat!("1010", "8095d3af06", "e98daafbb7b5b0d1b0a5c9d2a4b9f9ba0f1e2d3c4b5a69788796a5b4c3d2e1f0", "78563412", "02");

fn header(prev: BlockHash, timestamp: u64, nonce: u32) -> Header {
    let height = Height::new(7).unwrap_or(Height::GENESIS);
    Header { height, hash: BlockHash::new([9; 32]), prev, timestamp: Some(timestamp), nonce: Some(nonce) }
}

/// As TurtleCoin writes a block from its second version on.
fn turtlecoin(prev: &str, nonce: &str) -> String {
    format!("0600{prev}00008095d3af06{}{nonce}01", "00".repeat(32))
}

#[test]
fn moneros_layout_is_read() {
    let marks = Marks::of(MONERO);
    let prev = MONERO[14..78].parse().unwrap_or(BlockHash::new([0; 32]));
    assert!(marks.fit(&header(prev, 1_710_541_440, 0x1234_5678)) && marks.build_on(prev));
    assert!(!marks.fit(&header(prev, 1_710_541_440, 0x1234_5679)), "another nonce");
    assert!(!marks.fit(&header(prev, 1_710_541_441, 0x1234_5678)), "another time");
}

#[test]
fn turtlecoins_layout_is_read() {
    let prev = "ab".repeat(32);
    let marks = Marks::of(&turtlecoin(&prev, "01000000"));
    let prev = prev.parse().unwrap_or(BlockHash::new([0; 32]));
    assert!(marks.fit(&header(prev, 1_710_541_440, 1)));
    assert!(parents_in(&turtlecoin(&"ab".repeat(32), "01000000")).unwrap().contains(&Some(prev)));
}

#[test]
fn what_is_no_block_has_no_marks() {
    for text in ["", "00", "00ff", "0", "zz", &"0e".repeat(40), &"ff".repeat(200), "äöü"] {
        assert!(Marks::of(text).is_empty(), "{text}");
    }
}

#[test]
fn the_height_is_one_above_the_parents() {
    let marks = Marks::of(MONERO);
    assert_eq!(marks.height(|_| Height::new(41)), Height::new(42));
    assert_eq!(marks.height(|_| None), None);
}

#[test]
fn each_byte_is_a_hex_digit_or_not_wherever_it_stands() {
    for place in 0..19 {
        for character in (0..0x250).filter_map(char::from_u32) {
            let mut text = "0123456789abcdefABCDEF".to_owned();
            text.replace_range(place..=place, &character.to_string());
            assert_eq!(is_hex(&text), character.is_ascii_hexdigit(), "{character:?} at {place}");
        }
    }
}
