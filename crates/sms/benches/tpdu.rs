//! Throughput of reading and writing messages on one core.
#![expect(clippy::unwrap_used, reason = "a bench may panic")]

use divan::{Bencher, black_box, counter::ItemsCount};
use polysim_base::Instant;
use polysim_sms::{
    Accepted, Address, AtPdu, Deliver, MobileOriginated, MobileTerminated, Part, Reassembler, Rp,
    SegmentOptions, Submit, Timestamp, Tpdu, UserData, segment,
};

fn main() {
    divan::main();
}

const SENTENCE: &str = "Your parcel arrives today between 14:00 and 16:00. Track it at example.org/t/4711 or reply STOP to end these texts. Thanks for shopping with us, see you again!!!";

fn deliver(text: &str) -> MobileTerminated {
    let originator = Address::international("491701234567").unwrap();
    let timestamp = Timestamp::new((26, 11, 22), (2, 14, 5), 4).unwrap();
    let user_data = UserData::from_text(text).unwrap();
    MobileTerminated::Deliver(Deliver::new(originator, timestamp, user_data))
}

fn texts() -> [(&'static str, String); 4] {
    [
        ("gsm7 of 160", SENTENCE.chars().take(160).collect()),
        ("gsm7 of 30", SENTENCE.chars().take(30).collect()),
        ("gsm7 with escapes of 80", "[a]{b}~€".repeat(7)),
        ("ucs2 of 70", "Привет, как дела? ".chars().cycle().take(70).collect()),
    ]
}

#[divan::bench(args = texts().iter().map(|(name, _)| *name).collect::<Vec<_>>())]
fn deliver_to_text(bencher: Bencher<'_, '_>, name: &str) {
    let texts = texts();
    let (_, text) = texts.iter().find(|(n, _)| *n == name).unwrap();
    let octets = deliver(text).to_octets();
    bencher.counter(ItemsCount::new(1_usize)).bench(|| {
        let tpdu = MobileTerminated::parse(black_box(&octets), Rp::Data).unwrap();
        let MobileTerminated::Deliver(deliver) = tpdu else {
            unreachable!("a DELIVER was written");
        };
        deliver.user_data.text().unwrap()
    });
}

#[divan::bench]
fn line_to_text(bencher: Bencher<'_, '_>) {
    let mut line = Vec::new();
    let length = AtPdu::new(deliver(&texts()[0].1)).write_hex(&mut line);
    bencher.counter(ItemsCount::new(1_usize)).bench(|| {
        let pdu = AtPdu::parse_hex(black_box(&line), Some(length), Rp::Data);
        let MobileTerminated::Deliver(deliver) = pdu.unwrap().tpdu else {
            unreachable!("a DELIVER was written");
        };
        deliver.user_data.text().unwrap()
    });
}

#[divan::bench]
fn text_to_line(bencher: Bencher<'_, '_>) {
    let destination = Address::international("491701234567").unwrap();
    let text = &texts()[0].1;
    let mut line = Vec::new();
    bencher.counter(ItemsCount::new(1_usize)).bench_local(|| {
        line.clear();
        let submit = Submit::new(destination, UserData::from_text(black_box(text)).unwrap());
        AtPdu::new(MobileOriginated::Submit(submit)).write_hex(&mut line)
    });
}

#[divan::bench]
fn segment_500_characters(bencher: Bencher<'_, '_>) {
    let text: String = SENTENCE.chars().cycle().take(500).collect();
    let options = SegmentOptions::default();
    bencher
        .counter(ItemsCount::new(1_usize))
        .bench(|| segment(black_box(&text), &options).unwrap());
}

#[divan::bench]
fn reassemble_three_parts(bencher: Bencher<'_, '_>) {
    let text = "Привет, как дела? ".repeat(10);
    let parts = segment(&text, &SegmentOptions::default()).unwrap();
    let originator = Address::international("491701234567").unwrap();
    let mut time = 0;
    let mut reassembler = Reassembler::default();
    bencher.counter(ItemsCount::new(1_usize)).bench_local(|| {
        time += 200_000_000_000;
        let now = Instant::from_micros(time);
        let mut texts = 0;
        for user_data in &parts {
            let (user_data, timestamp) = (user_data.clone(), Timestamp::default());
            let part = Part { originator, timestamp, user_data, tag: () };
            if let Ok(Accepted::Complete(whole)) = reassembler.accept(now, part) {
                texts += whole.text().unwrap().len();
            }
        }
        texts
    });
}
