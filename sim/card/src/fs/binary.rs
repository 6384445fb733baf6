//! READ BINARY and UPDATE BINARY (TS 102.221, 11.1.3 and 11.1.4).

use polysim_apdu::{BinaryAddress, Channel, Le, Status};

use crate::card::{Answer, Card};
use crate::template::{Operation, Structure};

impl Card {
    /// READ BINARY. Le `00` reads what there is, 256 bytes at most.
    pub(crate) fn read_binary(
        &mut self,
        channel: Channel,
        address: BinaryAddress,
        length: Le,
        out: &mut Vec<u8>,
    ) -> Answer {
        let fits = |structure| structure == Structure::Transparent;
        let ef = self.target(channel, address.file(), fits, Operation::Read)?.ef;
        let start = address.offset();
        let left = ef.size().saturating_sub(start);
        if left == 0 {
            return Err(Status::WrongP1P2);
        }
        let len = match length {
            Le::ANY | Le::ANY_EXTENDED => length.bytes().min(left),
            explicit if explicit.bytes() > left => return Err(wrong_le(left)),
            explicit => explicit.bytes(),
        };
        self.contents.store.read(self.contents.profile.template(), &ef, 1, (start, len), out);
        Ok(Status::Success)
    }

    /// UPDATE BINARY.
    pub(crate) fn update_binary(
        &mut self,
        channel: Channel,
        address: BinaryAddress,
        data: &[u8],
    ) -> Answer {
        let fits = |structure| structure == Structure::Transparent;
        let ef = self.target(channel, address.file(), fits, Operation::Update)?.ef;
        let start = address.offset();
        if start >= ef.size() {
            return Err(Status::WrongP1P2);
        }
        if data.len() > ef.size() - start {
            return Err(Status::WrongLength);
        }
        self.step()?;
        self.contents.store.write(self.contents.profile.template(), &ef, 1, start, data);
        self.note_write(ef.body);
        Ok(Status::Success)
    }
}

/// `6Cxx` for a length that may be above what the byte can say.
pub(super) fn wrong_le(right: usize) -> Status {
    Status::WrongLe(u8::try_from(right).unwrap_or(0))
}
