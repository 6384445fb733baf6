//! ISD-R and ECASD on logical channels: SELECT by their AIDs, and what goes to them then (SGP.22,
//! 5.7.1 and 5.7.2).

use polysim_apdu::{Channel, Class, CommandApdu, Ins, SelectReply, Status};
use polysim_rsp::data::{Extensions, IsdrProprietaryApplicationTemplate, encode};

use super::Euicc;
use super::config::ECASD_AID;
use super::info::{SVN, version};
use crate::applet::stays_with_card;
use crate::card::{Answer, Card};

/// SELECT by name (P1).
const BY_NAME: u8 = 0x04;
/// Fewest octets of an AID that select (ISO/IEC 7816-4, 12.2.3).
const AID_MIN: usize = 5;

/// A security domain that can be selected.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Domain {
    IsdR,
    Ecasd,
}

/// The logical channels on which a security domain is selected, a bit each.
#[derive(Debug, Default)]
pub(super) struct Selected {
    isd_r: u32,
    ecasd: u32,
}

impl Selected {
    const fn bit(channel: Channel) -> u32 {
        1 << channel.number()
    }

    pub(super) const fn clear(&mut self) {
        (self.isd_r, self.ecasd) = (0, 0);
    }

    const fn set(&mut self, channel: Channel, domain: Option<Domain>) {
        let bit = Self::bit(channel);
        self.isd_r &= !bit;
        self.ecasd &= !bit;
        match domain {
            Some(Domain::IsdR) => self.isd_r |= bit,
            Some(Domain::Ecasd) => self.ecasd |= bit,
            None => {}
        }
    }

    const fn on(&self, channel: Channel) -> Option<Domain> {
        let bit = Self::bit(channel);
        if self.isd_r & bit != 0 {
            Some(Domain::IsdR)
        } else if self.ecasd & bit != 0 {
            Some(Domain::Ecasd)
        } else {
            None
        }
    }
}

impl Euicc {
    /// Notes that something else is selected on a channel, or that it is closed.
    pub(crate) fn deselect(&mut self, channel: Channel) {
        self.selected.set(channel, None);
        self.chain.take_if(|chain| chain.channel() == channel);
    }

    fn select(&mut self, channel: Channel, aid: &[u8]) -> Option<Vec<u8>> {
        if aid.len() < AID_MIN {
            return None;
        }
        let isd_r = self.model.behaviour.isd_r_aid;
        let (domain, fci) = if isd_r.starts_with(aid) {
            (Domain::IsdR, fci(&isd_r, true))
        } else if ECASD_AID.starts_with(aid) {
            (Domain::Ecasd, fci(&ECASD_AID, false))
        } else {
            return None;
        };
        self.deselect(channel);
        self.selected.set(channel, Some(domain));
        Some(fci)
    }
}

/// The FCI: the AID, the longest command, and of the ISD-R what it says of itself.
fn fci(aid: &[u8; 16], is_isd_r: bool) -> Vec<u8> {
    let mut inner = vec![0x84, 0x10];
    inner.extend_from_slice(aid);
    inner.extend([0xA5, 0x04, 0x9F, 0x65, 0x01, 0xFF]);
    if is_isd_r {
        inner.extend(encode(&IsdrProprietaryApplicationTemplate {
            svn: version(SVN),
            lpae_support: None,
            extensions: Extensions::default(),
        }));
    }
    let mut out = Vec::with_capacity(inner.len() + 2);
    polysim_base::tlv::put_ber(&mut out, 0x6F, &inner);
    out
}

impl Card {
    /// Selects ISD-R or ECASD if its AID begins so.
    pub(crate) fn select_domain(
        &mut self,
        channel: Channel,
        aid: &[u8],
        reply: SelectReply,
        out: &mut Vec<u8>,
    ) -> Option<Answer> {
        let fci = self.rare.as_mut()?.euicc.as_mut()?.select(channel, aid)?;
        self.deselect_applet(channel);
        match reply {
            SelectReply::Nothing => {}
            SelectReply::Fcp | SelectReply::Fci => out.extend_from_slice(&fci),
        }
        Some(Ok(Status::Success))
    }

    /// Notes that no security domain is selected on a channel any more.
    pub(crate) fn deselect_domain(&mut self, channel: Channel) {
        if let Some(euicc) = self.rare.as_mut().and_then(|rare| rare.euicc.as_mut()) {
            euicc.deselect(channel);
        }
    }

    /// Answers a command that is for a security domain, as one is selected on its channel; or that
    /// no command gets further until the card is reset.
    pub(crate) fn give_to_domain(
        &mut self,
        now: polysim_base::Instant,
        apdu: &CommandApdu<'_>,
        out: &mut Vec<u8>,
    ) -> Option<Answer> {
        let euicc = self.rare.as_ref()?.euicc.as_ref()?;
        if euicc.is_stuck() {
            return Some(Err(Status::ConditionsNotSatisfied));
        }
        let header = apdu.header();
        let class = Class::parse(header.cla).ok()?;
        let domain = euicc.selected.on(class.channel())?;
        self.selection(class.channel()).ok()?;
        match (Ins::from_byte(header.ins), domain) {
            (Some(Ins::Select), _) if header.p1 == BY_NAME => None,
            (Some(ins), _) if stays_with_card(ins) => None,
            (Some(Ins::StoreData), Domain::IsdR) => {
                self.with_euicc(|card, euicc| euicc.store_data(card, now, class, apdu, out))
            }
            (Some(Ins::Select), _) => Some(Err(Status::FileNotFound)),
            (Some(_) | None, _) => Some(Err(Status::InsNotSupported)),
        }
    }
}
