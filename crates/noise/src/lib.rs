//! The primitives of the Noise protocol framework: X25519, ChaCha20-Poly1305, BLAKE2s.
//!
//! [`Primitives`] are those of one handshake, for a `snow::Builder`. They overwrite their keys, and the
//! one ephemeral private key is handed in: whoever makes a handshake says where randomness comes from.
#![no_std]
extern crate alloc;

mod primitives;

pub use primitives::{KEY_LEN, Primitives, Secret, TAG_LEN, public_key};
