//! The latest answer that showed a daemon's tip. Pure.

use super::dialect::{Header, NoHeader, Reply};

/// What a daemon said when it was last asked for its tip, and the header in it. While the tip is the same, so nearly always is the answer, to
/// the byte; then it is not read again, which is a good part of what a poll takes.
#[derive(Debug, Default)]
pub(super) struct TipReply(Option<(Box<str>, Header)>);

impl TipReply {
    /// The header in a reply to the question for the tip.
    pub(super) fn header(
        &mut self,
        reply: Reply,
        read: impl FnOnce(&Reply) -> Result<Header, NoHeader>,
    ) -> Result<Header, NoHeader> {
        if let Some((body, header)) = &self.0
            && reply.status == OK
            && reply.body[..] == **body
        {
            return Ok(header.clone());
        }
        self.0 = None;
        let header = read(&reply)?;
        if reply.status == OK && reply.body.len() <= LONGEST {
            self.0 = Some((reply.body.into(), header.clone()));
        }
        Ok(header)
    }

    /// Nothing is known any more of how the daemon answers.
    pub(super) fn forget(&mut self) {
        self.0 = None;
    }
}

const OK: u16 = 200;
/// Headers are some hundred bytes; what is longer is not kept.
const LONGEST: usize = 2048;

#[cfg(test)]
#[path = "tests/tip.rs"]
mod tests;
