//! The location that is kept on the card (TS 31.102, 4.2.17 and 4.2.91).

use polysim_radio::air::{CellView, Rat};

/// Status of a location: updated, and not.
const UPDATED: u8 = 0x00;
const NOT_UPDATED: u8 = 0x01;
/// A temporary identity that was deleted.
const DELETED: u32 = u32::MAX;

/// UPDATE BINARY of EF.EPSLOCI, or EF.LOCI for GSM and UMTS: temporary identity, area, status.
/// Without an identity the location is the one that was left.
pub(crate) fn update_location(cell: &CellView, tmsi: Option<u32>) -> Vec<u8> {
    let [t0, t1, t2, t3] = tmsi.unwrap_or(DELETED).to_be_bytes();
    let status = if tmsi.is_some() { UPDATED } else { NOT_UPDATED };
    let [m0, m1, m2] = cell.plmn.wire();
    let [a0, a1] = cell.area.to_be_bytes();
    match cell.rat {
        Rat::Lte | Rat::Nr => vec![
            0x00, 0xD6, 0x9E, 0x00, 0x12, 0x0B, 0xF6, m0, m1, m2, 0x00, 0x01, 0x01, t0, t1, t2, t3,
            m0, m1, m2, a0, a1, status,
        ],
        Rat::Gsm | Rat::Umts => {
            vec![0x00, 0xD6, 0x8B, 0x00, 0x0B, t0, t1, t2, t3, m0, m1, m2, a0, a1, 0xFF, status]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use polysim_radio::air::CellId;

    #[test]
    fn lengths_fit_the_files() {
        let cell = |rat| CellView {
            cell: CellId(1),
            plmn: "00101".parse().unwrap(),
            rat,
            level_dbm: -80,
            area: 0x1234,
            barred: false,
        };
        let eps = update_location(&cell(Rat::Lte), Some(0xAABB_CCDD));
        assert_eq!(eps.len(), 5 + 18);
        assert_eq!(eps[17..], [0x00, 0xF1, 0x10, 0x12, 0x34, 0x00]);
        assert_eq!(update_location(&cell(Rat::Gsm), None).len(), 5 + 11);
        assert_eq!(update_location(&cell(Rat::Gsm), None).last(), Some(&NOT_UPDATED));
    }
}
