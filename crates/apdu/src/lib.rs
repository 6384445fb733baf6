//! APDUs of ISO 7816-4 and TS 102.221: commands, status words, FCP, ATR, contents of EFs
#![no_std]
extern crate alloc;
#[cfg(test)]
extern crate std;
