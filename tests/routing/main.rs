//! What routing decides, in made-up worlds: a network of daemons that hang, die, lie and come back, and time that passes as they like.
//! Cases come from proptest, which keeps the seeds of failures in a file beside these; `PROPTEST_CASES` asks for another number of them, and
//! `PROPTEST_RNG_SEED` for others.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "in a test, a panic is the report")]

mod errands;
mod passage;
mod plans;
mod requests;
mod story;
mod submissions;
mod texts;
mod world;

use proptest::{
    prelude::ProptestConfig,
    test_runner::{FileFailurePersistence, RngSeed},
};

/// Optimised builds play more.
fn cases() -> ProptestConfig {
    let wanted = std::env::var("PROPTEST_CASES").ok().and_then(|text| text.parse().ok());
    let cases = wanted.unwrap_or(if cfg!(debug_assertions) { 200 } else { 5_000 });
    let kept = FileFailurePersistence::WithSource("proptest-regressions");
    // The same cases in every run, unless others are asked for.
    let rng_seed = match ProptestConfig::default().rng_seed {
        RngSeed::Random => RngSeed::Fixed(1),
        asked => asked,
    };
    let max_shrink_iters = 2_000;
    let failure_persistence = Some(Box::new(kept) as _);
    ProptestConfig { cases, rng_seed, failure_persistence, max_shrink_iters, ..ProptestConfig::default() }
}
