//! Identifiers and times as they are written down: identifiers as their text, times as numbers of
//! microseconds.

use crate::{Duration, Eid, Iccid, Imei, Imsi, Instant, Msisdn, Plmn};
use alloc::string::String;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

macro_rules! as_text {
    ($($name:ident)*) => {$(
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.collect_str(self)
            }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                String::deserialize(from)?.parse().map_err(D::Error::custom)
            }
        }
    )*};
}

macro_rules! as_micros {
    ($($name:ident)*) => {$(
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.serialize_u64(self.as_micros())
            }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                u64::deserialize(from).map(Self::from_micros)
            }
        }
    )*};
}

as_text!(Eid Iccid Imei Imsi Msisdn Plmn);
as_micros!(Instant Duration);

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString as _;

    #[test]
    fn what_is_written_down_is_read_again_and_mistakes_are_refused() {
        let imei = Imei::parse("35000000000001").unwrap();
        let written = serde_json::to_string(&(imei, Instant::from_micros(7))).unwrap();
        assert_eq!(written, r#"["350000000000014",7]"#);
        let read: (Imei, Instant) = serde_json::from_str(&written).unwrap();
        assert_eq!(read, (imei, Instant::from_micros(7)));
        let wrong = serde_json::from_str::<Imei>(r#""350000000000013""#).unwrap_err();
        assert!(wrong.to_string().contains("check digit"), "{wrong}");
    }
}
