//! How two chains are connected, as far as it is known, and where to look next while it is not.

use std::cmp::Reverse;

use super::{block::Height, chain::Chain};
use crate::order::sort_by_key;

/// What the words of two daemons say of how their chains are connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Relation {
    /// The lower tip's height.
    top: Height,
    /// The highest height at which both are known to have the same block.
    shared: Option<Height>,
    /// The lowest height above it at which they are known to differ.
    apart: Option<Height>,
}

/// How two chains are connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Link {
    /// One stands on the other.
    OneChain,
    /// They part: the first height that differs.
    Fork(Height),
}

impl Relation {
    /// Compares two chains where both are known.
    pub fn between(one: &Chain, other: &Chain) -> Self {
        let top = one.height().min(other.height());
        let mut relation = Self { top, shared: None, apart: None };
        // What nearly always tells.
        if relation.meets_at(top, one, other) {
            return relation;
        }
        let bottom = one.bottom().max(other.bottom());
        if bottom > top || !relation.meets_in_rows(bottom, one, other) {
            let mut anchors: Vec<_> = one.anchors_from(top).chain(other.anchors_from(top)).collect();
            sort_by_key(&mut anchors, |height| Reverse(*height));
            anchors.into_iter().any(|height| relation.meets_at(height, one, other));
        }
        relation
    }

    /// How the chains are connected, where that is known.
    pub fn link(self) -> Option<Link> {
        match self {
            Self { apart: None, shared, top } => (shared == Some(top)).then_some(Link::OneChain),
            Self { apart: Some(Height::GENESIS), .. } => Some(Link::Fork(Height::GENESIS)),
            Self { apart: Some(apart), shared, .. } => (shared == apart.below(1)).then_some(Link::Fork(apart)),
        }
    }

    /// The height at which to look next; `None` where the link is known.
    ///
    /// First at the lower tip, which settles it where one daemon only lags. Else in strides that grow with the way already
    /// gone, since most forks are shallow and the chain is long, and by bisection once there is a block below that both have.
    pub fn next_height(self) -> Option<Height> {
        if self.link().is_some() {
            return None;
        }
        let Some(apart) = self.apart else { return Some(self.top) };
        let gone = self.top.get() - apart.get();
        let stride = SHORTEST_STRIDE.max(gone.saturating_mul(STRIDE_GROWTH));
        let floor = self.shared.map_or(0, Height::get).max(apart.get().saturating_sub(stride));
        Height::new(roundest(floor, apart.get()))
    }

    /// The lowest height at which the chains are known to differ.
    pub fn apart(self) -> Option<Height> {
        self.apart
    }

    /// The heights between which the chains part.
    pub fn bounds(self) -> impl Iterator<Item = Height> {
        self.shared.into_iter().chain(self.apart)
    }

    /// Compares where both chains are known without a gap, from below the lower tip down to this height; true where they meet there.
    fn meets_in_rows(&mut self, bottom: Height, one: &Chain, other: &Chain) -> bool {
        if !self.meets_at(bottom, one, other) {
            return false;
        }
        while let (Some(shared), Some(apart)) = (self.shared, self.apart)
            && let Some(middle) = apart.below((apart.get() - shared.get()) / 2)
            && middle < apart
        {
            self.meets_at(middle, one, other);
        }
        true
    }

    /// Compares at one height; true where both have the same block.
    fn meets_at(&mut self, height: Height, one: &Chain, other: &Chain) -> bool {
        let meet = one.is_one_at(height, other);
        match meet {
            Some(true) => self.shared = Some(height),
            Some(false) => self.apart = Some(height),
            None => {}
        }
        meet == Some(true)
    }
}

/// The number above `floor` and below `ceiling` that most powers of two divide; 0 where there is none.
///
/// Halving by these takes at most one step more than by the middle, and whoever halves any range near there comes by the same
/// numbers: what one comparison has asked for, the next one finds.
fn roundest(floor: u64, ceiling: u64) -> u64 {
    let last = ceiling - 1;
    match (floor ^ last).checked_ilog2() {
        Some(bit) => last >> bit << bit,
        None => 0,
    }
}

/// Far enough to be worth a question, near enough to be below a fork that a restart left behind.
const SHORTEST_STRIDE: u64 = 256;

/// How much further than the way gone so far the next stride reaches.
const STRIDE_GROWTH: u64 = 8;

#[cfg(test)]
#[path = "tests/relation.rs"]
mod tests;
