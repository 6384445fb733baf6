//! What server and devices do, in the words of the catalogue.

use super::system::Courier;
use crate::event::Value;
use crate::observer::Observer;
use polysim_base::{Instant, Msisdn};
use polysim_courier::client::{
    CallEvent, CallId, CarrierOrder, ClientEvent, NotWritten, Offer, Outcome, TextState, Why,
};
use polysim_courier::server::{OutText, ServerEvent, VoiceDecision};
use polysim_courier::wire::{CallEnd, Refusal, VoiceRefusal};
use polysim_courier::{DeviceId, MessageId, Registration};

type Fields = Vec<(&'static str, Value)>;
type Told = (&'static str, Fields);

/// How often what has happened.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counts {
    pub(crate) codes: u64,
    pub(crate) stored: u64,
    pub(crate) delivered: u64,
    /// Calls that went over data, and those that did not.
    pub(crate) over_data: u64,
    pub(crate) carrier: u64,
    /// Texts that devices have given to the carrier.
    pub(crate) to_carrier: u64,
    /// Messages between devices and server, and their octets.
    pub(crate) messages: u64,
    pub(crate) octets: u64,
}

impl Counts {
    pub(super) const fn count(&mut self, event: &ServerEvent) {
        match event {
            ServerEvent::CodeSent(_) => self.codes += 1,
            ServerEvent::Stored(_) => self.stored += 1,
            ServerEvent::Delivered(..) => self.delivered += 1,
            ServerEvent::Voice(VoiceDecision { over_data: true, .. }) => self.over_data += 1,
            ServerEvent::Voice(VoiceDecision { over_data: false, .. }) => self.carrier += 1,
            ServerEvent::WrongCode(_)
            | ServerEvent::Registered(_)
            | ServerEvent::ChangedHands(_)
            | ServerEvent::Deregistered(_)
            | ServerEvent::Linked(_)
            | ServerEvent::Unlinked(_)
            | ServerEvent::Connected(_)
            | ServerEvent::Gone(_)
            | ServerEvent::Withdrawn(_)
            | ServerEvent::Expired(_) => {}
        }
    }
}

impl Courier {
    /// Notes an event of a device with nothing but its phone.
    pub(super) fn note_of(
        &self,
        now: Instant,
        observer: Option<&mut Observer>,
        device: u32,
        name: &'static str,
    ) {
        if let (Some(observer), Some(of)) = (observer, self.device(device)) {
            observer.tell(now, name, of.phone, []);
        }
    }

    /// Notes an event of the server with nothing but its name.
    pub(super) fn note_server(
        &self,
        now: Instant,
        observer: Option<&mut Observer>,
        name: &'static str,
    ) {
        if let Some(observer) = observer {
            observer.note(now, name, vec![("server", self.server.name.as_str().into())]);
        }
    }

    /// Tells what a device gives to the carrier.
    pub(super) fn tell_of_carrier(
        &self,
        now: Instant,
        observer: &mut Observer,
        device: u32,
        order: &CarrierOrder,
    ) {
        let (what, to, text) = match order {
            CarrierOrder::Text { number, to, .. } => ("text", to, *number),
            CarrierOrder::Dial { to, .. } => ("call", to, 0),
        };
        let to = party(observer, to);
        let fields = vec![("what", what.into()), ("to", to), ("text", text.into())];
        self.note_device(now, observer, device, ("courier.carrier", fields));
    }

    fn note_device(
        &self,
        now: Instant,
        observer: &mut Observer,
        device: u32,
        (name, fields): Told,
    ) {
        let Some(of) = self.device(device) else { return };
        let phone = ("phone", observer.names.phone(of.phone).into());
        observer.note(now, name, core::iter::once(phone).chain(fields).collect());
    }

    /// Tells what a device tells.
    pub(super) fn tell_of_device(
        &self,
        now: Instant,
        observer: &mut Observer,
        device: u32,
        event: &ClientEvent,
    ) {
        let told = match event {
            ClientEvent::NumberWanted => ("courier.number-wanted", Vec::new()),
            ClientEvent::CodeSent(number) => ("courier.code-sent", numbered(observer, number)),
            ClientEvent::CodeCame(_) => ("courier.code-came", Vec::new()),
            ClientEvent::WrongCode { tries_left } => {
                ("courier.wrong-code", vec![("tries_left", (*tries_left).into())])
            }
            ClientEvent::Registered(number) => ("courier.registered", numbered(observer, number)),
            ClientEvent::NotRegistered(why) => {
                let why = why.as_ref().map_or("", refusal);
                ("courier.not-registered", vec![("why", why.into())])
            }
            ClientEvent::ProofWanted(within) => {
                ("courier.proof-wanted", vec![("within_s", within.as_secs().into())])
            }
            ClientEvent::Refused(why) => ("courier.refused", vec![("why", refusal(why).into())]),
            ClientEvent::Unlinked(_) => ("courier.unlinked", Vec::new()),
            ClientEvent::Invited(_) => ("courier.invited", Vec::new()),
            ClientEvent::Marked { number, registered } => {
                let peer = party(observer, number);
                ("courier.marked", vec![("peer", peer), ("registered", (*registered).into())])
            }
            ClientEvent::Text { number, state } => {
                let state = state_word(state).into();
                ("courier.text", vec![("text", (*number).into()), ("state", state)])
            }
            ClientEvent::Received(text) => {
                let fields = vec![
                    ("from", party(observer, &text.from)),
                    ("to", party(observer, &text.to)),
                    ("text", text.text.as_deref().unwrap_or_default().into()),
                    ("readable", text.text.is_some().into()),
                ];
                ("courier.received", fields)
            }
            ClientEvent::KeyChanged(number) => {
                ("courier.key-changed", vec![("peer", party(observer, number))])
            }
            ClientEvent::NotWritten(why) => {
                let why = match why {
                    NotWritten::TooLong { .. } => "too-long",
                    NotWritten::Full { .. } => "full",
                };
                ("courier.not-written", vec![("why", why.into())])
            }
            ClientEvent::Offered { offer, why } => offered(*offer, why),
            ClientEvent::Call { call, event } => self.of_call(observer, device, *call, event),
            ClientEvent::Measured(rate) => {
                ("courier.measured", vec![("kbps", u64::from(rate.0).into())])
            }
        };
        self.note_device(now, observer, device, told);
    }

    fn of_call(&self, observer: &Observer, device: u32, call: CallId, event: &CallEvent) -> Told {
        let known = self.device(device).and_then(|of| of.mind.peer(call));
        let peer = known.map_or_else(|| "".into(), |number| party(observer, &number));
        match event {
            CallEvent::Ringing => ("courier.ringing", vec![("peer", peer)]),
            CallEvent::Incoming(from) => {
                ("courier.incoming", vec![("peer", party(observer, from))])
            }
            CallEvent::Answered => ("courier.answered", vec![("peer", peer)]),
            CallEvent::Ended { why, heard, said } => {
                let why = match why {
                    CallEnd::HungUp => "hung-up",
                    CallEnd::Rejected => "rejected",
                    CallEnd::NoAnswer => "no-answer",
                    CallEnd::Elsewhere => "elsewhere",
                    CallEnd::Lost => "lost",
                };
                let there = said.map_or(-1, |said| i64::from(said.played));
                let fields = vec![
                    ("peer", peer),
                    ("why", why.into()),
                    ("played", i64::from(heard.played).into()),
                    ("lost", i64::from(heard.lost).into()),
                    ("late", i64::from(heard.late).into()),
                    ("jitter_us", heard.jitter.as_micros().into()),
                    ("played_there", there.into()),
                ];
                ("courier.ended", fields)
            }
        }
    }

    /// Tells what the server tells.
    pub(super) fn tell_of_server(
        &self,
        now: Instant,
        observer: &mut Observer,
        event: &ServerEvent,
    ) {
        let device = |of: &DeviceId| vec![("phone", self.named(observer, *of))];
        let (name, fields) = match event {
            ServerEvent::CodeSent(of) => ("courier.code-issued", self.of_code(observer, *of)),
            ServerEvent::WrongCode(of) => ("courier.code-tried", self.of_code(observer, *of)),
            ServerEvent::Registered(of) => ("courier.device-registered", device(of)),
            ServerEvent::ChangedHands(number) => {
                ("courier.changed-hands", numbered(observer, number))
            }
            ServerEvent::Deregistered(number) => {
                ("courier.deregistered", numbered(observer, number))
            }
            ServerEvent::Linked(of) => ("courier.device-linked", device(of)),
            ServerEvent::Unlinked(of) => ("courier.device-unlinked", device(of)),
            ServerEvent::Connected(of) => ("courier.connected", device(of)),
            ServerEvent::Gone(of) => ("courier.gone", device(of)),
            ServerEvent::Stored(id) => ("courier.stored", self.of_text(observer, *id)),
            ServerEvent::Delivered(id, to) => {
                let mut fields = self.of_text(observer, *id);
                fields.push(("to", self.named(observer, *to)));
                ("courier.delivered", fields)
            }
            ServerEvent::Withdrawn(id) => ("courier.withdrawn", self.of_text(observer, *id)),
            ServerEvent::Expired(id) => ("courier.expired", self.of_text(observer, *id)),
            ServerEvent::Voice(decision) => ("courier.voice", self.of_voice(observer, decision)),
        };
        observer.note(now, name, fields);
    }

    /// Tells whether the carrier has taken the text with a code.
    pub(super) fn tell_of_proof(
        &self,
        now: Instant,
        observer: &mut Observer,
        text: OutText,
        taken: bool,
    ) {
        let mut fields = self.of_code(observer, Registration(text.0));
        fields.retain(|(field, _)| *field == "number");
        fields.push(("taken", taken.into()));
        observer.note(now, "courier.texted", fields);
    }

    fn of_code(&self, observer: &Observer, of: Registration) -> Fields {
        let number = self.truth.as_ref().and_then(|truth| truth.number_of(of));
        let number = number.map_or_else(|| "".into(), |number| party(observer, &number));
        vec![("registration", of.0.into()), ("number", number)]
    }

    /// Returns the sender's phone, and how the sender counts a text.
    fn of_text(&self, observer: &Observer, id: MessageId) -> Fields {
        let number = self.truth.as_ref().and_then(|truth| truth.written_as(id));
        vec![("phone", self.named(observer, id.from)), ("text", number.unwrap_or(id.number).into())]
    }

    fn of_voice(&self, observer: &Observer, decision: &VoiceDecision) -> Fields {
        let (callee, rate) = decision.callee.unzip();
        let rate = rate.flatten().map_or(-1, |rate| i64::from(rate.0));
        vec![
            ("phone", self.named(observer, decision.from)),
            ("callee", callee.map_or_else(|| "".into(), |of| self.named(observer, of))),
            ("caller_kbps", i64::from(decision.caller.0.0).into()),
            ("caller_threshold_kbps", i64::from(decision.caller.1.0).into()),
            ("callee_kbps", rate.into()),
            ("threshold_kbps", i64::from(decision.threshold.0).into()),
            ("over_data", decision.over_data.into()),
        ]
    }

    /// Returns the phone of a device, by the server's number of it.
    fn named(&self, observer: &Observer, id: DeviceId) -> Value {
        let device = self.truth.as_ref().and_then(|truth| truth.device(id));
        let phone = device.and_then(|device| self.device(device)).map(|of| of.phone);
        Value::from(phone.map_or("?", |phone| observer.names.phone(phone)))
    }
}

/// Returns what a number is called.
fn party(observer: &Observer, number: &Msisdn) -> Value {
    observer.names.party(&number.to_string()).into()
}

fn numbered(observer: &Observer, number: &Msisdn) -> Fields {
    vec![("number", party(observer, number))]
}

fn offered(offer: Offer, why: &Why) -> Told {
    let (what, text) = match offer {
        Offer::Call(_) => ("call", 0),
        Offer::Text(number) => ("text", number),
    };
    let fields = vec![("what", what.into()), ("why", why_word(why).into()), ("text", text.into())];
    ("courier.offered", fields)
}

const fn why_word(why: &Why) -> &'static str {
    match why {
        Why::NoData => "no-data",
        Why::Slow { .. } => "slow",
        Why::Unmeasured => "unmeasured",
        Why::Voice(why) => match why {
            VoiceRefusal::Slow { .. } => "callee-slow",
            VoiceRefusal::Unmeasured => "callee-unmeasured",
            VoiceRefusal::Away => "away",
            VoiceRefusal::NotRegistered => "callee-not-registered",
            VoiceRefusal::Busy => "busy",
            VoiceRefusal::Unproved => "card-changed",
            VoiceRefusal::LookupLimit(_) => "lookup-limit",
        },
        Why::Lost => "lost",
        Why::InCall => "in-call",
        Why::Text(why) => refusal(why),
        Why::Carrier => "carrier",
    }
}

const fn refusal(why: &Refusal) -> &'static str {
    match why {
        Refusal::NumberLimit(_) => "number-limit",
        Refusal::RangeLimit(_) => "range-limit",
        Refusal::TenantLimit(_) => "tenant-limit",
        Refusal::Country => "country",
        Refusal::CountryLimit(_) => "country-limit",
        Refusal::Expired => "expired",
        Refusal::TooManyTries => "too-many-tries",
        Refusal::HeldDown(_) => "held-down",
        Refusal::NotPrimary => "not-primary",
        Refusal::Full => "full",
        Refusal::NotRegistered => "not-registered",
        Refusal::Unproved => "unproved",
        Refusal::Carrier => "carrier",
        Refusal::LookupLimit(_) => "lookup-limit",
        Refusal::TooLong(_) => "too-long",
    }
}

const fn state_word(state: &TextState) -> &'static str {
    match state {
        TextState::Waiting => "waiting",
        TextState::NotStored(_) => "not-stored",
        TextState::Stored => "stored",
        TextState::Delivered => "delivered",
        TextState::Read => "read",
        TextState::Withdrawing { .. } => "withdrawing",
        TextState::Quit => "quit",
        TextState::AtCarrier => "at-carrier",
        TextState::Carrier(Outcome::Sent) => "carrier-sent",
        TextState::Carrier(Outcome::Failed) => "carrier-failed",
        TextState::Carrier(Outcome::Unknown) => "carrier-unknown",
        TextState::Expired => "expired",
        TextState::Unsure => "unsure",
    }
}
