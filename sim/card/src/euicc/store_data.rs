//! Functions come in chains of STORE DATA: blocks are numbered from 00 on, and the last one says so
//! (`GlobalPlatform` card specification, 11.11; SGP.22, 5.7.2).

use std::fmt;

use polysim_apdu::{Channel, Class, CommandApdu, Family, Status};
use polysim_base::Instant;

use super::Euicc;
use crate::card::{Answer, Card};

/// Longest request of a function that the ISD-R takes in one chain: more than one segment of a bound
/// profile package, and a package of usual size as a whole.
pub const ES10_COMMAND_MAX: usize = 64 * 1_024;

/// P1 of a block that others follow: BER-TLV coded, an answer may come.
const MORE: u8 = 0x11;
/// P1 of the last block.
const LAST: u8 = 0x91;

/// The blocks of a function that have come. `Debug` does not show them.
pub(super) struct Chain {
    channel: Channel,
    next: u8,
    data: Vec<u8>,
}

impl fmt::Debug for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Chain({:?}, {} octets)", self.channel, self.data.len())
    }
}

impl Chain {
    pub(super) const fn channel(&self) -> Channel {
        self.channel
    }
}

impl Euicc {
    /// Takes a block; the last one of a chain carries the function out.
    pub(super) fn store_data(
        &mut self,
        card: &mut Card,
        now: Instant,
        class: Class,
        apdu: &CommandApdu<'_>,
        out: &mut Vec<u8>,
    ) -> Answer {
        let header = apdu.header();
        if class.family() != Family::Proprietary {
            return Err(Status::ClassNotSupported);
        }
        if header.p1 != MORE && header.p1 != LAST {
            return Err(Status::IncorrectP1P2);
        }
        let mut chain = self.chain_for(class.channel(), header.p2)?;
        if chain.data.len() + apdu.data().len() > ES10_COMMAND_MAX {
            return Err(Status::NotEnoughMemory);
        }
        chain.data.extend_from_slice(apdu.data());
        chain.next = chain.next.wrapping_add(1);
        if header.p1 == MORE {
            self.chain = Some(chain);
            return Ok(Status::Success);
        }
        let answer = self.function(card, now, &chain.data)?;
        out.extend_from_slice(&answer);
        Ok(Status::Success)
    }

    /// Returns the chain that a block belongs to: block 00 begins one, whatever came before.
    fn chain_for(&mut self, channel: Channel, block: u8) -> Result<Chain, Status> {
        match self.chain.take() {
            Some(chain) if chain.channel == channel && chain.next == block => Ok(chain),
            Some(_) | None if block == 0 => Ok(Chain { channel, next: 0, data: Vec::new() }),
            Some(_) => Err(Status::IncorrectP1P2),
            None => Err(Status::ConditionsNotSatisfied),
        }
    }
}
