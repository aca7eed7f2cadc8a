//! Knows everything at once.

use crate::simulator::world::Grade;

/// Stays where it is for as long as no other daemon is better.
#[derive(Debug, Default)]
pub struct Oracle {
    chosen: usize,
}

impl Oracle {
    pub fn choose(&mut self, grades: &[Grade]) -> usize {
        if let Some((best, grade)) = grades.iter().enumerate().min_by_key(|(_, grade)| **grade)
            && *grade < grades[self.chosen]
        {
            self.chosen = best;
        }
        self.chosen
    }
}
