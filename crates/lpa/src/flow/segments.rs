//! A bound profile package as the eUICC takes it: in segments, each a function of its own (SGP.22,
//! 2.5.5).

use alloc::vec::Vec;

use polysim_base::tlv::{Ber, TlvError};
use polysim_rsp::data::DataError;

/// Most segments of one package.
pub(super) const SEGMENTS_MAX: usize = 4_096;

const PACKAGE: u32 = 0xBF36;
const INITIALISE_SECURE_CHANNEL: u32 = 0xBF23;
const FIRST_SEQUENCE_OF_87: u32 = 0xA0;
const SEQUENCE_OF_88: u32 = 0xA1;
const SECOND_SEQUENCE_OF_87: u32 = 0xA2;
const SEQUENCE_OF_86: u32 = 0xA3;
/// The check at the end of each command.
const MAC_LEN: usize = 8;

/// A package in segments.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Segments {
    pub(super) segments: Vec<Vec<u8>>,
    /// What the package says the profile is.
    pub(super) metadata: Vec<u8>,
}

fn malformed(reason: &str) -> DataError {
    DataError::Malformed { expected: "BoundProfilePackage", reason: reason.into() }
}

impl From<Broken> for DataError {
    fn from(broken: Broken) -> Self {
        malformed(match broken {
            Broken::Tlv(TlvError::Truncated { .. }) => "it is not whole",
            Broken::Tlv(_) => "its structure is broken",
            Broken::Order => "its parts are not in their order",
            Broken::Behind => "octets follow it",
            Broken::Many => "it has too many segments",
        })
    }
}

/// What is wrong with a package.
enum Broken {
    Tlv(TlvError),
    Order,
    Behind,
    Many,
}

impl From<TlvError> for Broken {
    fn from(error: TlvError) -> Self {
        Self::Tlv(error)
    }
}

/// Cuts a package.
pub(super) fn segments(package: &[u8]) -> Result<Segments, DataError> {
    Ok(cut(package)?)
}

/// One object with all its octets.
struct Part<'a> {
    tag: u32,
    whole: &'a [u8],
    header: &'a [u8],
    value: &'a [u8],
}

impl<'a> Part<'a> {
    fn read(bytes: &'a [u8]) -> Result<(Self, &'a [u8]), Broken> {
        let (Ber { tag, value }, rest) = Ber::read(bytes)?;
        let whole = bytes.get(..bytes.len() - rest.len()).unwrap_or_default();
        let header = whole.get(..whole.len() - value.len()).unwrap_or_default();
        Ok((Self { tag, whole, header, value }, rest))
    }

    fn expect(bytes: &'a [u8], tag: u32) -> Result<(Self, &'a [u8]), Broken> {
        let (part, rest) = Self::read(bytes)?;
        if part.tag == tag { Ok((part, rest)) } else { Err(Broken::Order) }
    }

    fn children(&self) -> Result<Vec<Self>, Broken> {
        let (mut children, mut rest) = (Vec::new(), self.value);
        while !rest.is_empty() {
            let (child, behind) = Self::read(rest)?;
            children.push(child);
            rest = behind;
        }
        if children.len() > SEGMENTS_MAX { Err(Broken::Many) } else { Ok(children) }
    }
}

fn cut(package: &[u8]) -> Result<Segments, Broken> {
    let (package, behind) = Part::expect(package, PACKAGE)?;
    if !behind.is_empty() {
        return Err(Broken::Behind);
    }
    let (channel, rest) = Part::expect(package.value, INITIALISE_SECURE_CHANNEL)?;
    let (isdp, rest) = Part::expect(rest, FIRST_SEQUENCE_OF_87)?;
    let (described, rest) = Part::expect(rest, SEQUENCE_OF_88)?;
    let (next, after) = Part::read(rest)?;
    let (keys, rest) = match next.tag {
        SECOND_SEQUENCE_OF_87 => (Some(next), after),
        _ => (None, rest),
    };
    let (elements, rest) = Part::expect(rest, SEQUENCE_OF_86)?;
    if !rest.is_empty() {
        return Err(Broken::Behind);
    }
    let mut segments = Vec::from([[package.header, channel.whole].concat(), isdp.whole.to_vec()]);
    segments.push(described.header.to_vec());
    let described = described.children()?;
    segments.extend(described.iter().map(|part| part.whole.to_vec()));
    segments.extend(keys.map(|keys| keys.whole.to_vec()));
    segments.push(elements.header.to_vec());
    segments.extend(elements.children()?.iter().map(|part| part.whole.to_vec()));
    let plain = |part: &Part<'_>| {
        part.value.get(..part.value.len().saturating_sub(MAC_LEN)).map(<[u8]>::to_vec)
    };
    let metadata = described.iter().filter_map(plain).flatten().collect();
    Ok(Segments { segments, metadata })
}

#[cfg(test)]
mod tests {
    use super::*;
    use polysim_base::tlv::put_ber;
    use proptest::prelude::*;

    fn tlv(tag: u32, value: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        put_ber(&mut out, tag, value);
        out
    }

    pub(crate) fn package(keys: bool, elements: usize) -> Vec<u8> {
        let metadata = [tlv(0x88, &[[1; 5].as_slice(), &[0; 8]].concat()), tlv(0x88, &[2; 9])];
        let elements: Vec<u8> = (0..elements).flat_map(|n| tlv(0x86, &[n as u8; 300])).collect();
        let parts = [
            tlv(INITIALISE_SECURE_CHANNEL, &[3; 4]),
            tlv(FIRST_SEQUENCE_OF_87, &tlv(0x87, &[4; 16])),
            tlv(SEQUENCE_OF_88, &metadata.concat()),
            if keys { tlv(SECOND_SEQUENCE_OF_87, &tlv(0x87, &[5; 40])) } else { Vec::new() },
            tlv(SEQUENCE_OF_86, &elements),
        ];
        tlv(PACKAGE, &parts.concat())
    }

    #[test]
    fn a_package_is_cut_where_the_standard_says() {
        let whole = package(true, 2);
        let cut = segments(&whole).unwrap();
        assert_eq!(cut.segments.concat(), whole, "nothing is lost");
        let starts: Vec<u8> = cut.segments.iter().map(|segment| segment[0]).collect();
        assert_eq!(starts, [0xBF, 0xA0, 0xA1, 0x88, 0x88, 0xA2, 0xA3, 0x86, 0x86]);
        assert_eq!(cut.segments[2].len(), 2, "a header alone");
        assert_eq!(cut.segments[6], [0xA3, 0x82, 0x02, 0x60], "a header alone");
        assert_eq!(cut.metadata, [1, 1, 1, 1, 1, 2]);
        assert_eq!(segments(&package(false, 1)).unwrap().segments.len(), 7);
    }

    #[test]
    fn a_package_with_octets_behind_or_parts_in_another_order_is_refused() {
        let mut longer = package(true, 1);
        longer.push(0);
        assert!(segments(&longer).is_err());
        assert!(segments(&tlv(PACKAGE, &tlv(SEQUENCE_OF_88, &[]))).is_err());
        assert!(segments(&[]).is_err());
    }

    proptest! {
        #[test]
        fn a_truncated_package_is_refused(end in 0usize..700) {
            let whole = package(true, 2);
            prop_assert!(segments(&whole[..end.min(whole.len() - 1)]).is_err());
        }

        #[test]
        fn no_octets_panic(octets in proptest::collection::vec(any::<u8>(), 0..200)) {
            let inner = tlv(PACKAGE, &octets);
            for octets in [octets, inner] {
                if let Ok(cut) = segments(&octets) {
                    prop_assert_eq!(cut.segments.concat(), octets);
                }
            }
        }
    }
}
