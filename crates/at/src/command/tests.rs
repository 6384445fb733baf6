//! Tests of commands, both ways.

use alloc::{boxed::Box, vec, vec::Vec};

use proptest::prelude::*;

use super::*;
use crate::testkit::{Sample, Source, sampled};
use crate::*;

fn parsed(line: &str) -> Vec<Result<Command, CommandError>> {
    parse_line(line.as_bytes()).collect()
}

fn one(line: &str) -> Command {
    let mut commands = parsed(line);
    assert_eq!(commands.len(), 1, "{line}: {commands:?}");
    commands.remove(0).unwrap_or_else(|error| panic!("{line}: {error}"))
}

fn encoded(command: &Command) -> Vec<u8> {
    let mut line = Vec::new();
    command.encode(&mut line);
    line
}

fn written(command: &Command) -> alloc::string::String {
    alloc::string::String::from_utf8(encoded(command)).unwrap()
}

#[test]
fn a_command_is_small() {
    assert!(size_of::<Command>() <= 48, "{}", size_of::<Command>());
}

#[test]
fn every_row_of_the_table_comes_back_in_every_form() {
    for maker in Command::SAMPLES {
        for form in 0..=7 {
            let command = maker(&mut Source::new(&[form, 1, 9, 1, 7, 1, 5, 1, 3, 1, 1]));
            let line = encoded(&command);
            let back: Vec<_> = parse_line(&line[..line.len() - 1]).collect();
            assert_eq!(back, [Ok(command)]);
        }
    }
}

#[test]
fn a_missing_parameter_is_not_zero() {
    let set = |index, format| CpolSet {
        index,
        format,
        operator: None,
        gsm: None,
        gsm_compact: None,
        utran: None,
        eutran: None,
    };
    let numeric = Some(OperatorFormat::Numeric);
    assert_eq!(one("AT+CPOL=,2"), Command::Cpol(Form::Set(set(None, numeric))));
    assert_eq!(one("AT+CPOL=0"), Command::Cpol(Form::Set(set(Some(0), None))));
    assert_eq!(written(&Command::Cpol(Form::Set(set(None, numeric)))), "AT+CPOL=,2\r");
    assert_eq!(one("ATE"), Command::Basic(Basic::Echo, None));
    assert_eq!(one("ATE0"), Command::Basic(Basic::Echo, Some(0)));
}

#[test]
fn concatenated_commands_come_in_order() {
    let expected = [
        Ok(Command::Basic(Basic::Echo, Some(0))),
        Ok(Command::Basic(Basic::Verbose, Some(1))),
        Ok(Command::Cmee(Form::Set(1))),
        Ok(Command::Creg(Form::Set(2))),
        Ok(Command::Basic(Basic::CarrierDetect, Some(1))),
        Ok(Command::Register(SRegister { register: 3, form: Form::Read })),
        Ok(Command::Csq(Form::Execute)),
    ];
    assert_eq!(parsed("ATE0V1+CMEE=1;+CREG=2;&C1S3?+CSQ"), expected);
    assert_eq!(parsed("at e0 v1 +cmee = 1 ; +creg=2; &c1 s3? +csq ;"), expected);
    let commands: Vec<_> = expected.into_iter().map(Result::unwrap).collect();
    let mut line = Vec::new();
    Command::encode_line(&commands, &mut line);
    assert_eq!(line, b"ATE0V1+CMEE=1;+CREG=2;&C1S3?+CSQ\r");
}

#[test]
fn a_semicolon_in_quotes_separates_nothing() {
    let find = |text| Command::Cpbf(Form::Set(CpbfSet { text: Text::new(text).unwrap() }));
    let expected = [Ok(find("a;+CFUN=0")), Ok(Command::Csq(Form::Execute))];
    assert_eq!(parsed("AT+CPBF=\"a;+CFUN=0\";+CSQ"), expected);
}

#[test]
fn after_an_error_the_rest_of_the_line_is_given_up() {
    let commands = parsed("AT+CSQ;+CMEE=x;+CFUN=1");
    let problem = ArgError { index: 0, problem: ArgProblem::NotANumber };
    let error = CommandError { position: 7, problem: problem.into() };
    assert_eq!(commands, [Ok(Command::Csq(Form::Execute)), Err(error)]);
}

#[test]
fn mistakes_say_what_and_where() {
    let argument = |index, problem| CommandProblem::from(ArgError { index, problem });
    for (line, position, problem) in [
        ("ATJ", 2, CommandProblem::UnknownBasic),
        ("AT&", 2, CommandProblem::Syntax),
        ("AT~", 2, CommandProblem::Syntax),
        ("ATE256", 2, CommandProblem::NumberOutOfRange),
        ("ATS=1", 2, CommandProblem::Syntax),
        ("AT+", 2, CommandProblem::Name),
        ("AT+CSQ+CREG", 2, CommandProblem::Syntax),
        ("AT+CSQ?x", 2, CommandProblem::Syntax),
        ("AT+CSQ=1", 2, argument(0, ArgProblem::Surplus)),
        ("AT+CMEE=", 2, argument(0, ArgProblem::Missing)),
        ("AT+CMEE=1,2", 2, argument(1, ArgProblem::Surplus)),
        ("AT+CMEE=256", 2, argument(0, ArgProblem::OutOfRange)),
        ("AT+CMEE=18446744073709551617", 2, argument(0, ArgProblem::OutOfRange)),
        ("AT+CMEE=\"1\"", 2, argument(0, ArgProblem::NotANumber)),
        ("AT+CSCS=\"GSM", 2, argument(0, ArgProblem::NotAString)),
        ("AT+CSCS=\"KOI8\"", 2, argument(0, ArgProblem::UnknownValue)),
        ("AT+CSIM=4,\"00\"", 2, argument(1, ArgProblem::LengthMismatch)),
        ("AT+CSIM=3,\"000\"", 2, argument(1, ArgProblem::NotHex)),
        ("AT+CPIN=\"1\x01\"", 2, argument(0, ArgProblem::BadCharacter)),
        ("ATD+49x", 2, CommandProblem::Dial(ArgProblem::BadCharacter)),
        ("ATD", 2, CommandProblem::Dial(ArgProblem::Missing)),
        ("xxATE0+CHLD=10", 6, argument(0, ArgProblem::UnknownValue)),
    ] {
        let expected = Err(CommandError { position, problem });
        assert_eq!(parsed(line).last(), Some(&expected), "{line}");
    }
}

#[test]
fn lines_without_at_are_not_addressed() {
    for line in ["", "hello", "A", "T", "+CSQ"] {
        assert!(!parse_line(line.as_bytes()).is_addressed(), "{line}");
        assert_eq!(parsed(line), [], "{line}");
    }
    assert!(parse_line(b"AT").is_addressed());
    assert_eq!(parsed("AT"), [Ok(Command::Attention)]);
    assert_eq!(parsed("\u{1}xAT"), [Ok(Command::Attention)]);
}

#[test]
fn a_line_can_be_resumed() {
    let mut commands = parse_line(b"AT+CFUN=1;+CREG?");
    assert!(commands.next().is_some());
    let rest = commands.rest().to_vec();
    let mut commands = Commands::resume(&rest);
    assert!(!commands.is_finished());
    assert_eq!(commands.next(), Some(Ok(Command::Creg(Form::Read))));
    assert!(commands.is_finished());
    assert_eq!(commands.next(), None);
}

#[test]
fn dialling_reads_and_writes_every_target() {
    let number = |digits: &str| DialString::new(digits).unwrap();
    let call = Dial::voice(number("+491234"));
    assert_eq!(one("ATDT+49-12 34;"), Command::Dial(call.clone()));
    assert_eq!(written(&Command::Dial(call)), "ATD+491234;\r");
    assert_eq!(one("ATD*99***1#"), Command::Dial(Dial::data(number("*99***1#"))));
    let expected = [Ok(Command::Dial(Dial::voice(number("112")))), Ok(Command::Csq(Form::Execute))];
    assert_eq!(parsed("ATD112;+CSQ"), expected);
    let target = DialTarget::Entry { storage: Some(Phonebook::Sim), index: 7 };
    let entry = Dial { target, voice: true, withhold: Some(true), closed_group: true };
    assert_eq!(one("ATD>SM7IG;"), Command::Dial(entry.clone()));
    assert_eq!(written(&Command::Dial(entry)), "ATD>\"SM\"7IG;\r");
    let name = DialTarget::Name(Text::new("Eve;7").unwrap());
    let by_name = Dial { target: name, voice: true, withhold: Some(false), closed_group: false };
    assert_eq!(one("ATD>\"Eve;7\"i;"), Command::Dial(by_name));
    let last = Dial { target: DialTarget::Last, voice: false, withhold: None, closed_group: false };
    assert_eq!(one("ATDL"), Command::Dial(last));
}

#[test]
fn unknown_commands_keep_their_arguments() {
    let other = |name: &str, form| {
        let name = CommandName::new(name).unwrap();
        Command::Other(Box::new(OtherCommand { name, form }))
    };
    let list = Arguments::new("\"a;b\",,2").unwrap();
    assert_eq!(one("AT^xyz=\"a;b\",,2"), other("^XYZ", Form::Set(list.clone())));
    assert_eq!(one("AT+QCFG=?"), other("+QCFG", Form::Test));
    let mut args = list.args();
    assert_eq!(args.param::<Text>(), Ok(Text::new("a;b").unwrap()));
    assert_eq!(args.param::<Option<u8>>(), Ok(None));
    assert_eq!(args.param::<u8>(), Ok(2));
    assert_eq!(args.finish(), Ok(()));
    let long = alloc::format!("AT+{}", "X".repeat(CommandName::LEN_MAX));
    assert_eq!(parsed(&long)[0].as_ref().unwrap_err().problem, CommandProblem::Name);
}

/// What the five clients of the compatibility table send, by family of clients.
const CLIENTS: &str = include_str!("client_lines.txt");

#[test]
fn every_line_of_the_known_clients_has_a_type() {
    let mut count = 0;
    for line in CLIENTS.lines().filter(|line| line.starts_with("AT")) {
        for command in parsed(line) {
            let command = command.unwrap_or_else(|error| panic!("{line}: {error}"));
            assert!(!matches!(command, Command::Other(_)), "{line} has no type");
            count += 1;
        }
    }
    assert!(count > 250, "{count} commands");
}

#[test]
fn the_hot_path_is_written_as_usual() {
    let read_iccid = CrsmSet {
        command: RestrictedCommand::ReadBinary,
        file: Some(0x2FE2),
        p1: Some(0),
        p2: Some(0),
        p3: Some(10),
        data: None,
        path: None,
    };
    let csim = Csim { apdu: HexBytes::from(vec![0, 0x20, 0, 1, 0]) };
    let channel = CglaSet { session: 3.into(), apdu: HexBytes::from(vec![0x80, 0xE2]) };
    let report = CnmaSet { acknowledgement: Acknowledgement::Ack, length: None };
    for (command, line) in [
        (Command::Basic(Basic::Echo, Some(0)), "ATE0\r"),
        (Command::Attention, "AT\r"),
        (Command::Crsm(Form::Set(read_iccid)), "AT+CRSM=176,12258,0,0,10\r"),
        (Command::Csim(Form::Set(csim)), "AT+CSIM=10,\"0020000100\"\r"),
        (Command::Cgla(Form::Set(channel)), "AT+CGLA=3,4,\"80E2\"\r"),
        (Command::Cnma(Form::Set(report)), "AT+CNMA=1\r"),
        (Command::Cscs(Form::Set(CharacterSet::Ucs2)), "AT+CSCS=\"UCS2\"\r"),
        (Command::Chld(Form::Set(HoldAction::ReleaseCall(1))), "AT+CHLD=11\r"),
        (Command::Cimi(Form::Execute), "AT+CIMI\r"),
        (Command::Cops(Form::Test), "AT+COPS=?\r"),
    ] {
        assert_eq!(written(&command), line);
        assert_eq!(one(line.trim_end()), command);
    }
}

#[test]
fn passwords_are_masked() {
    let set = CpinSet { pin: Password::new("1234").unwrap(), new_pin: None };
    let shown = alloc::format!("{:?}", Command::Cpin(Form::Set(Box::new(set))));
    assert!(!shown.contains("1234"), "{shown}");
}

/// One line end at the end, nothing else that could act, and every quote closed.
fn assert_harmless(line: &[u8]) -> Result<(), TestCaseError> {
    let count = |wanted: u8| line.iter().filter(|b| **b == wanted).count();
    prop_assert_eq!((count(b'\r'), line.last()), (1, Some(&b'\r')));
    prop_assert_eq!((count(b'\n'), count(0x1A), count(0x1B)), (0, 0, 0));
    prop_assert_eq!(count(b'"') % 2, 0);
    Ok(())
}

/// Puts bytes of any kind into every kind of argument that takes them.
fn commands_with(bytes: &[u8]) -> Vec<Command> {
    let mut commands = Vec::new();
    if let Ok(text) = Text::new(bytes) {
        commands.push(Command::Cpbf(Form::Set(CpbfSet { text: text.clone() })));
        commands.push(Command::Dial(Dial {
            target: DialTarget::Name(text.clone()),
            voice: true,
            withhold: None,
            closed_group: false,
        }));
        let context = Cgdcont {
            context: 1,
            kind: Some(PdpType::Ip),
            access_point: Some(text),
            address: None,
            data_compression: None,
            header_compression: None,
        };
        commands.push(Command::Cgdcont(Form::Set(Box::new(context))));
    }
    if let Ok(pin) = Password::new(bytes) {
        commands.push(Command::Cpin(Form::Set(Box::new(CpinSet { pin, new_pin: None }))));
    }
    if let Ok(number) = DialString::new(bytes) {
        commands.push(Command::Dial(Dial::voice(number)));
    }
    if let Ok(session) = SessionId::new(bytes) {
        commands.push(Command::Cchc(Form::Set(CchcSet { session })));
    }
    if let Ok(name) = CommandName::new(bytes) {
        commands.push(Command::Other(Box::new(OtherCommand { name, form: Form::Read })));
    }
    if let (Ok(list), Ok(name)) = (Arguments::new(bytes), CommandName::new("^X")) {
        commands.push(Command::Other(Box::new(OtherCommand { name, form: Form::Set(list) })));
    }
    let apdu = HexBytes::from(bytes);
    commands.push(Command::Csim(Form::Set(Csim { apdu })));
    commands
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn every_command_comes_back(command in sampled::<Command>()) {
        let line = encoded(&command);
        assert_harmless(&line)?;
        let mut reader = DeviceReader::default();
        let mut input = line.as_slice();
        let Some(DeviceItem::Line(line)) = reader.read(&mut input) else {
            panic!("no line");
        };
        let back: Vec<_> = parse_line(line.text()).collect();
        prop_assert_eq!(back, [Ok(command)]);
    }

    #[test]
    fn no_input_injects_a_second_command(
        bytes in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..12),
            prop::collection::vec(prop::sample::select(b"a1\"\r\n;\x1A\x1B,+AT#*".to_vec()), 0..8),
            prop::collection::vec(prop::sample::select(b"ab12;,+*".to_vec()), 0..8),
        ]
    ) {
        for command in commands_with(&bytes) {
            let line = encoded(&command);
            assert_harmless(&line)?;
            prop_assert_eq!(parse_line(&line[..line.len() - 1]).count(), 1);
        }
    }

    #[test]
    fn several_commands_come_back(first in sampled::<Command>(), second in sampled::<Command>()) {
        let takes_the_rest = matches!(&first, Command::Dial(dial) if !dial.voice);
        prop_assume!(!takes_the_rest && first != Command::Attention);
        prop_assume!(second != Command::Attention);
        // A number would run on into one that follows.
        let mut line = Vec::new();
        Command::encode_line(&[first.clone(), second.clone()], &mut line);
        let back: Vec<_> = parse_line(&line[..line.len() - 1]).collect();
        prop_assert_eq!(back, [Ok(first), Ok(second)]);
    }

    #[test]
    fn arbitrary_lines_never_panic(
        mut bytes in prop::collection::vec(any::<u8>(), 0..40),
        prefix in prop::sample::select(vec![&b"AT"[..], b"AT+CRSM=", b"AT+COPS=", b"ATD", b"AT&"]),
    ) {
        bytes.splice(0..0, prefix.iter().copied());
        for command in parse_line(&bytes).flatten() {
            let line = encoded(&command);
            let again: Vec<_> = parse_line(&line[..line.len() - 1]).collect();
            prop_assert_eq!(again, [Ok(command)]);
        }
    }
}

#[test]
fn the_same_bytes_sample_the_same_command() {
    let bytes = [200, 7, 7, 1, 1, 3];
    let sample = || Command::sample(&mut Source::new(&bytes));
    assert_eq!(sample(), sample());
}
