//! Keys, signatures and randomness.

/// r and s of an ECDSA signature over P-256 and SHA-256.
pub type Signature = [u8; 64];
