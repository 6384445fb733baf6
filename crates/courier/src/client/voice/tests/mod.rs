mod crash;
mod dial;
mod talk;

use std::vec::Vec;

use polysim_base::{Duration, Instant, Machine, Msisdn, Out};
use polysim_speech::{Frame, Packet, SpeechReport};

use super::super::testing::{self, THRESHOLD};
use super::super::{
    CallEvent, CallId, CarrierOrder, Choice, Client, ClientCommand, ClientConfig, ClientEvent,
    ClientInput, ClientOutput, ClientRecord, Offer, Why,
};
use crate::wire::{
    CallEnd, FromDevice, RateFromDevice, RateToDevice, ToDevice, VoiceFromDevice, VoiceRefusal,
    VoiceToDevice,
};
use crate::{CallNumber, DeviceId, Rate};

const OWN: DeviceId = DeviceId(1);
const PEER: DeviceId = DeviceId(2);
const ID: CallId = CallId(1);
const CALL: CallNumber = CallNumber(1);

fn number(digits: &str) -> Msisdn {
    Msisdn::parse(digits).unwrap()
}

fn own() -> Msisdn {
    number("491700000001")
}

fn friend() -> Msisdn {
    number("491700000002")
}

/// A device, and what has left it.
struct Bench {
    client: Client,
    now: Instant,
    said: Vec<FromDevice>,
    told: Vec<ClientEvent>,
    carrier: Vec<CarrierOrder>,
    played: Vec<Frame>,
    records: Vec<ClientRecord>,
}

impl Bench {
    /// There is no link.
    fn without_link(config: ClientConfig) -> Self {
        let client = testing::registered(config, (OWN, own()), &[friend()]);
        Self {
            client,
            now: Instant::ZERO.plus(Duration::from_secs(1_000)),
            said: Vec::new(),
            told: Vec::new(),
            carrier: Vec::new(),
            played: Vec::new(),
            records: Vec::new(),
        }
    }

    /// A link of that rate was measured.
    fn measured(rate: Rate) -> Self {
        let mut bench = Self::without_link(testing::config());
        bench.link(true);
        bench.train(rate, Rate::MAX);
        bench.said.clear();
        bench.told.clear();
        bench
    }

    /// The friend was dialled, and it rings there.
    fn ringing() -> Self {
        let mut bench = Self::measured(THRESHOLD);
        bench.command(ClientCommand::Dial(friend()));
        bench.hears(ringing());
        bench
    }

    /// The friend has answered.
    fn talking() -> Self {
        let mut bench = Self::ringing();
        bench.hears(answered(OWN));
        bench.said.clear();
        bench.told.clear();
        bench
    }

    fn link(&mut self, linked: bool) {
        testing::link(&mut self.client, self.now, linked);
        self.drain();
    }

    /// The trains that are under way arrive, drawn out by links of these rates.
    fn train(&mut self, up: Rate, down: Rate) {
        let train = self.said.iter().rev().find_map(|said| {
            let FromDevice::Rate(RateFromDevice::ProbeMe { train, parts: 16, octets: 500 }) = said
            else {
                return None;
            };
            Some(*train)
        });
        let train = train.expect("a train is under way");
        self.hears(RateToDevice::Probed { train, parts: 16, rate: up });
        for part in 0..16 {
            let octets = std::vec![0; 500];
            self.hears(RateToDevice::Probe { train, part, parts: 16, octets });
            self.pass(Duration::from_micros(4_000_000 / u64::from(down.0)));
        }
    }

    fn command(&mut self, command: ClientCommand) {
        self.client.handle(self.now, ClientInput::Command(command));
        self.drain();
    }

    fn hears(&mut self, message: impl Into<ToDevice>) {
        self.client.handle(self.now, ClientInput::Message(message.into()));
        self.drain();
    }

    fn speaks(&mut self) {
        let frame = Frame::from([1_000; Frame::SAMPLES]);
        self.client.handle(self.now, ClientInput::Microphone(frame));
        self.drain();
    }

    fn pass(&mut self, time: Duration) {
        let until = self.now.plus(time);
        while let Some((at, _)) = self.client.poll_timeout().filter(|(at, _)| *at <= until) {
            self.now = self.now.max(at);
            self.client.handle_timeout(self.now);
            self.drain();
        }
        self.now = until;
    }

    fn drain(&mut self) {
        while let Some(out) = self.client.poll_output() {
            match out {
                Out::Record(record) => self.records.push(record),
                Out::Do(ClientOutput::Send(message)) => self.said.push(message),
                Out::Do(ClientOutput::Carrier(order)) => self.carrier.push(order),
                Out::Do(ClientOutput::Play(frame)) => self.played.push(frame),
                Out::Do(ClientOutput::Tell(event)) => self.told.push(event),
            }
        }
    }

    /// Returns what was said but trains and questions for contacts.
    fn calls_said(&mut self) -> Vec<FromDevice> {
        let mut said = core::mem::take(&mut self.said);
        said.retain(|said| {
            matches!(
                said,
                FromDevice::Voice(VoiceFromDevice::Call { .. })
                    | FromDevice::Voice(VoiceFromDevice::Answer { .. })
                    | FromDevice::Voice(VoiceFromDevice::InCall { .. })
                    | FromDevice::Voice(VoiceFromDevice::HangUp { .. })
                    | FromDevice::Voice(VoiceFromDevice::Fared { .. })
                    | FromDevice::Voice(VoiceFromDevice::Speech { .. })
            )
        });
        said
    }

    fn told(&mut self) -> Vec<ClientEvent> {
        core::mem::take(&mut self.told)
    }
}

fn call() -> FromDevice {
    FromDevice::Voice(VoiceFromDevice::Call {
        call: CALL,
        to: friend(),
        rate: THRESHOLD,
        threshold: THRESHOLD,
    })
}

fn in_call(from: DeviceId) -> FromDevice {
    FromDevice::Voice(VoiceFromDevice::InCall { from, call: CALL })
}

fn ringing() -> ToDevice {
    ToDevice::Voice(VoiceToDevice::Ringing { call: CALL, rate: THRESHOLD, threshold: THRESHOLD })
}

fn answered(from: DeviceId) -> ToDevice {
    ToDevice::Voice(VoiceToDevice::Answered { from, call: CALL })
}

fn incoming() -> ToDevice {
    ToDevice::Voice(VoiceToDevice::Incoming { from: PEER, call: CALL, number: friend() })
}

fn over(from: DeviceId, why: CallEnd, report: Option<SpeechReport>) -> ToDevice {
    ToDevice::Voice(VoiceToDevice::Ended { from, call: CALL, why, report })
}

fn report(played: u32) -> SpeechReport {
    SpeechReport { played, ..SpeechReport::default() }
}

fn offered(why: Why) -> ClientEvent {
    ClientEvent::Offered { offer: Offer::Call(ID), why }
}

fn event(event: CallEvent) -> ClientEvent {
    ClientEvent::Call { call: ID, event }
}

fn ended(why: CallEnd, heard: SpeechReport, said: Option<SpeechReport>) -> ClientEvent {
    event(CallEvent::Ended { why, heard, said })
}

fn dials(to: Msisdn) -> Vec<CarrierOrder> {
    Vec::from([CarrierOrder::Dial { call: ID, to }])
}
