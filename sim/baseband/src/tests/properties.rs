//! What holds for any bytes.

use super::rig::{Rig, Setup};
use proptest::prelude::*;

/// Pieces of sessions: commands of every family, entries, noise.
const PIECES: [&[u8]; 36] = [
    b"AT\r",
    b"ATE0\r\n",
    b"ATE1\r",
    b"ATV0\r",
    b"ATV1Q0\r",
    b"AT+CMEE=2\r",
    b"AT+CREG=2;+CREG?\r",
    b"AT+COPS=?\r",
    b"AT+COPS?\r",
    b"AT+CPIN?;+CIMI;+CCID\r",
    b"AT+CRSM=176,12258,0,0,10\r",
    b"AT+CSIM=10,\"0020000100\"\r",
    b"AT+CMGS=18\r",
    b"0011000C914477009004560000FF05E8329BFD06\x1A",
    b"\x1A",
    b"\x1B",
    b"AT+CMGF=1\r",
    b"AT+CMGS=\"+4477\"\r",
    b"text\x1A",
    b"ATD112;\r",
    b"ATH\r",
    b"ATD*99#\r",
    b"+++",
    b"AT+CUSD=1,\"*100#\"\r",
    b"A/",
    b"\r\n",
    b"at+cgact=1,1\r",
    b"AT+CPBR=1,5\r",
    b"AT+CCFC=0,2\r",
    b"AT+CNMI=2,2\r",
    b"ATS3=10\r",
    b"ATS3=13\n",
    b"AT+CHLD=2\r",
    b"AT+CMUT=1;+CMUT?\r",
    b"AT+QPCMV=1,0;+CPCMREG=1\r",
    b"\xFF\x00",
];

/// Pieces after which card and network must speak before all is as it was.
const UPHEAVALS: [&[u8]; 5] =
    [b"AT+CFUN=1,1\r", b"AT+CFUN=0\r", b"AT+CFUN=1\r", b"AT+COPS=2\r", b"AT+COPS=1,2,\"00199\"\r"];

fn session(upheavals: u32) -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        8 => prop::sample::select(&PIECES[..]).prop_map(<[u8]>::to_vec),
        upheavals => prop::sample::select(&UPHEAVALS[..]).prop_map(<[u8]>::to_vec),
        1 => prop::collection::vec(any::<u8>(), 0..40),
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

/// What a device writes in a session that takes no time, however the bytes are cut.
fn played(bytes: &[u8], cuts: &[usize]) -> (String, Rig) {
    let mut rig = Setup::default().attached();
    let mut rest = bytes;
    for cut in cuts {
        let (piece, after) = rest.split_at((*cut).min(rest.len()));
        rig.write(0, piece);
        rest = after;
    }
    rig.write(0, rest);
    (rig.take(0), rig)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn cutting_the_bytes_changes_nothing(
        bytes in session(0),
        cuts in prop::collection::vec(0_usize..30, 0..12),
    ) {
        let (whole, _) = played(&bytes, &[]);
        let (cut, _) = played(&bytes, &cuts);
        prop_assert_eq!(whole, cut);
    }

    #[test]
    fn no_bytes_break_the_device(bytes in session(1), pauses in prop::collection::vec(0_u64..400, 0..8)) {
        let mut rig = Setup { ports: 2, ..Setup::default() }.attached();
        let step = bytes.len() / (pauses.len() + 1) + 1;
        for (at, chunk) in bytes.chunks(step).enumerate() {
            rig.write(u8::try_from(at % 2).unwrap(), chunk);
            rig.run_s(pauses.get(at).copied().unwrap_or(0));
        }
        // Afterwards the ports can be brought back to answering.
        for port in 0..2 {
            rig.input(crate::BasebandInput::PortClosed(port));
            rig.input(crate::BasebandInput::PortOpened(port));
        }
        rig.run_s(400);
        rig.input(crate::BasebandInput::Power(false));
        rig.input(crate::BasebandInput::Power(true));
        prop_assert!(rig.at("AT").ends_with("OK"));
    }
}
