//! What is read of templates and blocks, whatever the bytes are.

use proptest::{collection::vec, option, prelude::*};
use turtle_pool_multi_daemon::{
    consensus::{
        block::{BlockHash, Height},
        vote::Head,
    },
    routing::{
        Chart, Seat,
        blob::{Marks, parents_in},
        reply::Envelope,
        template::Template,
    },
    words::text_of,
};

use crate::{
    cases,
    passage::{hash, start, who},
};

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn any_bytes_are_a_template_or_none_and_never_old_without_a_head(bytes in vec(any::<u8>(), 0..300), chart in chart()) {
        hold_for(&bytes, &chart)?;
    }

    #[test]
    fn so_are_members_of_any_kind(blob in member(), height in member(), hash in member(), chart in chart()) {
        let text = format!(r#"{{"blocktemplate_blob":{blob},"difficulty":1,"height":{height},"prev_hash":{hash}}}"#);
        hold_for(text.as_bytes(), &chart)?;
    }

    #[test]
    fn a_template_stands_on_the_block_that_it_names(
        base in 90..110u64, says in 1..200u64, layout in 0..3usize, chart in chart(),
    ) {
        let (blob, name) = match layout {
            0 => ("00".repeat(80), format!(r#","prev_hash":"{}""#, hash(base))),
            layout => (blob(layout == 1, base), String::new()),
        };
        let text = format!(r#"{{"blocktemplate_blob":"{blob}","difficulty":1,"height":{says}{name}}}"#);
        let template = template(text.as_bytes()).expect("a template");
        let is_known = chart.height_of(hash(base)).is_some();
        let expected = if is_known { base } else { says - 1 };
        prop_assert_eq!(template.base(&chart), Height::new(expected));
        prop_assert_eq!(template.is_stale(&chart), chart.head.is_some_and(|head| expected < head.height.get()));
    }

    #[test]
    fn the_height_of_a_block_is_where_the_branch_or_a_tip_has_it(height in 80..120u64, chart in chart()) {
        let on_branch = chart.branch.contains(&hash(height));
        let is_tip = chart.daemons.iter().any(|seat| seat.tip.is_some_and(|tip| tip.hash == hash(height)));
        prop_assert_eq!(chart.height_of(hash(height)), Height::new(height).filter(|_| on_branch || is_tip));
    }

    #[test]
    fn any_text_is_a_block_or_none(text in any::<String>(), digits in "[0-9a-fA-F]{0,300}", tail in any::<String>()) {
        for hex in [text, digits.clone(), digits + &tail] {
            let (marks, parents) = (Marks::of(&hex), parents_in(&hex).unwrap_or_default());
            prop_assert_eq!(marks.is_empty(), marks.parents().next().is_none());
            prop_assert!(marks.parents().all(|parent| parents.contains(&Some(parent)) && marks.build_on(parent)));
            prop_assert!(parents.len() <= 2);
        }
    }

    #[test]
    fn a_block_is_read_in_either_layout(base in any::<u32>(), is_plain in any::<bool>(), tail in "([0-9a-f]{2}){0,400}") {
        let base = u64::from(base);
        let marks = Marks::of(&(blob(is_plain, base) + &tail));
        prop_assert!(marks.build_on(hash(base)));
        let at = Height::new(7);
        prop_assert_eq!(marks.height(|parent| at.filter(|_| parent == hash(base))), at.map(Height::next));
    }
}

/// The template in a result.
fn template(result: &[u8]) -> Option<Template> {
    let reply = [br#"{"result":"#, result, b"}"].concat();
    Envelope::of(&text_of(&reply))?.template()
}

fn hold_for(bytes: &[u8], chart: &Chart) -> Result<(), TestCaseError> {
    let Some(template) = template(bytes) else { return Ok(()) };
    let headless = Chart { head: None, ..chart.clone() };
    prop_assert!(!template.is_stale(&headless));
    // Old is what stands below the head, and nothing else.
    let (base, head) = (template.base(chart), chart.head.map(|head| head.height));
    prop_assert_eq!(template.is_stale(chart), head.is_some() && base < head);
    Ok(())
}

/// Any JSON, and often what a template has there.
fn member() -> impl Strategy<Value = String> {
    prop_oneof![
        2 => (0..200u64).prop_map(|number| number.to_string()),
        1 => (0..200u64).prop_map(|number| format!("\"{number}\"")),
        1 => any::<i128>().prop_map(|number| number.to_string()),
        1 => any::<f64>().prop_map(|number| serde_json::json!(number).to_string()),
        2 => any::<String>().prop_map(|text| serde_json::json!(text).to_string()),
        2 => "[0-9a-f]{0,300}".prop_map(|text| format!("\"{text}\"")),
        2 => (90..110u64).prop_map(|height| format!("\"{}\"", hash(height))),
        1 => (0..200usize).prop_map(|deep| "[".repeat(deep) + &"]".repeat(deep)).prop_filter("some JSON", |text| !text.is_empty()),
        1 => Just("null".into()),
        1 => Just(r#"{"a":[1,{}]}"#.into()),
    ]
}

/// A chain with its head at 100, as far as a chart shows it, and tips on it and above.
fn chart() -> impl Strategy<Value = Chart> {
    (option::weighted(0.8, Just(100u64)), 0..32u64, vec(option::of(95..105u64), 0..5)).prop_map(
        |(head, depth, tips)| {
            let daemons = tips.into_iter().enumerate().map(|(daemon, tip)| seat(daemon, tip.map(on_chain)));
            let branch: Vec<BlockHash> =
                head.map(|head| (0..depth).map(|below| hash(head - below)).collect()).unwrap_or_default();
            Chart { head: head.map(on_chain), branch: branch.into(), daemons: daemons.collect(), ..start(who(0)) }
        },
    )
}

fn seat(daemon: usize, tip: Option<Head>) -> Seat {
    Seat {
        daemon: who(daemon),
        is_sound: true,
        is_on_head: true,
        is_on_branch: true,
        takes_blocks: true,
        is_reserve: false,
        is_silent: false,
        tip,
    }
}

fn on_chain(height: u64) -> Head {
    Head { height: Height::new(height).expect("a height"), hash: hash(height) }
}

/// A block on that of a height: versions, time stamp, previous hash, nonce, or with the previous hash first and a second header around the
/// others.
fn blob(is_plain: bool, parent: u64) -> String {
    let (parent, stamp) = (hash(parent).to_string(), "80e2cfaa06");
    let nothing = "00".repeat(32);
    if is_plain {
        format!("1010{stamp}{parent}01000000{nothing}")
    } else {
        format!("0300{parent}0000{stamp}{nothing}01000000{nothing}")
    }
}
