//! A bound profile package as the eUICC takes it.

use alloc::vec::Vec;

use polysim_base::tlv::Ber;
use polysim_rsp::bsp::{CutError, segments};

/// The tag of a part of what the package says the profile is.
const METADATA: u8 = 0x88;
/// The check at the end of each part.
const MAC_LEN: usize = 8;

/// A package in segments.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Package {
    pub(super) segments: Vec<Vec<u8>>,
    /// What the package says the profile is, as DER.
    pub(super) metadata: Vec<u8>,
}

/// Cuts a package.
pub(super) fn cut(package: &[u8]) -> Result<Package, CutError> {
    let segments = segments(package)?;
    let parts = segments.iter().filter(|segment| segment.first() == Some(&METADATA));
    let plain = |part: &&[u8]| {
        let (part, _) = Ber::read(part).ok()?;
        Some(part.value.get(..part.value.len().checked_sub(MAC_LEN)?)?.to_vec())
    };
    let metadata = parts.filter_map(plain).flatten().collect();
    Ok(Package { segments: segments.into_iter().map(<[u8]>::to_vec).collect(), metadata })
}

#[cfg(test)]
mod tests {
    use super::*;
    use polysim_base::tlv::put_ber;

    fn tlv(tag: u32, value: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        put_ber(&mut out, tag, value);
        out
    }

    #[test]
    fn what_a_package_says_of_the_profile_is_joined_without_checks() {
        let described = [tlv(0x88, &[1; 13]), tlv(0x88, &[2; 9]), tlv(0x88, &[3; 4])].concat();
        let parts = [
            tlv(0xBF23, &[3; 4]),
            tlv(0xA0, &tlv(0x87, &[4; 16])),
            tlv(0xA1, &described),
            tlv(0xA3, &tlv(0x86, &[5; 16])),
        ];
        let whole = tlv(0xBF36, &parts.concat());
        let package = cut(&whole).unwrap();
        assert_eq!(package.metadata, [1, 1, 1, 1, 1, 2]);
        assert_eq!(package.segments.concat(), whole);
        assert!(cut(&whole[..whole.len() - 1]).is_err());
    }
}
