//! SEND USSD and SEND DTMF (TS 31.111, 6.4.12; TS 102.223, 6.4.24).

use super::session::Waits;
use crate::core::Core;
use crate::effects::Effects;
use polysim_cat::{
    GeneralResult, NetworkResponse, ResponseData, SendDtmf, SendUssd, TerminalProblem, TextString,
    UssdString,
};
use polysim_radio::air::UssdDownlink;
use polysim_sms::{Alphabet, CbsCoding, gsm7, ucs2};

impl Core {
    pub(super) fn ussd_for_card(&mut self, fx: &mut Effects, request: &SendUssd) {
        let Some(text) = ussd_text(&request.string) else {
            return self.conclude(fx, GeneralResult::DataNotUnderstood);
        };
        let problem = if !self.radio.registered {
            Some(TerminalProblem::NoService)
        } else if self.rare.as_ref().is_some_and(|rare| !rare.ussd.is_idle()) {
            Some(TerminalProblem::UssdBusy)
        } else {
            None
        };
        if let Some(problem) = problem {
            return self.conclude(fx, GeneralResult::TerminalBusy(problem));
        }
        self.toolkit().session.wait_for(Waits::Ussd);
        if self.ussd_request(fx, text).is_err() {
            self.ussd_of_card_over(fx, None);
        }
    }

    /// What the network said to USSD of the card, nothing if it did not. Returns whether it was of
    /// the card.
    pub(crate) fn ussd_of_card_over(
        &mut self,
        fx: &mut Effects,
        answer: Option<&UssdDownlink>,
    ) -> bool {
        let toolkit = self.toolkit_mut();
        let waited = toolkit.and_then(|t| t.session.take_waits(|w| matches!(w, Waits::Ussd)));
        if waited.is_none() {
            return false;
        }
        let (result, text) = match answer {
            Some(UssdDownlink::Notify(text) | UssdDownlink::Request(text)) => {
                (GeneralResult::Performed, Some(TextString::new(text)))
            }
            Some(UssdDownlink::Refused | UssdDownlink::Released) => {
                (GeneralResult::UssdError(0), None)
            }
            None => (GeneralResult::NetworkBusy(0), None),
        };
        if matches!(answer, Some(UssdDownlink::Request(_)) | None) {
            // A card has no second request in one session.
            self.ussd_release(fx);
        } else if let Some(rare) = &mut self.rare {
            rare.ussd = crate::ussd::Ussd::Idle;
        }
        let data = NetworkResponse { text, action: None, action_result: None };
        self.conclude_with(fx, result, ResponseData::Network(data));
        true
    }

    pub(super) fn tones_for_card(&mut self, fx: &mut Effects, tones: &SendDtmf) {
        let digits = tones.digits.digits();
        // Pauses take no time here.
        let sent = digits
            .bytes()
            .filter(|digit| *digit != b'p')
            .try_for_each(|digit| self.send_tone(fx, digit));
        let result = match sent {
            Ok(()) => GeneralResult::Performed,
            Err(_) => GeneralResult::TerminalBusy(TerminalProblem::NotInSpeechCall),
        };
        self.conclude(fx, result);
    }
}

/// The text of a USSD string, by its data coding scheme (TS 23.038, 5).
fn ussd_text(string: &UssdString) -> Option<String> {
    let (coding, octets) = string.octets().split_first()?;
    match CbsCoding(*coding).alphabet() {
        Alphabet::Gsm7 => Some(gsm7::decode(&gsm7::unpack_ussd(octets))),
        Alphabet::Octets => core::str::from_utf8(octets).ok().map(str::to_string),
        Alphabet::Ucs2 => ucs2::decode(octets).ok(),
    }
}
