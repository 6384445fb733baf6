//! A device with everything around it.
#![expect(clippy::wildcard_enum_match_arm, reason = "each test looks at a few messages of many")]

use super::script::Script;
use crate::{
    Baseband, BasebandConfig, BasebandEvent, BasebandInput, BasebandOutput, BasebandTimer,
    CardToTerminal, Model, TerminalToCard,
};
use polysim_aka::{Algorithm, Amf, Key, Milenage, Opc, Rand, Subscriber};
use polysim_base::{Duration, Imei, Instant, Machine, Out, Purpose, Stream};
use polysim_card::{Card, CardConfig, PinConfig, Profile, ProfileConfig};
use polysim_radio::air::{
    AuthenticationAnswer, CellId, CellView, Challenge, Downlink, Rat, Registration, RejectCause,
    SmsDownlink, SmsUplink, SpeechFrame, Uplink,
};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What the network does about an attach.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Policy {
    Accept,
    Reject(RejectCause),
    Silent,
}

/// A device, its card, cells and a network that answers what is common.
pub(super) struct Rig {
    pub(super) now: Instant,
    pub(super) bb: Baseband,
    pub(super) card: Card,
    auc: Subscriber,
    pub(super) cells: Vec<CellView>,
    /// Per network; others accept.
    pub(super) policies: BTreeMap<String, Policy>,
    pub(super) periodic_s: u32,
    expected: Option<(CellView, polysim_aka::Res)>,
    draws: Stream,
    /// What the device sent and the network did not answer by itself.
    pub(super) uplinks: Vec<Uplink>,
    pub(super) events: Vec<BasebandEvent>,
    pub(super) apdus: usize,
    /// The card does not answer.
    pub(super) mute: bool,
    /// RP-ERROR for every submission.
    pub(super) sms_cause: Option<u8>,
    pub(super) sms_silent: bool,
    /// Attaches seen, by network.
    pub(super) attaches: Vec<String>,
    /// What came out of the PCM port.
    pub(super) speech: Vec<SpeechFrame>,
    /// A toolkit in front of the card.
    pub(super) script: Script,
    output: BTreeMap<u8, Vec<u8>>,
}

pub(super) fn cell(id: u32, plmn: &str, rat: Rat, level_dbm: i16, area: u16) -> CellView {
    CellView { cell: CellId(id), plmn: plmn.parse().unwrap(), rat, level_dbm, area, barred: false }
}

/// How to make a rig.
pub(super) struct Setup {
    pub(super) model: &'static Model,
    pub(super) ports: u8,
    pub(super) pin: bool,
    pub(super) profile: ProfileConfig,
    pub(super) cells: Vec<CellView>,
}

impl Default for Setup {
    fn default() -> Self {
        let mut profile = ProfileConfig::new("00101".parse().unwrap(), "Polynet");
        profile.smsc = Some("+447700900000".parse().unwrap());
        Self {
            model: &Model::GENERIC,
            ports: 1,
            pin: false,
            profile,
            cells: vec![cell(1, "00101", Rat::Lte, -80, 0x00AA)],
        }
    }
}

impl Setup {
    pub(super) fn build(self) -> Rig {
        let profile = Profile::new(self.profile).unwrap();
        let algorithm: Algorithm = Milenage::new(Key::from([1; 16]), Opc::from([2; 16])).into();
        let stream = Stream::derive(1, 1, Purpose::Keys, 0);
        let mut config = CardConfig::new(
            profile,
            "8944000000000000002".parse().unwrap(),
            "001010000000123".parse().unwrap(),
            algorithm.clone(),
            stream.clone(),
        );
        config.msisdn = Some("+447700900123".parse().unwrap());
        if self.pin {
            config.pins = Arc::new(PinConfig::default().with_pin1("1234", "12345678").unwrap());
        }
        let imei = Imei::parse("350000000000010").or_else(|_| Imei::parse("35000000000001"));
        let mut device = BasebandConfig::new(imei.unwrap(), stream.clone());
        device.model = self.model;
        device.ports = self.ports;
        let mut bb = Baseband::new(device);
        bb.observe(true);
        Rig {
            now: Instant::ZERO,
            bb,
            card: Card::new(config),
            auc: Subscriber::new(algorithm, Amf::EPS),
            cells: self.cells,
            policies: BTreeMap::new(),
            periodic_s: 3_600,
            expected: None,
            draws: stream,
            uplinks: Vec::new(),
            events: Vec::new(),
            apdus: 0,
            mute: false,
            sms_cause: None,
            sms_silent: false,
            attaches: Vec::new(),
            speech: Vec::new(),
            script: Script::default(),
            output: BTreeMap::new(),
        }
    }

    /// A device with service.
    pub(super) fn attached(self) -> Rig {
        let mut rig = self.build();
        rig.input(BasebandInput::Power(true));
        if let Some((at, BasebandTimer::Booted)) = rig.bb.poll_timeout() {
            rig.run_to(at);
        }
        rig.take(0);
        rig
    }
}

impl Rig {
    pub(super) fn input(&mut self, input: BasebandInput) {
        self.bb.handle(self.now, input);
        self.drain();
    }

    pub(super) fn air(&mut self, downlink: Downlink) {
        self.input(BasebandInput::Air(downlink));
    }

    /// Takes what the device gives out until it is quiet.
    fn drain(&mut self) {
        while let Some(Out::Do(output)) = self.bb.poll_output() {
            match output {
                BasebandOutput::Port { port, bytes } => {
                    assert!(!bytes.is_empty());
                    self.output.entry(port).or_default().extend(bytes);
                }
                BasebandOutput::Speech(frame) => self.speech.push(frame),
                BasebandOutput::Card(command) => self.slot(command),
                BasebandOutput::Air(uplink) => self.network(uplink),
                BasebandOutput::Event(event) => self.events.push(event),
            }
        }
        if let Some((at, timer)) = self.bb.poll_timeout() {
            assert!(at > self.now, "{timer:?} is due at {at}, now is {}", self.now);
        }
    }

    fn slot(&mut self, command: TerminalToCard) {
        let answer = match command {
            _ if self.mute => return,
            TerminalToCard::PowerOn => CardToTerminal::Atr(self.card.power_on().unwrap()),
            TerminalToCard::Reset => {
                self.script.resets += 1;
                CardToTerminal::Atr(self.card.reset().unwrap())
            }
            TerminalToCard::PowerOff => return self.card.power_off(),
            TerminalToCard::Command(apdu) => {
                self.apdus += 1;
                let response = self.script.answer(&apdu).unwrap_or_else(|| {
                    let mut response = Vec::new();
                    self.card.transmit(self.now, &apdu, &mut response);
                    response
                });
                CardToTerminal::Response(self.script.offering(response))
            }
        };
        self.bb.handle(self.now, BasebandInput::Card(answer));
    }

    fn network(&mut self, uplink: Uplink) {
        let answer = match &uplink {
            Uplink::Scan => Downlink::Cells(self.cells.clone().into()),
            Uplink::Attach { cell, .. } => {
                let Some(view) = self.cells.iter().find(|view| view.cell == *cell).copied() else {
                    return;
                };
                let plmn = view.plmn.to_string();
                self.attaches.push(plmn.clone());
                match self.policies.get(&plmn).copied().unwrap_or(Policy::Accept) {
                    Policy::Silent => return,
                    Policy::Reject(cause) => Downlink::Reject(cause),
                    Policy::Accept => {
                        let rand = Rand::from(self.draws.bytes::<16>());
                        let vector = self.auc.next_vector(rand).unwrap();
                        self.expected = Some((view, vector.xres));
                        Downlink::Authentication(Challenge { rand, autn: Some(vector.autn) })
                    }
                }
            }
            Uplink::Authentication(AuthenticationAnswer::Response(res)) => {
                let (_, xres) = self.expected.take().unwrap();
                assert!(*res == xres, "the card's answer is wrong");
                Downlink::Accept(Registration {
                    tmsi: 0xA0B1_C2D3,
                    packet: true,
                    periodic_s: self.periodic_s,
                    equivalent: None,
                })
            }
            Uplink::Sms(SmsUplink::Data { reference, .. }) if !self.sms_silent => {
                let reference = *reference;
                let answer = match self.sms_cause {
                    Some(cause) => SmsDownlink::Error { reference, cause },
                    None => SmsDownlink::Ack { reference, tpdu: None },
                };
                self.uplinks.push(uplink.clone());
                Downlink::Sms(answer)
            }
            _ => return self.uplinks.push(uplink),
        };
        self.bb.handle(self.now, BasebandInput::Air(answer));
    }

    /// Serves every deadline up to a time.
    pub(super) fn run_to(&mut self, end: Instant) {
        while let Some((at, _)) = self.bb.poll_timeout().filter(|(at, _)| *at <= end) {
            self.now = at;
            self.bb.handle_timeout(at);
            self.drain();
        }
        self.now = end;
    }

    pub(super) fn run(&mut self, time: Duration) {
        self.run_to(self.now.plus(time));
    }

    pub(super) fn run_s(&mut self, seconds: u64) {
        self.run(Duration::from_secs(seconds));
    }

    pub(super) fn write(&mut self, port: u8, bytes: &[u8]) {
        let bytes = bytes.to_vec();
        self.input(BasebandInput::Port { port, bytes });
    }

    /// What the device wrote on a port since the last time.
    pub(super) fn take(&mut self, port: u8) -> String {
        let bytes = self.output.remove(&port).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Sends a command line on port 0 and returns the answer without echo, lines joined by `|`.
    pub(super) fn at(&mut self, command: &str) -> String {
        self.at_on(0, command)
    }

    pub(super) fn at_on(&mut self, port: u8, command: &str) -> String {
        self.take(port);
        self.write(port, format!("{command}\r").as_bytes());
        let answer = self.take(port);
        let echo = format!("{command}\r");
        lines(answer.strip_prefix(&echo).unwrap_or(&answer))
    }

    /// Asserts that a command ends with OK and returns its lines.
    pub(super) fn ok(&mut self, command: &str) -> String {
        let answer = self.at(command);
        let body = answer.strip_suffix("OK");
        let body = body.unwrap_or_else(|| panic!("{command} was answered {answer}"));
        body.trim_end_matches('|').to_string()
    }

    /// What came on port 0 by itself.
    pub(super) fn heard(&mut self) -> String {
        lines(&self.take(0))
    }

    pub(super) fn sent_texts(&self) -> Vec<(u8, Vec<u8>)> {
        self.uplinks
            .iter()
            .filter_map(|uplink| match uplink {
                Uplink::Sms(SmsUplink::Data { reference, tpdu, .. }) => {
                    Some((*reference, tpdu.clone()))
                }
                _ => None,
            })
            .collect()
    }
}

/// The lines of an answer.
pub(super) fn lines(text: &str) -> String {
    let lines = text.split(['\r', '\n']).filter(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join("|")
}
