use std::time::Duration;

use super::*;
use crate::{
    consensus::block::{BlockHash, Height},
    rpc::failure,
};

fn reply(status: u16, body: &str) -> Reply {
    Reply { status, body: body.into() }
}

fn header(difficulty: u64) -> Header {
    let hash = BlockHash::new([1; 32]);
    Header { height: Height::GENESIS, hash, prev_hash: hash, difficulty: Some(difficulty), timestamp: Duration::ZERO }
}

#[test]
fn the_same_answer_is_read_once_and_any_other_anew() {
    let (mut tip, mut reads) = (TipReply::default(), 0);
    let mut ask = |status, body: &str| {
        let read = |_: &Reply| {
            reads += 1;
            Ok(header(reads))
        };
        tip.header(reply(status, body), read).ok().and_then(|header| header.difficulty)
    };
    let told = [(200, "a"), (200, "a"), (200, "b"), (200, "a"), (500, "a"), (200, "a")];
    let seen: Vec<_> = told.into_iter().map(|(status, body)| ask(status, body)).collect();
    assert_eq!(seen, [Some(1), Some(1), Some(2), Some(3), Some(4), Some(5)]);
    let long = "x".repeat(LONGEST + 1);
    assert_eq!((ask(200, &long), ask(200, &long)), (Some(6), Some(7)));
}

#[test]
fn an_answer_without_a_header_is_forgotten_like_everything_before_it() {
    let mut tip = TipReply::default();
    let mut ask = |body: &str, result: Result<u64, ()>| {
        let read = |_: &Reply| result.map(header).map_err(|()| NoHeader::Failed(failure::http_status(404)));
        tip.header(reply(200, body), read).ok().and_then(|header| header.difficulty)
    };
    assert_eq!(ask("a", Ok(1)), Some(1));
    assert_eq!((ask("b", Err(())), ask("b", Ok(2)), ask("a", Ok(3))), (None, Some(2), Some(3)));
    tip.forget();
    let read = |_: &Reply| Ok(header(4));
    assert_eq!(tip.header(reply(200, "a"), read).ok().and_then(|header| header.difficulty), Some(4));
}
