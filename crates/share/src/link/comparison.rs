//! Numeric comparison of two devices that do not know each other.

use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use super::noise::HandshakeHash;
use super::{ComparisonNumber, LinkEnd};

/// What one end adds to the number.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Nonce(pub(super) [u8; 32]);

/// SHA-256 over the handshake's hash and the responder's nonce.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Commitment(pub(super) [u8; 32]);

impl Commitment {
    fn of(hash: &HandshakeHash, nonce: Nonce) -> Self {
        let input = Sha256::new_with_prefix(b"polysim share link commitment");
        Self(input.chain_update(hash).chain_update(nonce.0).finalize().into())
    }
}

/// How far two ends are with comparing.
#[derive(Debug)]
pub(super) struct Comparison {
    hash: HandshakeHash,
    step: Step,
}

#[derive(Debug)]
enum Step {
    /// The responder has committed to its nonce, and waits for the other.
    Committed { nonce: Nonce },
    /// The initiator has said its nonce, and waits for what was committed to.
    Answered { commitment: Commitment, nonce: Nonce },
    /// The number is shown to both users.
    Shown,
    /// The user of this end says that they are equal.
    EqualHere,
    /// The user of the other end says so.
    EqualThere,
}

/// Whether both users have said that the numbers are equal.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Verdict {
    Open,
    Paired,
}

impl Comparison {
    /// Begins at the responder. Its commitment is to be said.
    pub(super) fn commit(hash: HandshakeHash, nonce: Nonce) -> (Self, Commitment) {
        (Self { hash, step: Step::Committed { nonce } }, Commitment::of(&hash, nonce))
    }

    /// Begins at the initiator, which has heard `commitment`. Its nonce is to be said.
    pub(super) const fn answer(hash: HandshakeHash, commitment: Commitment, nonce: Nonce) -> Self {
        Self { hash, step: Step::Answered { commitment, nonce } }
    }

    /// The responder hears the initiator's nonce. Its own is to be said, and the number to be shown.
    pub(super) fn reveal(&mut self, theirs: Nonce) -> Result<(Nonce, ComparisonNumber), LinkEnd> {
        let Step::Committed { nonce } = self.step else { return Err(LinkEnd::Unexpected) };
        self.step = Step::Shown;
        Ok((nonce, self.number(theirs, nonce)))
    }

    /// The initiator hears the responder's nonce. The number is to be shown.
    pub(super) fn check(&mut self, theirs: Nonce) -> Result<ComparisonNumber, LinkEnd> {
        let Step::Answered { commitment, nonce } = self.step else {
            return Err(LinkEnd::Unexpected);
        };
        if !bool::from(Commitment::of(&self.hash, theirs).0.ct_eq(&commitment.0)) {
            return Err(LinkEnd::WrongReveal);
        }
        self.step = Step::Shown;
        Ok(self.number(nonce, theirs))
    }

    /// The user of this end says that they are equal. `None` where nothing new is said by that.
    pub(super) const fn equal_here(&mut self) -> Option<Verdict> {
        match self.step {
            Step::Shown => {
                self.step = Step::EqualHere;
                Some(Verdict::Open)
            }
            Step::EqualThere => Some(Verdict::Paired),
            Step::Committed { .. } | Step::Answered { .. } | Step::EqualHere => None,
        }
    }

    /// The user of the other end says that they are equal.
    pub(super) const fn equal_there(&mut self) -> Result<Verdict, LinkEnd> {
        match self.step {
            Step::Shown => {
                self.step = Step::EqualThere;
                Ok(Verdict::Open)
            }
            Step::EqualHere => Ok(Verdict::Paired),
            Step::Committed { .. } | Step::Answered { .. } | Step::EqualThere => {
                Err(LinkEnd::Unexpected)
            }
        }
    }

    /// Returns whether there is a number that the user can speak about.
    pub(super) const fn is_shown(&self) -> bool {
        match self.step {
            Step::Committed { .. } | Step::Answered { .. } => false,
            Step::Shown | Step::EqualHere | Step::EqualThere => true,
        }
    }

    fn number(&self, initiator: Nonce, responder: Nonce) -> ComparisonNumber {
        let input = Sha256::new_with_prefix(b"polysim share link number");
        let input = input.chain_update(self.hash).chain_update(initiator.0);
        let digest: [u8; 32] = input.chain_update(responder.0).finalize().into();
        let [a, b, c, d, ..] = digest;
        ComparisonNumber::of(u32::from_be_bytes([a, b, c, d]))
    }
}
