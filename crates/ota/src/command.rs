//! Command packets (TS 102.225, 5.1; TS 31.115, 4.2).

use alloc::vec::Vec;
use core::fmt;

use zeroize::Zeroizing;

use crate::counter::{COUNTER_LEN, Counter};
use crate::header::{COMMAND_HEADER_LEN, CommandHeader};
use crate::packet::{self, OpenError, PacketError, PacketTooLong, View};
use crate::protection::Protection;

/// Octets of CNTR and PCNTR.
const LEAD: usize = COUNTER_LEN + 1;

/// A command packet whose lengths were checked: nothing in it is believed yet.
#[derive(Clone, Copy, Debug)]
pub struct CommandPacket<'a> {
    view: View<'a, COMMAND_HEADER_LEN, LEAD>,
    header: CommandHeader,
}

/// What a command packet carried.
#[derive(Clone, Eq, PartialEq)]
pub struct OpenedCommand {
    /// CNTR.
    pub counter: Counter,
    /// The secured data, without padding; shown as its length, for it may carry keys.
    pub data: Vec<u8>,
}

impl fmt::Debug for OpenedCommand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OpenedCommand(counter {}, {} octets)", self.counter, self.data.len())
    }
}

impl<'a> CommandPacket<'a> {
    /// Checks the lengths.
    ///
    /// # Errors
    /// [`PacketError`] when the octets are no command packet.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, PacketError> {
        let view = View::new(bytes)?;
        Ok(Self { view, header: CommandHeader::parse(view.fixed)? })
    }

    /// Returns the header.
    #[must_use]
    pub const fn header(&self) -> &CommandHeader {
        &self.header
    }

    /// Returns the octets of RC or CC.
    #[must_use]
    pub const fn check_len(&self) -> usize {
        self.view.check_len()
    }

    /// Returns CNTR where it is not ciphered. It is not believed yet.
    #[must_use]
    pub fn clear_counter(&self) -> Option<Counter> {
        let [a, b, c, d, e, _] = self.view.clear_lead();
        (!self.header.spi.ciphered).then(|| Counter::from([a, b, c, d, e]))
    }

    pub(crate) const fn outline(&self) -> (&'a [u8], &'a [u8]) {
        self.view.outline()
    }

    pub(crate) fn deciphered(&self, protection: &Protection<'_>) -> Zeroizing<Vec<u8>> {
        self.view.deciphered(protection)
    }

    /// Deciphers the packet and holds its check against the protection.
    ///
    /// # Errors
    /// [`OpenError`] when it was made otherwise, or changed.
    pub fn open(&self, protection: &Protection<'_>) -> Result<OpenedCommand, OpenError> {
        let mut content = self.view.open(&[], protection)?;
        let [a, b, c, d, e, _] = content.lead;
        let data = core::mem::take(&mut *content.data);
        Ok(OpenedCommand { counter: Counter::from([a, b, c, d, e]), data })
    }
}

/// Makes a command packet.
///
/// # Errors
/// [`PacketTooLong`] for too much data.
pub fn seal_command(
    header: &CommandHeader,
    counter: Counter,
    data: &[u8],
    protection: &Protection<'_>,
) -> Result<Vec<u8>, PacketTooLong> {
    let [a, b, c, d, e] = counter.octets();
    packet::seal(&[], &header.octets(), [a, b, c, d, e, 0], data, protection)
}
