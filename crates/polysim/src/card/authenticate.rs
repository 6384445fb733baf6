//! AUTHENTICATE in the 3G context.

use super::{Card, CardFault};
use polysim_apdu::{AuthenticateReply, Channel, Command, Status};
use std::fmt;

/// How a card answered a challenge (TS 31.102, 7.1.2). `Debug` shows no key.
#[derive(Clone, Eq, PartialEq)]
pub enum Authenticated {
    /// The network is genuine.
    Success {
        /// RES, 4 to 16 bytes.
        res: Vec<u8>,
        /// CK.
        ck: [u8; 16],
        /// IK.
        ik: [u8; 16],
        /// Kc, if the card has GSM access.
        kc: Option<[u8; 8]>,
    },
    /// The sequence number is out of range: the network is to synchronise by AUTS.
    SyncFailure {
        /// AUTS.
        auts: [u8; 14],
    },
    /// The MAC is wrong: the challenge is not of the card's operator.
    MacFailure,
}

impl Card {
    /// Challenges the card. The USIM must be selected, and its PIN verified.
    ///
    /// # Errors
    /// [`CardFault::Refused`], [`CardFault::Authenticate`] and others.
    pub async fn authenticate(
        &mut self,
        rand: &[u8; 16],
        autn: &[u8; 16],
    ) -> Result<Authenticated, CardFault> {
        let response = self.send(Command::authenticate(Channel::BASIC, rand, autn)).await?;
        match response.status {
            Status::AuthenticationMacError => Ok(Authenticated::MacFailure),
            status if status.is_done() => Ok(AuthenticateReply::parse(&response.data)?.into()),
            status => Err(CardFault::Refused { command: "AUTHENTICATE", status }),
        }
    }
}

impl From<AuthenticateReply<'_>> for Authenticated {
    fn from(reply: AuthenticateReply<'_>) -> Self {
        match reply {
            AuthenticateReply::Success { res, ck, ik, kc } => {
                Self::Success { res: res.to_vec(), ck: *ck, ik: *ik, kc: kc.copied() }
            }
            AuthenticateReply::SyncFailure { auts } => Self::SyncFailure { auts: *auts },
        }
    }
}

impl fmt::Debug for Authenticated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Success { .. } => "Success { … }",
            Self::SyncFailure { .. } => "SyncFailure { … }",
            Self::MacFailure => "MacFailure",
        })
    }
}
