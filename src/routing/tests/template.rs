use super::*;
use crate::{consensus::vote::Head, endpoint::Endpoint, routing::reply::Envelope};

const PARENT: [u8; 32] = [0xab; 32];

fn template(members: &str) -> Option<Template> {
    Envelope::of(&format!(r#"{{"result":{{{members}}}}}"#))?.template()
}

fn at(height: u64) -> Template {
    let parent = "ab".repeat(32);
    template(&format!(r#""blocktemplate_blob":"0c0c","difficulty":7,"height":{height},"prev_hash":"{parent}""#))
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
    let good = r#""blocktemplate_blob":"0c0c","difficulty":7,"height":101"#;
    assert!(template(good).is_some());
    for (one, other) in [("0c0c", ""), ("0c0c", "error"), ("0c0c", "0"), ("0c0c", "  "), ("101", "null"), ("7", "0")] {
        assert_eq!(template(&good.replacen(one, other, 1)), None, "{other:?} for {one}");
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
