//! The terminal's side of T=0.

use alloc::vec::Vec;

use super::{EXCHANGES_MAX, T0Error, expected, length_byte};
use crate::{Case, Class, CommandApdu, Ins, Le, Outcome, Response, ResponseApdu, Status};

/// Most bytes that P3 can count.
const DATA_LEN_MAX: usize = 255;

/// Turns one command into TPDUs and their answers into its response.
///
/// ```
/// use polysim_apdu::{CommandApdu, Status, T0Host};
/// let command = CommandApdu::parse(&[0x00, 0xA4, 0x00, 0x04, 0x02, 0x3F, 0x00, 0x00]).unwrap();
/// let mut host = T0Host::new(&command).unwrap();
/// assert_eq!(host.tpdu(), [0x00, 0xA4, 0x00, 0x04, 0x02, 0x3F, 0x00]);
/// assert_eq!(host.handle(&[0x61, 0x02]), Ok(None));
/// assert_eq!(host.tpdu(), [0x00, 0xC0, 0x00, 0x00, 0x02]);
/// let response = host.handle(&[0x62, 0x00, 0x90, 0x00]).unwrap().unwrap();
/// assert_eq!((response.data, response.status), (vec![0x62, 0x00], Status::Success));
/// ```
#[derive(Clone, Debug)]
pub struct T0Host {
    tpdu: Vec<u8>,
    data: Vec<u8>,
    wanted: usize,
    get_response_cla: u8,
    stage: Stage,
    exchanges: u16,
}

/// What the TPDU in flight is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Stage {
    /// The command; nothing comes back but a status word, which may tell of data to fetch.
    Sending {
        /// Whether the command expects data (case 4).
        fetches: bool,
    },
    /// The command; P3 is the length expected.
    Expecting,
    /// GET RESPONSE; the command ended with this warning, if any.
    Fetching(Option<Status>),
}

impl T0Host {
    /// Starts a command; [`T0Host::tpdu`] is the first to send.
    ///
    /// # Errors
    /// [`T0Error::TooLong`] for more than 255 bytes of data.
    pub fn new(command: &CommandApdu<'_>) -> Result<Self, T0Error> {
        let len = command.data().len();
        let lc = u8::try_from(len).map_err(|_| T0Error::TooLong { len, limit: DATA_LEN_MAX })?;
        let header = command.header();
        let mut tpdu = Vec::with_capacity(len + 5);
        tpdu.extend_from_slice(&header.bytes());
        let (p3, stage) = match command.case() {
            Case::One | Case::Three => (lc, Stage::Sending { fetches: false }),
            Case::Two => (command.le().map_or(0, Le::p3), Stage::Expecting),
            Case::Four => (lc, Stage::Sending { fetches: true }),
        };
        tpdu.push(p3);
        tpdu.extend_from_slice(command.data());
        let class = Class::parse(header.cla).map_or(Class::INTERINDUSTRY, Class::for_get_response);
        Ok(Self {
            tpdu,
            data: Vec::new(),
            wanted: command.le().map_or(0, Le::bytes),
            get_response_cla: class.byte(),
            stage,
            exchanges: 0,
        })
    }

    /// Returns the TPDU to send now.
    #[must_use]
    pub fn tpdu(&self) -> &[u8] {
        &self.tpdu
    }

    /// Takes the answer to the TPDU sent. Returns the response of the command, or `None` if
    /// [`T0Host::tpdu`] is to be sent next.
    ///
    /// An answer `61xx` (class `A0`: `9Fxx`) is fetched as far as the command expects data, a
    /// wrong length (`6Cxx`) is corrected, and after a warning to a command of case 4 the data is
    /// asked for and the warning stands as the status of the whole (TS 102.221, 7.3.1.1.5).
    ///
    /// # Errors
    /// [`T0Error`] if the answer breaks the protocol or the card does not come to an end. The
    /// command is lost then: reset the card.
    pub fn handle(&mut self, answer: &[u8]) -> Result<Option<Response>, T0Error> {
        let short = T0Error::Short { len: answer.len(), min: 2 };
        let answer = ResponseApdu::parse(answer).map_err(|_| short)?;
        let (len, status) = (answer.data().len(), answer.status());
        let allowed = match self.stage {
            Stage::Sending { .. } => 0,
            Stage::Expecting | Stage::Fetching(_) => expected(self.p3()),
        };
        if len > allowed {
            return Err(T0Error::UnexpectedData { len, allowed });
        }
        self.exchanges += 1;
        if self.exchanges == EXCHANGES_MAX {
            return Err(T0Error::Endless { exchanges: EXCHANGES_MAX, last: status });
        }
        self.data.extend_from_slice(answer.data());
        match self.stage {
            Stage::Sending { fetches: true } => Ok(self.after_sending(status)),
            Stage::Sending { fetches: false } => Ok(Some(self.finish(status))),
            Stage::Expecting => Ok(self.after_receiving(status, None)),
            Stage::Fetching(warning) => Ok(self.after_receiving(status, warning)),
        }
    }

    fn after_sending(&mut self, status: Status) -> Option<Response> {
        if let Status::DataAvailable(length) = status {
            return self.fetch(expected(length), None, status);
        }
        if let (Status::ResponseLength(length), true) = (status, self.is_sim()) {
            return self.fetch(expected(length), None, status);
        }
        if status.outcome() == Outcome::Warning && status.is_done() {
            return self.fetch(256, Some(status), status);
        }
        Some(self.finish(status))
    }

    fn after_receiving(&mut self, status: Status, warning: Option<Status>) -> Option<Response> {
        match (status, warning) {
            (Status::WrongLe(length), _) => {
                if let Some(p3) = self.tpdu.get_mut(4) {
                    *p3 = length;
                }
                None
            }
            (Status::DataAvailable(length), _) => self.fetch(expected(length), warning, status),
            (_, Some(warning)) => Some(self.finish(warning)),
            (_, None) => Some(self.finish(status)),
        }
    }

    /// Goes on with GET RESPONSE, unless all that the command expects is there.
    fn fetch(&mut self, ready: usize, warning: Option<Status>, now: Status) -> Option<Response> {
        let missing = self.wanted.saturating_sub(self.data.len());
        if missing == 0 {
            return Some(self.finish(warning.unwrap_or(now)));
        }
        self.stage = Stage::Fetching(warning);
        self.tpdu.clear();
        let p3 = length_byte(ready.min(missing).min(256));
        self.tpdu.extend_from_slice(&[self.get_response_cla, Ins::GetResponse.byte(), 0, 0, p3]);
        None
    }

    fn finish(&mut self, status: Status) -> Response {
        self.data.truncate(self.wanted);
        Response { data: core::mem::take(&mut self.data), status }
    }

    fn is_sim(&self) -> bool {
        self.get_response_cla == Class::SIM.byte()
    }

    fn p3(&self) -> u8 {
        self.tpdu.get(4).copied().unwrap_or(0)
    }
}
