//! The PIN status template (TS 102.221, 9.5.2 and 11.1.1.4.10).

use alloc::vec::Vec;

use polysim_base::tlv::BerReader;

use super::FcpError;
use crate::KeyRef;

/// Most PINs of one template; one byte of status bits covers them.
pub const PIN_STATES_MAX: usize = 8;
const TAG: u32 = 0xC6;

/// One PIN of the template.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct PinState {
    /// Which PIN.
    pub key: KeyRef,
    /// Whether it is enabled.
    pub enabled: bool,
    /// `95`: usage qualifier; for the universal PIN, `08` if it stands for the application's.
    pub usage: Option<u8>,
}

/// The object `C6`: the PINs of an application in order.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct PinStatus {
    pins: [PinState; PIN_STATES_MAX],
    len: usize,
}

impl PinStatus {
    /// Makes a template.
    ///
    /// # Errors
    /// [`FcpError::TooManyPins`] above [`PIN_STATES_MAX`].
    pub fn new(pins: &[PinState]) -> Result<Self, FcpError> {
        let mut status = Self::default();
        pins.iter().try_for_each(|pin| status.push(*pin))?;
        Ok(status)
    }

    fn push(&mut self, pin: PinState) -> Result<(), FcpError> {
        let place = self.pins.get_mut(self.len);
        *place.ok_or(FcpError::TooManyPins { limit: PIN_STATES_MAX })? = pin;
        self.len += 1;
        Ok(())
    }

    /// Returns the PINs in order.
    #[must_use]
    pub fn pins(&self) -> &[PinState] {
        self.pins.get(..self.len).unwrap_or_default()
    }

    /// Reads the value of the object.
    ///
    /// # Errors
    /// [`FcpError`].
    pub fn parse(value: &[u8]) -> Result<Self, FcpError> {
        let mut status = Self::default();
        let (mut bits, mut usage) = (0, None);
        for object in BerReader::new(value) {
            let object = object?;
            match (object.tag, object.value) {
                (0x90, [first, ..]) => bits = *first,
                (0x95, [qualifier]) => usage = Some(*qualifier),
                (0x83, [key]) => {
                    let enabled = (bits << (status.len & 7)) & 0x80 != 0;
                    status.push(PinState { key: KeyRef(*key), enabled, usage: usage.take() })?;
                }
                (0x90 | 0x95 | 0x83, value) => {
                    return Err(FcpError::Length { tag: TAG, len: value.len() });
                }
                _ => {}
            }
        }
        Ok(status)
    }

    /// Appends the object.
    pub fn emit(&self, out: &mut Vec<u8>) {
        let start = out.len();
        let bits = self.pins().iter().enumerate().fold(0_u8, |bits, (at, pin)| {
            if pin.enabled { bits | (0x80 >> (at & 7)) } else { bits }
        });
        out.extend_from_slice(&[0xC6, 0, 0x90, 1, bits]);
        for pin in self.pins() {
            out.extend(pin.usage.iter().flat_map(|usage| [0x95, 1, *usage]));
            out.extend_from_slice(&[0x83, 1, pin.key.0]);
        }
        let len = out.len() - start - 2;
        if let (Ok(len), Some(length)) = (u8::try_from(len), out.get_mut(start + 1)) {
            *length = len;
        }
    }
}
