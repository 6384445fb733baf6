//! What the modem tells by itself becomes events, and work for later.

use alloc::string::String;

use polysim_at::{Clock, CtzeUrc, CusdUrc, Urc};
use polysim_base::Instant;
use polysim_sms::{Alphabet, CbsCoding, ucs2};

use crate::{ModemEvent, engine::Engine};

impl Engine {
    /// Takes an unsolicited result. Nothing is sent from here.
    #[expect(clippy::wildcard_enum_match_arm, reason = "of another crate, and it grows")]
    pub(crate) fn told(&mut self, now: Instant, urc: Urc) {
        match urc {
            Urc::Registration(domain, told) => self.registered(domain, told),
            Urc::Cmti(stored) => self.text_stored(stored.store, stored.index),
            Urc::Cdsi(stored) => self.text_stored(stored.store, stored.index),
            Urc::Ring | Urc::Cring(_) => self.rings(now, None),
            Urc::Clip(caller) => self.rings(now, Some(caller.number)),
            Urc::Ccwa(caller) => self.waits(now, caller.number),
            Urc::Cusd(ussd) => self.ussd(&ussd),
            Urc::Ctzv(told) => {
                self.event(ModemEvent::NetworkTime { zone: told.zone, clock: None });
            }
            Urc::Ctze(told) => self.network_time(&told),
            // A change of a call that `+CLCC` shows.
            Urc::Colp(_) | Urc::Cssi(_) | Urc::Cssu(_) => self.look_at_calls(),
            // The line keeps those with a PDU; nobody asked for the others.
            _ => {}
        }
    }

    fn network_time(&mut self, told: &CtzeUrc) {
        let clock = told.clock.and_then(|clock| Clock::new(clock.fields(), Some(told.zone)));
        self.event(ModemEvent::NetworkTime { zone: told.zone, clock });
    }

    fn ussd(&mut self, ussd: &CusdUrc) {
        let text = ussd.text.as_ref().map(|text| decode_ussd(text.as_bytes(), ussd.coding));
        self.event(ModemEvent::Ussd { status: ussd.status, text });
    }
}

/// Reads what a modem shows of a USSD string: hex digits if the coding is UCS-2, else characters.
fn decode_ussd(shown: &[u8], coding: Option<u8>) -> String {
    let is_ucs2 = coding.is_some_and(|coding| CbsCoding(coding).alphabet() == Alphabet::Ucs2);
    let decoded = core::str::from_utf8(shown)
        .ok()
        .filter(|digits| is_ucs2 && !digits.is_empty())
        .and_then(|digits| ucs2::decode_hex(digits).ok());
    decoded.unwrap_or_else(|| String::from_utf8_lossy(shown).into_owned())
}
