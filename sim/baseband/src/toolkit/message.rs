//! SEND SHORT MESSAGE: a text of the card, on the way that texts of hosts go
//! (TS 31.111, 6.4.10).

use super::session::Waits;
use crate::core::Core;
use crate::effects::Effects;
use crate::sms::{Outgoing, Purpose, Sender, Sent};
use polysim_at::CmsError;
use polysim_base::Msisdn;
use polysim_cat::{
    Address, GeneralResult, NetworkResponse, ResponseData, SendShortMessage, TerminalProblem,
};
use polysim_sms::{DataCoding, HeaderBuf, MobileOriginated, Rp, Tpdu, UserData};

/// TP-UDHI of the first octet of a SUBMIT.
const HEADER: u8 = 0x40;
/// TP-MTI of a SUBMIT, and the bits it is in.
const SUBMIT: u8 = 0x01;
const MESSAGE_TYPE: u8 = 0x03;

impl Core {
    pub(super) fn send_for_card(&mut self, fx: &mut Effects, message: &SendShortMessage) {
        let octets = message.tpdu.octets();
        let tpdu = if message.mode.packing { packed(octets) } else { Some(octets.to_vec()) };
        let tpdu = tpdu.filter(|tpdu| MobileOriginated::parse(tpdu, Rp::Data).is_ok());
        let centre = message.service_centre.as_ref().map(|centre| msisdn(centre).ok_or(()));
        let (Some(tpdu), Ok(centre)) = (tpdu, centre.transpose()) else {
            return self.conclude(fx, GeneralResult::DataNotUnderstood);
        };
        self.toolkit().session.wait_for(Waits::Text);
        let sender = Sender::Card;
        let outgoing = Outgoing { sender, purpose: Purpose::Entered, centre, tpdu };
        if let Err(error) = self.submit(fx, outgoing) {
            self.text_of_card_over(fx, &Sent::Failed(error));
        }
    }

    /// A text of the card came to something.
    pub(crate) fn text_of_card_over(&mut self, fx: &mut Effects, sent: &Sent) {
        let toolkit = self.toolkit_mut();
        let waited = toolkit.and_then(|t| t.session.take_waits(|w| matches!(w, Waits::Text)));
        if waited.is_none() {
            return;
        }
        let result = match sent {
            Sent::Taken { .. } => GeneralResult::Performed,
            Sent::Refused(cause) => GeneralResult::RpError(*cause),
            Sent::Failed(error) => failure(*error),
        };
        let nothing = NetworkResponse { text: None, action: None, action_result: None };
        self.conclude_with(fx, result, ResponseData::Network(nothing));
    }
}

/// What is answered where the device itself could not send.
#[expect(clippy::wildcard_enum_match_arm, reason = "of another crate, and it grows")]
const fn failure(error: CmsError) -> GeneralResult {
    match error {
        CmsError::NoNetworkService => GeneralResult::TerminalBusy(TerminalProblem::NoService),
        CmsError::ScAddressUnknown => GeneralResult::ValuesMissing,
        CmsError::ResourcesUnavailable => GeneralResult::TerminalBusy(TerminalProblem::Unspecific),
        // It may be worth while to try again later.
        _ => GeneralResult::NetworkBusy(0),
    }
}

fn msisdn(address: &Address) -> Option<Msisdn> {
    Msisdn::parse(&address.digits()).ok()
}

/// A SUBMIT whose text the card gave in octets, packed as the network wants it. Nothing if it is
/// no SUBMIT, has a header, or is too long.
fn packed(octets: &[u8]) -> Option<Vec<u8>> {
    let [first, _, digits, ..] = octets else { return None };
    if first & MESSAGE_TYPE != SUBMIT || first & HEADER != 0 {
        return None;
    }
    // First octet, reference, address of that many digits, protocol.
    let coding_at = 2 + 2 + usize::from(digits.div_ceil(2)) + 1;
    let validity = match first >> 3 & 0x03 {
        0 => 0,
        2 => 1,
        _ => 7,
    };
    let (head, rest) = octets.split_at_checked(coding_at)?;
    let (coding, rest) = rest.split_first()?;
    let (validity, rest) = rest.split_at_checked(validity)?;
    let (length, text) = rest.split_first()?;
    let text = text.get(..usize::from(*length))?;
    let coding = DataCoding(if coding & 0xF0 == 0xF0 { coding & !0x04 } else { coding & !0x0C });
    let data = UserData::from_septets(coding, &HeaderBuf::new(), text).ok()?;
    let mut packed = head.to_vec();
    packed.push(coding.0);
    packed.extend_from_slice(validity);
    packed.push(data.length());
    packed.extend_from_slice(data.octets());
    Some(packed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use polysim_sms::Submit;

    #[test]
    fn a_text_in_octets_is_packed() {
        let to = polysim_sms::Address::parse_dialled("+491701234567").unwrap();
        let submit = Submit::new(to, UserData::from_text("hello").unwrap());
        let wanted = MobileOriginated::Submit(submit).to_octets();
        let at = wanted.len() - 5 - 1;
        let mut octets = wanted[..at - 1].to_vec();
        octets.extend([0x04, 5]);
        octets.extend(b"hello");
        assert_eq!(packed(&octets), Some(wanted));
        assert_eq!(packed(&octets[..octets.len() - 1]), None);
        octets[0] |= HEADER;
        assert_eq!(packed(&octets), None);
    }
}
