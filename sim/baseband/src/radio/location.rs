//! The location that is kept on the card (TS 31.102, 4.2.17 and 4.2.91).

use polysim_radio::air::{CellView, Rat};

/// UPDATE BINARY of EF.EPSLOCI, or EF.LOCI for GSM and UMTS: temporary identity, area, updated.
pub(super) fn update_location(cell: &CellView, tmsi: u32) -> Vec<u8> {
    let [t0, t1, t2, t3] = tmsi.to_be_bytes();
    let [m0, m1, m2] = cell.plmn.wire();
    let [a0, a1] = cell.area.to_be_bytes();
    match cell.rat {
        Rat::Lte | Rat::Nr => vec![
            0x00, 0xD6, 0x9E, 0x00, 0x12, 0x0B, 0xF6, m0, m1, m2, 0x00, 0x01, 0x01, t0, t1, t2, t3,
            m0, m1, m2, a0, a1, 0x00,
        ],
        Rat::Gsm | Rat::Umts => {
            vec![0x00, 0xD6, 0x8B, 0x00, 0x0B, t0, t1, t2, t3, m0, m1, m2, a0, a1, 0xFF, 0x00]
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
        let eps = update_location(&cell(Rat::Lte), 0xAABB_CCDD);
        assert_eq!(eps.len(), 5 + 18);
        assert_eq!(eps[17..], [0x00, 0xF1, 0x10, 0x12, 0x34, 0x00]);
        assert_eq!(update_location(&cell(Rat::Gsm), 1).len(), 5 + 11);
    }
}
