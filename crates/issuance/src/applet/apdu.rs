//! What a tool on site asks, once it has selected the applet.

use alloc::vec::Vec;

use polysim_apdu::{CommandApdu, Ins, Status};
use polysim_base::Out;

use super::{Applet, AppletOutput};
use crate::wire::apdu::{PAIR_TAG, STATE_TAG, StoredPair};

/// Of the class byte: not defined by ISO 7816-4.
const PROPRIETARY: u8 = 0x80;

impl Applet {
    pub(super) fn apdu(&mut self, apdu: &[u8]) {
        let (mut answer, status) = match self.get(apdu) {
            Ok(data) => (data, Status::Success),
            Err(status) => (Vec::new(), status),
        };
        answer.extend(u16::from(status).to_be_bytes());
        self.out.push(Out::Do(AppletOutput::Answer(answer)));
    }

    fn get(&mut self, apdu: &[u8]) -> Result<Vec<u8>, Status> {
        let command = CommandApdu::parse(apdu).map_err(|_| Status::WrongLength)?;
        let header = command.header();
        if header.cla & PROPRIETARY == 0 {
            return Err(Status::ClassNotSupported);
        }
        if Ins::from_byte(header.ins) != Some(Ins::GetData) {
            return Err(Status::InsNotSupported);
        }
        match u16::from_be_bytes([header.p1, header.p2]) {
            STATE_TAG => Ok(self.state().encode()),
            PAIR_TAG => self.pair().ok_or(Status::ConditionsNotSatisfied),
            _ => Err(Status::ReferenceDataNotFound),
        }
    }

    /// The stored pair, with a binding request under a counter that is recorded first.
    fn pair(&mut self) -> Option<Vec<u8>> {
        let (imei, bind) = (self.memory.imei?, self.bind()?);
        let frame = self.seal(bind)?;
        Some(StoredPair { imei, frame }.encode())
    }
}
