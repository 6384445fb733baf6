//! Text mode (TS 27.005, 3): messages as fields and text.

use super::store::Message;
use super::{Entry, Purpose};
use crate::charset;
use crate::command::{Exchange, Progress, Refusal, Step};
use crate::port::{Settings, Writer};
use polysim_at::{Arg, Args, CmsError, MessageStatus};
use polysim_base::Hex;
use polysim_sms::{
    Address, Alphabet, AtPdu, Deliver, MobileOriginated, MobileTerminated, ProtocolId,
    RelativeValidity, Rp, StatusReport, Submit, Timestamp, Tpdu, UserData, ValidityPeriod,
};

/// Words for the states of messages (TS 27.005, 3.1, `<stat>`).
const STATES: [(MessageStatus, &str); 5] = [
    (MessageStatus::ReceivedUnread, "REC UNREAD"),
    (MessageStatus::ReceivedRead, "REC READ"),
    (MessageStatus::StoredUnsent, "STO UNSENT"),
    (MessageStatus::StoredSent, "STO SENT"),
    (MessageStatus::All, "ALL"),
];

/// The state that a word names.
fn state_of(word: &[u8]) -> Option<MessageStatus> {
    STATES
        .iter()
        .find(|(_, name)| word.eq_ignore_ascii_case(name.as_bytes()))
        .map(|(state, _)| *state)
}

fn word_of(state: MessageStatus) -> &'static str {
    STATES.iter().find(|(known, _)| *known == state).map_or("", |(_, name)| name)
}

/// A time as text mode writes it.
fn time(at: &Timestamp) -> String {
    let ((year, month, day), (hour, minute, second)) = (at.date(), at.time());
    let zone = at.zone_quarters();
    let sign = if zone < 0 { '-' } else { '+' };
    format!(
        "\"{year:02}/{month:02}/{day:02},{hour:02}:{minute:02}:{second:02}{sign}{:02}\"",
        zone.unsigned_abs()
    )
}

/// A number or name in quotes.
fn quoted(address: &Address, settings: Option<&Settings>) -> String {
    let text = address.to_string();
    let coded = match settings {
        Some(settings) => charset::encode(&text, settings.charset),
        None => text.into_bytes(),
    };
    format!("\"{}\"", String::from_utf8_lossy(&coded))
}

/// The user data: text in the port's character set, or hex where it is no text.
fn data(user_data: &UserData, settings: &Settings) -> Vec<u8> {
    let plain = user_data.coding().alphabet() == Alphabet::Gsm7 && user_data.header().is_none();
    match user_data.text() {
        Ok(text) if plain => charset::encode(&text, settings.charset),
        _ => Hex(user_data.payload()).to_string().into_bytes(),
    }
}

/// Writes a stored message: `head` is `+CMGR: ` or `+CMGL: <index>,`.
pub(crate) fn put_text_message(
    head: &str,
    message: &Message,
    settings: &Settings,
    to: &mut Writer<'_>,
) {
    let state = word_of(message.status);
    let received =
        matches!(message.status, MessageStatus::ReceivedUnread | MessageStatus::ReceivedRead);
    if received {
        match MobileTerminated::parse(message.tpdu(), Rp::Data) {
            Ok(MobileTerminated::Deliver(deliver)) => {
                let from = quoted(&deliver.originator, Some(settings));
                let line = format!("{head}\"{state}\",{from},,{}", time(&deliver.timestamp));
                let line = if settings.show_header {
                    let (kind, first) = (deliver.originator.type_of_address(), message.tpdu());
                    let first = first.first().copied().unwrap_or(0);
                    let (pid, dcs) = (deliver.protocol.0, deliver.user_data.coding().0);
                    let length = data(&deliver.user_data, settings).len();
                    format!("{line},{kind},{first},{pid},{dcs},,,{length}")
                } else {
                    line
                };
                to.line_with_text(line.as_bytes(), &data(&deliver.user_data, settings));
            }
            Ok(MobileTerminated::StatusReport(report)) => {
                let first = message.tpdu().first().copied().unwrap_or(0);
                let line = format!("{head}\"{state}\",{}", report_fields(first, &report));
                to.text(line);
            }
            Ok(MobileTerminated::SubmitReport(_)) | Err(_) => {
                to.text(format!("{head}\"{state}\",,,"));
            }
        }
        return;
    }
    match MobileOriginated::parse(message.tpdu(), Rp::Data) {
        Ok(MobileOriginated::Submit(submit)) => {
            let destination = quoted(&submit.destination, Some(settings));
            let line = format!("{head}\"{state}\",{destination},");
            to.line_with_text(line.as_bytes(), &data(&submit.user_data, settings));
        }
        _ => to.text(format!("{head}\"{state}\",,,")),
    }
}

fn report_fields(first: u8, report: &StatusReport) -> String {
    format!(
        "{first},{},{},{},{},{},{}",
        report.reference,
        quoted(report.recipient(), None),
        report.recipient().type_of_address(),
        time(&report.timestamp),
        time(&report.discharge),
        report.status.0
    )
}

/// Writes `+CMT` in text mode.
pub(crate) fn put_text_urc(pdu: &[u8], settings: &Settings, to: &mut Writer<'_>) {
    let parsed = AtPdu::<MobileTerminated>::parse(pdu, Rp::Data);
    if let Ok(AtPdu { tpdu: MobileTerminated::Deliver(deliver), .. }) = parsed {
        let Deliver { originator, timestamp, user_data, .. } = &deliver;
        let line = format!("+CMT: {},,{}", quoted(originator, Some(settings)), time(timestamp));
        to.line_with_text(line.as_bytes(), &data(user_data, settings));
    }
}

/// Writes `+CDS` in text mode.
pub(crate) fn put_report_urc(pdu: &[u8], to: &mut Writer<'_>) {
    let parsed = AtPdu::<MobileTerminated>::parse(pdu, Rp::Data);
    if let Ok(AtPdu { tpdu: MobileTerminated::StatusReport(report), .. }) = parsed {
        let sc = pdu.first().map_or(0, |len| usize::from(*len) + 1);
        let first = pdu.get(sc).copied().unwrap_or(0);
        to.text(format!("+CDS: {}", report_fields(first, &report)));
    }
}

impl Exchange<'_> {
    /// A command whose arguments in text mode are others than in PDU mode; `None` if it is not
    /// one of these, or the port is in PDU mode.
    pub(crate) fn text_mode_command(&mut self, body: &[u8]) -> Option<Progress> {
        if !self.settings.text_mode {
            return None;
        }
        let equals = body.iter().position(|b| *b == b'=')?;
        let (name, list) = body.split_at_checked(equals)?;
        let list = list.get(1..)?;
        let mut args = Args::new(list);
        let first = match args.take().ok()? {
            Arg::Quoted(text) | Arg::Bare(text) => text,
            Arg::Missing => return Some(Err(CmsError::InvalidTextParameter.into())),
        };
        if name.eq_ignore_ascii_case(b"+CMGL") {
            return Some(match state_of(first) {
                Some(state) => self.list_messages(state),
                None => Err(CmsError::InvalidTextParameter.into()),
            });
        }
        let sends = name.eq_ignore_ascii_case(b"+CMGS");
        if !sends && !name.eq_ignore_ascii_case(b"+CMGW") {
            return None;
        }
        let number = charset::decode(first, self.settings.charset);
        let number = number.filter(|n| n.starts_with(['+', '*', '#']) || !n.is_empty());
        let plain = core::str::from_utf8(first).unwrap_or_default();
        let destination = [number.as_deref().unwrap_or_default(), plain]
            .into_iter()
            .find_map(|text| Address::parse_dialled(text).ok());
        let Some(destination) = destination else {
            return Some(Err(CmsError::InvalidTextParameter.into()));
        };
        Some(Ok(Step::Prompt(if sends {
            Entry::SubmitText { destination }
        } else {
            Entry::WriteText { destination }
        })))
    }

    /// Makes a message of a text typed at the prompt, with the parameters of `+CSMP`.
    pub(crate) fn compose(&self, destination: Address, typed: &[u8]) -> Result<Vec<u8>, Refusal> {
        let [first, validity, protocol, coding] = self.core.messages.parameters;
        // Lines of a text end with CR on the line; in the message they end with LF.
        let typed: Vec<u8> = typed.iter().map(|b| if *b == b'\r' { b'\n' } else { *b }).collect();
        let text =
            charset::decode(&typed, self.settings.charset).ok_or(CmsError::InvalidTextParameter)?;
        let user_data = match polysim_sms::DataCoding(coding).alphabet() {
            Alphabet::Gsm7 => UserData::from_text(&text),
            Alphabet::Ucs2 => {
                let octets = polysim_sms::ucs2::encode(&text);
                UserData::from_octets(
                    polysim_sms::DataCoding(coding),
                    &polysim_sms::HeaderBuf::new(),
                    &octets,
                )
            }
            _ => return Err(CmsError::InvalidTextParameter.into()),
        };
        let user_data = user_data.map_err(|_| CmsError::InvalidTextParameter)?;
        let mut submit = Submit::new(destination, user_data);
        submit.protocol = ProtocolId(protocol);
        submit.status_report_request = first & 0x20 != 0;
        if first & 0x18 == 0x10 {
            submit.validity = ValidityPeriod::Relative(RelativeValidity(validity));
        }
        Ok(MobileOriginated::Submit(submit).to_octets())
    }

    /// Sends a text typed in text mode.
    pub(crate) fn submit_text(&mut self, destination: Address, typed: &[u8]) -> Progress {
        let tpdu = self.compose(destination, typed)?;
        self.submit(Purpose::Entered, None, tpdu)
    }
}
