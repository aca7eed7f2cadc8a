//! Worlds as proptest makes them up: gentle ones, in which everything takes no longer than it may, and wild ones.

use proptest::{collection::vec, option, prelude::*, sample::select};

use crate::world::{Headers, Ill, Layout, Manner, Ms, Nature, Plan, Stands, Turn};

/// Daemons do wrong, though each thing takes no longer than what an offer waits for: nobody is damaged.
pub fn gentle() -> impl Strategy<Value = Plan> {
    let manner = prop_oneof![
        8 => Just(Manner::Sound),
        1 => (0..40_000u64).prop_map(Manner::Busy),
        1 => Just(Manner::RefusesAll),
        1 => Just(Manner::Lies),
        1 => any::<bool>().prop_map(|at_once| Manner::LosesReplies { at_once }),
        1 => any::<bool>().prop_map(|takes| Manner::Nonsense { takes }),
    ];
    let nature = (standing(), 1..100u64, 0..300u64, manner, headers(), any::<[bool; 3]>());
    let nature = nature.prop_map(|(stands, latency, adds, manner, headers, [is_turtle, takes_blocks, is_known])| {
        Nature { is_turtle, stands, latency, slow: 0, adds, manner, ills: vec![], headers, takes_blocks, is_known }
    });
    plan(vec(nature, 1..=5).boxed(), (1..300u64).prop_map(Some).boxed())
}

/// Daemons hang, are killed and come back, take their time, are cut off.
pub fn wild() -> impl Strategy<Value = Plan> {
    let link = prop_oneof![4 => (1..1_000u64).prop_map(Some), 1 => (1..9_000u64).prop_map(Some), 1 => Just(None)];
    plan(vec(wild_nature(), 1..=5).boxed(), link.boxed())
}

pub fn wild_nature() -> impl Strategy<Value = Nature> {
    let slow = prop_oneof![6 => Just(0u64), 1 => 100..1_000u64, 1 => 1_000..8_000u64];
    let adds = prop_oneof![4 => 0..100u64, 2 => 100..1_000u64, 1 => 1_000..8_000u64];
    let manner = prop_oneof![
        8 => Just(Manner::Sound),
        2 => (0..40_000u64).prop_map(Manner::Busy),
        1 => Just(Manner::RefusesAll),
        1 => Just(Manner::Lies),
        1 => any::<bool>().prop_map(|at_once| Manner::LosesReplies { at_once }),
        1 => any::<bool>().prop_map(|takes| Manner::Nonsense { takes }),
    ];
    let latency = prop_oneof![4 => 1..20u64, 1 => 20..800u64];
    let nature = (standing(), latency, slow, adds, manner, ills(), headers(), any::<[bool; 3]>());
    nature.prop_map(|(stands, latency, slow, adds, manner, ills, headers, [is_turtle, takes_blocks, is_known])| {
        Nature { is_turtle, stands, latency, slow, adds, manner, ills, headers, takes_blocks, is_known }
    })
}

fn standing() -> impl Strategy<Value = Stands> {
    prop_oneof![
        10 => Just(Stands::OnParent),
        2 => (0..20_000u64).prop_map(Stands::Below),
        1 => Just(Stands::Beside),
        1 => Just(Stands::OnRival),
        1 => Just(Stands::AboveRival),
    ]
}

fn headers() -> impl Strategy<Value = Headers> {
    prop_oneof![12 => Just(Headers::Shown), 1 => Just(Headers::Bare), 1 => Just(Headers::Refused)]
}

/// Many of them in the first moments, when it matters most.
fn ills() -> impl Strategy<Value = Vec<(Ms, Ill)>> {
    let at = prop_oneof![2 => 0..50u64, 2 => 0..2_000u64, 1 => 0..30_000u64];
    let hang = prop_oneof![2 => 50..4_000u64, 1 => 1_000..60_000u64, 1 => Just(10_000_000u64)];
    let ill = prop_oneof![
        2 => hang.prop_map(Ill::Hangs),
        1 => option::of(100..20_000u64).prop_map(Ill::Crashes),
    ];
    prop_oneof![2 => Just(vec![]), 1 => vec((at, ill), 1..3)]
}

fn plan(daemons: BoxedStrategy<Vec<Nature>>, link: BoxedStrategy<Option<Ms>>) -> impl Strategy<Value = Plan> {
    let layout = prop_oneof![3 => Just(Layout::Plain), 3 => Just(Layout::Merged), 1 => Just(Layout::Unknown)];
    let polls = select(vec![500u64, 1_000, 5_000]);
    (daemons, vec(link, 25), layout, polls, any::<prop::sample::Index>(), prop::bool::weighted(0.1)).prop_flat_map(
        |(daemons, links, layout, polls, in_use, alone)| {
            let count = daemons.len();
            let find = (0..40_000u64, 0..count);
            let turn = prop_oneof![
                3 => (0..count).prop_map(Turn::Use),
                1 => any::<bool>().prop_map(Turn::Alone),
                1 => (0..count).prop_map(Turn::Leaves),
                1 => (0..count).prop_map(Turn::Comes),
            ];
            let turns = prop_oneof![1 => Just(vec![]), 1 => vec((0..30_000u64, turn), 1..5)];
            (prop_oneof![2 => Just(vec![]), 1 => vec(find, 1..4)], turns).prop_map(move |(finds, turns)| Plan {
                daemons: daemons.clone(),
                links: links.clone(),
                finds,
                turns,
                layout,
                in_use: in_use.index(count),
                alone,
                polls,
            })
        },
    )
}
