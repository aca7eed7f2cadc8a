//! A block as it is submitted: what in it identifies it in a daemon's chain.

use super::header::Header;
use crate::consensus::block::{BlockHash, Height};

/// As many hex digits of a block are looked into: what identifies it ends before the 170th.
const LOOKED_AT_DIGITS: usize = 200;
/// The latest time stamp that one of them could have, in seconds since 1970: the year 2106. Bytes that are something else seldom read as less.
const LAST_SECOND: u64 = u32::MAX as u64;
/// CryptoNote's first block is younger than this.
const FIRST_SECOND: u64 = 1_300_000_000;

/// What identifies a block: no two blocks of a chain have the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// The hash of the block that it builds on.
    pub prev: BlockHash,
    /// Its time stamp, in seconds since 1970.
    pub timestamp: u64,
    /// Its nonce.
    pub nonce: u32,
}

/// The ways in which a blob can be read. Its version does not tell: the same number stands for one layout in one coin, and for
/// the other in the next. A wrong reading identifies nothing, since it would have to fit in 68 bytes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Marks(Vec<Mark>);

impl Marks {
    /// Reads a blob given in hex digits; no marks where it is no block in either of the known layouts.
    pub fn of(hex: &str) -> Self {
        let mut room = [0; LOOKED_AT_DIGITS / 2];
        let Some(bytes) = unhex(hex, &mut room) else { return Self::default() };
        let credible = |mark: &Mark| (FIRST_SECOND..=LAST_SECOND).contains(&mark.timestamp);
        Self([plain(bytes), merged(bytes)].into_iter().flatten().filter(credible).collect())
    }

    /// Whether nothing is known of it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a header is that of this block.
    pub fn fit(&self, header: &Header) -> bool {
        self.0.iter().any(|mark| {
            header.prev == mark.prev && header.timestamp == Some(mark.timestamp) && header.nonce == Some(mark.nonce)
        })
    }

    /// Whether a header may be that of this block, for all that it tells: it stands on the same block, and does not show its time stamp or its nonce.
    pub fn may_fit(&self, header: &Header) -> bool {
        self.0.iter().any(|mark| {
            header.prev == mark.prev
                && header.timestamp.is_none_or(|timestamp| timestamp == mark.timestamp)
                && header.nonce.is_none_or(|nonce| nonce == mark.nonce)
        })
    }

    /// Whether a block is the one that this block builds on.
    pub fn build_on(&self, parent: BlockHash) -> bool {
        self.0.iter().any(|mark| mark.prev == parent)
    }

    /// The blocks that this one may build on.
    pub fn parents(&self) -> impl Iterator<Item = BlockHash> {
        self.0.iter().map(|mark| mark.prev)
    }

    /// The block that it builds on: the one that is known, where a reading names it; otherwise that of the last reading, because the first one is seldom
    /// credible where it is wrong.
    pub fn parent(&self, is_known: impl Fn(BlockHash) -> bool) -> Option<BlockHash> {
        self.parents().find(|hash| is_known(*hash)).or_else(|| self.parents().last())
    }

    /// Its height, where the height of its parent is known.
    pub fn height(&self, height_of: impl Fn(BlockHash) -> Option<Height>) -> Option<Height> {
        self.parents().find_map(height_of).map(Height::next)
    }
}

/// The hashes that a block template may build on, by each of the known layouts; `None` where it is not written in hex digits.
pub fn parents_in(hex: &str) -> Option<[Option<BlockHash>; 2]> {
    let mut room = [0; LOOKED_AT_DIGITS / 2];
    let bytes = unhex(hex, &mut room)?;
    let plain = plain(bytes).filter(|mark| mark.timestamp >= FIRST_SECOND);
    Some([plain, merged(bytes)].map(|mark| mark.map(|mark| mark.prev)))
}

/// Monero's layout, which is also that of the others' first version: versions, time stamp, previous hash, nonce.
fn plain(bytes: &[u8]) -> Option<Mark> {
    let mut bytes = Bytes(bytes);
    bytes.versions()?;
    let timestamp = bytes.varint()?;
    let prev = bytes.hash()?;
    Some(Mark { prev, timestamp, nonce: bytes.nonce()? })
}

/// TurtleCoin's from its second version on: versions, previous hash, then the parent block's versions, time stamp, previous
/// hash and nonce, of which time stamp and nonce are the block's own.
fn merged(bytes: &[u8]) -> Option<Mark> {
    let mut bytes = Bytes(bytes);
    bytes.versions()?;
    let prev = bytes.hash()?;
    bytes.versions()?;
    let timestamp = bytes.varint()?;
    bytes.hash()?;
    Some(Mark { prev, timestamp, nonce: bytes.nonce()? })
}

/// What is left to read of a blob.
struct Bytes<'a>(&'a [u8]);

impl Bytes<'_> {
    fn versions(&mut self) -> Option<()> {
        self.varint()?;
        self.varint().map(drop)
    }

    /// Seven bits a byte, the lowest first; the last byte has no highest bit.
    fn varint(&mut self) -> Option<u64> {
        let mut number = 0;
        for place in 0..LONGEST_VARINT {
            let byte = self.take::<1>()?[0];
            number |= u64::from(byte & 0x7f) << (7 * place);
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    fn hash(&mut self) -> Option<BlockHash> {
        self.take().map(BlockHash::new)
    }

    fn nonce(&mut self) -> Option<u32> {
        self.take().map(u32::from_le_bytes)
    }

    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, left) = self.0.split_first_chunk()?;
        self.0 = left;
        Some(*taken)
    }
}

/// 63 bits: more than any number in here has.
const LONGEST_VARINT: u32 = 9;

/// Whether a text has hex digits alone. Eight at a time, since a template's blob is most of what is read of an answer.
pub(super) fn is_hex(text: &str) -> bool {
    let (eights, rest) = text.as_bytes().as_chunks::<8>();
    eights.iter().all(|digits| are_hex(u64::from_le_bytes(*digits)))
        && rest.iter().all(|digit| VALUES[usize::from(*digit)] <= HIGHEST_VALUE)
}

/// Whether each of eight bytes is a hex digit. A sum has its byte's highest bit where that byte reaches a bound; no byte carries over into the next one.
fn are_hex(bytes: u64) -> bool {
    const HIGHEST: u64 = 0x80 * EACH;
    const EACH: u64 = 0x0101_0101_0101_0101;
    if bytes & HIGHEST != 0 {
        return false;
    }
    let reach = |bytes: u64, bound: u8| bytes + u64::from(0x80 - bound) * EACH;
    let within = |bytes, from, to: u8| reach(bytes, from) & !reach(bytes, to + 1);
    let in_lower_case = bytes | (0x20 * EACH);
    (within(bytes, b'0', b'9') | within(in_lower_case, b'a', b'f')) & HIGHEST == HIGHEST
}

/// The bytes that pairs of hex digits stand for, as many as there is room for.
fn unhex<'a>(hex: &str, room: &'a mut [u8; LOOKED_AT_DIGITS / 2]) -> Option<&'a [u8]> {
    let digits = hex.as_bytes();
    let (pairs, odd) = digits[..digits.len().min(LOOKED_AT_DIGITS)].as_chunks::<2>();
    let value = |digit: u8| VALUES[usize::from(digit)];
    // What is no digit has bits that no value has.
    let mut all = 0;
    for (byte, [high, low]) in room.iter_mut().zip(pairs) {
        let (high, low) = (value(*high), value(*low));
        all |= high | low;
        *byte = high << 4 | low;
    }
    (odd.is_empty() && all <= HIGHEST_VALUE).then_some(&room[..pairs.len()])
}

const HIGHEST_VALUE: u8 = 0xf;
/// What each byte is as a hex digit; a table, since every template that is passed on is looked into.
static VALUES: [u8; 256] = {
    let mut values = [0xff; 256];
    let mut digit = 0;
    while digit < 16 {
        values[b"0123456789abcdef"[digit] as usize] = digit as u8;
        values[b"0123456789ABCDEF"[digit] as usize] = digit as u8;
        digit += 1;
    }
    values
};

#[cfg(test)]
#[path = "tests/blob.rs"]
mod tests;
