use crate::PinConfig;
use crate::testkit::card;
use crate::tests::{hex, send};

const OK: [u8; 2] = [0x90, 0x00];

/// Reads a file as a reader of 2G SIMs does: SELECT, GET RESPONSE, READ BINARY.
#[test]
fn ts_51_011_9_2_a_2g_reader_gets_through() {
    let mut card = card(PinConfig::default());
    assert_eq!(send(&mut card, "A0A40000023F00"), [0x9F, 0x16]);
    let mf = send(&mut card, "A0C0000016");
    // MF, CHV 1 disabled, four DFs, CHVs with their tries.
    assert_eq!(mf[4..7], [0x3F, 0x00, 0x01]);
    assert_eq!(mf[13..], hex("9304050500838A838A9000"));
    assert_eq!(send(&mut card, "A0A40000022FE2"), [0x9F, 0x0F]);
    let iccid = send(&mut card, "A0C000000F");
    assert_eq!(iccid, hex("0000000A2FE204000FFFFF010200009000"));
    assert_eq!(send(&mut card, "A0B000000A").len(), 12);
    assert_eq!(send(&mut card, "A0A40000027F20"), [0x9F, 0x16]);
    assert_eq!(send(&mut card, "A0A40000026F07"), [0x9F, 0x0F]);
    assert_eq!(send(&mut card, "A0C000000F")[8..14], hex("14FF44010200"));
    assert_eq!(send(&mut card, "A0B0000009"), hex("0809101000000010329000"));
    assert_eq!(send(&mut card, "A0F2000016")[4..7], [0x7F, 0x20, 0x02]);
    assert_eq!(send(&mut card, "A0A40000026F39"), [0x9F, 0x0F]);
    assert_eq!(
        send(&mut card, "A0C000000F"),
        hex("0000003C6F3904401 21F44010203039000".replace(' ', "").as_str())
    );
    assert_eq!(send(&mut card, "A0B2000203"), [0, 0, 0, 0x90, 0]);
    assert_eq!(send(&mut card, "A032000003000005"), [0x9F, 0x06]);
    assert_eq!(send(&mut card, "A0C0000006"), [0, 0, 5, 0, 0, 5, 0x90, 0]);
}

#[test]
fn ts_51_011_9_4_its_status_words() {
    let mut card = card(PinConfig::default().with_pin1("1234", "12345678").unwrap());
    for (command, word) in [
        ("A0B0000001", [0x94, 0x00]),
        ("A0A40000026F99", [0x94, 0x04]),
        ("A0A40000022F00", [0x9F, 0x0F]),
        ("A0B0000001", [0x94, 0x08]),
        ("A0B2630426", [0x94, 0x02]),
        ("A0A40000027F20", [0x9F, 0x16]),
        ("A0A40000026F07", [0x9F, 0x0F]),
        ("A0B0000009", [0x98, 0x04]),
        ("A020000108 30303030FFFFFFFF", [0x98, 0x04]),
        ("A020000108 30303030FFFFFFFF", [0x98, 0x04]),
        ("A020000108 30303030FFFFFFFF", [0x98, 0x04]),
        ("A020000108 31323334FFFFFFFF", [0x98, 0x40]),
        ("A02C000010 303030303030303031323334FFFFFFFF", [0x98, 0x04]),
        ("A02C000010 313233343536373831313131FFFFFFFF", OK),
        ("A024000110 31313131FFFFFFFF31323334FFFFFFFF", OK),
        ("A028000108 31323334FFFFFFFF", [0x98, 0x08]),
        ("A026000108 31323334FFFFFFFF", OK),
        ("A020000108 31323334FFFFFFFF", [0x98, 0x08]),
        ("A0D6000001 00", [0x98, 0x04]),
        ("A0B0002001", [0x6B, 0x00]),
        ("A0A40400023F00", [0x6B, 0x00]),
        ("A0700000 01", [0x6E, 0x00]),
    ] {
        assert_eq!(send(&mut card, &command.replace(' ', "")), word, "{command}");
    }
    // SEEK, type 2: the number of the record.
    assert_eq!(send(&mut card, "A0A40000027F10"), [0x9F, 0x16]);
    assert_eq!(send(&mut card, "A0A40000026F40"), [0x9F, 0x0F]);
    assert_eq!(send(&mut card, "A0A2001002 4477".replace(' ', "").as_str()), [0x9F, 0x01]);
    assert_eq!(send(&mut card, "A0C0000001"), [0x01, 0x90, 0x00]);
    assert_eq!(send(&mut card, "A0A2000002 4478".replace(' ', "").as_str()), [0x94, 0x04]);
}

#[test]
fn run_gsm_algorithm_only_in_df_gsm_and_with_chv_1() {
    let mut card = card(PinConfig::default().with_pin1("1234", "12345678").unwrap());
    let run = format!("A088000010{}", "11".repeat(16));
    assert_eq!(send(&mut card, &run), [0x6F, 0x00]);
    assert_eq!(send(&mut card, "A0A40000027F20"), [0x9F, 0x16]);
    assert_eq!(send(&mut card, &run), [0x98, 0x04]);
    assert_eq!(send(&mut card, "A02000010831323334FFFFFFFF"), OK);
    assert_eq!(send(&mut card, &run), [0x9F, 0x0C]);
    assert_eq!(send(&mut card, "A0C000000C").len(), 14);
}
