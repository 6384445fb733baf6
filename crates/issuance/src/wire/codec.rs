//! The octets of what applet and platform say to each other: fixed layouts behind one octet of
//! format and one of kind.
//!
//! An IMSI is as in EF.IMSI, `FF` for none; an eID has its high nibble first; an IMEI is its 14
//! digits, a number its digits filled up with `F`, both low nibble first.

use alloc::vec::Vec;
use polysim_aka::{Key, Milenage, Opc};
use polysim_ota::Counter;
use zeroize::{Zeroize as _, Zeroizing};

use super::octets::{self, WireError, message, put_imei, put_imsi, put_msisdn};
use super::{
    AppletAnswer, AppletMessage, CardMessage, CardReport, NotBound, OrderId, Outcome, UplinkFrame,
};
use crate::{KeyChoice, KeyIndex, Subscription, SubscriptionKey};
use polysim_base::{InvalidOctets, OctetReader};

/// The most octets of an [`UplinkFrame`]: what one text carries.
pub const FRAME_LEN_MAX: usize = 140;
/// The first octet of an [`UplinkFrame`]. No length of a packet begins so.
pub(super) const FRAME_FORMAT: u8 = 0xB1;
/// Octets of a frame before its packet.
pub(super) const FRAME_HEAD: usize = 17;
/// The most octets of any other message here: with what secures it, one text carries it.
const MESSAGE_LEN_MAX: usize = 100;

const BIND: u8 = 0x01;
const EFFECTIVE: u8 = 0x02;
const REVERTED: u8 = 0x03;
const BOUND: u8 = 0x11;
const NOT_BOUND: u8 = 0x12;
const WRITE: u8 = 0x13;
const NOTED: u8 = 0x14;
const ANSWER: u8 = 0x21;
const PRELOADED: u8 = 0x00;
const CARRIED_MILENAGE: u8 = 0x01;

impl UplinkFrame {
    /// Reads the user data of a text, or what an on-site tool has read.
    ///
    /// # Errors
    /// [`WireError`] says what is wrong and where.
    pub fn parse(octets: &[u8]) -> Result<Self, WireError> {
        let (len, limit) = (octets.len(), FRAME_LEN_MAX);
        if len > limit {
            return Err(WireError::TooLong { len, limit });
        }
        let mut reader = OctetReader::new(octets);
        match reader.octet()? {
            FRAME_FORMAT => {}
            found => return Err(WireError::Format { found }),
        }
        let eid = reader.eid()?;
        let packet = reader.rest().to_vec();
        if packet.is_empty() {
            return Err(InvalidOctets::Truncated { at: FRAME_HEAD, needed: 1, left: 0 }.into());
        }
        Ok(Self { eid, packet })
    }

    /// Returns its octets.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(FRAME_HEAD + self.packet.len());
        out.push(FRAME_FORMAT);
        out.extend(self.eid.octets());
        out.extend_from_slice(&self.packet);
        out
    }
}

impl CardMessage {
    /// Reads the secured data of a card's packet.
    ///
    /// # Errors
    /// [`WireError`] says what is wrong and where.
    pub fn parse(octets: &[u8]) -> Result<Self, WireError> {
        let mut reader = octets::read(octets, MESSAGE_LEN_MAX)?;
        let kind = reader.octet()?;
        let unknown = reader.refuse(1);
        let eid = reader.eid()?;
        let heard = Counter::from(reader.take::<5>()?);
        let report = match kind {
            BIND => CardReport::Bind {
                imei: octets::imei(&mut reader)?,
                iccid: reader.iccid()?,
                imsi: octets::opt_imsi(&mut reader)?,
            },
            EFFECTIVE => CardReport::Effective {
                order: order(&mut reader)?,
                imsi: octets::imsi(&mut reader)?,
            },
            REVERTED => CardReport::Reverted {
                order: order(&mut reader)?,
                imsi: octets::opt_imsi(&mut reader)?,
            },
            _ => return Err(unknown.into()),
        };
        reader.end()?;
        Ok(Self { eid, heard, report })
    }

    /// Returns its octets.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = message(match &self.report {
            CardReport::Bind { .. } => BIND,
            CardReport::Effective { .. } => EFFECTIVE,
            CardReport::Reverted { .. } => REVERTED,
        });
        out.extend(self.eid.octets());
        out.extend(self.heard.octets());
        match &self.report {
            CardReport::Bind { imei, iccid, imsi } => {
                put_imei(imei, &mut out);
                out.extend(iccid.wire());
                put_imsi(imsi.as_ref(), &mut out);
            }
            CardReport::Effective { order, imsi } => {
                out.extend(order.0.to_be_bytes());
                put_imsi(Some(imsi), &mut out);
            }
            CardReport::Reverted { order, imsi } => {
                out.extend(order.0.to_be_bytes());
                put_imsi(imsi.as_ref(), &mut out);
            }
        }
        out
    }
}

impl AppletMessage {
    /// Reads the secured data of a packet for the applet's TAR.
    ///
    /// # Errors
    /// [`WireError`] says what is wrong and where.
    pub fn parse(octets: &[u8]) -> Result<Self, WireError> {
        let mut reader = octets::read(octets, MESSAGE_LEN_MAX)?;
        let message = match reader.octet()? {
            BOUND => Self::Bound { imei: octets::imei(&mut reader)? },
            NOT_BOUND => {
                Self::NotBound { imei: octets::imei(&mut reader)?, reason: reason(&mut reader)? }
            }
            WRITE => Self::Write {
                order: order(&mut reader)?,
                eid: reader.eid()?,
                subscription: subscription(&mut reader)?,
            },
            NOTED => Self::Noted { order: order(&mut reader)? },
            _ => return Err(reader.refuse(1).into()),
        };
        reader.end()?;
        Ok(message)
    }

    /// Returns its octets, which may hold a subscription key.
    #[must_use]
    pub fn encode(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(match self {
            Self::Bound { imei } => {
                let mut out = message(BOUND);
                put_imei(imei, &mut out);
                out
            }
            Self::NotBound { imei, reason } => {
                let mut out = message(NOT_BOUND);
                put_imei(imei, &mut out);
                out.push(match reason {
                    NotBound::ImeiTaken => 0,
                    NotBound::CardMoved => 1,
                });
                out
            }
            Self::Write { order, eid, subscription } => {
                let mut out = message(WRITE);
                out.extend(order.0.to_be_bytes());
                out.extend(eid.octets());
                put_subscription(subscription, &mut out);
                out
            }
            Self::Noted { order } => {
                let mut out = message(NOTED);
                out.extend(order.0.to_be_bytes());
                out
            }
        })
    }
}

impl AppletAnswer {
    /// Reads the additional data of an applet's proof of receipt.
    ///
    /// # Errors
    /// [`WireError`] says what is wrong and where.
    pub fn parse(octets: &[u8]) -> Result<Self, WireError> {
        let mut reader = octets::read(octets, MESSAGE_LEN_MAX)?;
        if reader.octet()? != ANSWER {
            return Err(reader.refuse(1).into());
        }
        let outcome = reader.octet()?;
        let outcome = Outcome::of_octet(outcome).ok_or_else(|| reader.refuse(1))?;
        let imsi = octets::opt_imsi(&mut reader)?;
        reader.end()?;
        Ok(Self { outcome, imsi })
    }

    /// Returns its octets.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = message(ANSWER);
        out.push(self.outcome.octet());
        put_imsi(self.imsi.as_ref(), &mut out);
        out
    }
}

impl Outcome {
    const ALL: [Self; 8] = [
        Self::Done,
        Self::DoneBefore,
        Self::AnotherCard,
        Self::NoSuchKey,
        Self::Malformed,
        Self::Busy,
        Self::WriteFailed,
        Self::AnotherDevice,
    ];

    const fn octet(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::DoneBefore => 1,
            Self::AnotherCard => 2,
            Self::NoSuchKey => 3,
            Self::Malformed => 4,
            Self::Busy => 5,
            Self::WriteFailed => 6,
            Self::AnotherDevice => 7,
        }
    }

    fn of_octet(octet: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.octet() == octet)
    }
}

fn order(reader: &mut OctetReader<'_>) -> Result<OrderId, InvalidOctets> {
    reader.take().map(u32::from_be_bytes).map(OrderId)
}

fn reason(reader: &mut OctetReader<'_>) -> Result<NotBound, InvalidOctets> {
    match reader.octet()? {
        0 => Ok(NotBound::ImeiTaken),
        1 => Ok(NotBound::CardMoved),
        _ => Err(reader.refuse(1)),
    }
}

fn subscription(reader: &mut OctetReader<'_>) -> Result<Subscription, InvalidOctets> {
    let imsi = octets::imsi(reader)?;
    let mnc_len @ (2 | 3) = reader.octet()? else { return Err(reader.refuse(1)) };
    let (msisdn, centre) = (octets::opt_msisdn(reader)?, octets::opt_msisdn(reader)?);
    let key = match reader.octet()? {
        PRELOADED => KeyChoice::Preloaded(KeyIndex(reader.octet()?)),
        CARRIED_MILENAGE => {
            let (mut k, mut opc) = (reader.take()?, reader.take()?);
            let milenage = Milenage::new(Key::from(k), Opc::from(opc));
            k.zeroize();
            opc.zeroize();
            KeyChoice::Carried(SubscriptionKey::Milenage(milenage))
        }
        _ => return Err(reader.refuse(1)),
    };
    Ok(Subscription { imsi, mnc_len, msisdn, centre, key })
}

fn put_subscription(subscription: &Subscription, out: &mut Vec<u8>) {
    put_imsi(Some(&subscription.imsi), out);
    out.push(subscription.mnc_len);
    put_msisdn(subscription.msisdn.as_ref(), out);
    put_msisdn(subscription.centre.as_ref(), out);
    match &subscription.key {
        KeyChoice::Preloaded(KeyIndex(index)) => out.extend([PRELOADED, *index]),
        KeyChoice::Carried(SubscriptionKey::Milenage(keys)) => {
            out.push(CARRIED_MILENAGE);
            out.extend(keys.key().as_bytes());
            out.extend(keys.opc().as_bytes());
        }
    }
}
