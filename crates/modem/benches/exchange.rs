//! The host's part of an attach, and of a text each way, against canned answers.
//!
//! `cargo bench -p polysim-modem`; the allocations are shown too.

use std::sync::Arc;

use divan::{AllocProfiler, Bencher, black_box, counter::ItemsCount};
use polysim_base::{Instant, Machine, Out};
use polysim_modem::{
    Config, Modem, ModemCommand, ModemEvent, ModemInput, ModemOutput, OutgoingText,
    testkit::FakeModem,
};
use polysim_sms::Address;

#[global_allocator]
static ALLOC: AllocProfiler = AllocProfiler::system();

fn main() {
    divan::main();
}

/// Takes what the machine gives; whether it sent something.
fn drain(modem: &mut Modem) -> bool {
    let mut sent = false;
    while let Some(Out::Do(output)) = modem.poll_output() {
        sent |= matches!(output, ModemOutput::Bytes(_));
        black_box(output);
    }
    sent
}

/// The answers to a lean start, in order.
fn answers() -> Vec<Vec<u8>> {
    let (mut modem, mut fake) = (Modem::new(Config::lean()), FakeModem::default());
    let command = ModemCommand::Initialise { pin: None };
    modem.handle(Instant::ZERO, ModemInput::Command { id: 1, command });
    let mut answers = Vec::new();
    while let Some(Out::Do(output)) = modem.poll_output() {
        if let ModemOutput::Bytes(bytes) = output {
            let answer = fake.handle(&bytes);
            answers.push(answer.clone());
            modem.handle(Instant::ZERO, ModemInput::Bytes(answer));
        }
    }
    assert!(modem.is_ready());
    answers
}

fn start(config: &Arc<Config>, answers: &[Vec<u8>]) -> Modem {
    let mut modem = Modem::new(config.clone());
    let command = ModemCommand::Initialise { pin: None };
    modem.handle(Instant::ZERO, ModemInput::Command { id: 1, command });
    for answer in answers {
        drain(&mut modem);
        modem.handle(Instant::ZERO, ModemInput::Bytes(answer.clone()));
    }
    drain(&mut modem);
    assert!(modem.is_ready());
    modem
}

/// All exchanges of an attach; items are exchanges.
#[divan::bench]
fn attach(bencher: Bencher<'_, '_>) {
    let (config, answers) = (Config::lean(), answers());
    bencher
        .counter(ItemsCount::new(answers.len()))
        .bench_local(|| start(black_box(&config), black_box(&answers)));
}

/// An unsolicited registration while idle.
#[divan::bench]
fn registration_urc(bencher: Bencher<'_, '_>) {
    let mut modem = start(&Config::lean(), &answers());
    let mut cell = 0_u8;
    bencher.counter(ItemsCount::new(1_usize)).bench_local(|| {
        cell = cell.wrapping_add(1);
        let line = format!("\r\n+CREG: 5,\"00A1\",\"0000B2{cell:02X}\",7\r\n");
        modem.handle(Instant::ZERO, ModemInput::Bytes(line.into_bytes()));
        drain(&mut modem)
    });
}

/// A text of one part sent: command, prompt, PDU, answer.
#[divan::bench]
fn text_sent(bencher: Bencher<'_, '_>) {
    let mut modem = start(&Config::lean(), &answers());
    let Ok(to) = Address::international("491701234567") else { return };
    bencher.counter(ItemsCount::new(1_usize)).bench_local(|| {
        let text = ModemCommand::SendText(Box::new(OutgoingText::new(to, "hello world")));
        modem.handle(Instant::ZERO, ModemInput::Command { id: 2, command: text });
        drain(&mut modem);
        modem.handle(Instant::ZERO, ModemInput::Bytes(b"\r\n> ".to_vec()));
        drain(&mut modem);
        modem.handle(Instant::ZERO, ModemInput::Bytes(b"\r\n+CMGS: 1\r\n\r\nOK\r\n".to_vec()));
        drain(&mut modem)
    });
}

/// A stored text received: told, read, recorded, deleted.
#[divan::bench]
fn text_received(bencher: Bencher<'_, '_>) {
    const READ: &[u8] = b"\r\n+CMGR: 0,,24\r\n\
        00040C9194711032547600006230102100104005E8329BFD06\r\n\r\nOK\r\n";
    let mut modem = start(&Config::lean(), &answers());
    bencher.counter(ItemsCount::new(1_usize)).bench_local(|| {
        modem.handle(Instant::ZERO, ModemInput::Bytes(b"\r\n+CMTI: \"SM\",1\r\n".to_vec()));
        drain(&mut modem);
        modem.handle(Instant::ZERO, ModemInput::Bytes(READ.to_vec()));
        let mut id = None;
        while let Some(Out::Do(output)) = modem.poll_output() {
            if let ModemOutput::Event(ModemEvent::TextReceived(text)) = &output {
                id = Some(text.id);
            }
            black_box(output);
        }
        if let Some(id) = id {
            modem.handle(Instant::ZERO, ModemInput::Recorded(id));
        }
        drain(&mut modem);
        modem.handle(Instant::ZERO, ModemInput::Bytes(b"\r\nOK\r\n".to_vec()));
        assert!(modem.is_idle());
        drain(&mut modem)
    });
}
