//! The compact format: commands one behind the other, the answer of the last (TS 102.226, 5.1).

use alloc::vec::Vec;
use core::fmt;

use polysim_apdu::{ApduError, CommandApdu, Direction, Header, Ins, Le, Status};

use super::ScriptError;

/// What a script manages: it decides what an instruction byte means.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Management {
    /// Files (RFM): commands of TS 102.221 and TS 102.222.
    Files,
    /// Applications (RAM): commands of the Card Specification of `GlobalPlatform`.
    Applications,
}

/// A script in the compact format. What a command answers is fetched by GET RESPONSE as the next
/// command, for Le has no place here (TS 102.226, 5.1.1).
#[derive(Clone, Default, Eq, PartialEq)]
pub struct CompactScript {
    octets: Vec<u8>,
}

impl Management {
    /// Tells which way the data of a command goes, since P3 alone does not. Of the commands of
    /// `GlobalPlatform` only GET DATA fetches; GET STATUS, with the byte of STATUS, sends.
    const fn direction(self, header: Header) -> Direction {
        match (self, Ins::from_byte(header.ins)) {
            (Self::Applications, Some(Ins::GetResponse | Ins::GetData)) => Direction::FromCard,
            (Self::Applications, Some(_) | None) => Direction::ToCard,
            (Self::Files, Some(ins)) => ins.direction(),
            (Self::Files, None) => Direction::ToCard,
        }
    }
}

impl CompactScript {
    /// Returns a script without commands.
    #[must_use]
    pub const fn new() -> Self {
        Self { octets: Vec::new() }
    }

    /// Appends a command. Le of a command that sends data is left out.
    ///
    /// # Errors
    /// [`ApduError::TooLong`] for more than 255 octets, or more than 256 expected.
    pub fn push(&mut self, command: &CommandApdu<'_>) -> Result<(), ApduError> {
        let data = command.data();
        let p3 = match command.le() {
            Some(le) if data.is_empty() => {
                if !le.is_short() {
                    return Err(ApduError::TooLong { len: le.bytes(), limit: 256 });
                }
                le.p3()
            }
            Some(_) | None => u8::try_from(data.len())
                .map_err(|_| ApduError::TooLong { len: data.len(), limit: 255 })?,
        };
        self.octets.extend_from_slice(&command.header().bytes());
        self.octets.push(p3);
        self.octets.extend_from_slice(data);
        Ok(())
    }

    /// Returns the octets: the secured data of a command.
    #[must_use]
    pub fn octets(&self) -> &[u8] {
        &self.octets
    }

    /// Reads the commands of a script in the compact format. After an error it ends.
    ///
    /// # Errors
    /// Each command may be [`ScriptError::Truncated`].
    pub fn commands(
        octets: &[u8],
        management: Management,
    ) -> impl Iterator<Item = Result<CommandApdu<'_>, ScriptError>> {
        let mut rest = octets;
        core::iter::from_fn(move || {
            if rest.is_empty() {
                return None;
            }
            let at = octets.len() - rest.len();
            let left = rest.len();
            let truncated = |needed| ScriptError::Truncated { at, needed, left };
            let Some((&[cla, ins, p1, p2, p3], behind)) = rest.split_first_chunk::<5>() else {
                rest = &[];
                return Some(Err(truncated(5)));
            };
            let header = Header::new(cla, ins, p1, p2);
            let (data, le, behind) = match management.direction(header) {
                Direction::FromCard => (&[][..], Some(Le::of_byte(p3)), behind),
                Direction::ToCard => match behind.split_at_checked(usize::from(p3)) {
                    Some((data, behind)) => (data, None, behind),
                    None => {
                        rest = &[];
                        return Some(Err(truncated(5 + usize::from(p3))));
                    }
                },
            };
            rest = behind;
            Some(
                CommandApdu::new(header, data, le).map_err(|error| ScriptError::Apdu { at, error }),
            )
        })
    }
}

impl fmt::Debug for CompactScript {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CompactScript({} octets)", self.octets.len())
    }
}

/// The answer to a script in the compact format (TS 102.226, 5.1.2).
#[derive(Clone, Eq, PartialEq)]
pub struct CompactResponse {
    /// How many commands were carried out, the last and perhaps failed one included.
    pub executed: u8,
    /// The status word of the last one.
    pub status: Status,
    /// What the last one answered.
    pub data: Vec<u8>,
}

impl CompactResponse {
    /// Reads the octets.
    ///
    /// # Errors
    /// [`ScriptError::Truncated`] for fewer than three.
    pub fn parse(octets: &[u8]) -> Result<Self, ScriptError> {
        let Some((&[executed, sw1, sw2], data)) = octets.split_first_chunk::<3>() else {
            return Err(ScriptError::Truncated { at: 0, needed: 3, left: octets.len() });
        };
        let status = Status::from(u16::from_be_bytes([sw1, sw2]));
        Ok(Self { executed, status, data: data.to_vec() })
    }

    /// Returns the octets.
    #[must_use]
    pub fn octets(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(3 + self.data.len());
        out.push(self.executed);
        out.extend_from_slice(&u16::from(self.status).to_be_bytes());
        out.extend_from_slice(&self.data);
        out
    }
}

impl fmt::Debug for CompactResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (executed, status, len) = (self.executed, self.status, self.data.len());
        write!(f, "CompactResponse({executed} executed, {status:?}, {len} octets)")
    }
}
