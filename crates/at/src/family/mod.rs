//! The parameters of commands and their answers, by family.

mod call;
mod clock;
mod device;
mod network;
mod packet;
mod phonebook;
mod registration;
mod scan;
mod security;
mod sim;
mod sms;
mod supplementary;
#[cfg(test)]
mod tests;
mod toolkit;

pub use call::*;
pub use clock::*;
pub use device::*;
pub use network::*;
pub use packet::*;
pub use phonebook::*;
pub use registration::*;
pub use scan::*;
pub use security::*;
pub use sim::*;
pub use sms::*;
pub use supplementary::*;
pub use toolkit::*;
