use serde::{Deserialize, Serialize};

/// The version of the messages and records of this release.
pub const VERSION: u16 = 1;

/// A message or record with the version it was written in.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub struct Envelope<T> {
    version: u16,
    body: T,
}

/// A message of a version that this release does not read.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("version {given} where {VERSION} is read: update the older of the two ends")]
pub struct WrongVersion {
    /// As given.
    pub given: u16,
}

impl<T> Envelope<T> {
    /// Wraps a body of this release.
    pub const fn new(body: T) -> Self {
        Self { version: VERSION, body }
    }

    /// Unwraps a body.
    ///
    /// # Errors
    /// [`WrongVersion`] for a version that this release does not read.
    pub fn open(self) -> Result<T, WrongVersion> {
        if self.version == VERSION {
            Ok(self.body)
        } else {
            Err(WrongVersion { given: self.version })
        }
    }
}

/// Identifiers as their digits.
pub(crate) mod text {
    use alloc::string::String;
    use core::{fmt::Display, str::FromStr};
    use serde::{Deserialize as _, Deserializer, Serializer, de::Error};

    pub(crate) fn serialize<T: Display, S: Serializer>(id: &T, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(id)
    }

    pub(crate) fn deserialize<'de, T, D>(from: D) -> Result<T, D::Error>
    where
        T: FromStr<Err: Display>,
        D: Deserializer<'de>,
    {
        String::deserialize(from)?.parse().map_err(D::Error::custom)
    }
}

/// Identifiers that may be unknown.
pub(crate) mod optional_text {
    use alloc::string::{String, ToString as _};
    use core::{fmt::Display, str::FromStr};
    use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer, de::Error};

    pub(crate) fn serialize<T, S>(id: &Option<T>, to: S) -> Result<S::Ok, S::Error>
    where
        T: Display,
        S: Serializer,
    {
        id.as_ref().map(|id| id.to_string()).serialize(to)
    }

    pub(crate) fn deserialize<'de, T, D>(from: D) -> Result<Option<T>, D::Error>
    where
        T: FromStr<Err: Display>,
        D: Deserializer<'de>,
    {
        let text = Option::<String>::deserialize(from)?;
        text.map(|text| text.parse().map_err(D::Error::custom)).transpose()
    }
}

/// Moments in microseconds.
pub(crate) mod instant {
    use polysim_base::Instant;
    use serde::{Deserialize as _, Deserializer, Serializer};

    pub(crate) fn serialize<S: Serializer>(at: &Instant, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_u64(at.as_micros())
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Instant, D::Error> {
        u64::deserialize(from).map(Instant::from_micros)
    }
}

/// Moments that there may not be.
pub(crate) mod optional_instant {
    use polysim_base::Instant;
    use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer};

    pub(crate) fn serialize<S: Serializer>(at: &Option<Instant>, to: S) -> Result<S::Ok, S::Error> {
        at.map(Instant::as_micros).serialize(to)
    }

    pub(crate) fn deserialize<'de, D>(from: D) -> Result<Option<Instant>, D::Error>
    where
        D: Deserializer<'de>,
    {
        Ok(Option::<u64>::deserialize(from)?.map(Instant::from_micros))
    }
}

/// Lengths of time in microseconds.
pub(crate) mod duration {
    use polysim_base::Duration;
    use serde::{Deserialize as _, Deserializer, Serializer};

    pub(crate) fn serialize<S: Serializer>(d: &Duration, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_u64(d.as_micros())
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
        u64::deserialize(from).map(Duration::from_micros)
    }
}

/// Lengths of time that may be unlimited.
pub(crate) mod optional_duration {
    use polysim_base::Duration;
    use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer};

    pub(crate) fn serialize<S: Serializer>(d: &Option<Duration>, to: S) -> Result<S::Ok, S::Error> {
        d.map(Duration::as_micros).serialize(to)
    }

    pub(crate) fn deserialize<'de, D>(from: D) -> Result<Option<Duration>, D::Error>
    where
        D: Deserializer<'de>,
    {
        Ok(Option::<u64>::deserialize(from)?.map(Duration::from_micros))
    }
}

/// Lists that are shared, not copied, where they are kept.
pub(crate) mod shared {
    use alloc::sync::Arc;
    use alloc::vec::Vec;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(crate) fn serialize<T: Serialize, S: Serializer>(
        all: &Arc<[T]>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        to.collect_seq(all.iter())
    }

    pub(crate) fn deserialize<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Arc<[T]>, D::Error> {
        Vec::deserialize(from).map(Into::into)
    }
}
