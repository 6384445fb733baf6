//! What SELECT and STATUS tell of a file.

use polysim_apdu::LifeCycle;

use crate::card::Card;
use crate::security::Key;
use crate::template::FileIndex;

impl Card {
    /// Appends the FCP of a file as it is now.
    #[inline]
    pub(super) fn append_fcp(&self, index: FileIndex, out: &mut Vec<u8>) {
        let template = self.contents.profile.template();
        let file = template.file(index);
        let start = out.len();
        out.extend_from_slice(template.fcp(file));
        let mut patch = |at: u8, value: u8| {
            if let Some(place) = out.get_mut(start + usize::from(at)) {
                *place = value;
            }
        };
        if file.fcp_pins != 0 {
            patch(file.fcp_pins, self.pin_status_byte());
        }
        if self.is_deactivated(index) {
            patch(file.fcp_life_cycle, LifeCycle::Deactivated.byte());
        }
    }

    /// The PIN status of the template: PIN 1, PIN 2, ADM1, universal PIN from bit 8 down.
    fn pin_status_byte(&self) -> u8 {
        let enabled = self.contents.pins.enabled();
        let mut bits = 0;
        if enabled.has(Key::Pin1) {
            bits |= 0x80;
        }
        if enabled.has(Key::Pin2) {
            bits |= 0x40;
        }
        if enabled.has(Key::Adm1) {
            bits |= 0x20;
        }
        if self.contents.profile.config().universal_pin && enabled.has(Key::Universal) {
            bits |= 0x10;
        }
        bits
    }

    pub(crate) fn is_deactivated(&self, index: FileIndex) -> bool {
        match self.contents.profile.template().ef(index) {
            Some(ef) => self.contents.store.is_deactivated(ef.body),
            None => false,
        }
    }
}
