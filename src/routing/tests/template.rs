use super::*;
use crate::{consensus::vote::Head, endpoint::Endpoint, routing::reply::Envelope};

const PARENT: [u8; 32] = [0xab; 32];

fn template(members: &str) -> Option<Template> {
    Envelope::of(&format!(r#"{{"result":{{{members}}}}}"#))?.template()
}

/// As long as a block is at least; what it builds on is named beside it.
fn blob() -> String {
    "0c".repeat(80)
}

fn at(height: u64) -> Template {
    let (blob, parent) = (blob(), "ab".repeat(32));
    template(&format!(r#""blocktemplate_blob":"{blob}","difficulty":7,"height":{height},"prev_hash":"{parent}""#))
        .unwrap()
}

fn chart() -> Chart {
    let in_use = Endpoint { host: "d".into(), port: 1, tls: false }.into();
    let hash = BlockHash::new(PARENT);
    let head = Height::new(100).map(|height| Head { height, hash });
    Chart { head, branch: [hash].into(), ..Chart::start(in_use) }
}

#[test]
fn what_no_miner_can_work_on_is_no_template() {
    let (blob, good) = (blob(), r#""blocktemplate_blob":"BLOB","difficulty":7,"height":101,"reserved_offset":72"#);
    let with = |one: &str, other: &str| template(&good.replacen(one, other, 1).replace("BLOB", &blob));
    assert!(with("", "").is_some());
    for (one, other) in [
        ("BLOB", ""),
        ("BLOB", "error"),
        ("BLOB", "0c0c"),
        ("BLOB", "BLOB0"),
        ("BLOB", "BLOBxy"),
        ("101", "null"),
        ("7", "0"),
        ("7", "0.0"),
        ("7", "-1"),
        ("7", "null"),
        ("7", r#""0x0""#),
        (r#""difficulty":7,"#, ""),
        ("72", "81"),
        ("72", "-1"),
        ("72", "18446744073709551615"),
    ] {
        assert_eq!(with(one, other), None, "{other:?} for {one}");
    }
    // Bytes that are no block in any of the known layouts.
    let odd = "ff".repeat(80);
    for (one, other) in [
        ("BLOB", &*odd),
        ("7", "18446744073709551616"),
        ("7", r#""12""#),
        (r#","reserved_offset":72"#, ""),
        ("72", "null"),
    ] {
        assert!(with(one, other).is_some(), "{other:?} for {one}");
    }
    // How long a block is at least is not the gateway's to know.
    assert!(template(r#""blocktemplate_blob":"00","difficulty":7,"height":101,"reserved_offset":1"#).is_some());
}

#[test]
fn a_height_far_from_that_of_the_block_that_it_builds_on_is_absurd() {
    for height in [0, 1, 98, 104, 5_000_000] {
        assert_eq!(at(height).credit(&chart()), Credit::Absurd, "{height}");
    }
    for height in 100..=103 {
        assert_eq!(at(height).credit(&chart()), Credit::Credible, "{height}");
    }
    let nothing_known = Chart { head: None, branch: [].into(), ..chart() };
    assert_eq!(at(0).credit(&nothing_known), Credit::Credible);
}

#[test]
fn one_on_an_unknown_block_far_above_all_that_is_known_is_unproven() {
    let head = Height::new(100).map(|height| Head { height, hash: BlockHash::new([1; 32]) });
    let elsewhere = Chart { head, branch: [].into(), ..chart() };
    for (height, is_unproven) in [(1, false), (101, false), (110, false), (111, true), (5_000_000, true)] {
        let expected = if is_unproven { Credit::Unproven } else { Credit::Credible };
        assert_eq!(at(height).credit(&elsewhere), expected, "{height}");
    }
}

#[test]
fn as_much_room_as_the_pool_asked_for_has_to_be_in_the_blob() {
    let with =
        |place: &str| template(&format!(r#""blocktemplate_blob":"{}","difficulty":7,"height":8{place}"#, blob()));
    let room_at = |offset: u64| with(&format!(r#","reserved_offset":{offset}"#)).unwrap();
    assert!(room_at(72).has_room_for(8) && !room_at(72).has_room_for(9));
    assert!(room_at(80).has_room_for(0) && !room_at(80).has_room_for(1));
    assert!(with("").unwrap().has_room_for(u64::MAX), "no place is told");
}
