//! The PINs of a card: values, tries, what is enabled and verified (TS 102.221, 9.5 and 11.1.9 to
//! 11.1.13).

#[cfg(test)]
mod tests;

use std::sync::Arc;

use polysim_apdu::{KeyRef, PIN_LEN, Pin, Status};

use super::{Key, Keys};
use crate::config::{PinConfig, PinSetup};

/// How a PIN stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct PinStatus {
    /// Whether it must be verified.
    pub enabled: bool,
    /// Whether it has been since the last reset.
    pub verified: bool,
    /// Wrong values until it is blocked; 0 means blocked.
    pub tries: u8,
    /// Wrong unblock values until it is lost; 0 means lost.
    pub puk_tries: u8,
}

/// Tries left: PIN in the low half, unblock value in the high half.
#[derive(Clone, Copy, Debug)]
struct Tries(u8);

impl Tries {
    const fn new(pin: u8, puk: u8) -> Self {
        Self((pin & 0x0F) | puk << 4)
    }

    const fn pin(self) -> u8 {
        self.0 & 0x0F
    }

    const fn puk(self) -> u8 {
        self.0 >> 4
    }
}

/// See the module.
#[derive(Clone, Debug)]
pub(crate) struct Pins {
    /// Values and numbers of tries; shared with other cards until one is changed.
    setup: Arc<PinConfig>,
    tries: [Tries; Key::ALL.len()],
    enabled: Keys,
    verified: Keys,
    /// PIN 1 is disabled and the universal PIN stands in for it (TS 102.221, 9.4.1).
    universal_replaces_pin1: bool,
}

impl Pins {
    pub(crate) fn new(setup: Arc<PinConfig>) -> Self {
        let mut pins = Self {
            setup,
            tries: [Tries::new(0, 0); Key::ALL.len()],
            enabled: Keys::NONE,
            verified: Keys::NONE,
            universal_replaces_pin1: false,
        };
        for key in Key::ALL {
            if let Some(setup) = pins.setup(key).copied() {
                pins.set_tries(key, setup.tries, setup.puk_tries);
                pins.enabled.set(key, setup.enabled);
            }
        }
        pins
    }

    /// Forgets what was verified.
    pub(crate) const fn reset(&mut self) {
        self.verified = Keys::NONE;
    }

    /// Sets what was verified, and returns what was before: somebody else is at work.
    pub(crate) const fn replace_verified(&mut self, verified: Keys) -> Keys {
        std::mem::replace(&mut self.verified, verified)
    }

    /// Restores what was verified before somebody else was at work, who may have blocked some.
    pub(crate) fn restore_verified(&mut self, verified: Keys) {
        self.verified = verified;
        for key in Key::ALL {
            if self.tries(key).pin() == 0 {
                self.verified.set(key, false);
            }
        }
    }

    /// Returns the keys whose conditions hold: verified ones, and disabled ones that nothing
    /// replaces.
    #[inline]
    pub(crate) const fn satisfied(&self) -> Keys {
        let mut keys = self.verified;
        if !self.enabled.has(Key::Pin1)
            && (!self.universal_replaces_pin1 || self.verified.has(Key::Universal))
        {
            keys = keys.with(Key::Pin1);
        }
        if !self.enabled.has(Key::Pin2) {
            keys = keys.with(Key::Pin2);
        }
        keys
    }

    /// Returns the keys that must be verified.
    pub(crate) const fn enabled(&self) -> Keys {
        self.enabled
    }

    pub(crate) fn status(&self, reference: KeyRef) -> Option<PinStatus> {
        let key = Key::of(reference)?;
        self.setup(key)?;
        let tries = self.tries(key);
        Some(PinStatus {
            enabled: self.enabled.has(key),
            verified: self.verified.has(key),
            tries: tries.pin(),
            puk_tries: tries.puk(),
        })
    }

    /// VERIFY PIN (TS 102.221, 11.1.9).
    pub(crate) fn verify(&mut self, reference: KeyRef, pin: Option<&Pin>) -> Result<(), Status> {
        let key = self.key(reference)?;
        let Some(pin) = pin else {
            return Err(Status::TriesLeft(self.tries(key).pin()));
        };
        self.require_enabled(key)?;
        self.present_pin(key, pin)
    }

    /// CHANGE PIN (TS 102.221, 11.1.10).
    pub(crate) fn change(&mut self, reference: KeyRef, old: &Pin, new: &Pin) -> Result<(), Status> {
        let key = self.key(reference)?;
        self.require_enabled(key)?;
        acceptable(key, new)?;
        self.present_pin(key, old)?;
        self.edit(key, |setup| setup.pin = *new);
        Ok(())
    }

    /// DISABLE PIN (TS 102.221, 11.1.11).
    pub(crate) fn disable(
        &mut self,
        reference: KeyRef,
        pin: &Pin,
        replacement: Option<KeyRef>,
    ) -> Result<(), Status> {
        let key = self.key(reference)?;
        if key != Key::Pin1 && key != Key::Pin2 {
            return Err(Status::FunctionNotSupported);
        }
        let replaced = match replacement {
            None => false,
            Some(KeyRef::UNIVERSAL) if key == Key::Pin1 => {
                self.setup(Key::Universal).ok_or(Status::ReferenceDataNotFound)?;
                true
            }
            Some(_) => return Err(Status::IncorrectP1P2),
        };
        self.require_enabled(key)?;
        self.present_pin(key, pin)?;
        self.enabled.set(key, false);
        if key == Key::Pin1 {
            self.universal_replaces_pin1 = replaced;
        }
        Ok(())
    }

    /// ENABLE PIN (TS 102.221, 11.1.12).
    pub(crate) fn enable(&mut self, reference: KeyRef, pin: &Pin) -> Result<(), Status> {
        let key = self.key(reference)?;
        if self.enabled.has(key) {
            return Err(Status::ConditionsNotSatisfied);
        }
        self.present_pin(key, pin)?;
        self.enabled.set(key, true);
        if key == Key::Pin1 {
            self.universal_replaces_pin1 = false;
        }
        Ok(())
    }

    /// UNBLOCK PIN (TS 102.221, 11.1.13). A PIN that was disabled is enabled by it, unless it is
    /// replaced.
    pub(crate) fn unblock(
        &mut self,
        reference: KeyRef,
        values: Option<(&Pin, &Pin)>,
    ) -> Result<(), Status> {
        let key = self.key(reference)?;
        let tries = self.tries(key);
        let Some((puk, new)) = values else {
            return Err(Status::TriesLeft(tries.puk()));
        };
        if key == Key::Adm1 || key == Key::Adm2 {
            return Err(Status::FunctionNotSupported);
        }
        acceptable(key, new)?;
        let setup = *self.setup(key).ok_or(Status::ReferenceDataNotFound)?;
        if tries.puk() == 0 {
            return Err(Status::AuthenticationBlocked);
        }
        if !same(&setup.puk, puk) {
            self.set_tries(key, tries.pin(), tries.puk() - 1);
            return Err(Status::TriesLeft(tries.puk() - 1));
        }
        self.edit(key, |setup| setup.pin = *new);
        self.set_tries(key, setup.tries, setup.puk_tries);
        self.verified.set(key, true);
        if !(key == Key::Pin1 && self.universal_replaces_pin1) {
            self.enabled.set(key, true);
        }
        Ok(())
    }

    fn key(&self, reference: KeyRef) -> Result<Key, Status> {
        let key = Key::of(reference).ok_or(Status::ReferenceDataNotFound)?;
        self.setup(key).ok_or(Status::ReferenceDataNotFound)?;
        Ok(key)
    }

    fn require_enabled(&self, key: Key) -> Result<(), Status> {
        if self.enabled.has(key) { Ok(()) } else { Err(Status::ConditionsNotSatisfied) }
    }

    /// Compares a value and counts.
    fn present_pin(&mut self, key: Key, pin: &Pin) -> Result<(), Status> {
        let setup = *self.setup(key).ok_or(Status::ReferenceDataNotFound)?;
        let tries = self.tries(key);
        if tries.pin() == 0 {
            return Err(Status::AuthenticationBlocked);
        }
        if same(&setup.pin, pin) {
            self.set_tries(key, setup.tries, tries.puk());
            self.verified.set(key, true);
            return Ok(());
        }
        self.set_tries(key, tries.pin() - 1, tries.puk());
        self.verified.set(key, false);
        Err(Status::TriesLeft(tries.pin() - 1))
    }

    fn setup(&self, key: Key) -> Option<&PinSetup> {
        match key {
            Key::Pin1 => Some(&self.setup.pin1),
            Key::Pin2 => Some(&self.setup.pin2),
            Key::Universal => self.setup.universal.as_ref(),
            Key::Adm1 => Some(&self.setup.adm1),
            Key::Adm2 => self.setup.adm2.as_ref(),
        }
    }

    fn edit(&mut self, key: Key, edit: impl FnOnce(&mut PinSetup)) {
        let setup = Arc::make_mut(&mut self.setup);
        match key {
            Key::Pin1 => edit(&mut setup.pin1),
            Key::Pin2 => edit(&mut setup.pin2),
            Key::Adm1 => edit(&mut setup.adm1),
            Key::Universal => setup.universal.as_mut().map(edit).unwrap_or_default(),
            Key::Adm2 => setup.adm2.as_mut().map(edit).unwrap_or_default(),
        }
    }

    fn tries(&self, key: Key) -> Tries {
        self.tries.get(key.index()).copied().unwrap_or(Tries::new(0, 0))
    }

    fn set_tries(&mut self, key: Key, pin: u8, puk: u8) {
        if let Some(tries) = self.tries.get_mut(key.index()) {
            *tries = Tries::new(pin, puk);
        }
    }
}

/// A PIN is 4 to 8 digits filled up with `FF` (TS 102.221, 9.5.1); an administrative key is any.
fn acceptable(key: Key, pin: &Pin) -> Result<(), Status> {
    if matches!(key, Key::Adm1 | Key::Adm2) {
        return Ok(());
    }
    let bytes = pin.bytes();
    let digits = bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if digits >= 4 && bytes.iter().skip(digits).all(|&byte| byte == 0xFF) {
        Ok(())
    } else {
        Err(Status::IncorrectData)
    }
}

/// Compares two values in time that does not depend on where they differ.
fn same(stored: &Pin, presented: &Pin) -> bool {
    let mut difference = 0;
    for at in 0..PIN_LEN {
        let byte = |pin: &Pin| pin.bytes().get(at).copied().unwrap_or_default();
        difference |= byte(stored) ^ byte(presented);
    }
    difference == 0
}
