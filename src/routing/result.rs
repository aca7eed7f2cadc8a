//! The `result` of a JSON-RPC reply, as far as routing looks at it: read once, since a template may be long.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, SeqAccess, Visitor},
};

use super::json::Raw;

/// What a reply has as its result.
#[derive(Debug, Default)]
pub(super) enum CallResult<'a> {
    /// Nothing, or null.
    #[default]
    Nothing,
    /// An object.
    Members(Members<'a>),
    /// Something else, which some calls answer.
    Other,
}

/// The members of an object that are looked at. Where one is there twice the last one counts, as for the pool that reads the same.
#[derive(Debug, Default)]
pub(super) struct Members<'a> {
    pub(super) status: Raw<'a>,
    pub(super) block_header: Raw<'a>,
    pub(super) block_headers: Raw<'a>,
    pub(super) blocktemplate_blob: Raw<'a>,
    pub(super) height: Raw<'a>,
    pub(super) difficulty: Raw<'a>,
    pub(super) reserved_offset: Raw<'a>,
    pub(super) prev_hash: Raw<'a>,
}

impl<'a> CallResult<'a> {
    /// The members; `None` where it is no object.
    pub(super) fn members(&self) -> Option<&Members<'a>> {
        match self {
            Self::Members(members) => Some(members),
            Self::Nothing | Self::Other => None,
        }
    }
}

#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "snake_case")]
enum Name {
    Status,
    BlockHeader,
    BlockHeaders,
    BlocktemplateBlob,
    Height,
    Difficulty,
    ReservedOffset,
    PrevHash,
    #[serde(other)]
    Other,
}

impl<'de: 'a, 'a> Deserialize<'de> for CallResult<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyResult)
    }
}

struct AnyResult;

impl<'de> Visitor<'de> for AnyResult {
    type Value = CallResult<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a result")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Members::default();
        while let Some(name) = map.next_key()? {
            let member = match name {
                Name::Status => &mut members.status,
                Name::BlockHeader => &mut members.block_header,
                Name::BlockHeaders => &mut members.block_headers,
                Name::BlocktemplateBlob => &mut members.blocktemplate_blob,
                Name::Height => &mut members.height,
                Name::Difficulty => &mut members.difficulty,
                Name::ReservedOffset => &mut members.reserved_offset,
                Name::PrevHash => &mut members.prev_hash,
                Name::Other => {
                    map.next_value::<IgnoredAny>()?;
                    continue;
                }
            };
            *member = map.next_value()?;
        }
        Ok(CallResult::Members(members))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(CallResult::Other)
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(CallResult::Nothing)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(CallResult::Other)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(CallResult::Other)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(CallResult::Other)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(CallResult::Other)
    }

    fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
        Ok(CallResult::Other)
    }
}
