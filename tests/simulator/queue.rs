//! What will happen, in the order of time.

use std::{cmp::Ordering, collections::BinaryHeap};

use super::Millis;

/// Events to come. Those of one moment come in the order in which they were put in.
#[derive(Debug)]
pub struct Queue<E> {
    heap: BinaryHeap<Entry<E>>,
    count: u64,
}

#[derive(Debug)]
struct Entry<E> {
    at: Millis,
    number: u64,
    event: E,
}

impl<E> Queue<E> {
    pub fn new() -> Self {
        Self { heap: BinaryHeap::new(), count: 0 }
    }

    pub fn put(&mut self, at: Millis, event: E) {
        self.count += 1;
        self.heap.push(Entry { at, number: self.count, event });
    }

    /// When the next event is.
    pub fn next(&self) -> Option<Millis> {
        self.heap.peek().map(|entry| entry.at)
    }

    /// The next event, unless it is later than `end`.
    pub fn take(&mut self, end: Millis) -> Option<(Millis, E)> {
        self.heap.peek().filter(|entry| entry.at <= end)?;
        self.heap.pop().map(|entry| (entry.at, entry.event))
    }
}

/// The heap gives its greatest element first: that is the earliest.
impl<E> Ord for Entry<E> {
    fn cmp(&self, other: &Self) -> Ordering {
        (other.at, other.number).cmp(&(self.at, self.number))
    }
}

impl<E> PartialOrd for Entry<E> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<E> PartialEq for Entry<E> {
    fn eq(&self, other: &Self) -> bool {
        self.number == other.number
    }
}

impl<E> Eq for Entry<E> {}
