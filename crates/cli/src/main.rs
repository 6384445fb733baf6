//! The polysim command.
fn main() {}
