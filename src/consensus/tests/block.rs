use super::*;

#[test]
fn upper_case_is_the_same_hash() {
    let lower = "7fb97df81221dd1366051b2d0bc7f49c66c22ac4431d879c895b06d66ef66f4c";
    let hash: BlockHash = lower.parse().unwrap();
    assert_eq!(lower.to_uppercase().parse(), Ok(hash));
    assert_eq!(hash.to_string(), lower);
}

#[test]
fn other_lengths_and_letters_are_no_hash() {
    for text in ["", "7f", &"g".repeat(64), &"0".repeat(63), &"0".repeat(65), &"é".repeat(32)] {
        assert_eq!(text.parse::<BlockHash>(), Err(NotAHash), "{text:?}");
    }
}

#[test]
fn a_height_no_chain_can_have_is_refused() {
    assert_eq!(Height::new(499_999_999).map(Height::get), Some(499_999_999));
    assert_eq!(Height::new(500_000_000), None);
    assert_eq!(Height::new(u64::MAX), None);
    assert_eq!(Height::from_count(0), None);
    assert_eq!(Height::from_count(1), Some(Height::GENESIS));
}
