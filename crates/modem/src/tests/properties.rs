use std::{string::String, vec, vec::Vec};

use proptest::prelude::*;

use super::bench::{Bench, cmt, short, text};
use crate::{
    Config, InitPlan, Modem, ModemCommand, ModemInput, TextRouting, testkit::fuzz_modem_host,
};

/// What a modem says in a busy minute: answers, URCs, echoes, rubbish.
fn transcript() -> impl Strategy<Value = String> {
    let line = prop_oneof![
        Just("\r\nOK\r\n".into()),
        Just("\r\nERROR\r\n".into()),
        Just("\r\n> ".into()),
        Just("\r\n+CMGS: 4\r\n".into()),
        Just("\r\n+CMTI: \"SM\",4\r\n".into()),
        Just("\r\n+CREG: 1,\"00A1\",\"00B2\"\r\n".into()),
        Just("\r\n+CREG: 2,5,\"00A1\",\"00B2\"\r\n".into()),
        Just("\r\nRING\r\n".into()),
        Just("\r\n+CLIP: \"+49170\",145\r\n".into()),
        Just("\r\nNO CARRIER\r\n".into()),
        Just("\r\n+CLCC: 1,1,4,0,0,\"+49170\",145\r\n".into()),
        Just("\r\n+CESQ: 99,99,255,255,20,60\r\n".into()),
        Just("\r\n+CUSD: 0,\"Balance\",15\r\n".into()),
        Just("\r\nRDY\r\n".into()),
        Just("AT+CESQ\r".into()),
        Just(cmt(&short("hello"))),
        Just(cmt(&short("OK"))),
        "[ -~]{0,20}\r\n",
    ];
    prop::collection::vec(line, 0..20).prop_map(|lines| lines.concat())
}

/// Gives the transcript in pieces and returns everything that left the machine.
fn said(bench: &Bench, transcript: &str, cuts: &[usize]) -> (Vec<Vec<u8>>, String) {
    let mut bench = bench.clone();
    bench.command(text("hello"));
    bench.command(ModemCommand::Signal);
    let mut rest = transcript.as_bytes();
    let mut cuts = cuts.iter().cycle();
    while !rest.is_empty() {
        let at = (*cuts.next().unwrap_or(&1)).clamp(1, rest.len());
        let (piece, after) = rest.split_at(at);
        bench.give(ModemInput::Bytes(piece.to_vec()));
        rest = after;
    }
    let told = std::format!("{:?} {:?} {:?}", bench.done, bench.events, bench.modem.counters());
    (bench.sent, told)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_cut_of_the_stream_gives_the_same(
        transcript in transcript(),
        cuts in prop::collection::vec(1_usize..9, 1..8),
    ) {
        let init = InitPlan { routing: TextRouting::Direct, ..InitPlan::lean() };
        let bench = Bench::ready_with(Config { init, ..Config::default() });
        let whole = said(&bench, &transcript, &[usize::MAX]);
        prop_assert_eq!(&whole, &said(&bench, &transcript, &[1]));
        prop_assert_eq!(&whole, &said(&bench, &transcript, &cuts));
    }

    #[test]
    fn arbitrary_bytes_never_panic_and_never_wedge(data: Vec<u8>) {
        fuzz_modem_host(&data);
    }

    #[test]
    fn arbitrary_lines_never_panic_and_never_wedge(
        steps in prop::collection::vec((transcript(), 0xF0_u8..), 0..8),
    ) {
        let mut data = vec![];
        for (lines, order) in steps {
            data.extend(lines.bytes());
            data.push(order);
        }
        fuzz_modem_host(&data);
    }

    /// No input makes a second command of one: exactly one CR, at the end, and balanced quotes.
    #[test]
    fn no_argument_breaks_out_of_its_command(apn: String, ussd: String, number: String) {
        let mut bench = Bench::ready();
        if let Ok(access_point) = polysim_at::Text::new(&apn) {
            let kind = polysim_at::PdpType::Ip;
            let definition = crate::ContextDefinition { context: 1, kind, access_point };
            bench.command(ModemCommand::ActivateContext(definition.into()));
            bench.run();
        }
        if let Ok(text) = polysim_at::Text::new(&ussd) {
            bench.command(ModemCommand::Ussd(text));
            bench.run();
        }
        if let Ok(number) = polysim_at::DialString::new(&number) {
            bench.command(ModemCommand::Dial { number, caller_id: crate::CallerId::Subscribed });
            bench.run();
        }
        bench.command(text(&apn));
        while !bench.sent.is_empty() {
            let sent = bench.sent.remove(0);
            let ends = sent.iter().filter(|b| matches!(b, b'\r' | 0x1A)).count();
            prop_assert_eq!(ends, 1);
            prop_assert!(matches!(sent.last(), Some(b'\r' | 0x1A)));
            prop_assert_eq!(sent.iter().filter(|b| **b == b'"').count() % 2, 0);
            let answer = bench.fake.handle(&sent);
            bench.give(ModemInput::Bytes(answer));
        }
    }
}

#[test]
#[expect(clippy::print_stdout, reason = "the figure is asked for")]
fn an_idle_modem_is_small() {
    let size = size_of::<Modem>();
    std::println!("an idle modem: {size} bytes");
    assert!(size <= 350, "{size} bytes");
    let bench = Bench::ready();
    let idle = std::format!("{:?}", bench.modem);
    assert!(idle.contains("waiting: None, task: None"), "{idle}");
    assert!(idle.contains("inbox: None, calls: None"), "{idle}");
}
