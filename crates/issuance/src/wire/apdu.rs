//! What an on-site tool asks of the applet by APDUs, once it has selected it by its AID: both ends.
//!
//! | command | answer |
//! |---|---|
//! | GET DATA `80 CA DF 01 00` | `DF01`: [`AppletState`] |
//! | GET DATA `80 CA DF 02 00` | `DF02`: [`StoredPair`]; `6985` while the card has seen no device |
//!
//! Another tag is answered with `6A88`, another instruction with `6D00`, another class with `6E00`.
//! What the platform answers to the binding request is brought to the card as every packet is, in
//! ENVELOPE.

use alloc::vec::Vec;
use polysim_base::tlv::{Ber, put_ber};
use polysim_base::{Imei, Imsi, InvalidOctets, OctetReader};

use super::octets::{self, WireError, put_imei, put_imsi};
use super::{OrderId, UplinkFrame};

/// Tag of [`AppletState`].
pub const STATE_TAG: u16 = 0xDF01;
/// Tag of [`StoredPair`].
pub const PAIR_TAG: u16 = 0xDF02;
const GET_DATA: [u8; 2] = [0x80, 0xCA];
/// The most octets of an answer: what a short APDU brings.
const ANSWER_LEN_MAX: usize = 256;

const UNBOUND: u8 = 0;
const BOUND: u8 = 1;

/// What an applet is doing.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct AppletState {
    /// The mark is set.
    pub bound: bool,
    /// The subscription on the card.
    pub imsi: Option<Imsi>,
    /// The order that is not finished yet, and how far it is.
    pub order: Option<(OrderId, Progress)>,
}

/// How far an order is.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Progress {
    /// It is being written.
    Writing,
    /// It is written, and takes effect with the next start.
    Written,
    /// The device has started with it and looks for service.
    Trial,
    /// It has taken effect; the platform has not noted that yet.
    Effective,
    /// There was no service: the card goes back, or has gone back and the platform has not noted
    /// that yet.
    Reverted,
}

/// The pair that an applet has stored, and a binding request under a fresh counter.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct StoredPair {
    /// The device that the card was in last.
    pub imei: Imei,
    /// For the platform. It has the eID.
    pub frame: UplinkFrame,
}

impl Progress {
    const ALL: [Self; 5] =
        [Self::Writing, Self::Written, Self::Trial, Self::Effective, Self::Reverted];

    const fn octet(self) -> u8 {
        match self {
            Self::Writing => 1,
            Self::Written => 2,
            Self::Trial => 3,
            Self::Effective => 4,
            Self::Reverted => 5,
        }
    }
}

impl AppletState {
    /// Returns the command that asks for it.
    #[must_use]
    pub const fn get() -> [u8; 5] {
        get_data(STATE_TAG)
    }

    /// Reads the data of the answer.
    ///
    /// # Errors
    /// [`WireError`] says what is wrong and where.
    pub fn parse(answer: &[u8]) -> Result<Self, WireError> {
        let mut reader = octets::read(object(answer, STATE_TAG)?, ANSWER_LEN_MAX)?;
        let bound = match reader.octet()? {
            UNBOUND => false,
            BOUND => true,
            _ => return Err(reader.refuse(1).into()),
        };
        let imsi = octets::opt_imsi(&mut reader)?;
        let progress = reader.octet()?;
        let refused = reader.refuse(1);
        let order = OrderId(u32::from_be_bytes(reader.take()?));
        reader.end()?;
        let order = match progress {
            0 if order == OrderId(0) => None,
            octet => {
                let known = Progress::ALL.into_iter().find(|progress| progress.octet() == octet);
                Some((order, known.ok_or(refused)?))
            }
        };
        Ok(Self { bound, imsi, order })
    }

    /// Returns the data of the answer.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut value = octets::message(if self.bound { BOUND } else { UNBOUND });
        put_imsi(self.imsi.as_ref(), &mut value);
        let (order, progress) =
            self.order.map_or((OrderId(0), 0), |(order, progress)| (order, progress.octet()));
        value.push(progress);
        value.extend(order.0.to_be_bytes());
        wrapped(STATE_TAG, &value)
    }
}

impl StoredPair {
    /// Returns the command that asks for it.
    #[must_use]
    pub const fn get() -> [u8; 5] {
        get_data(PAIR_TAG)
    }

    /// Reads the data of the answer.
    ///
    /// # Errors
    /// [`WireError`] says what is wrong and where.
    pub fn parse(answer: &[u8]) -> Result<Self, WireError> {
        let mut reader = OctetReader::new(object(answer, PAIR_TAG)?);
        let imei = octets::imei(&mut reader)?;
        let frame = UplinkFrame::parse(reader.rest())?;
        Ok(Self { imei, frame })
    }

    /// Returns the data of the answer.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut value = Vec::with_capacity(160);
        put_imei(&self.imei, &mut value);
        value.extend(self.frame.encode());
        wrapped(PAIR_TAG, &value)
    }
}

const fn get_data(tag: u16) -> [u8; 5] {
    let ([cla, ins], [p1, p2]) = (GET_DATA, tag.to_be_bytes());
    [cla, ins, p1, p2, 0x00]
}

/// Returns the value of the one object that an answer is.
fn object(answer: &[u8], tag: u16) -> Result<&[u8], WireError> {
    let (len, limit) = (answer.len(), ANSWER_LEN_MAX);
    if len > limit {
        return Err(WireError::TooLong { len, limit });
    }
    let (object, behind) = Ber::read(answer).map_err(|_| InvalidOctets::Value { at: 0 })?;
    if object.tag != u32::from(tag) {
        return Err(InvalidOctets::Value { at: 0 }.into());
    }
    match behind.len() {
        0 => Ok(object.value),
        count => Err(InvalidOctets::Trailing { at: len.saturating_sub(count), count }.into()),
    }
}

fn wrapped(tag: u16, value: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(value.len() + 4);
    put_ber(&mut out, u32::from(tag), value);
    out
}
