//! Modems on serial ports and sockets, and finding them.
//!
//! - [`SerialPort`] is a terminal device: USB modem, UART, pseudo-terminal. It can be told where a
//!   modem is plugged in instead of what it is called ([`SerialPort::at_usb`]), and then finds it
//!   again when the kernel has given it another name.
//! - [`SocketPort`] is a TCP or Unix connection: a serial line behind a terminal server, or a
//!   simulated modem.
//! - [`open`] takes either as text: `/dev/ttyUSB2`, `usb:1-1.4:2`, `tcp:host:port`, `unix:/path`,
//!   `unix:@name`.
//! - [`find_modems`] reads from sysfs which modems are there and which of their ports is for what;
//!   [`SerialDiscovery`] tells when that changes.
//!
//! *Architecture Invariant:* this crate opens device nodes, sockets it was told to open, and sysfs;
//! nothing else. It asks no daemon and runs no program, and needs no udev.

mod address;
mod discovery;
mod failure;
mod known;
mod modems;
mod serial;
mod socket;
mod sysfs;
#[cfg(test)]
mod testing;
mod usb;

pub use address::{Address, AddressError, open};
pub use discovery::SerialDiscovery;
pub use known::{TtyKind, model_of};
pub use modems::{FoundModem, TtyInterface, find_modems};
pub use serial::{Flow, SerialPort, SerialSettings};
pub use socket::SocketPort;
pub use sysfs::SysRoot;
pub use usb::{UsbDevice, UsbInterface, usb_devices};
