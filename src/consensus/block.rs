//! Blocks as daemons name them: a height and a hash.

use std::{fmt, str::FromStr};

use serde::{Serialize, Serializer};

/// A block's index on its chain; the genesis block is 0.
///
/// Daemons report *counts* in some places (the index of the top block + 1); the RPC dialects convert
/// them, so that everything behind them speaks of indexes only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Height(u64);

impl Height {
    /// The genesis block's height.
    pub const GENESIS: Self = Self(0);

    /// The height, or `None` above 500,000,000, the limit that CryptoNote itself sets to block numbers
    /// (`CRYPTONOTE_MAX_BLOCK_NUMBER`); no chain gets there within thousands of years.
    pub fn new(index: u64) -> Option<Self> {
        (index < CRYPTONOTE_MAX_BLOCK_NUMBER).then_some(Self(index))
    }

    /// The top block's height where a daemon reports a count of blocks; `None` for 0 and above the limit.
    pub fn from_count(count: u64) -> Option<Self> {
        Self::new(count.checked_sub(1)?)
    }

    /// The index as a number.
    pub fn get(self) -> u64 {
        self.0
    }

    /// The height of the block after this one.
    pub fn next(self) -> Self {
        Self(self.0 + 1)
    }

    /// The height `blocks` below this one; `None` below the genesis block.
    pub fn below(self, blocks: u64) -> Option<Self> {
        self.0.checked_sub(blocks).map(Self)
    }

    /// How many blocks this height is above `other`; negative when it is below.
    pub fn above(self, other: Self) -> i64 {
        // Both are below 500,000,000, so neither the conversions nor the difference can overflow.
        self.0 as i64 - other.0 as i64
    }
}

impl fmt::Display for Height {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

const CRYPTONOTE_MAX_BLOCK_NUMBER: u64 = 500_000_000;

/// A block's hash, shown as 64 lower-case hex digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlockHash([u8; 32]);

impl BlockHash {
    /// The hash with these bytes.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// All digits at once: formatting them byte by byte was half of what it took to write a snapshot.
    fn digits<'a>(&self, room: &'a mut [u8; 64]) -> &'a str {
        for (pair, byte) in room.chunks_exact_mut(2).zip(self.0) {
            pair.copy_from_slice(&[DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
        }
        std::str::from_utf8(room).unwrap_or_default()
    }
}

/// Reads 64 hex digits of either case.
impl FromStr for BlockHash {
    type Err = NotAHash;

    fn from_str(text: &str) -> Result<Self, NotAHash> {
        let digits: &[u8; 64] = text.as_bytes().try_into().map_err(|_| NotAHash)?;
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            *byte = hex_digit(pair[0])? << 4 | hex_digit(pair[1])?;
        }
        Ok(Self(bytes))
    }
}

impl fmt::Display for BlockHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.digits(&mut [0; 64]))
    }
}

impl fmt::Debug for BlockHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BlockHash({self})")
    }
}

impl Serialize for BlockHash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.digits(&mut [0; 64]))
    }
}

/// The text is not 64 hex digits.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a block hash of 64 hex digits")]
pub struct NotAHash;

const DIGITS: &[u8; 16] = b"0123456789abcdef";

fn hex_digit(digit: u8) -> Result<u8, NotAHash> {
    let value = char::from(digit).to_digit(16).ok_or(NotAHash)?;
    Ok(value as u8)
}

#[cfg(test)]
#[path = "tests/block.rs"]
mod tests;
