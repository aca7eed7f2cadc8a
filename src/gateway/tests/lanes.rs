use futures_util::FutureExt;
use tokio::time::{Instant, pause, timeout};

use super::*;

const LONG: Duration = Duration::from_secs(3600);

/// So many that get their connection at once or under load.
async fn entered(lanes: &Lanes, lane: Lane, is_public: bool) -> Vec<Permit> {
    let mut permits = vec![];
    while let Ok(permit) = timeout(2 * LOAD_AFTER, lanes.enter(lane, is_public)).await {
        permits.push(permit);
    }
    permits
}

#[tokio::test]
async fn what_is_read_leaves_a_connection_to_what_is_worth_most() {
    pause();
    for (is_public, readers) in [(false, 3), (true, 1)] {
        for lane in [Lane::Read, Lane::Bulk] {
            let lanes = Lanes::new();
            let read = entered(&lanes, lane, is_public).await;
            assert_eq!(read.len(), if lane == Lane::Bulk && !is_public { readers - 1 } else { readers }, "{lane:?}");
            assert!(lanes.enter(Lane::First, is_public).now_or_never().is_some(), "{lane:?}");
        }
    }
}

#[tokio::test]
async fn requests_for_templates_that_never_end_keep_no_other_from_being_asked() {
    pause();
    let lanes = Lanes::new();
    let stuck = entered(&lanes, Lane::First, false).await;
    assert_eq!(stuck.len(), 4, "at once, and under load");
    let began = Instant::now();
    assert!(lanes.enter(Lane::First, false).await.is_some());
    assert!((EXTRA_AFTER..2 * EXTRA_AFTER).contains(&began.elapsed()));
}

#[tokio::test]
async fn reads_that_never_end_keep_neither_others_nor_templates_from_being_asked() {
    pause();
    for lane in [Lane::Read, Lane::Bulk] {
        let (lanes, mut stuck) = (Lanes::new(), vec![]);
        while let Ok(permit) = timeout(2 * EXTRA_AFTER, lanes.enter(lane, false)).await {
            stuck.push(permit);
        }
        let at_once = if lane == Lane::Read { SHARED + BULK } else { BULK };
        assert_eq!(stuck.len(), at_once + EXTRA_READ, "{lane:?}");
        let began = Instant::now();
        let (first, second) = (lanes.enter(Lane::First, false).await, lanes.enter(Lane::First, false).await);
        assert!(first.is_some() && second.is_some() && began.elapsed() < 2 * EXTRA_AFTER, "{lane:?}");
        timeout(LONG, lanes.enter(lane, false)).await.expect_err("there is an end to them");
    }
}

#[tokio::test]
async fn long_requests_that_never_end_keep_no_transaction_from_a_daemon() {
    pause();
    for is_public in [false, true] {
        let (lanes, mut stuck) = (Lanes::new(), vec![]);
        while let Ok(permit) = timeout(2 * EXTRA_AFTER, lanes.enter(Lane::Bulk, is_public)).await {
            stuck.push(permit);
        }
        let entered = timeout(2 * EXTRA_AFTER, lanes.enter(Lane::Transaction, is_public)).await;
        assert!(entered.is_ok(), "public: {is_public}");
    }
}

#[tokio::test]
async fn there_is_an_end_to_them_but_not_for_a_block() {
    pause();
    for (is_public, all) in [(false, 4 + EXTRA), (true, 2)] {
        let (lanes, mut permits) = (Lanes::new(), vec![]);
        while let Ok(permit) = timeout(2 * EXTRA_AFTER, lanes.enter(Lane::First, is_public)).await {
            permits.push(permit);
        }
        assert_eq!(permits.len(), all, "public: {is_public}");
        let block = timeout(2 * EXTRA_AFTER, lanes.enter(Lane::Block, is_public)).await;
        assert!(block.expect("it waits").is_none());
        permits.clear();
        assert!(timeout(2 * CLOSING, lanes.enter(Lane::First, is_public)).await.is_ok());
    }
}

#[tokio::test]
async fn a_place_at_a_public_address_is_free_when_its_connection_is_surely_closed() {
    pause();
    for (is_public, wait) in [(false, Duration::ZERO), (true, CLOSING)] {
        let lanes = Lanes::new();
        drop(lanes.enter(Lane::Bulk, is_public).await);
        let began = Instant::now();
        assert!(lanes.enter(Lane::Bulk, is_public).await.is_some());
        assert!((wait..wait + Duration::from_millis(2)).contains(&began.elapsed()), "{:?}", began.elapsed());
    }
}
