//! The card's side of T=0.

use alloc::{boxed::Box, vec::Vec};

use super::{expected, length_byte};
use crate::{Class, CommandApdu, Header, Ins, Le, Outcome, Status};

/// Turns TPDUs into commands and keeps what waits for GET RESPONSE. Idle it takes two words.
///
/// For each TPDU call [`T0Card::receive`]; if it returns a command, execute it, write the data of
/// the response into the reply and call [`T0Card::answer`]. The reply is then the answer.
///
/// ```
/// use polysim_apdu::{Status, T0Card};
/// let (mut t0, mut reply) = (T0Card::default(), Vec::new());
/// let command = t0.receive(&[0x00, 0xA4, 0x00, 0x04, 0x02, 0x3F, 0x00], &mut reply).unwrap();
/// reply.extend([0x62, 0x00]); // what the card answers to SELECT
/// t0.answer(&command, Status::Success, &mut reply);
/// assert_eq!(reply, [0x61, 0x02]);
/// assert_eq!(t0.receive(&[0x00, 0xC0, 0x00, 0x00, 0x02], &mut reply), None);
/// assert_eq!(reply, [0x62, 0x00, 0x90, 0x00]);
/// ```
#[derive(Clone, Debug, Default)]
pub struct T0Card {
    held: Option<Box<Held>>,
    lenient: bool,
}

/// What waits on the card.
#[derive(Clone, Debug)]
struct Held {
    /// The header that fetches it, and the only P3 that does so if it was put off by `6Cxx`.
    header: Header,
    exact: Option<u8>,
    data: Vec<u8>,
    sent: usize,
    status: Status,
}

impl T0Card {
    /// Returns one that hands out less than P3 asks for. A real T=0 interface cannot: the card
    /// answers `6Cxx` there, as [`T0Card::default`] does; virtual readers may.
    #[must_use]
    pub const fn lenient() -> Self {
        Self { held: None, lenient: true }
    }

    /// Forgets what waits, as a reset does.
    pub fn reset(&mut self) {
        self.held = None;
    }

    /// Takes a TPDU. Returns the command to execute, the reply being empty, or `None` if the
    /// reply is complete: GET RESPONSE, a length corrected, a malformed TPDU. A whole APDU with
    /// both data and Le, as virtual readers pass on, is taken as well.
    pub fn receive<'a>(&mut self, tpdu: &'a [u8], reply: &mut Vec<u8>) -> Option<CommandApdu<'a>> {
        reply.clear();
        let command = match CommandApdu::parse(tpdu) {
            Ok(command) => command,
            Err(error) => {
                self.held = None;
                reply.extend_from_slice(&Status::from(error).to_bytes());
                return None;
            }
        };
        let header = command.header();
        match self.held.take() {
            Some(held) if held.is_fetched_by(header) && held.repeats(&command) => {
                self.hand_out(held, command.le(), reply);
                None
            }
            Some(_) | None if header.ins == Ins::GetResponse.byte() => {
                reply.extend_from_slice(&refused_get_response(header).to_bytes());
                None
            }
            Some(_) | None => Some(command),
        }
    }

    /// Makes the reply to a command: `reply` holds the data of the response and gets the status
    /// word; or it is kept for GET RESPONSE and the reply says so.
    pub fn answer(&mut self, command: &CommandApdu<'_>, status: Status, reply: &mut Vec<u8>) {
        if reply.is_empty() {
            reply.extend_from_slice(&status.to_bytes());
            return;
        }
        let class = Class::parse(command.header().cla).unwrap_or(Class::INTERINDUSTRY);
        let sim = class == Class::SIM;
        let Some(le) = command.le() else {
            let length = length_byte(reply.len().min(256));
            let waits = match status.outcome() {
                Outcome::Normal if sim => Status::ResponseLength(length),
                Outcome::Normal => Status::DataAvailable(length),
                Outcome::Warning
                | Outcome::Postponed
                | Outcome::ExecutionError
                | Outcome::CheckingError => status,
            };
            self.hold(get_response(class), None, status, reply);
            reply.extend_from_slice(&waits.to_bytes());
            return;
        };
        let (have, want) = (reply.len(), le.bytes());
        if have > 256 && want == 256 {
            self.hold(get_response(class), None, status, reply);
            if let Some(held) = self.held.take() {
                self.hand_out(held, Some(le), reply);
            }
        } else if have > want && sim {
            reply.truncate(want);
            reply.extend_from_slice(&status.to_bytes());
        } else if have == want || (have < want && self.may_shorten(command)) {
            reply.extend_from_slice(&status.to_bytes());
        } else {
            let length = length_byte(have.min(256));
            self.hold(command.header(), Some(length), status, reply);
            reply.extend_from_slice(&Status::WrongLe(length).to_bytes());
        }
    }

    /// Less than asked for may go out in one piece only where no T=0 interface is.
    const fn may_shorten(&self, command: &CommandApdu<'_>) -> bool {
        self.lenient || !command.data().is_empty()
    }

    fn hold(&mut self, header: Header, exact: Option<u8>, status: Status, reply: &mut Vec<u8>) {
        let data = core::mem::take(reply);
        self.held = Some(Box::new(Held { header, exact, data, sent: 0, status }));
    }

    fn hand_out(&mut self, mut held: Box<Held>, le: Option<Le>, reply: &mut Vec<u8>) {
        let rest = held.data.get(held.sent..).unwrap_or_default();
        let want = le.map_or(256, Le::bytes).min(256);
        let sim = held.header.cla == Class::SIM.byte();
        if want > rest.len() && !(self.lenient && want == 256) {
            let length = length_byte(rest.len());
            self.held = Some(held);
            reply.extend_from_slice(&Status::WrongLe(length).to_bytes());
            return;
        }
        let part = rest.get(..want).unwrap_or(rest);
        reply.extend_from_slice(part);
        let left = rest.len() - part.len();
        if left == 0 || sim {
            reply.extend_from_slice(&held.status.to_bytes());
            return;
        }
        held.sent += part.len();
        self.held = Some(held);
        let length = length_byte(left.min(256));
        reply.extend_from_slice(&Status::DataAvailable(length).to_bytes());
    }
}

impl Held {
    /// Whether a header fetches this. LPAs send GET RESPONSE in the class of the command that it
    /// belongs to, `8X`, too.
    fn is_fetched_by(&self, header: Header) -> bool {
        let class = Class::parse(header.cla).map(|class| class.for_get_response().byte());
        let get_response = header.ins == Ins::GetResponse.byte();
        let meant = match class {
            Ok(cla) if get_response => Header { cla, ..header },
            Ok(_) | Err(_) => header,
        };
        self.header == meant
    }

    /// Whether a TPDU with the right header fetches this: GET RESPONSE always, a command put off
    /// by `6Cxx` only when it comes again with the length told.
    fn repeats(&self, command: &CommandApdu<'_>) -> bool {
        command.data().is_empty()
            && match self.exact {
                None => true,
                Some(length) => command.le().is_some_and(|le| le.bytes() == expected(length)),
            }
    }
}

fn get_response(class: Class) -> Header {
    Header::new(class.for_get_response().byte(), Ins::GetResponse.byte(), 0, 0)
}

/// Nothing waits on that channel, or the parameters are wrong.
fn refused_get_response(header: Header) -> Status {
    match Class::parse(header.cla) {
        Err(status) => status,
        Ok(class) if class.for_get_response() != class => Status::ClassNotSupported,
        Ok(_) if header.p1 != 0 || header.p2 != 0 => Status::WrongP1P2,
        Ok(_) => Status::ConditionsNotSatisfied,
    }
}
