//! Where miners and daemons are, and how long blocks are under way between them.

use super::{Millis, dice::Dice};

/// What a world with regions is like.
#[derive(Debug, Clone)]
pub struct Geography {
    /// The share of all mining in each region.
    pub mining: &'static [f64],
    /// What a block takes from one region to another, at least and at most; in milliseconds.
    pub between: (f64, f64),
    /// The share of daemons that take their time with every answer, even while nothing is wrong with them.
    pub slow: f64,
    /// The time that those take, at least and at most; in milliseconds.
    pub latency: (f64, f64),
}

impl Geography {
    /// Three regions, most miners in the first; a block is under way for seconds, as the blocks of large networks were measured to be.
    pub const THREE: Self =
        Self { mining: &[0.6, 0.3, 0.1], between: (1_000.0, 9_000.0), slow: 0.3, latency: (600.0, 3_000.0) };
}

/// The regions of one world. They draw from dice of their own: without them a world is the same.
#[derive(Debug)]
pub struct Regions {
    dice: Dice,
    mining: Vec<(usize, f64)>,
    /// From each region to each, in milliseconds.
    ways: Vec<Vec<Millis>>,
    /// Where each daemon is.
    daemons: Vec<usize>,
}

impl Regions {
    pub fn new(geography: &Geography, daemons: usize, mut dice: Dice) -> Self {
        let count = geography.mining.len();
        let (least, most) = geography.between;
        let mut ways = vec![vec![0; count]; count];
        for (from, to) in (0..count).flat_map(|from| (0..from).map(move |to| (from, to))) {
            let way = dice.between(least, most) as Millis;
            (ways[from][to], ways[to][from]) = (way, way);
        }
        let daemons = (0..daemons).map(|_| dice.below(count)).collect();
        let mining = geography.mining.iter().copied().enumerate().collect();
        Self { dice, mining, ways, daemons }
    }

    /// Somebody finds a block somewhere: what its way to each daemon takes longer, in milliseconds.
    pub fn ways(&mut self) -> Vec<Millis> {
        let from = self.dice.weighted(&self.mining);
        self.daemons.iter().map(|to| self.ways[from][*to]).collect()
    }
}
