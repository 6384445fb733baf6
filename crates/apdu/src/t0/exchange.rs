//! One exchange over T=0 as tracers write it: header, data, status word in one piece.

use super::{T0Error, expected};
use crate::{CommandApdu, Direction, Header, Ins, Status};

/// A TPDU and its answer, borrowed from a trace (GSMTAP, SIM payload).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct T0Exchange<'a> {
    /// Header of the command.
    pub header: Header,
    /// The length byte.
    pub p3: u8,
    /// What the terminal sent.
    pub sent: &'a [u8],
    /// What the card sent.
    pub received: &'a [u8],
    /// How it ended.
    pub status: Status,
}

impl<'a> T0Exchange<'a> {
    /// Reads header, P3, the data in whichever direction the instruction has, and SW1 SW2. Data
    /// of an instruction without a name is taken as sent.
    ///
    /// # Errors
    /// [`T0Error`] if the lengths do not agree with P3.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, T0Error> {
        let short = T0Error::Short { len: bytes.len(), min: 7 };
        let Some((&[cla, ins, p1, p2, p3], rest)) = bytes.split_first_chunk::<5>() else {
            return Err(short);
        };
        let Some((data, &[sw1, sw2])) = rest.split_last_chunk::<2>() else {
            return Err(short);
        };
        let direction = Ins::from_byte(ins).map_or(Direction::ToCard, Ins::direction);
        let (sent, received) = match direction {
            Direction::ToCard => (data, &[][..]),
            Direction::FromCard => (&[][..], data),
        };
        let allowed = match direction {
            Direction::ToCard => usize::from(p3),
            Direction::FromCard => expected(p3),
        };
        let whole = received.len() <= allowed && (sent.is_empty() || sent.len() == allowed);
        if !whole {
            return Err(T0Error::UnexpectedData { len: data.len(), allowed });
        }
        let header = Header::new(cla, ins, p1, p2);
        Ok(Self { header, p3, sent, received, status: Status::from_bytes(sw1, sw2) })
    }

    /// Returns the command as the card saw it.
    #[must_use]
    pub const fn command(&self) -> CommandApdu<'a> {
        CommandApdu::of_tpdu(self.header, self.p3, self.sent)
    }
}
