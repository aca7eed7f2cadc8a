//! Putting a few things in order.

/// Sorts by insertion; what is equal keeps its order.
///
/// For lists with an entry for each daemon: what is nearly sorted takes no time, and a hundred entries take microseconds. The standard library's
/// sorts are made for far more, and would add some 5 kB to the binary for each type that is sorted.
pub(crate) fn sort_by_key<T, K: Ord>(items: &mut [T], key: impl Fn(&T) -> K) {
    for next in 1..items.len() {
        let (sorted, rest) = items.split_at(next);
        let own = key(&rest[0]);
        let place = sorted.partition_point(|it| key(it) <= own);
        items[place..=next].rotate_right(1);
    }
}

#[cfg(test)]
#[path = "tests/order.rs"]
mod tests;
