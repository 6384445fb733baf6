//! The vocabulary of polysim: identifiers, time, seeded streams, BCD, TLV, machines
#![no_std]
extern crate alloc;
#[cfg(test)]
extern crate std;
