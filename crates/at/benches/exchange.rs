//! Throughput of both directions in chunks of 64 bytes, and the cost of the exchanges of an attach.
//!
//! `cargo bench -p polysim-at`; the allocations are shown too.

use divan::{AllocProfiler, Bencher, black_box, counter::BytesCount, counter::ItemsCount};
use polysim_at::*;

#[global_allocator]
static ALLOC: AllocProfiler = AllocProfiler::system();

fn main() {
    divan::main();
}

/// The commands of an attach.
fn commands() -> Vec<Command> {
    let read = |file, length| {
        Command::Crsm(Form::Set(CrsmSet {
            command: RestrictedCommand::ReadBinary,
            file: Some(file),
            p1: Some(0),
            p2: Some(0),
            p3: Some(length),
            data: None,
            path: None,
        }))
    };
    let full = CfunSet { fun: Functionality::Full, reset: None };
    vec![
        Command::Attention,
        Command::Basic(Basic::Echo, Some(0)),
        Command::Cmee(Form::Set(1)),
        Command::Cpin(Form::Read),
        Command::Cfun(Form::Set(full)),
        Command::Creg(Form::Set(2)),
        Command::Cimi(Form::Execute),
        read(0x2FE2, 10),
        read(0x6FAD, 4),
        Command::Cmgf(Form::Set(0)),
        Command::Creg(Form::Read),
        Command::Cops(Form::Read),
        Command::Csq(Form::Execute),
    ]
}

/// Writes the answer of a device to one of [`commands`].
fn answer(command: &Command, out: &mut Vec<u8>) {
    let framing = Framing::default();
    #[expect(clippy::wildcard_enum_match_arm, reason = "the others of the list just say OK")]
    match command {
        Command::Cpin(Form::Read) => {
            framing.line(&CpinInfo { status: PinStatus::Ready }, out);
        }
        Command::Cimi(Form::Execute) => framing.text("262011234567890", out),
        Command::Crsm(Form::Set(_)) => {
            let response = Some(HexBytes::from(&[0x98, 0x44, 0, 0, 0, 0, 0, 0, 0x21, 0xF4][..]));
            framing.line(&CrsmInfo { sw1: 0x90, sw2: 0, response }, out);
        }
        Command::Creg(Form::Read) => {
            let registration = Registration {
                area: Some(0xAA),
                cell: Some(0xBB_CCDD),
                technology: Some(AccessTechnology::Eutran),
                ..Registration::new(RegistrationStatus::Home)
            };
            registration.put_answer(RegistrationDomain::Circuit, 2, framing, out);
        }
        Command::Cops(Form::Read) => {
            let operator = CopsInfo {
                mode: CopsMode::Automatic,
                format: Some(OperatorFormat::Numeric),
                operator: Text::new("26201").ok(),
                technology: Some(AccessTechnology::Eutran),
            };
            framing.line(&operator, out);
        }
        Command::Csq(Form::Execute) => framing.line(&CsqInfo { rssi: 20, ber: 99 }, out),
        _ => {}
    }
    framing.result(FinalResult::Ok, ErrorReporting::Numeric, out);
}

/// Reads a line as the host that sent `command` does.
fn understand(command: &Command, line: &[u8]) -> bool {
    #[expect(clippy::wildcard_enum_match_arm, reason = "the others of the list just say OK")]
    match command {
        Command::Cpin(_) => CpinInfo::parse(black_box(line)).is_ok(),
        Command::Cimi(_) => line.len() == 15,
        Command::Crsm(_) => CrsmInfo::parse(black_box(line)).is_ok(),
        Command::Creg(_) => Registration::parse_answer(black_box(line)).is_ok(),
        Command::Cops(_) => CopsInfo::parse(black_box(line)).is_ok(),
        Command::Csq(_) => CsqInfo::parse(black_box(line)).is_ok(),
        _ => false,
    }
}

/// Device side: cut and parse the commands of many attaches, 64 bytes at a time.
#[divan::bench]
fn device_reads_64_byte_chunks(bencher: Bencher<'_, '_>) {
    let mut stream = Vec::new();
    for command in commands().iter().cycle().take(2_000) {
        command.encode(&mut stream);
    }
    bencher.counter(BytesCount::new(stream.len())).bench(|| {
        let (mut reader, mut count) = (DeviceReader::default(), 0);
        for mut chunk in stream.chunks(64) {
            while let Some(item) = reader.read(&mut chunk) {
                if let DeviceItem::Line(line) = item {
                    count += parse_line(line.text()).filter(Result::is_ok).count();
                }
            }
        }
        assert_eq!(count, 2_000);
    });
}

/// Host side: cut and parse the answers of many attaches, 64 bytes at a time.
#[divan::bench]
fn host_reads_64_byte_chunks(bencher: Bencher<'_, '_>) {
    let mut stream = Vec::new();
    for command in commands().iter().cycle().take(2_000) {
        answer(command, &mut stream);
    }
    let commands = commands();
    bencher.counter(BytesCount::new(stream.len())).bench(|| {
        let (mut reader, mut results) = (HostReader::default(), 0);
        let mut in_flight = commands.iter().cycle();
        let mut command = in_flight.next();
        for mut chunk in stream.chunks(64) {
            while let Some(item) = reader.read(&mut chunk, b"AT+CSQ\r") {
                match item {
                    HostItem::Line(line) => {
                        assert!(command.is_some_and(|command| understand(command, line)));
                    }
                    HostItem::Result(_) => {
                        results += 1;
                        command = in_flight.next();
                    }
                    HostItem::Prompt | HostItem::LineTooLong { .. } => {}
                }
            }
        }
        assert_eq!(results, 2_000);
    });
}

/// Both sides: every exchange of an attach, from the typed command to the typed answer. The
/// buffers are fresh for each message, as they are in a simulated world.
#[divan::bench]
fn attach_exchanges(bencher: Bencher<'_, '_>) {
    let commands = commands();
    bencher.counter(ItemsCount::new(commands.len())).bench(|| {
        let (mut device, mut host) = (DeviceReader::default(), HostReader::default());
        for command in &commands {
            let mut sent = Vec::new();
            command.encode(&mut sent);
            let (mut input, mut answered) = (sent.as_slice(), Vec::new());
            while let Some(DeviceItem::Line(line)) = device.read(&mut input) {
                for command in parse_line(line.text()).flatten() {
                    answer(&command, &mut answered);
                }
            }
            let mut input = answered.as_slice();
            while let Some(item) = host.read(&mut input, &sent) {
                if let HostItem::Line(line) = item {
                    assert!(understand(command, line));
                }
            }
        }
    });
}

/// Host side of every exchange: write the command, read the answer.
#[divan::bench]
fn attach_exchanges_host_side(bencher: Bencher<'_, '_>) {
    let exchanges: Vec<_> = commands()
        .into_iter()
        .map(|command| {
            let mut answered = Vec::new();
            answer(&command, &mut answered);
            (command, answered)
        })
        .collect();
    bencher.counter(ItemsCount::new(exchanges.len())).bench(|| {
        let mut host = HostReader::default();
        for (command, answered) in &exchanges {
            let mut sent = Vec::new();
            command.encode(&mut sent);
            let mut input = answered.as_slice();
            while let Some(item) = host.read(&mut input, &sent) {
                if let HostItem::Line(line) = item {
                    assert!(understand(command, line));
                }
            }
        }
    });
}
