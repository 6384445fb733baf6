use crate::testkit::card;
use crate::tests::send;
use crate::{Card, PinConfig};

const OK: [u8; 2] = [0x90, 0x00];
const SELECT_USIM: &str = "00A4040C07A0000000871002";
const ADM1: &str = "0020000A083838383838383838";

fn open(commands: &[&str]) -> Card {
    let mut card = card(PinConfig::default());
    for command in commands {
        assert_eq!(send(&mut card, command), OK, "{command}");
    }
    card
}

#[test]
fn ts_102_221_8_5_partial_aids_and_occurrences() {
    let mut card = open(&[]);
    let adf = |card: &mut Card| send(card, "80F2000100")[8];
    for (p2, usim_or_isim) in [("0C", 2), ("0E", 4), ("0F", 2), ("0D", 4)] {
        assert_eq!(send(&mut card, &format!("00A404{p2}06A00000008710")), OK, "{p2}");
        assert_eq!(adf(&mut card), usim_or_isim, "{p2}");
    }
    assert_eq!(send(&mut card, "00A4040E06A00000008710"), [0x6A, 0x82]);
    assert_eq!(adf(&mut card), 4);
    // Full and with one byte too many.
    assert_eq!(send(&mut card, "00A4040C10A0000000871002FFFFFFFF8907090000"), OK);
    assert_eq!(send(&mut card, "00A4040C10A0000000871002FFFFFFFF8907090001"), [0x6A, 0x82]);
    // FCI has the name; after the end of the session the MF is current and no application.
    assert_eq!(send(&mut card, "00A4040007A000000087100200")[..4], [0x6F, 0x12, 0x84, 0x10]);
    assert_eq!(send(&mut card, "00A4044C07A0000000871002"), OK);
    assert_eq!(send(&mut card, "80F2000100"), [0x69, 0x85]);
    assert_eq!(send(&mut card, "00A4000C027FFF"), [0x6A, 0x82]);
}

#[test]
fn ts_102_221_11_1_7_search_record() {
    let mut card = open(&[SELECT_USIM, ADM1, "00A4000C026FC6"]);
    let opl = |mnc: &str| format!("00DC010408{mnc}0000FFFE01");
    assert_eq!(send(&mut card, &opl("00F120")), OK);
    assert_eq!(send(&mut card, "00A2010402F120"), [0x61, 0x01]);
    assert_eq!(send(&mut card, "00C0000001"), [0x01, 0x90, 0x00]);
    assert_eq!(send(&mut card, "00A2010402F13000"), [0x62, 0x82]);
    assert_eq!(send(&mut card, "00A2090402F13000"), [0x6A, 0x83]);
    // In the phone book: all blank but two.
    assert_eq!(send(&mut card, "00A4080C067F105F3A4F3A"), OK);
    for number in ["03", "FA"] {
        let record = format!("00DC{number}04224142{}", "FF".repeat(32));
        assert_eq!(send(&mut card, &record), OK);
    }
    assert_eq!(send(&mut card, "00A20104024142 00".replace(' ', "").as_str()), [3, 250, 0x90, 0]);
    assert_eq!(send(&mut card, "00A2FA0502414200"), [250, 3, 0x90, 0]);
    assert_eq!(send(&mut card, "00A2F90502414200"), [3, 0x90, 0]);
    // Enhanced: the pattern must stand from an offset on, or behind a byte.
    assert_eq!(send(&mut card, "00A2010604040042 4200".replace(' ', "").as_str()), [0x62, 0x82]);
    assert_eq!(send(&mut card, "00A201060304004200"), [3, 250, 0x90, 0]);
    assert_eq!(send(&mut card, "00A201060304024200"), [0x62, 0x82]);
    assert_eq!(send(&mut card, "00A20106030C414200"), [3, 250, 0x90, 0]);
    // The first found is the current record: next from there.
    assert_eq!(send(&mut card, "00A201060306004200"), [250, 0x90, 0]);
    assert_eq!(send(&mut card, "00B2000422")[..2], *b"AB");
}

#[test]
fn ts_102_221_11_1_8_increase() {
    let mut card = open(&[SELECT_USIM, "00A4000C026F39"]);
    assert_eq!(send(&mut card, "803200000300010200"), [0, 1, 2, 0, 1, 2, 0x90, 0]);
    assert_eq!(send(&mut card, "803200000300FFFF00"), [1, 1, 1, 0, 0xFF, 0xFF, 0x90, 0]);
    assert_eq!(send(&mut card, "00B2010403"), [1, 1, 1, 0x90, 0]);
    assert_eq!(send(&mut card, "00B2020403"), [0, 1, 2, 0x90, 0]);
    assert_eq!(send(&mut card, "8032000003FFFFFF00"), [0x98, 0x50]);
    assert_eq!(send(&mut card, "00B2010403"), [1, 1, 1, 0x90, 0]);
    // By SFI 1C, and over T=0; a value longer than a record is refused.
    assert_eq!(send(&mut card, "80329C0003000001"), [0x61, 0x06]);
    assert_eq!(send(&mut card, "00C0000006"), [1, 1, 2, 0, 0, 1, 0x90, 0]);
    assert_eq!(send(&mut card, "80320000040000000100"), [0x67, 0x00]);
    // UPDATE needs PIN 2.
    assert_eq!(send(&mut card, "00DC000303000000"), [0x69, 0x82]);
    assert_eq!(send(&mut card, "002000810835363738FFFFFFFF"), OK);
    assert_eq!(send(&mut card, "00DC000303000000"), OK);
    assert_eq!(send(&mut card, "00B2010403"), [0, 0, 0, 0x90, 0]);
    assert_eq!(send(&mut card, "00B2030403"), [1, 1, 1, 0x90, 0]);
    // Twenty records: the oldest falls out.
    for _ in 0..20 {
        send(&mut card, "8032000003000001");
    }
    assert_eq!(send(&mut card, "00B2010403"), [0, 0, 20, 0x90, 0]);
    assert_eq!(send(&mut card, "00B2140403"), [0, 0, 1, 0x90, 0]);
}

#[test]
fn ts_102_221_11_1_14_deactivated_files() {
    let mut card = open(&[SELECT_USIM, "00A4000C026F3B"]);
    assert_eq!(send(&mut card, "00040000"), [0x69, 0x82]);
    assert_eq!(send(&mut card, ADM1), OK);
    assert_eq!(send(&mut card, "00040000"), OK);
    assert_eq!(send(&mut card, "00B2010422"), [0x69, 0x84]);
    let fcp = send(&mut card, "00A40004026F3B00");
    assert_eq!(fcp[fcp.len() - 2..], [0x62, 0x83]);
    assert!(fcp.windows(3).any(|object| object == [0x8A, 0x01, 0x04]));
    // It is the same file by its other name, and still so after a reset.
    card.reset().unwrap();
    assert_eq!(send(&mut card, "00A4080C047F106F3B"), [0x62, 0x83]);
    assert_eq!(send(&mut card, ADM1), OK);
    assert_eq!(send(&mut card, "00440000"), OK);
    assert_eq!(send(&mut card, "00A4080C047F106F3B"), OK);
    assert_eq!(send(&mut card, "00B2010422")[34..], OK);
    assert_eq!(send(&mut card, "00A4000C023F00"), OK);
    assert_eq!(send(&mut card, "00040000"), [0x69, 0x00]);
}

#[test]
fn ts_102_221_9_2_access_rules_hold_and_can_be_changed_by_adm() {
    let mut card = open(&[SELECT_USIM, "00A4000C026F7E"]);
    let update = "00D600000101";
    assert_eq!(send(&mut card, update), OK);
    assert_eq!(send(&mut card, "00A4000C026F07"), OK);
    assert_eq!(
        send(&mut card, "00D600000908091010000000 4321".replace(' ', "").as_str()),
        [0x69, 0x82]
    );
    // Record 4 (PIN 1) of EF.ARR becomes "read only".
    assert_eq!(send(&mut card, "00A4000C026F06"), OK);
    let readonly = format!("00DC04042E8001019000{}", "FF".repeat(41));
    assert_eq!(send(&mut card, &readonly), [0x69, 0x82]);
    assert_eq!(send(&mut card, ADM1), OK);
    assert_eq!(send(&mut card, &readonly), OK);
    assert_eq!(send(&mut card, "00A4000C026F7E"), OK);
    assert_eq!(send(&mut card, update), [0x69, 0x82]);
    assert_eq!(send(&mut card, "00B0000001"), [0x01, 0x90, 0x00]);
}

#[test]
fn ts_102_221_9_pins_guard_files() {
    let mut card = card(PinConfig::default().with_pin1("1234", "12345678").unwrap());
    assert_eq!(send(&mut card, SELECT_USIM), OK);
    assert_eq!(send(&mut card, "00A4000C026F07"), OK);
    assert_eq!(send(&mut card, "00B0000009"), [0x69, 0x82]);
    assert_eq!(send(&mut card, "0020000100"), [0x63, 0xC3]);
    assert_eq!(send(&mut card, "002C000100"), [0x63, 0xCA]);
    assert_eq!(send(&mut card, "002000010830303030FFFFFFFF"), [0x63, 0xC2]);
    assert_eq!(send(&mut card, "002000010831323334FFFFFFFF"), OK);
    assert_eq!(send(&mut card, "00B0000009")[9..], OK);
    // The FCP says which PINs are enabled: PIN 1, PIN 2, ADM 1.
    let fcp = send(&mut card, "00A40004023F0000");
    assert!(fcp.windows(3).any(|object| object == [0x90, 0x01, 0xE0]));
    assert_eq!(send(&mut card, "002600010831323334FFFFFFFF"), OK);
    let fcp = send(&mut card, "00A40004023F0000");
    assert!(fcp.windows(3).any(|object| object == [0x90, 0x01, 0x60]));
    // Disabled, it is asked for no more.
    card.reset().unwrap();
    send(&mut card, SELECT_USIM);
    send(&mut card, "00A4000C026F07");
    assert_eq!(send(&mut card, "00B0000009")[9..], OK);
}

#[test]
fn ts_102_221_11_1_17_logical_channels() {
    let mut card = open(&[SELECT_USIM, "00A4000C026F07"]);
    assert_eq!(send(&mut card, "0070000001"), [0x01, 0x90, 0x00]);
    assert_eq!(send(&mut card, "0070000200"), OK);
    assert_eq!(send(&mut card, "0070000001"), [0x03, 0x90, 0x00]);
    assert_eq!(send(&mut card, "0070000001"), [0x6A, 0x81]);
    assert_eq!(send(&mut card, "0070000200"), [0x68, 0x81]);
    assert_eq!(send(&mut card, "0070000400"), [0x68, 0x81]);
    // Each has its own current files; a channel opened from one starts where that is.
    assert_eq!(send(&mut card, "01B0000009"), [0x69, 0x86]);
    assert_eq!(send(&mut card, "01A4040C07A0000000871004"), OK);
    assert_eq!(send(&mut card, "01A4000C026F02"), OK);
    assert_eq!(send(&mut card, "00B0000009")[9..], OK);
    assert_eq!(send(&mut card, "00708003"), OK);
    assert_eq!(send(&mut card, "0170000001"), [0x03, 0x90, 0x00]);
    assert_eq!(send(&mut card, "03B0000001"), [0x80, 0x90, 0x00]);
    for (command, word) in
        [("00708000", [0x68, 0x81]), ("40A4000C023F00", [0x68, 0x81]), ("00708001", OK)]
    {
        assert_eq!(send(&mut card, command), word, "{command}");
    }
    assert_eq!(send(&mut card, "01A4000C023F00"), [0x68, 0x81]);
    assert_eq!(send(&mut card, "81F2000000"), [0x68, 0x81]);
}

#[test]
fn ts_102_221_10_1_classes_instructions_and_lengths_that_are_not_known() {
    let mut card = open(&[]);
    for (command, word) in [
        ("20A4000C023F00", [0x6E, 0x00]),
        ("FFA4000C023F00", [0x6E, 0x00]),
        ("00FF000000", [0x6D, 0x00]),
        ("0CA4000C023F00", [0x68, 0x82]),
        ("10A4000C023F00", [0x68, 0x84]),
        ("00A4020C023F00", [0x6A, 0x86]),
        ("00A4000C013F", [0x67, 0x00]),
        ("00A400", [0x67, 0x00]),
        ("", [0x67, 0x00]),
        ("00B000000001", [0x67, 0x00]),
        ("00B0000000FFFF", [0x67, 0x00]),
        ("00A4000C0000023F00", [0x67, 0x00]),
        ("00C0000000", [0x69, 0x85]),
        ("807600000401010301", [0x6D, 0x00]),
        ("80AA000002A900", OK),
        ("00E0000002 6200", [0x6D, 0x00]),
    ] {
        assert_eq!(send(&mut card, &command.replace(' ', "")), word, "{command}");
    }
    assert_eq!(send(&mut card, "0084000008").len(), 10);
    assert_ne!(send(&mut card, "0084000008"), send(&mut card, "0084000008"));
    // Le too long is told right, and the command comes again.
    assert_eq!(send(&mut card, "00A4000C022FE2"), OK);
    assert_eq!(send(&mut card, "00B000000B"), [0x6C, 0x0A]);
    assert_eq!(send(&mut card, "00B000000A").len(), 12);
    assert_eq!(send(&mut card, "00B0000000").len(), 12);
    assert_eq!(send(&mut card, "00B0000A01"), [0x6B, 0x00]);
    assert_eq!(send(&mut card, "00B2010401"), [0x69, 0x81]);
}

#[test]
fn cards_that_wrote_nothing_own_nothing_and_files_cost_what_they_hold() {
    let mut card = open(&[SELECT_USIM, "00A4000C026F7E"]);
    assert_eq!(card.heap_bytes(), 0);
    assert_eq!(send(&mut card, "00D600000401020304"), OK);
    assert_eq!(card.heap_bytes(), 11 + 5);
    assert_eq!(send(&mut card, "00D600000405060708"), OK);
    assert_eq!(card.heap_bytes(), 11 + 5);
    assert_eq!(card.read_file(&[0x7F20, 0x6F7E]).unwrap()[..5], [5, 6, 7, 8, 0xFF]);
    // One record of the phone book, not all of it.
    assert_eq!(send(&mut card, "00A4080C047F106F3A"), OK);
    assert_eq!(send(&mut card, &format!("00DC0A0422{}", "41".repeat(34))), OK);
    assert_eq!(card.heap_bytes(), 11 + 5 + 34 + 5);
    assert!(size_of::<Card>() <= 240, "{}", size_of::<Card>());
}
