//! Who a card is, by its files: EF ICCID (TS 102.221, 13.2), EF IMSI and EF MSISDN of the USIM
//! application (TS 31.102, 4.2.2 and 4.2.26).

use crate::wire::CardReply;
use alloc::vec::Vec;
use core::num::NonZeroU8;
use polysim_apdu::ef::{Adn, Contents};
use polysim_apdu::{
    BinaryAddress, Channel, Command, FileId, Le, Occurrence, RecordRef, SelectReply, SelectTarget,
};
use polysim_base::{Iccid, Imsi, Msisdn};

const EF_ICCID: FileId = FileId(0x2FE2);
const EF_IMSI: FileId = FileId(0x6F07);
const EF_MSISDN: FileId = FileId(0x6F40);
/// The beginning of every USIM's identifier (TS 101.220, annex E).
const USIM: [u8; 7] = [0xA0, 0x00, 0x00, 0x00, 0x87, 0x10, 0x02];
/// A card that corrects the length again and again is none.
const CORRECTIONS_MAX: u8 = 2;

/// Who a card is.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) struct Identity {
    pub(super) iccid: Iccid,
    pub(super) imsi: Option<Imsi>,
    pub(super) msisdn: Option<Msisdn>,
}

/// What comes next.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Next {
    /// This APDU.
    Ask(Vec<u8>),
    /// It is known.
    Known(Identity),
    /// It has no ICCID: it is no card that can be used.
    Nobody,
}

#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
enum Step {
    Atr,
    SelectIccid,
    ReadIccid,
    SelectUsim,
    SelectImsi,
    ReadImsi,
    SelectMsisdn,
    ReadMsisdn,
}

/// An identification under way.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) struct Identify {
    step: Step,
    iccid: Option<Iccid>,
    imsi: Option<Imsi>,
    corrections: u8,
    /// What came before the rest is asked for (`61xx`).
    data: Vec<u8>,
}

impl Identify {
    /// One that waits for the answer to reset.
    pub(super) const fn new() -> Self {
        Self { step: Step::Atr, iccid: None, imsi: None, corrections: 0, data: Vec::new() }
    }

    /// Takes what the card said; `None` if that is not what it was asked for.
    pub(super) fn answered(&mut self, reply: CardReply) -> Option<Next> {
        match (self.step, reply) {
            (Step::Atr, CardReply::Atr(_)) => Some(self.ask(Step::SelectIccid)),
            (Step::Atr, _) => None,
            (_, CardReply::Response(response)) => Some(self.response(&response)),
            (_, _) => None,
        }
    }

    fn response(&mut self, response: &[u8]) -> Next {
        let Some((data, status)) = response.split_last_chunk::<2>() else { return self.missing() };
        match *status {
            [0x90, 0x00] => {
                let mut whole = core::mem::take(&mut self.data);
                whole.extend_from_slice(data);
                self.read(&whole)
            }
            // The length is corrected, or the answer is fetched (TS 102.221, 7.3.1.1).
            [0x6C, length] if self.corrections < CORRECTIONS_MAX => {
                self.corrections += 1;
                Next::Ask(command(self.step, Le::of_byte(length)))
            }
            [0x61, length] if self.corrections < CORRECTIONS_MAX => {
                self.corrections += 1;
                self.data.extend_from_slice(data);
                Next::Ask(Vec::from([0x00, 0xC0, 0x00, 0x00, length]))
            }
            _ => self.missing(),
        }
    }

    fn ask(&mut self, step: Step) -> Next {
        self.step = step;
        self.corrections = 0;
        self.data.clear();
        Next::Ask(command(step, Le::ANY))
    }

    fn read(&mut self, data: &[u8]) -> Next {
        match self.step {
            Step::Atr | Step::SelectIccid => self.ask(Step::ReadIccid),
            Step::ReadIccid => {
                self.iccid = <Iccid as Contents>::parse(data).ok();
                if self.iccid.is_none() { Next::Nobody } else { self.ask(Step::SelectUsim) }
            }
            Step::SelectUsim => self.ask(Step::SelectImsi),
            Step::SelectImsi => self.ask(Step::ReadImsi),
            Step::ReadImsi => {
                self.imsi = <Imsi as Contents>::parse(data).ok();
                self.ask(Step::SelectMsisdn)
            }
            Step::SelectMsisdn => self.ask(Step::ReadMsisdn),
            Step::ReadMsisdn => self.known(msisdn(data)),
        }
    }

    /// A file is not there, or protected by a PIN.
    fn missing(&mut self) -> Next {
        match self.step {
            Step::Atr | Step::SelectIccid | Step::ReadIccid => Next::Nobody,
            Step::SelectImsi | Step::ReadImsi => self.ask(Step::SelectMsisdn),
            Step::SelectUsim | Step::SelectMsisdn | Step::ReadMsisdn => self.known(None),
        }
    }

    fn known(&self, msisdn: Option<Msisdn>) -> Next {
        let identity = |iccid| Identity { iccid, imsi: self.imsi, msisdn };
        self.iccid.map_or(Next::Nobody, |iccid| Next::Known(identity(iccid)))
    }
}

fn msisdn(record: &[u8]) -> Option<Msisdn> {
    Msisdn::parse(&Adn::parse(record).ok()?.number?.digits).ok()
}

fn command(step: Step, length: Le) -> Vec<u8> {
    let select =
        |file| Command::select(Channel::BASIC, SelectTarget::FileId(file), SelectReply::Nothing);
    let read = Command::read_binary(Channel::BASIC, BinaryAddress::START, length);
    let command = match step {
        Step::Atr | Step::SelectIccid => select(EF_ICCID),
        Step::ReadIccid | Step::ReadImsi => read,
        Step::SelectUsim => {
            let target = SelectTarget::Aid { aid: &USIM, occurrence: Occurrence::First };
            Command::select(Channel::BASIC, target, SelectReply::Nothing)
        }
        Step::SelectImsi => select(EF_IMSI),
        Step::SelectMsisdn => select(EF_MSISDN),
        Step::ReadMsisdn => {
            Command::read_record(Channel::BASIC, RecordRef::Number(NonZeroU8::MIN), length)
        }
    };
    let mut apdu = Vec::new();
    match command.emit(&mut apdu) {
        Ok(()) => apdu,
        // No data of these commands is too long; a card refuses an empty one.
        Err(_) => Vec::new(),
    }
}
