//! The host side of a modem: command queue, registration, texts, calls, USSD, card channel
#![no_std]
extern crate alloc;
#[cfg(test)]
extern crate std;
