//! Fuzz bodies: arbitrary bytes as the life of a device.

use crate::{
    Baseband, BasebandConfig, BasebandInput, BasebandOutput, CardToTerminal, Model, TerminalToCard,
};
use polysim_base::{Duration, Imei, Instant, Machine, Out, Purpose, Stream};
use polysim_radio::air::{
    CallCause, CallDownlink, CellId, CellView, Downlink, PacketAnswer, Rat, Registration,
    RejectCause, SmsDownlink, SmsUplink, SpeechFrame, Uplink, UssdDownlink,
};
use std::sync::Arc;

/// A device between a card that knows little and a network that accepts everything.
struct Bench {
    now: Instant,
    device: Baseband,
    cells: Arc<[CellView]>,
    written: Vec<u8>,
    /// A proactive command that the card offers with its next answer, then brings by FETCH.
    proactive: Option<Vec<u8>>,
}

/// Plays `data` as a series of events: each starts with a byte that says what happens, and a byte
/// that says how much of the data belongs to it.
///
/// # Panics
/// When a deadline is not after the time it was served, or the device cannot be brought back to
/// answering `AT`.
pub fn fuzz_baseband_port(data: &[u8]) {
    let Some(mut bench) = Bench::new(data.first().copied().unwrap_or(0)) else {
        return;
    };
    bench.input(BasebandInput::Power(true));
    bench.pass(Duration::from_secs(10));
    let mut rest = data.get(1..).unwrap_or_default();
    while let [what, len, tail @ ..] = rest {
        let (piece, after) = tail.split_at_checked(usize::from(*len)).unwrap_or((tail, &[]));
        bench.event(*what, *len, piece);
        rest = after;
    }
    bench.assert_alive();
}

impl Bench {
    fn new(model: u8) -> Option<Self> {
        let imei = Imei::parse("35000000000001").ok()?;
        let plmn = "00101".parse().ok()?;
        let mut config = BasebandConfig::new(imei, Stream::derive(1, 1, Purpose::Test, 0));
        config.model = Model::ALL.into_iter().cycle().nth(model.into())?;
        config.ports = 2;
        let cell = |id, rat, level_dbm| CellView {
            cell: CellId(id),
            plmn,
            rat,
            level_dbm,
            area: 1,
            barred: false,
        };
        Some(Self {
            now: Instant::ZERO,
            device: Baseband::new(config),
            cells: Arc::from([cell(1, Rat::Lte, -80), cell(2, Rat::Gsm, -90)]),
            written: Vec::new(),
            proactive: None,
        })
    }

    fn event(&mut self, what: u8, amount: u8, piece: &[u8]) {
        let bytes = piece.to_vec();
        let transaction = 8 + amount % 7;
        let call = |message| Downlink::Call { transaction, message };
        let text = || String::from_utf8_lossy(piece).into_owned();
        let downlink = match what % 24 {
            0..=7 => return self.input(BasebandInput::Port { port: what % 2, bytes }),
            8 => return self.pass(Duration::from_millis(u64::from(amount) * 250)),
            9 => {
                let frame = SpeechFrame::from([amount.into(); SpeechFrame::SAMPLES]);
                if amount.is_multiple_of(2) {
                    return self.input(BasebandInput::Speech(frame));
                }
                Downlink::Call { transaction: amount % 16, message: CallDownlink::Speech(frame) }
            }
            10 => return self.input(BasebandInput::PortClosed(amount % 3)),
            11 => return self.input(BasebandInput::PortOpened(amount % 3)),
            12 => return self.input(BasebandInput::Card(CardToTerminal::Removed)),
            13 => return self.input(BasebandInput::Card(CardToTerminal::Inserted)),
            14 if amount == 0 => return self.input(BasebandInput::Card(CardToTerminal::MoreTime)),
            14 if amount % 2 == 1 => {
                self.proactive = Some(bytes);
                // Something for the card, so that it can say so.
                let bytes = b"AT+CSIM=10,\"0020000100\"\r".to_vec();
                return self.input(BasebandInput::Port { port: 0, bytes });
            }
            14 => return self.input(BasebandInput::Card(CardToTerminal::Response(bytes))),
            15 => return self.input(BasebandInput::LinkLost),
            16 => Downlink::Detach(RejectCause::from_number(amount)),
            17 => Downlink::CellsChanged,
            18 => {
                let Ok(centre) = "+447700900000".parse() else { return };
                let reference = amount;
                Downlink::Sms(SmsDownlink::Data { reference, centre, tpdu: bytes })
            }
            19 => call(CallDownlink::Setup { caller: None, waiting: false }),
            20 => call(CallDownlink::Disconnect(CallCause::Normal)),
            21 => Downlink::Call { transaction: amount % 7, message: CallDownlink::Connect },
            22 => Downlink::Ussd(UssdDownlink::Request(text())),
            _ => {
                let answer =
                    PacketAnswer::Active { address: [10, 0, 0, 1], down_kbps: 1, up_kbps: 1 };
                Downlink::Packet { context: amount % 16, answer }
            }
        };
        self.input(BasebandInput::Air(downlink));
    }

    fn input(&mut self, input: BasebandInput) {
        self.device.handle(self.now, input);
        self.drain();
    }

    fn pass(&mut self, time: Duration) {
        let end = self.now.plus(time);
        while let Some((at, _)) = self.device.poll_timeout().filter(|(at, _)| *at <= end) {
            self.now = at;
            self.device.handle_timeout(at);
            self.drain();
        }
        self.now = end;
    }

    fn drain(&mut self) {
        while let Some(Out::Do(output)) = self.device.poll_output() {
            let answer = match output {
                BasebandOutput::Port { bytes, .. } => {
                    self.written = bytes;
                    continue;
                }
                BasebandOutput::Speech(_)
                | BasebandOutput::Event(_)
                | BasebandOutput::Card(TerminalToCard::PowerOff) => continue,
                BasebandOutput::Card(TerminalToCard::PowerOn | TerminalToCard::Reset) => {
                    BasebandInput::Card(CardToTerminal::Atr(Arc::from([0x3B, 0x00])))
                }
                BasebandOutput::Card(TerminalToCard::Command(apdu)) => {
                    BasebandInput::Card(CardToTerminal::Response(self.card(&apdu)))
                }
                BasebandOutput::Air(uplink) => match self.network(&uplink) {
                    Some(downlink) => BasebandInput::Air(downlink),
                    None => continue,
                },
            };
            self.device.handle(self.now, answer);
        }
        if let Some((at, timer)) = self.device.poll_timeout() {
            assert!(at > self.now, "{timer:?} stays due at {at}");
        }
    }

    /// What the card answers, with the offer of a command if it has one.
    fn card(&mut self, apdu: &[u8]) -> Vec<u8> {
        if let [_, 0x12, ..] = apdu
            && let Some(mut command) = self.proactive.take()
        {
            command.extend_from_slice(&[0x90, 0x00]);
            return command;
        }
        let mut answer = answered(apdu);
        let length = self.proactive.as_ref().and_then(|command| u8::try_from(command.len()).ok());
        if let (Some(length), Some(status)) = (length, answer.last_chunk_mut::<2>())
            && *status == [0x90, 0x00]
        {
            *status = [0x91, length];
        }
        answer
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "everything else goes unanswered")]
    fn network(&self, uplink: &Uplink) -> Option<Downlink> {
        Some(match uplink {
            Uplink::Scan => Downlink::Cells(self.cells.clone()),
            Uplink::Attach { .. } => Downlink::Accept(Registration {
                tmsi: 1,
                packet: true,
                periodic_s: 60,
                equivalent: None,
            }),
            Uplink::Sms(SmsUplink::Data { reference, .. }) => {
                Downlink::Sms(SmsDownlink::Ack { reference: *reference, tpdu: None })
            }
            _ => return None,
        })
    }

    /// Whatever happened, a device that is switched off and on answers.
    fn assert_alive(&mut self) {
        self.input(BasebandInput::Power(false));
        self.input(BasebandInput::PortOpened(0));
        self.input(BasebandInput::Power(true));
        self.pass(Duration::from_secs(20));
        self.written.clear();
        self.input(BasebandInput::Port { port: 0, bytes: b"AT\r".to_vec() });
        assert!(self.written.ends_with(b"OK\r\n") || self.written.ends_with(b"OK\r\r\n"));
    }
}

/// A card with an IMSI and not much else.
fn answered(apdu: &[u8]) -> Vec<u8> {
    match apdu {
        [0x00, 0xA4, 0x04, ..] | [_, 0x20, ..] | [_, 0x10 | 0x14 | 0xC2 | 0xF2, ..] => {
            vec![0x90, 0x00]
        }
        [0x00, 0xB0, 0x87, ..] => {
            vec![0x08, 0x09, 0x10, 0x10, 0x00, 0x00, 0x00, 0x10, 0x32, 0x90, 0x00]
        }
        [_, ins, ..] if *ins % 5 == 1 => vec![0x6C, 0x04],
        _ => vec![0x6A, 0x82],
    }
}

#[cfg(test)]
mod tests {
    use super::fuzz_baseband_port;
    use proptest::prelude::*;

    #[test]
    fn the_corpus_is_replayed() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz/corpus/baseband_port");
        let mut played = 0;
        for entry in std::fs::read_dir(folder).unwrap() {
            fuzz_baseband_port(&std::fs::read(entry.unwrap().path()).unwrap());
            played += 1;
        }
        assert!(played >= 5);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn any_life_can_be_lived(data in prop::collection::vec(any::<u8>(), 0..600)) {
            fuzz_baseband_port(&data);
        }
    }
}
