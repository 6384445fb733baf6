//! The user's side of a phone: what was asked of the modem, and what to do when it tells something.

use crate::event::Value;
use crate::observer::{Names, Observer};
use crate::request::Request;
use polysim_at::{CallDirection, CallState, PinStatus, RegistrationStatus, UssdStatus};
use polysim_base::{Duration, Instant};
use polysim_modem::{
    CallEnd, CallId, CallInfo, ModemCommand, ModemError, ModemEvent, ModemInput, PartOutcome, Pin,
    Reply, SendFailure, SendOutcome, TextBody, Verdict,
};
use polysim_sms::StatusClass;
use std::collections::BTreeMap;

/// What a user remembers.
#[derive(Debug, Default)]
pub(crate) struct User {
    next_id: u64,
    asked: BTreeMap<u64, Asked>,
    calls: Vec<(CallId, String)>,
    registered: Option<(String, bool)>,
    pub(crate) texts: u32,
    pub(crate) pin: Option<Pin>,
    pub(crate) answers_after: Option<Duration>,
}

/// What was asked of the modem, as far as its outcome matters.
#[derive(Debug)]
enum Asked {
    Text { to: String },
    Call { to: String },
    Ussd,
    Data { context: u8, on: bool },
    Other,
}

/// Where a phone is registered, as it sees it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Whereabouts<'a> {
    pub(crate) operator: &'a str,
}

impl User {
    /// Asks something of the modem.
    pub(crate) fn ask(&mut self, request: Request, names: &Names) -> ModemInput {
        let party = request.to.map(|to| names.party(&to.to_string()));
        self.command(request.command, party)
    }

    /// Gives a command its number and remembers what it was for.
    pub(crate) fn command(&mut self, command: ModemCommand, party: Option<String>) -> ModemInput {
        let id = self.next_id;
        self.next_id += 1;
        let asked = match (&command, party) {
            (ModemCommand::SendText(_), Some(to)) => Asked::Text { to },
            (ModemCommand::Dial { .. }, Some(to)) => Asked::Call { to },
            (ModemCommand::Ussd(_), _) => Asked::Ussd,
            (ModemCommand::ActivateContext(definition), _) => {
                Asked::Data { context: definition.context, on: true }
            }
            (ModemCommand::DeactivateContext { context }, _) => {
                Asked::Data { context: *context, on: false }
            }
            _ => Asked::Other,
        };
        self.asked.insert(id, asked);
        ModemInput::Command { id, command }
    }

    /// Returns what the user can say of the phone, where it is registered with that operator.
    pub(crate) fn state(
        &self,
        registration: Option<&(String, bool)>,
    ) -> Vec<(&'static str, Value)> {
        let calls = i64::try_from(self.calls.len()).unwrap_or(i64::MAX);
        vec![
            ("calls", calls.into()),
            ("operator", registration.map_or("", |(operator, _)| operator).into()),
            ("registered", registration.is_some().into()),
            ("roaming", registration.is_some_and(|(_, roaming)| *roaming).into()),
            ("texts", i64::from(self.texts).into()),
        ]
    }

    /// Returns the operator that the phone is registered with, and whether it roams.
    pub(crate) fn registration(&self) -> Option<&(String, bool)> {
        self.registered.as_ref()
    }

    /// The phone was switched off: calls and registration are gone without a word of the modem.
    pub(crate) fn switched_off(&mut self, at: Instant, phone: u32, observer: &mut Observer) {
        self.calls.clear();
        if self.registered.take().is_some() {
            observer.tell(at, "phone.deregistered", phone, []);
        }
    }

    /// A command is done.
    pub(crate) fn done(
        &mut self,
        at: Instant,
        phone: u32,
        id: u64,
        outcome: Result<Reply, ModemError>,
        observer: &mut Observer,
    ) {
        match (self.asked.remove(&id), outcome) {
            (Some(Asked::Text { to }), Ok(Reply::Text(sent))) => {
                text_outcome(at, phone, to, &sent, observer);
            }
            (Some(Asked::Text { to }), _) => {
                let fields = [("to", to.into()), ("cause", 0_i64.into())];
                observer.tell(at, "text.failed", phone, fields);
            }
            (Some(Asked::Call { to }), Ok(Reply::Dialled(call))) => self.name_call(call, &to),
            (Some(Asked::Call { to }), Err(error)) => {
                if !matches!(error, ModemError::CallEnded(_)) {
                    let fields = [("peer", to.into()), ("cause", "failed".into())];
                    observer.tell(at, "call.ended", phone, fields);
                }
            }
            (Some(Asked::Ussd), Err(_)) => observer.tell(at, "ussd.refused", phone, []),
            (Some(Asked::Data { context, on: true }), Ok(Reply::Context(address))) => {
                let address = address.as_ref().and_then(|text| text.as_str()).unwrap_or("");
                let fields = [("context", context.into()), ("address", address.into())];
                observer.tell(at, "data.active", phone, fields);
            }
            (Some(Asked::Data { context, .. }), _) => {
                observer.tell(at, "data.inactive", phone, [("context", context.into())]);
            }
            (Some(Asked::Call { .. } | Asked::Ussd | Asked::Other) | None, _) => {}
        }
    }

    /// The modem tells something; returns what to say to it, and after how long.
    pub(crate) fn hears(
        &mut self,
        at: Instant,
        phone: u32,
        event: ModemEvent,
        whereabouts: Option<Whereabouts<'_>>,
        observer: &mut Observer,
    ) -> Option<(Duration, ModemInput)> {
        match event {
            ModemEvent::Ready(_) => observer.tell(at, "modem.ready", phone, []),
            ModemEvent::Registration(state) => {
                self.registration_changed(at, phone, state.status, whereabouts, observer);
            }
            ModemEvent::Text(text) => {
                self.texts += 1;
                let body = match text.body {
                    TextBody::Text(text) => text,
                    TextBody::Data(data) => polysim_base::Hex(&data).to_string(),
                };
                let from = observer.names.party(&text.from.to_string());
                let parts = i64::try_from(text.parts.len()).unwrap_or(0);
                let fields =
                    [("from", from.into()), ("text", body.into()), ("parts", parts.into())];
                observer.tell(at, "text.received", phone, fields);
            }
            ModemEvent::TextReceived(part) => return Some(recorded(part.id)),
            ModemEvent::UnreadableText(text) => return Some(recorded(text.id)),
            ModemEvent::StatusReport(report) => {
                let to = observer.names.party(&report.recipient.to_string());
                let fields = [("to", to.into()), ("status", status(report.status).into())];
                observer.tell(at, "text.report", phone, fields);
                return Some(recorded(report.id));
            }
            ModemEvent::Incoming(call) => return self.rings(at, phone, &call, observer),
            ModemEvent::CallState(call) => self.call_changed(at, phone, &call, observer),
            ModemEvent::CallEnded { call, cause } => {
                self.call_ended(at, phone, call, cause, observer);
            }
            ModemEvent::Ussd { status, text } => ussd(at, phone, status, text, observer),
            ModemEvent::Reset => {
                self.calls.clear();
                observer.tell(at, "modem.reset", phone, []);
            }
            ModemEvent::Unresponsive => observer.tell(at, "modem.unresponsive", phone, []),
            ModemEvent::PinRequired { needed, attempts_left } => {
                let puk = matches!(needed, PinStatus::SimPuk | PinStatus::SimPuk2);
                let tries = attempts_left.map_or(-1, i64::from);
                let kind = if puk { "puk" } else { "pin" };
                let fields = [("kind", kind.into()), ("tries", tries.into())];
                observer.tell(at, "phone.pin-required", phone, fields);
            }
            ModemEvent::NetworkTime { .. }
            | ModemEvent::Responsive
            | ModemEvent::NotReady(_)
            | ModemEvent::TextIncomplete(_) => {}
        }
        None
    }

    fn registration_changed(
        &mut self,
        at: Instant,
        phone: u32,
        status: RegistrationStatus,
        whereabouts: Option<Whereabouts<'_>>,
        observer: &mut Observer,
    ) {
        if !status.is_registered() {
            if self.registered.take().is_some() {
                observer.tell(at, "phone.deregistered", phone, []);
            }
            return;
        }
        let roaming = matches!(
            status,
            RegistrationStatus::Roaming
                | RegistrationStatus::RoamingSmsOnly
                | RegistrationStatus::RoamingNoCsfb
        );
        let Some(place) = whereabouts else { return };
        let now = (place.operator.to_owned(), roaming);
        if self.registered.as_ref() == Some(&now) {
            return;
        }
        let fields = [("operator", Value::from(place.operator)), ("roaming", roaming.into())];
        observer.tell(at, "phone.registered", phone, fields);
        self.registered = Some(now);
    }

    fn rings(
        &mut self,
        at: Instant,
        phone: u32,
        call: &CallInfo,
        observer: &mut Observer,
    ) -> Option<(Duration, ModemInput)> {
        let peer = number(call);
        let peer = observer.names.party(&peer);
        self.name_call(call.call, &peer);
        let waiting = call.state == CallState::Waiting;
        let fields = [("peer", peer.into()), ("waiting", waiting.into())];
        observer.tell(at, "call.incoming", phone, fields);
        let after = self.answers_after.filter(|_| !waiting)?;
        Some((after, self.command(ModemCommand::Answer, None)))
    }

    fn call_changed(&mut self, at: Instant, phone: u32, call: &CallInfo, observer: &mut Observer) {
        let told = number(call);
        if !told.is_empty() {
            self.name_call(call.call, &observer.names.party(&told));
        }
        let name = match call.state {
            CallState::Active => "call.active",
            CallState::Held => "call.held",
            CallState::Dialing if call.direction == CallDirection::Originated => "call.dialling",
            CallState::Alerting => "call.alerting",
            CallState::Dialing | CallState::Incoming | CallState::Waiting | CallState::Other(_) => {
                return;
            }
        };
        observer.tell(at, name, phone, [("peer", self.peer(call.call).into())]);
    }

    fn call_ended(
        &mut self,
        at: Instant,
        phone: u32,
        call: CallId,
        cause: CallEnd,
        observer: &mut Observer,
    ) {
        let cause = match cause {
            CallEnd::HungUp => "hung-up",
            CallEnd::Released => "released",
            CallEnd::Busy => "busy",
            CallEnd::NoAnswer => "no-answer",
            CallEnd::NoDialtone => "no-service",
            CallEnd::Lost => "lost",
        };
        let fields = [("peer", self.peer(call).into()), ("cause", cause.into())];
        observer.tell(at, "call.ended", phone, fields);
        self.calls.retain(|(other, _)| *other != call);
    }

    fn name_call(&mut self, call: CallId, peer: &str) {
        match self.calls.iter_mut().find(|(other, _)| *other == call) {
            Some((_, name)) if name.is_empty() => peer.clone_into(name),
            Some(_) => {}
            None => self.calls.push((call, peer.to_owned())),
        }
    }

    fn peer(&self, call: CallId) -> String {
        let known = self.calls.iter().find(|(other, _)| *other == call);
        known.map_or_else(String::new, |(_, peer)| peer.clone())
    }
}

/// What was received is on the user's disk a moment later.
fn recorded(id: polysim_modem::TextId) -> (Duration, ModemInput) {
    (crate::paths::REACTION, ModemInput::Recorded(id))
}

fn number(call: &CallInfo) -> String {
    call.number.as_ref().and_then(|text| text.as_str()).unwrap_or("").to_owned()
}

fn text_outcome(at: Instant, phone: u32, to: String, sent: &SendOutcome, observer: &mut Observer) {
    let parts = i64::try_from(sent.parts.len()).unwrap_or(0);
    let to = ("to", Value::from(to));
    match sent.verdict() {
        Verdict::Sent => observer.tell(at, "text.sent", phone, [to, ("parts", parts.into())]),
        Verdict::Unknown => observer.tell(at, "text.unknown", phone, [to]),
        Verdict::Failed => {
            let cause = sent.parts.iter().find_map(|part| match part {
                PartOutcome::Failed(SendFailure::Refused(cause)) => Some(i64::from(cause.number())),
                PartOutcome::Failed(_) | PartOutcome::Sent { .. } | PartOutcome::Unknown => None,
            });
            let cause = ("cause", cause.unwrap_or(0).into());
            observer.tell(at, "text.failed", phone, [to, cause]);
        }
    }
}

/// TP-Status in a word (TS 23.040, 9.2.3.15).
const fn status(status: polysim_sms::Status) -> &'static str {
    /// Validity period expired.
    const EXPIRED: u8 = 0x46;
    match status.class() {
        StatusClass::Completed => "delivered",
        StatusClass::TemporaryTrying => "trying",
        _ if status.0 == EXPIRED => "expired",
        StatusClass::Permanent | StatusClass::TemporaryFinal | StatusClass::Reserved => "failed",
    }
}

fn ussd(
    at: Instant,
    phone: u32,
    status: UssdStatus,
    text: Option<String>,
    observer: &mut Observer,
) {
    match (status, text) {
        (UssdStatus::Done | UssdStatus::ActionRequired, Some(text)) => {
            let more = status == UssdStatus::ActionRequired;
            let fields = [("text", text.into()), ("more", more.into())];
            observer.tell(at, "ussd.answer", phone, fields);
        }
        (UssdStatus::NotSupported | UssdStatus::TimedOut, _) => {
            observer.tell(at, "ussd.refused", phone, []);
        }
        (
            UssdStatus::Done
            | UssdStatus::ActionRequired
            | UssdStatus::Terminated
            | UssdStatus::OtherClient
            | UssdStatus::Other(_),
            _,
        ) => {}
    }
}
