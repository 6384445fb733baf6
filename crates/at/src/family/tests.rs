//! Tests of information lines and unsolicited results.

use alloc::{string::String, vec, vec::Vec};

use proptest::prelude::*;

use crate::testkit::{LINES, Source, fuzz_at_device, fuzz_at_host, fuzz_at_secrets, sampled};
use crate::*;

fn written(line: &impl Line) -> String {
    let mut bytes = Vec::new();
    line.encode(&mut bytes);
    String::from_utf8(bytes).unwrap()
}

fn text(text: &str) -> Text {
    Text::new(text).unwrap()
}

/// Asserts that `line` reads as `value` and `value` is written as `line`.
#[track_caller]
fn both_ways<T: Line + core::fmt::Debug + PartialEq>(line: &str, value: &T) {
    assert_eq!(T::parse(line.as_bytes()).as_ref(), Ok(value));
    assert_eq!(written(value), line);
}

#[test]
fn answers_of_the_attach_are_written_and_read_as_usual() {
    both_ways("+CSQ: 20,99", &CsqInfo { rssi: 20, ber: 99 });
    both_ways("+CPIN: SIM PIN", &CpinInfo { status: PinStatus::SimPin });
    both_ways("+CFUN: 4", &CfunInfo { fun: Functionality::FlightMode });
    let response = Some(HexBytes::from(vec![0x98, 0x44]));
    both_ways("+CRSM: 144,0,\"9844\"", &CrsmInfo { sw1: 144, sw2: 0, response });
    both_ways("+CRSM: 148,4", &CrsmInfo { sw1: 148, sw2: 4, response: None });
    both_ways("+CSIM: 4,\"9000\"", &Csim { apdu: HexBytes::from(vec![0x90, 0]) });
    let operator = CopsInfo {
        mode: CopsMode::Automatic,
        format: Some(OperatorFormat::Numeric),
        operator: Some(text("26201")),
        technology: Some(AccessTechnology::Eutran),
    };
    both_ways("+COPS: 0,2,\"26201\",7", &operator);
    let none = CopsInfo { format: None, operator: None, technology: None, ..operator };
    both_ways("+COPS: 0", &none);
}

#[test]
fn answers_about_texts_are_written_and_read_as_usual() {
    let status = MessageStatus::ReceivedUnread;
    both_ways("+CMGR: 0,,24", &CmgrInfo { status, name: None, length: 24 });
    let name = Some(text("Eve"));
    both_ways("+CMGL: 7,0,\"Eve\",24", &CmglInfo { index: 7, status, name, length: 24 });
    both_ways("+CMT: ,24", &CmtUrc { name: None, length: 24 });
    both_ways("+CMTI: \"SM\",1", &CmtiUrc { store: MessageStore::Sim, index: 1 });
    both_ways("+CDS: 25", &CdsUrc { length: 25 });
    both_ways("+CMGS: 255", &CmgsInfo { reference: 255, ack: None });
    let usage = |store, used| StoreUse { store, used, total: 50 };
    let stores = CpmsInfo {
        read: usage(MessageStore::Sim, 1),
        write: usage(MessageStore::Phone, 2),
        receive: usage(MessageStore::Combined, 3),
    };
    both_ways("+CPMS: \"SM\",1,50,\"ME\",2,50,\"MT\",3,50", &stores);
}

#[test]
fn the_clock_is_checked() {
    let zone = Zone::from_quarters(-14).unwrap();
    let clock = Clock::new([26, 2, 28, 23, 59, 9], Some(zone)).unwrap();
    both_ways("+CCLK: \"26/02/28,23:59:09-14\"", &CclkInfo { clock });
    for wrong in ["26/13/28,23:59:09", "26-02-28,23:59:09", "26/02/28,23:59:09+97", "26/02/28", ""]
    {
        let line = alloc::format!("+CCLK: \"{wrong}\"");
        assert!(CclkInfo::parse(line.as_bytes()).is_err(), "{wrong}");
    }
    assert_eq!(CtzvUrc::parse(b"+CTZV: +8"), Ok(CtzvUrc { zone: Zone::from_quarters(8).unwrap() }));
    let time = ZonelessClock::new([26, 2, 28, 23, 59, 9]);
    let event = CtzeUrc { zone, daylight_saving: 1, clock: time };
    both_ways("+CTZE: \"-14\",1,\"2026/02/28,23:59:09\"", &event);
}

#[test]
fn a_scan_lists_operators_and_not_the_ranges_after_them() {
    let found = |status, long, numeric| FoundOperator {
        status,
        long: Some(text(long)),
        short: None,
        numeric: text(numeric),
        technology: Some(AccessTechnology::Eutran),
    };
    let operators = vec![
        found(OperatorStatus::Current, "One (1)", "26201"),
        found(OperatorStatus::Forbidden, "Two, 2", "26202"),
    ];
    let line = "+COPS: (2,\"One (1)\",,\"26201\",7),(3,\"Two, 2\",,\"26202\",7),,(0-4),(0-2)";
    both_ways(line, &CopsTest { operators: operators.clone() });
    let without_gap = line.replace("7),,(", "7),(");
    assert_eq!(CopsTest::parse(without_gap.as_bytes()), Ok(CopsTest { operators }));
    both_ways("+COPS: ,(0-4),(0-2)", &CopsTest::default());
    let many = alloc::format!("+COPS: {}", "(1,\"a\",\"a\",\"00101\"),".repeat(33));
    assert!(matches!(CopsTest::parse(many.as_bytes()), Err(LineError::Argument(_))));
}

const LAC: Registration = Registration {
    status: RegistrationStatus::Home,
    area: Some(0x4CA),
    cell: Some(0x81D_E445),
    technology: None,
    routing_area: None,
    reject: None,
};

fn registration(domain: RegistrationDomain, setting: Option<u8>, quotes: AreaQuotes) -> String {
    let mut line = Vec::new();
    LAC.encode(domain, setting, quotes, &mut line);
    String::from_utf8(line).unwrap()
}

#[test]
fn registration_is_read_as_answer_or_by_itself() {
    let circuit = RegistrationDomain::Circuit;
    let answer = registration(circuit, Some(2), AreaQuotes::Quoted);
    assert_eq!(answer, "+CREG: 2,1,\"04CA\",\"081DE445\"");
    assert_eq!(Registration::parse_answer(answer.as_bytes()), Ok((circuit, 2, LAC)));
    let urc = registration(circuit, None, AreaQuotes::Quoted);
    assert_eq!(urc, "+CREG: 1,\"04CA\",\"081DE445\"");
    assert_eq!(Registration::parse_urc(urc.as_bytes()), Ok((circuit, LAC)));
    assert!(Registration::parse_answer(urc.as_bytes()).is_err());
    assert!(Registration::parse_answer(b"+CREG: 1").is_err());
}

#[test]
fn registration_without_quotes_is_read_too() {
    let circuit = RegistrationDomain::Circuit;
    let line = b"+CREG: 2,1,4CA,81DE445";
    assert_eq!(Registration::parse_answer(line), Ok((circuit, 2, LAC)));
    let ours = registration(circuit, Some(2), AreaQuotes::Unquoted);
    assert_eq!(ours, "+CREG: 2,1,04CA,081DE445");
    assert_eq!(Registration::parse_urc(b"+CREG: 1,4CA,81DE445"), Ok((circuit, LAC)));
}

#[test]
fn registration_has_parameters_of_one_domain_only() {
    let reject = Some(RejectCause { kind: 0, cause: 15 });
    let denied = Registration { reject, ..Registration::new(RegistrationStatus::Denied) };
    for (domain, line) in [
        (RegistrationDomain::Circuit, "+CREG: 3,,,,0,15"),
        (RegistrationDomain::Packet, "+CGREG: 3,,,,\"05\",0,15"),
        (RegistrationDomain::Eps, "+CEREG: 3,,,,0,15"),
        (RegistrationDomain::FiveG, "+C5GREG: 3,,,,,,0,15"),
    ] {
        let routing_area = matches!(domain, RegistrationDomain::Packet).then_some(5);
        let denied = Registration { routing_area, ..denied };
        let mut ours = Vec::new();
        denied.encode(domain, None, AreaQuotes::Quoted, &mut ours);
        assert_eq!(ours, line.as_bytes());
        assert_eq!(Registration::parse_urc(line.as_bytes()), Ok((domain, denied)));
    }
}

#[test]
fn devices_that_bend_the_rules_are_understood() {
    assert_eq!(CsqInfo::parse(b"+CSQ:20,99"), Ok(CsqInfo { rssi: 20, ber: 99 }));
    assert_eq!(CsqInfo::parse(b"+CSQ: 20, 99 "), Ok(CsqInfo { rssi: 20, ber: 99 }));
    assert_eq!(Csim::parse(b"+CSIM: 4,9000"), Ok(Csim { apdu: HexBytes::from(vec![0x90, 0]) }));
    for line in [&b"+CCHO: 1"[..], b"1", b"+CCHO:1"] {
        assert_eq!(CchoInfo::parse_any(line), Ok(CchoInfo { session: 1.into() }));
    }
    let long = CchoInfo::parse_any(b"7F3C0A11").unwrap().session;
    assert_eq!((long.as_bytes(), long.number()), (&b"7F3C0A11"[..], None));
    for line in [
        "+CCID: 8949000000000000012F",
        "+QCCID: 8949000000000000012F",
        "^ICCID:8949000000000000012F",
        "+ICCID: \"8949000000000000012F\"",
        "8949000000000000012F",
    ] {
        let digits = parse_iccid_line(line.as_bytes());
        assert_eq!(digits, Some(&b"8949000000000000012F"[..]), "{line}");
    }
    assert_eq!(parse_iccid_line(b"+CSQ: 20,99"), None);
}

#[test]
fn errors_say_which_argument() {
    let refused = |index, problem| LineError::Argument(ArgError { index, problem });
    assert_eq!(CsqInfo::parse(b"+CSQ: 20"), Err(refused(1, ArgProblem::Missing)));
    assert_eq!(CsqInfo::parse(b"+CSQ: 256,0"), Err(refused(0, ArgProblem::OutOfRange)));
    assert_eq!(CsqInfo::parse(b"+CESQ: 1"), Err(LineError::OtherLine { expected: "+CSQ" }));
    let unknown = refused(0, ArgProblem::UnknownValue);
    assert_eq!(CmtiUrc::parse(b"+CMTI: \"XX\",1"), Err(unknown));
    let missing = refused(1, ArgProblem::Missing);
    assert_eq!(parse_numbers::<2>("+CLIP", b"+CLIP: 1"), Err(missing));
    assert_eq!(parse_numbers("+CLIP", b"+CLIP: 1,2"), Ok([1, 2]));
}

#[test]
fn unsolicited_results_are_told_from_other_lines() {
    assert_eq!(Urc::parse(b"RING"), Ok(Some(Urc::Ring)));
    for line in ["RDY", "^RSSI: 20", "+CSQ: 20,99", "OK", "", "+", "+CMTI", "RINGO"] {
        assert_eq!(Urc::parse(line.as_bytes()), Ok(None), "{line}");
    }
    let waiting = Urc::parse(b"+CCWA: \"+491234\",145,1").unwrap().unwrap();
    assert!(matches!(&waiting, Urc::Ccwa(CcwaUrc { class: 1, .. })));
    assert!(Urc::parse(b"+CMTI: 1").is_err());
    assert!(Urc::parse(b"+CMT: ,24").unwrap().unwrap().has_pdu());
    let event = Urc::parse(b"+CGEV: NW PDN DEACT 1,0").unwrap();
    assert_eq!(event, Some(Urc::Cgev(CgevUrc::NetworkDeactivated(1))));
    assert!(size_of::<Urc>() <= 72, "{}", size_of::<Urc>());
}

#[test]
fn a_device_frames_what_it_says() {
    let quiet = Framing { verbose: false, ..Framing::default() };
    let put = |framing: Framing| {
        let mut out = Vec::new();
        framing.line_with_pdu(&CmtUrc { name: None, length: 1 }, &[0, 0xAB], &mut out);
        framing.text("a\rb", &mut out);
        framing.numbers("+CMGF", &[0], &mut out);
        framing.result(FinalResult::Ok, ErrorReporting::Off, &mut out);
        Urc::Ring.put(framing, &mut out);
        String::from_utf8(out).unwrap()
    };
    let verbose = "\r\n+CMT: ,1\r\n00AB\r\n\r\na b\r\n\r\n+CMGF: 0\r\n\r\nOK\r\n\r\nRING\r\n";
    assert_eq!(put(Framing::default()), verbose);
    assert_eq!(put(quiet), "+CMT: ,1\r\n00AB\r\na b\r\n+CMGF: 0\r\n0\r2\r");
    let mut out = Vec::new();
    Framing::default().prompt(&mut out);
    assert_eq!(out, b"\r\n> ");
}

#[test]
fn pdus_are_hex_between_blanks() {
    assert_eq!(parse_pdu(b" 00aB\r\n"), Ok(vec![0, 0xAB]));
    assert_eq!(parse_pdu(b"00A"), Err(ArgProblem::NotHex));
    assert_eq!(parse_pdu(b"00 0A"), Err(ArgProblem::NotHex));
}

/// The seeds of the fuzz targets run through their bodies.
#[test]
fn the_corpus_holds() {
    replay("at_device", fuzz_at_device);
    replay("at_host", fuzz_at_host);
    replay("at_secrets", fuzz_at_secrets);
}

fn replay(folder: &str, body: fn(&[u8])) {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz/corpus/");
    let mut seeds = 0;
    for entry in std::fs::read_dir(String::from(root) + folder).unwrap() {
        body(&std::fs::read(entry.unwrap().path()).unwrap());
        seeds += 1;
    }
    assert!(seeds >= 5, "{folder} has {seeds} seeds");
}

/// Lines that begin like the ones in use and end in anything.
fn nearly_a_line() -> impl Strategy<Value = Vec<u8>> {
    let names = prop::sample::select(vec![
        "+CREG: ", "+CGREG: ", "+COPS: ", "+CSIM: ", "+CCLK: ", "+CGEV: ", "+CPBR: ", "+CMT: ",
        "+CLCC: ", "+CUSD: ", "+CRSM:", "+CIND: ", "+CTZE: ", "",
    ]);
    let word = prop_oneof![
        prop::sample::select(vec!["1", ",", "\"", "(", ")", "00", "255", "\"SM\"", "-", "\"+04\""])
            .prop_map(|word| word.as_bytes().to_vec()),
        prop::collection::vec(any::<u8>(), 0..3),
    ];
    (names, prop::collection::vec(word, 0..12))
        .prop_map(|(name, words)| [name.as_bytes(), &words.concat()].concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn every_line_comes_back(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        for checks in LINES {
            (checks.round_trip)(&mut Source::new(&bytes));
        }
    }

    #[test]
    fn every_unsolicited_result_comes_back(urc in sampled::<Urc>()) {
        let mut bytes = Vec::new();
        urc.put(Framing::default(), &mut bytes);
        let line = bytes.strip_prefix(b"\r\n").unwrap().strip_suffix(b"\r\n").unwrap();
        prop_assert_eq!(Urc::parse(line), Ok(Some(urc)));
    }

    #[test]
    fn every_registration_answer_comes_back(
        domain in sampled::<RegistrationDomain>(),
        setting in any::<u8>(),
        registration in sampled::<Registration>(),
        quotes in prop::sample::select(vec![AreaQuotes::Quoted, AreaQuotes::Unquoted]),
    ) {
        let mut line = Vec::new();
        registration.encode(domain, Some(setting), quotes, &mut line);
        prop_assert_eq!(Registration::parse_answer(&line), Ok((domain, setting, registration)));
    }

    #[test]
    fn arbitrary_lines_never_panic(line in nearly_a_line()) {
        fuzz_at_host(&[&[7][..], &line, b"\r\n"].concat());
    }
}
