//! Cards that answer what is asked of them, and remember who used them.

use super::names::{iccid, imsi, number_of_sim};
use polysim_base::Instant;
use polysim_fleet::ModemId;
use polysim_fleet::wire::{CardReply, CardSignal};

const OK: [u8; 2] = [0x90, 0x00];
const NOT_FOUND: [u8; 2] = [0x6A, 0x82];
const WRONG_STATE: [u8; 2] = [0x69, 0x86];
const NO_INSTRUCTION: [u8; 2] = [0x6D, 0x00];
const ATR: [u8; 4] = [0x3B, 0x80, 0x80, 0x01];

/// Which modem authenticates, in which of its card sessions: the first octets of RAND say it.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) struct Tag {
    pub(crate) modem: ModemId,
    pub(crate) session: u32,
}

impl Tag {
    /// Returns an AUTHENTICATE (TS 31.102, 7.1.2) that says who asks for it.
    pub(crate) fn authenticate(self) -> Vec<u8> {
        let mut rand = [0; 16];
        rand[..2].copy_from_slice(&self.modem.site.0.to_be_bytes());
        rand[2..4].copy_from_slice(&self.modem.number.to_be_bytes());
        rand[4..8].copy_from_slice(&self.session.to_be_bytes());
        let mut apdu = vec![0x00, 0x88, 0x00, 0x81, 0x22, 0x10];
        apdu.extend_from_slice(&rand);
        apdu.push(0x10);
        apdu.extend_from_slice(&[0; 16]);
        apdu.push(0x00);
        apdu
    }

    fn read(apdu: &[u8]) -> Option<Self> {
        let (head, rand) = (apdu.get(..6)?, apdu.get(6..22)?);
        if head != [0x00, 0x88, 0x00, 0x81, 0x22, 0x10] {
            return None;
        }
        let half = |at: usize| u16::from_be_bytes([rand[at], rand[at + 1]]);
        let site = polysim_fleet::SiteId(half(0));
        let session = u32::from(half(4)) << 16 | u32::from(half(6));
        Some(Self { modem: ModemId { site, number: half(2) }, session })
    }
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum File {
    Nothing,
    Iccid,
    Usim,
    Imsi,
    Msisdn,
}

/// A card. A double of it has the same SIM number.
#[derive(Clone, Debug)]
pub(crate) struct Card {
    pub(crate) sim: u32,
    pub(crate) double: bool,
    pub(crate) mute_until: Instant,
    powered: bool,
    usim: bool,
    file: File,
    /// Who used it last, and whether it was reset since.
    pub(crate) last: Option<Tag>,
    pub(crate) reset_since: bool,
}

/// What a card did.
#[derive(Debug)]
pub(crate) struct Reaction {
    pub(crate) reply: Option<CardReply>,
    /// Somebody used it: who before, and whether it was reset in between.
    pub(crate) used: Option<Used>,
}

/// A use of a card.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Used {
    pub(crate) by: Tag,
    pub(crate) before: Option<Tag>,
    pub(crate) reset: bool,
}

impl Card {
    pub(crate) const fn new(sim: u32, double: bool) -> Self {
        let (file, last) = (File::Nothing, None);
        let mute_until = Instant::ZERO;
        Self { sim, double, mute_until, powered: false, usim: false, file, last, reset_since: true }
    }

    /// Takes its power away.
    pub(crate) const fn power_off(&mut self) {
        self.powered = false;
        self.usim = false;
        self.reset_since = true;
    }

    pub(crate) fn handle(&mut self, now: Instant, signal: CardSignal) -> Reaction {
        let mut used = None;
        let reply = match signal {
            CardSignal::PowerOff => {
                self.power_off();
                None
            }
            CardSignal::PowerOn | CardSignal::Reset => {
                self.power_off();
                self.powered = true;
                self.file = File::Nothing;
                Some(CardReply::Atr(ATR.to_vec()))
            }
            CardSignal::Command(_) if !self.powered => None,
            CardSignal::Command(apdu) => {
                if let Some(by) = Tag::read(&apdu) {
                    used = Some(Used { by, before: self.last, reset: self.reset_since });
                    self.last = Some(by);
                    self.reset_since = false;
                }
                Some(CardReply::Response(self.command(&apdu)))
            }
        };
        Reaction { reply: reply.filter(|_| self.mute_until <= now), used }
    }

    fn command(&mut self, apdu: &[u8]) -> Vec<u8> {
        let status = |status: [u8; 2]| status.to_vec();
        match apdu {
            [_, 0xA4, 0x04, _, _, 0xA0, 0, 0, 0, 0x87, 0x10, 0x02, ..] => {
                (self.usim, self.file) = (true, File::Usim);
                status(OK)
            }
            [_, 0xA4, 0x00, _, 2, high, low, ..] => {
                let file = match (u16::from_be_bytes([*high, *low]), self.usim) {
                    (0x2FE2, _) => File::Iccid,
                    (0x6F07, true) => File::Imsi,
                    (0x6F40, true) => File::Msisdn,
                    _ => return status(NOT_FOUND),
                };
                self.file = file;
                status(OK)
            }
            [_, 0xB0, ..] => match self.file {
                File::Iccid => [&iccid(self.sim).wire()[..], &OK].concat(),
                File::Imsi => [&imsi(self.sim).ef()[..], &OK].concat(),
                File::Nothing | File::Usim | File::Msisdn => status(WRONG_STATE),
            },
            [_, 0xB2, ..] if self.file == File::Msisdn => [&self.adn()[..], &OK].concat(),
            [_, 0xB2, ..] => status(WRONG_STATE),
            [_, 0x88, ..] => vec![0xDB, 0x08, 1, 2, 3, 4, 5, 6, 7, 8, 0x90, 0x00],
            _ => status(NO_INSTRUCTION),
        }
    }

    /// EF MSISDN as TS 31.102, 4.2.26 has it: no name, length, TON/NPI, digits.
    fn adn(&self) -> Vec<u8> {
        let digits: Vec<u8> = number_of_sim(self.sim).digits().collect();
        let mut bcd: Vec<u8> = digits
            .chunks(2)
            .map(|pair| pair[0] | pair.get(1).copied().unwrap_or(0xF) << 4)
            .collect();
        let length = u8::try_from(bcd.len()).unwrap() + 1;
        bcd.resize(10, 0xFF);
        [&[length, 0x91][..], &bcd, &[0xFF, 0xFF]].concat()
    }
}
