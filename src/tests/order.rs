use proptest::prelude::*;

use super::sort_by_key;

proptest! {
    #[test]
    fn sorts_as_the_standard_library_does(mut items in prop::collection::vec((0..8_u8, any::<u16>()), 0..64)) {
        let mut expected = items.clone();
        expected.sort_by_key(|(key, _)| *key);
        sort_by_key(&mut items, |(key, _)| *key);
        prop_assert_eq!(items, expected);
    }
}
