//! Requests as proptest makes them up, and the daemons and the times that they meet.

use proptest::{collection::vec, option, prelude::*, sample::select};
use turtle_pool_multi_daemon::routing::NoWorkCause;

use crate::{
    passage::{Looks, Nature, Plan, Reply, Request, Turn},
    world::Ms,
};

/// Any request, among daemons that do as they like.
pub fn errand() -> impl Strategy<Value = Plan> {
    let requests = [Request::Header, Request::Read, Request::Wallet, Request::Transaction, Request::Other];
    let request = prop_oneof![3 => Just(Request::Template), 2 => select(requests.to_vec())];
    (request, 1..=7usize).prop_flat_map(|(request, count)| {
        (Just(request), vec(nature(), count), turns(count), 0..count, start(), times()).prop_map(
            |(request, daemons, turns, in_use, (head, alone, ready), (hedge_after, interval, looks_again))| Plan {
                request,
                hedge_after,
                daemons,
                in_use,
                alone,
                ready,
                head,
                interval,
                turns,
                looks_again,
            },
        )
    })
}

fn start() -> impl Strategy<Value = (Option<u64>, bool, bool)> {
    (option::weighted(0.9, Just(HEAD)), prop::bool::weighted(0.15), prop::bool::weighted(0.9))
}

fn times() -> impl Strategy<Value = (Option<Ms>, Ms, bool)> {
    (hedge(), select(vec![0, 1_000, 5_000u64]), prop::bool::weighted(0.2))
}

/// The same for templates alone.
pub fn template() -> impl Strategy<Value = Plan> {
    errand().prop_map(|plan| Plan { request: Request::Template, ..plan })
}

/// The primary is in use, and nobody else is to be asked, whatever else is learnt meanwhile.
pub fn alone() -> impl Strategy<Value = Plan> {
    errand().prop_map(|mut plan| {
        plan.turns.retain(|(_, turn)| !matches!(turn, Turn::Alone(_) | Turn::Use(_)));
        Plan { in_use: 0, alone: true, ready: true, ..plan }
    })
}

/// Neither at the start nor later is the daemon in use the only one to be asked.
pub fn never_alone() -> impl Strategy<Value = Plan> {
    errand().prop_map(|mut plan| {
        plan.turns.retain(|(_, turn)| !matches!(turn, Turn::Alone(_)));
        Plan { alone: false, ..plan }
    })
}

fn nature() -> impl Strategy<Value = Nature> {
    let says = option::weighted(0.85, (delay(), reply()));
    let habit = prop_oneof![
        2 => Just(vec![]),
        4 => (1..400u64).prop_map(|took| vec![took; 16]),
        1 => vec(1..2_000u64, 7..12),
    ];
    (says, habit, looks()).prop_map(|(says, habit, looks)| Nature { says, habit, looks })
}

fn reply() -> impl Strategy<Value = Reply> {
    let causes = [NoWorkCause::Unsynced, NoWorkCause::Busy, NoWorkCause::Error, NoWorkCause::Empty];
    let gives = (HEAD - 3..HEAD + 3, any::<bool>()).prop_map(|(base, names_it)| Reply::Gives { base, names_it });
    prop_oneof![
        6 => gives,
        2 => select(causes.to_vec()).prop_map(Reply::Lacks),
        1 => Just(Reply::Refuses),
        1 => Just(Reply::Fails),
        2 => Just(Reply::IsLost),
    ]
}

/// Round numbers too, so that things happen at once.
fn delay() -> impl Strategy<Value = Ms> {
    prop_oneof![
        4 => 0..60u64,
        3 => 0..1_200u64,
        1 => select(vec![50, 500, 1_000, 6_000, 10_000, 60_000u64]),
        1 => 0..70_000u64,
        1 => 0..200_000u64,
    ]
}

fn hedge() -> impl Strategy<Value = Option<Ms>> {
    prop_oneof![
        4 => Just(Some(500)),
        2 => (1..3_000u64).prop_map(Some),
        1 => select(vec![10_000, 60_000, 86_400_000u64]).prop_map(Some),
        1 => Just(None),
    ]
}

fn looks() -> impl Strategy<Value = Looks> {
    let weighted = prop::bool::weighted;
    (weighted(0.95), weighted(0.8), weighted(0.5), weighted(0.7), weighted(0.15)).prop_map(
        |(is_there, is_sound, is_reserve, is_on_head, is_silent)| Looks {
            is_there,
            // Nobody is sound, or spare, who does not answer.
            is_sound: is_sound && !is_silent,
            is_reserve: is_reserve && !is_sound && !is_silent,
            is_on_head,
            is_silent,
        },
    )
}

fn turns(daemons: usize) -> impl Strategy<Value = Vec<(Ms, Turn)>> {
    let at = prop_oneof![2 => 0..100u64, 2 => 0..2_000u64, 1 => 0..20_000u64, 1 => 0..150_000u64];
    let turn = prop_oneof![
        2 => (0..daemons).prop_map(Turn::Use),
        2 => any::<bool>().prop_map(Turn::Alone),
        1 => Just(Turn::Ready),
        4 => (0..daemons, looks()).prop_map(|(daemon, looks)| Turn::Looks(daemon, looks)),
        1 => Just(Turn::NewHead),
    ];
    let turns = prop_oneof![1 => Just(vec![]), 2 => vec((at, turn), 1..8)];
    turns.prop_map(|mut turns| {
        turns.sort_by_key(|(at, _)| *at);
        turns
    })
}

const HEAD: u64 = 100;
