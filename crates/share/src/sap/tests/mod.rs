//! Tests of messages and machines.

mod codec;
mod pair;
mod properties;
mod transcript;
mod transcripts;
