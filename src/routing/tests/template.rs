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
        ("72", "73"),
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
}

#[test]
fn a_height_far_from_that_of_the_block_that_it_builds_on_is_absurd() {
    for height in [0, 1, 98, 104, 5_000_000] {
        assert!(at(height).is_absurd(&chart()), "{height}");
    }
    for height in 100..=103 {
        assert!(!at(height).is_absurd(&chart()), "{height}");
    }
    let nothing_known = Chart { head: None, branch: [].into(), ..chart() };
    assert!(!at(0).is_absurd(&nothing_known));
}

#[test]
fn so_is_one_on_an_unknown_block_far_above_all_that_is_known() {
    let head = Height::new(100).map(|height| Head { height, hash: BlockHash::new([1; 32]) });
    let elsewhere = Chart { head, branch: [].into(), ..chart() };
    for (height, is_absurd) in [(1, false), (101, false), (110, false), (111, true), (5_000_000, true)] {
        assert_eq!(at(height).is_absurd(&elsewhere), is_absurd, "{height}");
    }
}
