//! Commands as PC/SC takes them for T=0.
//!
//! PC/SC passes bytes on as they are, and over T=0 a reader expects a TPDU: the header, P3, and
//! data to send (ISO 7816-3, 12.2). A command without data and length gets P3 `00`; the Le of a
//! command that sends data has no place, and the card answers `61xx` for its caller to fetch.

use polysim_apdu::{ApduError, CommandApdu};

/// Most data that P3 can count.
const DATA_LEN_MAX: usize = 255;

/// Returns a command APDU as a TPDU of T=0.
///
/// # Errors
/// For bytes that are no command, and for more data than P3 can count: such a command goes in
/// pieces by ENVELOPE or by command chaining, which is for the caller.
pub(crate) fn of_apdu(command: &[u8]) -> Result<Vec<u8>, ApduError> {
    let apdu = CommandApdu::parse(command)?;
    let data = apdu.data();
    let p3 = match u8::try_from(data.len()) {
        Ok(0) => apdu.le().map_or(0, polysim_apdu::Le::p3),
        Ok(length) => length,
        Err(_) => return Err(ApduError::TooLong { len: data.len(), limit: DATA_LEN_MAX }),
    };
    let mut tpdu = apdu.header().bytes().to_vec();
    tpdu.push(p3);
    tpdu.extend_from_slice(data);
    Ok(tpdu)
}

#[cfg(test)]
mod tests {
    use super::of_apdu;
    use polysim_apdu::ApduError;
    use polysim_base::parse_hex;

    fn tpdu(apdu: &str) -> Result<Vec<u8>, ApduError> {
        of_apdu(&parse_hex(apdu.as_bytes()).unwrap())
    }

    #[test]
    fn each_case_becomes_header_p3_and_data() {
        for (apdu, wanted) in [
            ("00704001", "0070400100"),
            ("00B0000009", "00B0000009"),
            ("00B0000000", "00B0000000"),
            ("00A4000C022FE2", "00A4000C022FE2"),
            ("00A40004022FE200", "00A40004022FE2"),
        ] {
            assert_eq!(tpdu(apdu), Ok(parse_hex(wanted.as_bytes()).unwrap()), "{apdu}");
        }
    }

    #[test]
    fn extended_lengths_that_p3_can_say_are_made_short() {
        assert_eq!(tpdu("00B00000000009"), Ok(parse_hex(b"00B0000009").unwrap()));
        assert_eq!(tpdu("00B00000000000"), Ok(parse_hex(b"00B0000000").unwrap()));
        assert_eq!(tpdu("00A400040000022FE20000"), Ok(parse_hex(b"00A40004022FE2").unwrap()));
    }

    #[test]
    fn what_no_tpdu_can_carry_is_refused() {
        let mut long = vec![0x00, 0xD6, 0x00, 0x00, 0x00, 0x01, 0x00];
        long.extend([0; 256]);
        assert_eq!(of_apdu(&long), Err(ApduError::TooLong { len: 256, limit: 255 }));
        assert!(matches!(of_apdu(&[0x00, 0xA4]), Err(ApduError::Short { .. })));
        assert!(matches!(of_apdu(&[0x00, 0xA4, 0, 0, 5, 1]), Err(ApduError::Length { .. })));
    }
}
