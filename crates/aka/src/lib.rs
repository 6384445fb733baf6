//! Authentication: MILENAGE, TUAK, COMP128, AKA vectors and resynchronisation
#![no_std]
extern crate alloc;
#[cfg(test)]
extern crate std;
