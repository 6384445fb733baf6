//! Networks heard, in the place of a measurement report of UTRAN, E-UTRAN or NR.
//!
//! Terminals put a message of the radio interface there (TS 31.111, 8.22; TS 36.331, 6.2.2), of which
//! a card wants to know which networks are around and how strong. Those of this workspace write just
//! that: for each network three octets of its code as on a card, its access technology, and its level.

use alloc::vec::Vec;

use polysim_base::Plmn;

use super::location::{AccessTechnology, NetworkMeasurement};

/// Octets of one network.
const LEN: usize = 5;
/// The most networks in one report: with more the response would not fit into one command.
const NETWORKS_MAX: usize = 40;

/// A network that a terminal hears.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct HeardNetwork {
    /// Whose it is.
    pub plmn: Plmn,
    /// Its technology.
    pub technology: AccessTechnology,
    /// Its level in dBm, -255 to 0.
    pub level_dbm: i16,
}

impl NetworkMeasurement {
    /// Writes down which networks are heard, the first ones where there are too many; `None` where
    /// there are none.
    #[must_use]
    pub fn of_heard(networks: &[HeardNetwork]) -> Option<Self> {
        let mut octets = Vec::with_capacity(LEN * networks.len().min(NETWORKS_MAX));
        for network in networks.iter().take(NETWORKS_MAX) {
            octets.extend(network.plmn.wire());
            octets.push(network.technology.octet());
            octets.push(u8::try_from(-i32::from(network.level_dbm).min(0)).unwrap_or(u8::MAX));
        }
        Self::new(&octets).ok()
    }

    /// Reads which networks are heard, as far as it says so.
    #[must_use]
    pub fn heard(&self) -> Vec<HeardNetwork> {
        let (parts, _) = self.octets().as_chunks::<LEN>();
        let network = |[a, b, c, technology, level]: &[u8; LEN]| {
            Some(HeardNetwork {
                plmn: Plmn::from_wire([*a, *b, *c]).ok()??,
                technology: AccessTechnology::from_octet(*technology)?,
                level_dbm: -i16::from(*level),
            })
        };
        parts.iter().filter_map(network).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;
    use proptest::prelude::*;

    fn network(code: u32, level: u8) -> HeardNetwork {
        let plmn = Plmn::parse(&alloc::format!("{code:05}")).unwrap();
        HeardNetwork { plmn, technology: AccessTechnology::EUtran, level_dbm: -i16::from(level) }
    }

    proptest! {
        #[test]
        fn what_is_heard_is_read_as_it_was_written(codes in prop::collection::vec((10_000_u32..99_999, 1_u8..), 1..40)) {
            let networks: Vec<_> = codes.iter().map(|(code, level)| network(*code, *level)).collect();
            prop_assert_eq!(NetworkMeasurement::of_heard(&networks).unwrap().heard(), networks);
        }

        #[test]
        fn other_octets_are_read_without_a_panic(octets in prop::collection::vec(any::<u8>(), 1..255)) {
            drop(NetworkMeasurement::new(&octets).unwrap().heard());
        }
    }

    #[test]
    fn too_many_networks_are_cut_to_those_that_fit_and_none_is_no_report() {
        let networks = vec![network(20_801, 80); 60];
        assert_eq!(NetworkMeasurement::of_heard(&networks).unwrap().heard().len(), NETWORKS_MAX);
        assert_eq!(NetworkMeasurement::of_heard(&[]), None);
    }
}
