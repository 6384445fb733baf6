//! Short messages: TPDUs of TS 23.040 and alphabets of TS 23.038
#![no_std]
extern crate alloc;
#[cfg(test)]
extern crate std;
