use super::*;
use crate::{CommandApdu, Family, Status};
use core::num::NonZeroU8;
use proptest::prelude::*;
use std::{string::ToString, vec::Vec};

fn parse(hex: &str) -> Result<Vec<u8>, Status> {
    let bytes = polysim_base::parse_hex(hex.as_bytes()).unwrap();
    let command = Command::parse(&bytes)?;
    let mut out = Vec::new();
    command.emit(&mut out).unwrap();
    assert_eq!(Command::parse(&out), Ok(command), "{hex}");
    Ok(out)
}

/// The command reads and writes back as the very same bytes.
fn same(hex: &str) {
    let out = parse(hex).unwrap_or_else(|status| panic!("{hex}: {status}"));
    assert_eq!(polysim_base::Hex(&out).to_string().to_lowercase(), hex);
}

fn refused(hex: &str, status: u16) {
    assert_eq!(parse(hex), Err(Status::from(status)), "{hex}");
}

#[test]
fn commands_of_ts_102_221_read_and_write_back() {
    for hex in [
        "00a40004023f0000",
        "00a4000c023f00",
        "00a40804047fff6f0700",
        "00a40904025f3a00",
        "00a40304 00",
        "00a4010402 7f2000",
        "00a4044407a000000087100200",
        "00a4040207a000000087100200",
        "01a4040c07a0000000871002",
        "80f2000000",
        "80f2010112",
        "80f2020c",
        "00b0000a09",
        "00b0870000",
        "00d6000002abcd",
        "00b2010426",
        "00b20002ff",
        "00b200031e",
        "00b2003c10",
        "00dc010402abcd",
        "00dc000302abcd",
        "00a2010402ffff00",
        "00a20105 01ff00",
        "00a201060404 02ffff00",
        "00a2000604 0e05ffff00",
        "8032000003000001 00",
        "80328100010100",
        "0020000108ffffffffffffffff",
        "00200001",
        "0024000110ffffffffffffffffffffffffffffffff",
        "0026000108ffffffffffffffff",
        "0026910108ffffffffffffffff",
        "0028000108ffffffffffffffff",
        "002c0001",
        "002c008110ffffffffffffffffffffffffffffffff",
        "00040000",
        "0044000002 6f07",
        "00440800047fff6f07",
        "0070000001",
        "00700003",
        "00708003",
        "0084000008",
        "80aa000002a900",
        "8076000004010103 0100",
        "8076010008ffffffffffffffff",
        "00c0000020",
        "8010000002ffff",
        "8012000020",
        "80140000020000",
        "80c2000002d10000",
        "80cb0080015c00",
        "80cb000000",
        "80db00880280ff",
        "80ca9f7f00",
        "80e29100025c0000",
        "00e0000002 6200",
        "00e40000026f07",
        "00e60000",
        "00e80000026f07",
        "00fe0000",
        "80d40000026200",
        "c5c20000026200 00",
        "0088008011 10000102030405060708090a0b0c0d0e0f00",
        "0088008404dd00000000",
        "807800010100 00",
    ] {
        same(&hex.replace(' ', ""));
    }
}

#[test]
fn commands_of_a_2g_sim_read_and_write_back() {
    for hex in [
        "a0a40000023f0000",
        "a0f2000016",
        "a0b0000009",
        "a0b2010426",
        "a0dc0003010100",
        "a0a20011014100",
        "a0a20002014100",
        "a020000108ffffffffffffffff",
        "a020000208ffffffffffffffff",
        "a02c000010ffffffffffffffffffffffffffffffff",
        "a02c000210ffffffffffffffffffffffffffffffff",
        "a088000010000102030405060708090a0b0c0d0e0f00",
        "a0320000030000 0100",
        "a0c000000f",
        "a0040000",
        "a0440000",
        "a010000001ff",
        "a012000010",
    ] {
        let hex = hex.replace(' ', "");
        if hex.starts_with("a0dc") {
            assert_eq!(parse(&hex).map(|out| out.len()), Ok(6));
        } else {
            same(&hex);
        }
    }
}

#[test]
fn what_is_wrong_with_a_command_is_its_status_word() {
    for (hex, status) in [
        ("2fa4000000", 0x6E00),
        ("00ff000000", 0x6D00),
        ("0012000000", 0x6E00),
        ("80a40004023f00", 0x6E00),
        ("00a40004013f", 0x6700),
        ("00a40504023f00", 0x6A86),
        ("00a40008023f00", 0x6A86),
        ("00a40005023f00", 0x6A86),
        ("00a40084023f00", 0x6A86),
        ("00a40024023f00", 0x6A86),
        ("00a4080401 3f", 0x6700),
        ("00a404041100000000000000000000000000000000 00", 0x6700),
        ("00a4030401 00", 0x6700),
        ("10a40004023f00", 0x6884),
        ("04a40004023f00", 0x6882),
        ("00b09f0001", 0x6A86),
        ("00b0c10001", 0x6A86),
        ("00b0000001ff", 0x6700),
        ("00b0 0000", 0x6700),
        ("00b2010500", 0x6A86),
        ("00b201fc00", 0x6A86),
        ("00d60000", 0x6700),
        ("00a2010701ff", 0x6A86),
        ("00a2010602 0400", 0x6700),
        ("00a20106030300ff", 0x6A80),
        ("00a20106031400ff", 0x6A80),
        ("0020010108ffffffffffffffff", 0x6A86),
        ("0020000107ffffffffffffff", 0x6700),
        ("002c000108ffffffffffffffff", 0x6700),
        ("0070001400", 0x6A86),
        ("0070010000", 0x6A86),
        ("0088000000", 0x6A86),
        ("0088008301 00", 0x9864),
        ("008800800f0f000102030405060708090a0b0c0d", 0x6A80),
        ("0088008101 10", 0x6700),
        ("80cb004000", 0x6A86),
        ("80db00c001ff", 0x6A86),
        ("80cb001f00", 0x6A86),
        ("80cb010000", 0x6A86),
        ("8032004001 01", 0x6A86),
        ("8032a00001 01", 0x6A86),
        ("80f2030000", 0x6A86),
        ("80f2000300", 0x6A86),
        ("0073000000", 0x6D00),
        ("0089008000", 0x6D00),
        ("8076020001 00", 0x6A86),
        ("8076000001 00", 0x6700),
        ("a0a40004023f00", 0x6B00),
        ("a0b2011400", 0x6B00),
        ("a0b0 8100 01", 0x6B00),
        ("a0a2002001 00", 0x6B00),
        ("a070000001", 0x6E00),
        ("80d4020001 00", 0x6A86),
        ("8078010001 00", 0x6A86),
        ("00e6050000", 0x6A86),
    ] {
        refused(&hex.replace(' ', ""), status);
    }
}

#[test]
fn a_pin_hides_itself_and_pads() {
    let pin = Pin::from_digits("1234").unwrap();
    assert_eq!(pin.bytes(), b"1234\xff\xff\xff\xff");
    assert_eq!(std::format!("{pin:?}"), "Pin(…)");
    assert_eq!(Pin::from_digits(""), None);
    assert_eq!(Pin::from_digits("123456789"), None);
    assert_eq!(Pin::from_digits("12a4"), None);
    assert_eq!(KeyRef::ADM1.to_string(), "ADM1");
    assert_eq!(KeyRef(0x8A).to_string(), "ADM6");
    assert_eq!(KeyRef::PIN2.to_string(), "Second PIN Appl 1");
}

#[test]
fn commands_get_the_class_of_their_table() {
    let channel = Channel::new(5).unwrap();
    let class = |command: Command<'_>| command.class.byte();
    assert_eq!(class(Command::select_fid(channel, FileId::MF)), 0x41);
    assert_eq!(class(Command::status(channel)), 0xC1);
    assert_eq!(class(Command::fetch(Le::ANY)), 0x80);
    assert_eq!(class(Command::open_channel()), 0x00);
    assert_eq!(class(Command::sim(Instruction::TerminalProfile(&[1]))), 0xA0);
}

#[test]
fn builders_write_what_a_terminal_sends() {
    let (rand, autn) = ([1; 16], [2; 16]);
    let path = Path::new(&[0x7F, 0xFF, 0x6F, 0x07]).unwrap();
    let pin = Pin::from_digits("0000").unwrap();
    let at = BinaryAddress::Current(Offset::new(0x0102).unwrap());
    let one = RecordRef::Number(NonZeroU8::MIN);
    let basic = Channel::BASIC;
    for (command, hex) in [
        (Command::select_path(basic, path), "00a40804047fff6f0700"),
        (Command::select_aid(basic, &[0xA0, 0]), "00a4040402a00000"),
        (Command::read_binary(basic, at, Le::of_byte(9)), "00b0010209"),
        (Command::update_binary(basic, BinaryAddress::START, &[7]), "00d600000107"),
        (Command::read_record(basic, one, Le::of_byte(9)), "00b2010409"),
        (Command::update_record(basic, one, &[7]), "00dc01040107"),
        (Command::verify_pin(basic, KeyRef::PIN1, pin), "002000010830303030ffffffff"),
        (Command::tries_left(basic, KeyRef::PIN1), "00200001"),
        (Command::close_channel(Channel::new(2).unwrap()), "00708002"),
        (Command::terminal_profile(&[0xFF]), "8010000001ff"),
        (Command::terminal_response(&[1]), "801400000101"),
        (Command::envelope(&[1]), "80c20000010100"),
    ] {
        let mut out = Vec::new();
        command.emit(&mut out).unwrap();
        assert_eq!(out, polysim_base::parse_hex(hex.as_bytes()).unwrap(), "{hex}");
    }
    let mut out = Vec::new();
    Command::authenticate(basic, &rand, &autn).emit(&mut out).unwrap();
    assert_eq!(out.len(), 40);
    Command::authenticate_gsm(basic, &rand).emit(&mut out).unwrap();
    Command::unblock_pin(basic, KeyRef::PIN1, pin, pin).emit(&mut out).unwrap();
    assert_eq!(out.len(), 40 + 23 + 21);
}

#[test]
fn long_data_is_written_extended_and_too_long_data_refused() {
    let data = std::vec![7; 65_536];
    for len in [255, 256, 65_535] {
        let command = Command::envelope(&data[..len]);
        let mut out = Vec::new();
        command.emit(&mut out).unwrap();
        assert_eq!(Command::parse(&out), Ok(command));
        assert_eq!(CommandApdu::parse(&out).unwrap().data().len(), len);
        assert!(CommandApdu::parse(&out).unwrap().le().is_some());
    }
    let mut out = std::vec![1, 2];
    assert!(Command::envelope(&data).emit(&mut out).is_err());
    assert_eq!(out, [1, 2]);
    let read = Command::read_binary(Channel::BASIC, BinaryAddress::START, Le::ANY_EXTENDED);
    out.clear();
    read.emit(&mut out).unwrap();
    assert_eq!(out, [0, 0xB0, 0, 0, 0, 0, 0]);
}

proptest! {
    #[test]
    fn whatever_parses_writes_back_to_the_same_command(
        cla in prop_oneof![Just(0x00_u8), Just(0x80), Just(0xA0), Just(0x43), any::<u8>()],
        ins in proptest::sample::select(crate::Ins::ALL),
        p1 in prop_oneof![Just(0_u8), any::<u8>()],
        p2 in prop_oneof![Just(0_u8), Just(4), any::<u8>()],
        data in proptest::collection::vec(any::<u8>(), 0..40),
        le in proptest::option::of(any::<u8>()),
    ) {
        let mut bytes = std::vec![cla, ins.byte(), p1, p2];
        if !data.is_empty() {
            bytes.push(u8::try_from(data.len()).unwrap());
            bytes.extend(&data);
        }
        bytes.extend(le);
        if let Ok(command) = Command::parse(&bytes) {
            let mut out = Vec::new();
            command.emit(&mut out).unwrap();
            prop_assert_eq!(Command::parse(&out), Ok(command));
            prop_assert!(command.instruction.ins().allowed_in(command.class.family()));
        }
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
        if let Err(status) = Command::parse(&bytes) {
            prop_assert!(!status.is_done());
        }
    }
}

#[test]
fn chvs_of_a_2g_sim_are_the_pins_of_a_uicc() {
    let key = |hex: &str| {
        let bytes = polysim_base::parse_hex(hex.as_bytes()).unwrap();
        let instruction = Command::parse(&bytes).unwrap().instruction;
        if let Instruction::VerifyPin { key, .. } | Instruction::UnblockPin { key, .. } =
            instruction
        {
            return key;
        }
        panic!("{hex}")
    };
    assert_eq!([key("a0200001"), key("a0200002")], [KeyRef::PIN1, KeyRef::PIN2]);
    assert_eq!([key("a02c0000"), key("a02c0002")], [KeyRef::PIN1, KeyRef::PIN2]);
    assert_eq!([key("00200001"), key("00200081")], [KeyRef::PIN1, KeyRef::PIN2]);
    assert_eq!([key("00200002"), key("a020000a")], [KeyRef(2), KeyRef::ADM1]);
}

#[test]
fn families_are_what_they_are() {
    assert_eq!(Command::parse(&[0xA0, 0xF2, 0, 0, 0x16]).unwrap().class.family(), Family::Sim);
}
