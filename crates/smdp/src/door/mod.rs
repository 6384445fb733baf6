//! How a server and an eUICC authenticate each other: what SM-DP+ and SM-DS have in common.

mod authenticate;
mod credentials;
mod initiate;
mod sessions;

pub use credentials::{ConfigError, Credentials};

pub(crate) use authenticate::{Authenticated, parse, transaction_key};
pub(crate) use credentials::{admit, admit_identity};
pub(crate) use sessions::{Sessions, TransactionKey};

use alloc::string::String;

use polysim_base::{Duration, Instant};
use polysim_rsp::crypto::{KeyId, Signature};
use polysim_rsp::es9::Refusal;

/// Before the 64 octets of a signature where one is signed.
pub(crate) const SIGNATURE_HEAD: [u8; 3] = [0x5F, 0x37, 0x40];

/// Which of its statuses a server refuses with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Refusals {
    pub(crate) address: Refusal,
    pub(crate) security: Refusal,
    pub(crate) version: Refusal,
    pub(crate) certificate: Refusal,
}

/// A session that has begun. `progress` is what the server's own functions add.
#[derive(Debug)]
pub(crate) struct Session<P> {
    ci: KeyId,
    server_challenge: [u8; 16],
    pub(crate) progress: P,
}

/// The way in: it lets in whoever proves to be an eUICC.
#[derive(Debug)]
pub(crate) struct Door<P> {
    pub(crate) address: String,
    epoch: i64,
    pub(crate) credentials: Credentials,
    refusals: Refusals,
    pub(crate) sessions: Sessions<Session<P>>,
}

impl<P> Door<P> {
    pub(crate) const fn new(
        address: String,
        epoch: i64,
        credentials: Credentials,
        refusals: Refusals,
        session_lifetime: Duration,
    ) -> Self {
        let sessions = Sessions::new(session_lifetime);
        Self { address, epoch, credentials, refusals, sessions }
    }

    /// Returns the seconds since 1970.
    pub(crate) fn unix(&self, now: Instant) -> i64 {
        let seconds = now.since(Instant::ZERO).as_secs();
        self.epoch.saturating_add_unsigned(seconds)
    }

    /// Checks a signature over the concatenation of `parts`.
    pub(crate) fn is_signed(
        &self,
        key: &polysim_rsp::crypto::PublicKey,
        parts: &[&[u8]],
        signature: &Signature,
    ) -> bool {
        self.credentials.verifier.verify(key, &parts.concat(), signature)
    }
}
