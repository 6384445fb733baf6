//! Answers to AUTHENTICATE (TS 31.102, 7.1.2) and RUN GSM ALGORITHM (TS 51.011, 9.2.16).

use core::fmt;

use alloc::vec::Vec;

/// Shortest and longest response RES, in bytes.
const RES_LEN: core::ops::RangeInclusive<usize> = 4..=16;

/// Why bytes are no such answer.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum AuthenticateError {
    /// The first byte is neither `DB` nor `DC`.
    #[error("answer to AUTHENTICATE starts with {value:02X}")]
    Tag {
        /// The byte.
        value: u8,
    },
    /// A length that does not fit what it stands for or what is there.
    #[error("answer to AUTHENTICATE: wrong length at byte {at} of {len}")]
    Length {
        /// Where.
        at: usize,
        /// Bytes given.
        len: usize,
    },
}

/// An answer to AUTHENTICATE. `Debug` shows no key.
#[derive(Clone, Copy, Eq, PartialEq)]
pub enum AuthenticateReply<'a> {
    /// `DB`: 3G context, the network is genuine.
    Success {
        /// RES, 4 to 16 bytes.
        res: &'a [u8],
        /// CK.
        ck: &'a [u8; 16],
        /// IK.
        ik: &'a [u8; 16],
        /// Kc, if the service table has GSM access.
        kc: Option<&'a [u8; 8]>,
    },
    /// `DC`: 3G context, the sequence number is out of range.
    SyncFailure {
        /// AUTS.
        auts: &'a [u8; 14],
    },
}

/// An answer in the GSM context. `Debug` shows no key.
#[derive(Clone, Copy, Eq, PartialEq)]
pub struct GsmReply {
    /// SRES.
    pub sres: [u8; 4],
    /// Kc.
    pub kc: [u8; 8],
}

impl<'a> AuthenticateReply<'a> {
    /// Reads an answer in the 3G context.
    ///
    /// # Errors
    /// [`AuthenticateError`].
    pub fn parse(bytes: &'a [u8]) -> Result<Self, AuthenticateError> {
        let wrong = |rest: &[u8]| {
            let (at, len) = (bytes.len() - rest.len(), bytes.len());
            AuthenticateError::Length { at, len }
        };
        let (tag, rest) = bytes.split_first().ok_or_else(|| wrong(bytes))?;
        match tag {
            0xDB => {
                let (res, rest) = counted(rest).ok_or_else(|| wrong(rest))?;
                let (ck, rest) = exactly(rest).ok_or_else(|| wrong(rest))?;
                let (ik, rest) = exactly(rest).ok_or_else(|| wrong(rest))?;
                let kc = match rest {
                    [] => None,
                    _ => match exactly(rest).ok_or_else(|| wrong(rest))? {
                        (kc, []) => Some(kc),
                        (_, rest) => return Err(wrong(rest)),
                    },
                };
                if RES_LEN.contains(&res.len()) {
                    Ok(Self::Success { res, ck, ik, kc })
                } else {
                    Err(AuthenticateError::Length { at: 1, len: bytes.len() })
                }
            }
            0xDC => match exactly(rest).ok_or_else(|| wrong(rest))? {
                (auts, []) => Ok(Self::SyncFailure { auts }),
                (_, rest) => Err(wrong(rest)),
            },
            value => Err(AuthenticateError::Tag { value: *value }),
        }
    }

    /// Appends the answer.
    ///
    /// # Errors
    /// [`AuthenticateError::Length`] for a RES of fewer than 4 or more than 16 bytes.
    pub fn emit(&self, out: &mut Vec<u8>) -> Result<(), AuthenticateError> {
        match self {
            Self::Success { res, ck, ik, kc } => {
                let wrong = AuthenticateError::Length { at: 1, len: res.len() };
                let len = u8::try_from(res.len()).map_err(|_| wrong.clone())?;
                if !RES_LEN.contains(&res.len()) {
                    return Err(wrong);
                }
                out.extend_from_slice(&[0xDB, len]);
                out.extend_from_slice(res);
                out.push(16);
                out.extend_from_slice(*ck);
                out.push(16);
                out.extend_from_slice(*ik);
                if let Some(kc) = kc {
                    out.push(8);
                    out.extend_from_slice(*kc);
                }
            }
            Self::SyncFailure { auts } => {
                out.extend_from_slice(&[0xDC, 14]);
                out.extend_from_slice(*auts);
            }
        }
        Ok(())
    }
}

impl GsmReply {
    /// Reads an answer of AUTHENTICATE in the GSM context: both values with their lengths.
    ///
    /// # Errors
    /// [`AuthenticateError`].
    pub fn parse(bytes: &[u8]) -> Result<Self, AuthenticateError> {
        let wrong = AuthenticateError::Length { at: 0, len: bytes.len() };
        let (sres, rest) = exactly(bytes).ok_or_else(|| wrong.clone())?;
        match exactly(rest).ok_or_else(|| wrong.clone())? {
            (kc, []) => Ok(Self { sres: *sres, kc: *kc }),
            _ => Err(wrong),
        }
    }

    /// Returns the answer of AUTHENTICATE in the GSM context.
    #[must_use]
    pub fn bytes(&self) -> [u8; 14] {
        let [a, b, c, d] = self.sres;
        let [k0, k1, k2, k3, k4, k5, k6, k7] = self.kc;
        [4, a, b, c, d, 8, k0, k1, k2, k3, k4, k5, k6, k7]
    }

    /// Reads the answer of RUN GSM ALGORITHM: SRES and Kc without lengths.
    ///
    /// # Errors
    /// [`AuthenticateError`] unless there are 12 bytes.
    pub fn parse_sim(bytes: &[u8]) -> Result<Self, AuthenticateError> {
        match bytes.split_first_chunk() {
            Some((sres, kc)) if kc.len() == 8 => {
                let mut reply = Self { sres: *sres, kc: [0; 8] };
                reply.kc.copy_from_slice(kc);
                Ok(reply)
            }
            Some(_) | None => Err(AuthenticateError::Length { at: 0, len: bytes.len() }),
        }
    }

    /// Returns the answer of RUN GSM ALGORITHM.
    #[must_use]
    pub fn sim_bytes(&self) -> [u8; 12] {
        let [a, b, c, d] = self.sres;
        let [k0, k1, k2, k3, k4, k5, k6, k7] = self.kc;
        [a, b, c, d, k0, k1, k2, k3, k4, k5, k6, k7]
    }
}

impl fmt::Debug for AuthenticateReply<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Success { .. } => f.write_str("Success { … }"),
            Self::SyncFailure { .. } => f.write_str("SyncFailure { … }"),
        }
    }
}

impl fmt::Debug for GsmReply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("GsmReply { … }")
    }
}

/// Takes a length byte and as many bytes.
fn counted(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (len, rest) = bytes.split_first()?;
    rest.split_at_checked(usize::from(*len))
}

/// Takes a length byte that says `N` and as many bytes.
fn exactly<const N: usize>(bytes: &[u8]) -> Option<(&[u8; N], &[u8])> {
    let (value, rest) = counted(bytes)?;
    Some((value.as_array()?, rest))
}

#[cfg(test)]
mod tests {
    use super::{AuthenticateError, AuthenticateReply, GsmReply};
    use crate::{Authentication, Command, Instruction, Status, T0Card};
    use serde_json::Value;
    use std::vec::Vec;

    fn hex(value: &Value) -> Vec<u8> {
        polysim_base::parse_hex(value.as_str().unwrap().as_bytes()).unwrap()
    }

    #[test]
    fn the_vectors_read_and_write_back() {
        let vectors: Value = serde_json::from_str(include_str!(
            "../../../tests/vectors/usim_authenticate_apdu.json"
        ))
        .unwrap();
        let cases = vectors["cases"].as_array().unwrap();
        assert_eq!(cases.len(), 40);
        for case in cases {
            let apdu = hex(&case["c_apdu"]);
            let command = Command::parse(&apdu).unwrap();
            let Instruction::Authenticate(authentication) = command.instruction else {
                panic!("{command:?}");
            };
            let mut again = Vec::new();
            command.emit(&mut again).unwrap();
            assert_eq!(again, apdu);
            let answer = hex(&case["response"]);
            let status = Status::from_bytes(hex(&case["sw"])[0], hex(&case["sw"])[1]);
            if let Some(t0) = case.get("t0_sw") {
                let (mut card, mut reply) = (T0Card::default(), Vec::new());
                let command = card.receive(&apdu[..apdu.len() - 1], &mut reply).unwrap();
                reply.extend_from_slice(&answer);
                card.answer(&command, status, &mut reply);
                assert_eq!(reply, hex(t0));
            }
            if answer.is_empty() {
                assert_eq!(status, Status::AuthenticationMacError);
                continue;
            }
            match authentication {
                Authentication::Umts { .. } => {
                    let reply = AuthenticateReply::parse(&answer).unwrap();
                    let mut again = Vec::new();
                    reply.emit(&mut again).unwrap();
                    assert_eq!(again, answer);
                }
                Authentication::Gsm { .. } => {
                    let reply = GsmReply::parse(&answer).unwrap();
                    assert_eq!(reply.bytes(), answer.as_slice());
                    assert_eq!(GsmReply::parse_sim(&reply.sim_bytes()), Ok(reply));
                }
                Authentication::Vgcs(_) | Authentication::Gba(_) => panic!("{authentication:?}"),
            }
        }
    }

    #[test]
    fn a_broken_answer_is_told() {
        assert_eq!(AuthenticateReply::parse(&[]), Err(AuthenticateError::Length { at: 0, len: 0 }));
        assert_eq!(AuthenticateReply::parse(&[1]), Err(AuthenticateError::Tag { value: 1 }));
        assert_eq!(
            AuthenticateReply::parse(&[0xDC, 13, 0]),
            Err(AuthenticateError::Length { at: 1, len: 3 })
        );
        let short = AuthenticateReply::Success { res: &[1], ck: &[0; 16], ik: &[0; 16], kc: None };
        assert!(short.emit(&mut Vec::new()).is_err());
        assert!(GsmReply::parse(&[4, 1, 2, 3, 4, 8]).is_err());
        assert!(GsmReply::parse_sim(&[0; 11]).is_err());
        let reply = GsmReply { sres: [0x5E; 4], kc: [0x5E; 8] };
        assert_eq!(std::format!("{reply:?}"), "GsmReply { … }");
    }
}
