mod ends;
mod link;
mod verdicts;

use std::vec::Vec;

use polysim_base::{Duration, Instant, Machine, Msisdn, Out};
use polysim_speech::{Codec, Frame, Packet, Packetizer, SpeechReport};

use super::super::testing;
use super::super::{
    Connection, Limits, Server, ServerConfig, ServerInput, ServerOutput, ServerRecord,
    VoiceDecision,
};
use crate::wire::{
    CallEnd, FromDevice, RateFromDevice, RateToDevice, ToDevice, VoiceFromDevice, VoiceRefusal,
    VoiceToDevice,
};
use crate::{CallNumber, DeviceId, Rate};

/// The caller's devices, the callee's primary and linked ones, and one of a third number.
const CALLER: DeviceId = DeviceId(1);
const CALLERS_OTHER: DeviceId = DeviceId(6);
const CALLEE: DeviceId = DeviceId(2);
const TABLET: DeviceId = DeviceId(3);
const LAPTOP: DeviceId = DeviceId(4);
const THIRD: DeviceId = DeviceId(5);
const ALL: [DeviceId; 6] = [CALLER, CALLEE, TABLET, LAPTOP, THIRD, CALLERS_OTHER];
const CALL: CallNumber = CallNumber(7);
const THRESHOLD: Rate = testing::THRESHOLD;

fn number(digits: &str) -> Msisdn {
    Msisdn::parse(digits).unwrap()
}

fn callers() -> Msisdn {
    number("491700000001")
}

fn callees() -> Msisdn {
    number("491700000002")
}

/// A server, and what it has said and written down.
struct Bench {
    server: Server,
    now: Instant,
    sessions: u64,
    trains: u32,
    decisions: Vec<VoiceDecision>,
}

type Said = Vec<(DeviceId, ToDevice)>;

impl Bench {
    /// Nobody is connected.
    fn new() -> Self {
        Self::set_up(testing::config())
    }

    fn set_up(config: ServerConfig) -> Self {
        let mut server = Server::new(config);
        server.restore(testing::account(callers(), &[CALLER, CALLERS_OTHER], None));
        server.restore(testing::account(callees(), &[CALLEE, TABLET, LAPTOP], None));
        server.restore(testing::account(number("491700000003"), &[THIRD], None));
        server.handle(Instant::ZERO, ServerInput::Start);
        let now = Instant::ZERO.plus(Duration::from_secs(1_000));
        Self { server, now, sessions: 0, trains: 0, decisions: Vec::new() }
    }

    /// These are connected, by links of twice the threshold.
    fn with(devices: &[DeviceId]) -> Self {
        let mut bench = Self::new();
        for device in devices {
            bench.connect(*device);
            bench.measured(*device, THRESHOLD.0 * 2);
        }
        bench
    }

    /// The callee's primary device talks with the caller.
    fn talking() -> Self {
        let mut bench = Self::with(&ALL);
        bench.call();
        bench.says(CALLEE, answer());
        bench
    }

    fn connect(&mut self, device: DeviceId) {
        self.sessions += 1;
        testing::connect(&mut self.server, self.now, Connection(self.sessions), device);
        self.drain();
    }

    fn disconnect(&mut self, device: DeviceId) {
        let connection = self.server.sessions.connection(device).unwrap();
        self.server.handle(self.now, ServerInput::Down(connection));
        self.drain();
    }

    fn measured(&mut self, device: DeviceId, rate: u32) {
        self.trains += 1;
        let (train, rate, holds) = (self.trains, Rate(rate), Duration::ZERO);
        self.says(device, RateFromDevice::Measured { train, rate, holds });
    }

    fn says(&mut self, device: DeviceId, message: impl Into<FromDevice>) -> Said {
        let connection = self.server.sessions.connection(device).unwrap();
        self.server.handle(self.now, ServerInput::Message(connection, message.into()));
        self.drain()
    }

    /// Calls by a link of twice the first threshold.
    fn call(&mut self) -> Said {
        self.says(CALLER, call(CALL, THRESHOLD.0 * 2))
    }

    fn pass(&mut self, time: Duration) -> Said {
        let until = self.now.plus(time);
        let mut said = Vec::new();
        while let Some((at, _)) = self.server.poll_timeout().filter(|(at, _)| *at <= until) {
            self.now = self.now.max(at);
            self.server.handle_timeout(self.now);
            said.extend(self.drain());
        }
        self.now = until;
        said
    }

    fn drain(&mut self) -> Said {
        let mut said = Vec::new();
        while let Some(out) = self.server.poll_output() {
            match out {
                Out::Record(ServerRecord::Voice(decision)) => self.decisions.push(decision),
                Out::Do(ServerOutput::Send(connection, message)) => {
                    let device = self.server.sessions.device(connection);
                    said.push((device.unwrap(), message));
                }
                Out::Record(_) | Out::Do(_) => {}
            }
        }
        said
    }
}

fn call(call: CallNumber, rate: u32) -> FromDevice {
    FromDevice::Voice(VoiceFromDevice::Call {
        call,
        to: callees(),
        rate: Rate(rate),
        threshold: THRESHOLD,
    })
}

fn answer() -> FromDevice {
    FromDevice::Voice(VoiceFromDevice::Answer { from: CALLER, call: CALL })
}

fn in_call() -> FromDevice {
    FromDevice::Voice(VoiceFromDevice::InCall { from: CALLER, call: CALL })
}

fn report(played: u32) -> SpeechReport {
    SpeechReport { played, ..SpeechReport::default() }
}

fn hang_up(played: u32) -> FromDevice {
    FromDevice::Voice(VoiceFromDevice::HangUp { from: CALLER, call: CALL, report: report(played) })
}

fn fared(played: u32) -> FromDevice {
    FromDevice::Voice(VoiceFromDevice::Fared { from: CALLER, call: CALL, report: report(played) })
}

fn speech() -> FromDevice {
    FromDevice::Voice(VoiceFromDevice::Speech { from: CALLER, call: CALL, packet: packet() })
}

fn packet() -> Packet {
    Packetizer::new(Codec::ALaw).next(&Frame::from([0; Frame::SAMPLES]))
}

fn ringing(rate: u32) -> ToDevice {
    ToDevice::Voice(VoiceToDevice::Ringing { call: CALL, rate: Rate(rate), threshold: THRESHOLD })
}

fn incoming() -> ToDevice {
    ToDevice::Voice(VoiceToDevice::Incoming { from: CALLER, call: CALL, number: callers() })
}

fn answered() -> ToDevice {
    ToDevice::Voice(VoiceToDevice::Answered { from: CALLER, call: CALL })
}

fn no_voice(why: VoiceRefusal) -> Said {
    Vec::from([(CALLER, ToDevice::Voice(VoiceToDevice::NoVoice { call: CALL, why }))])
}

fn ended(why: CallEnd) -> ToDevice {
    ToDevice::Voice(VoiceToDevice::Ended { from: CALLER, call: CALL, why, report: None })
}

fn ended_with(why: CallEnd, played: u32) -> ToDevice {
    ToDevice::Voice(VoiceToDevice::Ended {
        from: CALLER,
        call: CALL,
        why,
        report: Some(report(played)),
    })
}
