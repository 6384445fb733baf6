//! Cards and drivers of modems, made by hand: they answer at once.

use super::iccid;
use crate::wire::{CardReply, CardSignal};
use polysim_apdu::ef::{Adn, Contents as _, Number};
use polysim_at::{CallDirection, CallState, RegistrationDomain, RegistrationStatus, Text};
use polysim_base::{Iccid, Imsi};
use polysim_modem::{
    CallEnd, CallId, CallInfo, HangUp, Identity, ModemCommand, ModemError, ModemEvent, ModemInput,
    ModemOutput, PartOutcome as Part, RegistrationState, Reply, SendOutcome,
};
use std::boxed::Box;
use std::collections::{BTreeMap, BTreeSet};
use std::vec::Vec;

/// A card of a bank.
#[derive(Clone, Debug)]
pub(super) struct FakeCard {
    pub(super) iccid: Iccid,
    pub(super) locked: bool,
    pub(super) mute: bool,
    pub(super) selected: Vec<u8>,
    /// What it was sent, `FF` for a cold and `FE` for a warm reset, `FD` when it was turned off.
    pub(super) heard: Vec<Vec<u8>>,
}

impl FakeCard {
    pub(super) fn new(n: u8) -> Self {
        let heard = Vec::new();
        Self { iccid: iccid(n), locked: false, mute: false, selected: Vec::new(), heard }
    }

    pub(super) fn signal(&mut self, signal: CardSignal) -> Option<CardReply> {
        let answer = match signal {
            CardSignal::PowerOff => {
                self.heard.push([0xFD].into());
                return None;
            }
            CardSignal::PowerOn => {
                self.heard.push([0xFF].into());
                CardReply::Atr([0x3B, 0x00].into())
            }
            CardSignal::Reset => {
                self.heard.push([0xFE].into());
                CardReply::Atr([0x3B, 0x00].into())
            }
            CardSignal::Command(apdu) => {
                self.heard.push(apdu.clone());
                CardReply::Response(self.command(&apdu))
            }
        };
        (!self.mute).then_some(answer)
    }

    fn command(&mut self, apdu: &[u8]) -> Vec<u8> {
        let ok = |data: &[u8]| [data, &[0x90, 0x00]].concat();
        match (apdu[1], self.selected.as_slice()) {
            (0xA4, _) => {
                self.selected = apdu[5..].to_vec();
                ok(&[])
            }
            (0xB0, [0x2F, 0xE2]) => ok(self.iccid.wire()),
            (0xB0, [0x6F, 0x07]) if self.locked => [0x69, 0x82].into(),
            (0xB0, [0x6F, 0x07]) => ok(&Imsi::parse("001010123456789").unwrap().ef()),
            (0xB2, [0x6F, 0x40]) if self.locked => [0x69, 0x82].into(),
            (0xB2, [0x6F, 0x40]) if apdu[4] != 20 => [0x6C, 20].into(),
            (0xB2, [0x6F, 0x40]) => {
                let adn = Adn { number: Some(Number::new("+491701234567")), ..Adn::default() };
                ok(&adn.emit(20).unwrap())
            }
            _ => [0x6D, 0x00].into(),
        }
    }
}

/// The driver of a modem, and the modem.
#[derive(Clone, Debug, Default)]
pub(super) struct FakeDriver {
    /// What it was told to do.
    pub(super) commands: Vec<ModemCommand>,
    /// Answers nothing; what it was asked waits.
    pub(super) stuck: bool,
    pub(super) waiting: Vec<(u64, ModemCommand)>,
    /// Finds no network.
    pub(super) no_network: bool,
    /// The network's cause for refusing.
    pub(super) reject: Option<u8>,
    /// Whom it takes its card for, until it is restarted.
    pub(super) identity: Identity,
    /// Takes it for the same after a restart.
    pub(super) obstinate: bool,
    /// How setting up ends.
    pub(super) init: Option<ModemError>,
    /// Received texts in its memory.
    pub(super) store: BTreeMap<u32, Vec<u8>>,
    /// Those that its driver has told of.
    pub(super) told: BTreeSet<u32>,
    /// What becomes of texts; `Sent` otherwise.
    pub(super) text: Option<Result<Reply, ModemError>>,
    /// Ignores hanging up.
    pub(super) clings: bool,
    pub(super) calls: BTreeMap<u8, (CallState, CallDirection)>,
    pub(super) on_air: bool,
}

pub(super) fn registration(status: RegistrationStatus, reject: Option<u8>) -> RegistrationState {
    RegistrationState {
        domain: RegistrationDomain::Circuit,
        status,
        reject: reject.map(|cause| polysim_at::RejectCause { kind: 0, cause }),
        ..RegistrationState::UNKNOWN
    }
}

pub(super) fn call(id: u8, direction: CallDirection, state: CallState) -> Box<CallInfo> {
    let number = Some(Text::new("+4930123456").unwrap());
    Box::new(CallInfo { call: CallId(id), direction, state, number })
}

impl FakeDriver {
    pub(super) fn input(&mut self, input: ModemInput) -> Vec<ModemOutput> {
        match input {
            ModemInput::Command { id, command } => {
                self.commands.push(command.clone());
                if self.stuck {
                    self.waiting.push((id, command));
                    return Vec::new();
                }
                self.command(id, command)
            }
            ModemInput::Recorded(text) => {
                self.store.remove(&text.0);
                Vec::new()
            }
            other => panic!("{other:?}"),
        }
    }

    pub(super) fn command(&mut self, id: u64, command: ModemCommand) -> Vec<ModemOutput> {
        let mut events = Vec::new();
        let outcome = match command {
            ModemCommand::Dial { .. }
            | ModemCommand::Answer
            | ModemCommand::Swap
            | ModemCommand::HangUp(_) => self.call_command(&command, &mut events),
            other => self.other_command(other, &mut events),
        };
        let events = events.into_iter().map(ModemOutput::Event);
        events.chain([ModemOutput::Done { id, outcome }]).collect()
    }

    fn other_command(
        &mut self,
        command: ModemCommand,
        events: &mut Vec<ModemEvent>,
    ) -> Result<Reply, ModemError> {
        let told = |status, reject| ModemEvent::Registration(registration(status, reject));
        match command {
            ModemCommand::PowerOff(_) => {
                self.on_air = false;
                events.push(told(RegistrationStatus::NotRegistered, None));
            }
            ModemCommand::Initialise { .. } => match self.init.clone() {
                Some(error) => return Err(error),
                None => events.push(ModemEvent::Ready(self.identity)),
            },
            ModemCommand::ListTexts => {
                for (id, pdu) in &self.store {
                    if self.told.insert(*id) {
                        events.push(super::upkeep::received(*id, pdu));
                    }
                }
                return Ok(Reply::Stored(u16::try_from(self.store.len()).unwrap()));
            }
            ModemCommand::PowerOn => {
                self.on_air = true;
                if !self.no_network {
                    events.push(told(RegistrationStatus::Home, None));
                } else if self.reject.is_some() {
                    events.push(told(RegistrationStatus::Denied, self.reject));
                }
            }
            ModemCommand::Registration => {
                let status = match self.no_network {
                    true => RegistrationStatus::Searching,
                    false => RegistrationStatus::Home,
                };
                return Ok(Reply::Registration(Box::new(registration(status, None))));
            }
            ModemCommand::SendText(_) => {
                let sent = SendOutcome { parts: [Part::Sent { reference: 7 }].into() };
                return self.text.clone().unwrap_or(Ok(Reply::Text(sent)));
            }
            ModemCommand::Restart => {
                if !self.obstinate {
                    self.identity = Identity::default();
                }
                events.push(ModemEvent::Reset);
                for id in core::mem::take(&mut self.calls).into_keys() {
                    events.push(ModemEvent::CallEnded { call: CallId(id), cause: CallEnd::Lost });
                }
                events.push(ModemEvent::Ready(self.identity));
            }
            ModemCommand::TransmitBasic { apdu } => return Ok(Reply::Apdu(apdu.to_vec())),
            ModemCommand::Ussd(_) | ModemCommand::UssdCancel | ModemCommand::Dtmf(_) => {}
            other => panic!("{other:?}"),
        }
        Ok(Reply::Done)
    }

    fn call_command(
        &mut self,
        command: &ModemCommand,
        events: &mut Vec<ModemEvent>,
    ) -> Result<Reply, ModemError> {
        match command {
            ModemCommand::Dial { .. } => {
                let (state, direction) = (CallState::Dialing, CallDirection::Originated);
                self.calls.insert(1, (state, direction));
                events.push(ModemEvent::CallState(call(1, direction, state)));
                return Ok(Reply::Dialled(CallId(1)));
            }
            ModemCommand::HangUp(_) if self.clings => {}
            ModemCommand::HangUp(which) => {
                let ended: Vec<u8> = match which {
                    HangUp::All => self.calls.keys().copied().collect(),
                    HangUp::Call(id) => [id.0].into(),
                };
                for id in ended {
                    if self.calls.remove(&id).is_some() {
                        let cause = CallEnd::HungUp;
                        events.push(ModemEvent::CallEnded { call: CallId(id), cause });
                    }
                }
            }
            _ => {
                for (id, (state, direction)) in &mut self.calls {
                    let before = *state;
                    *state = match before {
                        CallState::Active => CallState::Held,
                        CallState::Incoming | CallState::Waiting | CallState::Held => {
                            CallState::Active
                        }
                        other => other,
                    };
                    if *state != before {
                        events.push(ModemEvent::CallState(call(*id, *direction, *state)));
                    }
                }
            }
        }
        Ok(Reply::Done)
    }
}
