//! AT commands and results of TS 27.007, TS 27.005 and V.250, in both directions
#![no_std]
extern crate alloc;
#[cfg(test)]
extern crate std;
