//! PIN commands and authentication (TS 102.221, 11.1.9 to 11.1.16).

use super::{Body, Decoded, counted, exact};
use crate::Status;
use crate::command::{Authentication, Instruction, KeyRef, Pin};

impl<'a> Body<'a> {
    /// The key that P2 names, if P1 is 0.
    pub(super) fn key(self) -> Decoded<KeyRef> {
        match (self.p1, self.p2) {
            (0, 2) if self.sim => Ok(KeyRef::PIN2),
            (0, key) => Ok(KeyRef(key)),
            _ => Err(Status::IncorrectP1P2),
        }
    }

    pub(super) fn verify_pin(self) -> Decoded<Instruction<'a>> {
        let pin = if self.data.is_empty() { None } else { Some(self.pin()?) };
        Ok(Instruction::VerifyPin { key: self.key()?, pin })
    }

    pub(super) fn change_pin(self) -> Decoded<Instruction<'a>> {
        let (old, new) = self.two_pins()?;
        Ok(Instruction::ChangePin { key: self.key()?, old, new })
    }

    pub(super) fn disable_pin(self) -> Decoded<Instruction<'a>> {
        let pin = self.pin()?;
        if self.p1 & 0x80 != 0 && !self.sim {
            let replacement = Some(KeyRef(self.p1 & 0x7F));
            return Ok(Instruction::DisablePin { key: KeyRef(self.p2), pin, replacement });
        }
        Ok(Instruction::DisablePin { key: self.key()?, pin, replacement: None })
    }

    pub(super) fn enable_pin(self) -> Decoded<Instruction<'a>> {
        Ok(Instruction::EnablePin { key: self.key()?, pin: self.pin()? })
    }

    pub(super) fn unblock_pin(self) -> Decoded<Instruction<'a>> {
        let key = match self.key()? {
            KeyRef(0) if self.sim => KeyRef::PIN1,
            key => key,
        };
        let values = if self.data.is_empty() { None } else { Some(self.two_pins()?) };
        Ok(Instruction::UnblockPin { key, values })
    }

    pub(super) fn pin(self) -> Decoded<Pin> {
        exact(self.data).map(|bytes| Pin::new(*bytes))
    }

    pub(super) fn two_pins(self) -> Decoded<(Pin, Pin)> {
        let bytes: &[u8; 16] = exact(self.data)?;
        match bytes.as_chunks::<8>() {
            ([first, second], []) => Ok((Pin::new(*first), Pin::new(*second))),
            _ => Err(Status::WrongLength),
        }
    }

    pub(super) fn authenticate(self) -> Decoded<Instruction<'a>> {
        if self.sim {
            self.no_parameters()?;
            return Ok(Instruction::RunGsmAlgorithm { rand: exact(self.data)? });
        }
        if self.p1 != 0 || self.p2 & 0x80 == 0 {
            return Err(Status::IncorrectP1P2);
        }
        let authentication = match self.p2 {
            0x80 => {
                let (rand, rest) = counted(self.data)?;
                exact::<0>(rest)?;
                Authentication::Gsm { rand }
            }
            0x81 => {
                let (rand, rest) = counted(self.data)?;
                let (autn, rest) = counted(rest)?;
                exact::<0>(rest)?;
                Authentication::Umts { rand, autn }
            }
            0x82 => Authentication::Vgcs(self.some_data()?),
            0x84 => Authentication::Gba(self.some_data()?),
            _ => return Err(Status::AuthenticationContextNotSupported),
        };
        Ok(Instruction::Authenticate(authentication))
    }
}
