//! Unsolicited results: what happened, told on every port that asked for it.

use crate::Model;
use crate::charset;
use crate::port::{Settings, Writer};
use crate::radio::access_technology;
use polysim_at::{
    CcwaUrc, CdsUrc, CdsiUrc, CgevUrc, CievUrc, ClipUrc, CmtUrc, CmtiUrc, ColpUrc, CringUrc,
    CssuUrc, CtzeUrc, CtzvUrc, CusatpUrc, CusdUrc, FinalResult, MessageStore, Registration,
    RegistrationDomain, RegistrationStatus, RejectCause, RingKind, Text, UssdStatus, Zone,
    ZonelessClock,
};
use polysim_base::Msisdn;
use polysim_radio::air::{CellId, Rat};

/// Type of an international number (TS 24.008, 10.5.4.7).
pub(crate) const INTERNATIONAL: u8 = 145;
/// Type of a number of unknown kind.
pub(crate) const UNKNOWN: u8 = 129;

/// Something that hosts may be told.
#[derive(Clone, Debug)]
pub(crate) enum Notice {
    /// A line of the make, on every port.
    Line(&'static str),
    /// A text was stored.
    Stored { store: MessageStore, index: u16 },
    /// A report was stored.
    ReportStored { store: MessageStore, index: u16 },
    /// A text that is not stored; to this port.
    Text { port: u8, pdu: Box<[u8]>, tpdu_len: u16 },
    /// A report that is not stored; to this port.
    Report { port: u8, pdu: Box<[u8]>, tpdu_len: u16 },
    /// A call rings.
    Ring { caller: Option<Msisdn> },
    /// A call waits.
    Waiting { caller: Option<Msisdn> },
    /// A call was connected; whom it reached.
    Connected { port: Option<u8>, number: Box<str> },
    /// A call ended.
    Released(FinalResult),
    /// The other side put the call on hold, or took it back.
    RemoteHeld(bool),
    /// USSD.
    Ussd { status: UssdStatus, text: Option<Box<str>> },
    /// The network told another time zone.
    Zone { zone: Zone, daylight: u8, clock: Option<ZonelessClock> },
    /// Packet data.
    Packet(CgevUrc),
    /// A proactive command, for a host that took the toolkit over: on every port.
    ToolkitCommand(Box<[u8]>),
    /// The session of the card with that host is over.
    ToolkitOver,
}

/// What registration and indicator lines say, to tell what changed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Snapshot {
    /// Of `+CREG`, `+CGREG`, `+CEREG`, `+C5GREG`.
    pub(crate) status: [RegistrationStatus; 4],
    pub(crate) place: Option<(CellId, u16, Rat)>,
    pub(crate) cause: Option<u8>,
    /// Values of `+CIND`, in its order.
    pub(crate) indicators: [u8; INDICATORS.len()],
}

/// Names and ranges of the indicators (TS 27.007, 8.9).
pub(crate) const INDICATORS: [(&str, u8); 8] = [
    ("battchg", 5),
    ("signal", 5),
    ("service", 1),
    ("call", 1),
    ("roam", 1),
    ("smsfull", 1),
    ("callsetup", 3),
    ("callheld", 1),
];

impl Snapshot {
    /// The registration line of a domain, with place and cause.
    pub(crate) fn registration(&self, domain: usize) -> Registration {
        let status = self.status.get(domain).copied().unwrap_or(RegistrationStatus::Unknown);
        let mut line = Registration::new(status);
        if let Some((cell, area, rat)) = self.place.filter(|_| status.is_registered()) {
            line.area = Some(area.into());
            line.cell = Some(cell.0.into());
            line.technology = Some(access_technology(rat));
        }
        if status == RegistrationStatus::Denied {
            line.reject = self.cause.map(|cause| RejectCause { kind: 0, cause });
        }
        line
    }

    /// Writes what changed since `before`.
    pub(crate) fn put_changes(&self, before: &Self, settings: &Settings, to: &mut Writer<'_>) {
        for (at, domain) in RegistrationDomain::ALL.into_iter().enumerate() {
            let setting = settings.registration.get(at).copied().unwrap_or(0);
            let (new, old) = (self.registration(at), before.registration(at));
            if setting == 0 || new == old || (setting == 1 && new.status == old.status) {
                continue;
            }
            let shown = shown(new, setting);
            let quotes = to.area_quotes();
            to.framed(|out| shown.encode(domain, None, quotes, out));
        }
        if settings.indicator_events != [3, 1] && settings.indicator_events != [3, 2] {
            return;
        }
        let changed = self.indicators.iter().zip(&before.indicators).zip(1..);
        for ((value, _), indicator) in changed.filter(|((new, old), _)| new != old) {
            to.line(&CievUrc { indicator, value: *value });
        }
    }
}

/// The parts of a registration line that a setting shows (TS 27.007, 7.2).
pub(crate) const fn shown(line: Registration, setting: u8) -> Registration {
    match setting {
        0 | 1 => Registration::new(line.status),
        2 | 4 => Registration { reject: None, ..line },
        _ => line,
    }
}

/// A caller's number and its type; empty where it is withheld.
pub(crate) fn number_text(number: Option<&Msisdn>) -> (Text, u8, Option<u8>) {
    match number.and_then(|number| Text::new(number.to_string()).ok()) {
        Some(text) => (text, INTERNATIONAL, None),
        None => (Text::default(), UNKNOWN, Some(1)),
    }
}

/// A number as dialled, and its type.
pub(crate) fn dialled_text(number: &str) -> (Text, u8) {
    let kind = if number.starts_with('+') { INTERNATIONAL } else { UNKNOWN };
    (Text::new(number).unwrap_or_default(), kind)
}

impl Notice {
    /// Writes the notice as a port wants it, if it wants it.
    pub(crate) fn put(
        &self,
        port: u8,
        settings: &Settings,
        model: &'static Model,
        out: &mut Vec<u8>,
    ) {
        let mut to = Writer::new(settings, model, out);
        let [mode, deliver, _, report, _] = settings.indications;
        match self {
            Self::Line(line) => to.text(line),
            Self::Stored { store, index } if mode > 0 && matches!(deliver, 1..=3) => {
                to.line(&CmtiUrc { store: *store, index: *index });
            }
            Self::ReportStored { store, index } if mode > 0 && report == 2 => {
                let (store, index) = if model.reports_announced_in_sim {
                    (MessageStore::Sim, 0)
                } else {
                    (*store, *index)
                };
                to.line(&CdsiUrc { store, index });
            }
            Self::Text { port: to_port, pdu, tpdu_len } if *to_port == port => {
                if settings.text_mode {
                    crate::sms::put_text_urc(pdu, settings, &mut to);
                } else {
                    to.line_with_pdu(&CmtUrc { name: None, length: *tpdu_len }, pdu);
                }
            }
            Self::Report { port: to_port, pdu, tpdu_len } if *to_port == port => {
                if settings.text_mode {
                    crate::sms::put_report_urc(pdu, &mut to);
                } else {
                    to.line_with_pdu(&CdsUrc { length: *tpdu_len }, pdu);
                }
            }
            Self::Ring { caller } => put_ring(caller.as_ref(), settings, &mut to),
            Self::Waiting { caller } if settings.show_waiting => {
                let (number, address_type, validity) = number_text(caller.as_ref());
                to.line(&CcwaUrc { number, address_type, class: 1, name: None, validity });
            }
            Self::Connected { port: to_port, number }
                if settings.show_connected && to_port.is_none_or(|p| p == port) =>
            {
                let (number, address_type) = dialled_text(number);
                to.line(&ColpUrc { number, address_type });
            }
            Self::Released(result) => to.result(*result),
            Self::RemoteHeld(held) if settings.show_services[1] => {
                let code = if *held { 2 } else { 3 };
                to.line(&CssuUrc { code, index: None, number: None, address_type: None });
            }
            Self::Ussd { status, text } if settings.show_ussd => {
                put_ussd(*status, text.as_deref(), settings, &mut to);
            }
            Self::Zone { zone, daylight, clock } => {
                put_zone(*zone, *daylight, *clock, settings.show_zone, &mut to);
            }
            Self::ToolkitCommand(command) => {
                to.line(&CusatpUrc { command: command.to_vec().into() });
            }
            Self::ToolkitOver => to.text("+CUSATEND"),
            Self::Packet(event) if matches!(settings.packet_events, 1 | 2) => to.line(event),
            Self::Stored { .. }
            | Self::ReportStored { .. }
            | Self::Text { .. }
            | Self::Report { .. }
            | Self::Waiting { .. }
            | Self::Connected { .. }
            | Self::RemoteHeld(_)
            | Self::Ussd { .. }
            | Self::Packet(_) => {}
        }
    }
}

fn put_ussd(status: UssdStatus, text: Option<&str>, settings: &Settings, to: &mut Writer<'_>) {
    let (text, coding) = match text.map(|text| charset::encode_ussd(text, settings.charset)) {
        Some((text, coding)) => (Text::new(text).ok(), Some(coding)),
        None => (None, None),
    };
    to.line(&CusdUrc { status, text, coding });
}

fn put_zone(
    zone: Zone,
    daylight_saving: u8,
    clock: Option<ZonelessClock>,
    setting: u8,
    to: &mut Writer<'_>,
) {
    match setting {
        1 => to.line(&CtzvUrc { zone }),
        2 => to.line(&CtzeUrc { zone, daylight_saving, clock: None }),
        3 => to.line(&CtzeUrc { zone, daylight_saving, clock }),
        _ => {}
    }
}

fn put_ring(caller: Option<&Msisdn>, settings: &Settings, to: &mut Writer<'_>) {
    if settings.show_ring_kind {
        to.line(&CringUrc { kind: RingKind::Voice });
    } else {
        to.ring();
    }
    if settings.show_caller {
        let (number, address_type, validity) = number_text(caller);
        to.line(&ClipUrc {
            number,
            address_type,
            subaddress: None,
            subaddress_type: None,
            name: None,
            validity,
        });
    }
}
