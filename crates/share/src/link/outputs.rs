//! What waits to leave a link.

use alloc::vec::Vec;
use core::convert::Infallible;

use polysim_base::{Out, Queue};

use super::frame::frame;
use super::{LinkEnd, LinkEvent, LinkOutput};

#[derive(Debug, Default)]
pub(super) struct Outputs(Queue<Out<Infallible, LinkOutput>>);

impl Outputs {
    pub(super) fn tell(&mut self, event: LinkEvent) {
        self.0.push(Out::Do(LinkOutput::Tell(event)));
    }

    pub(super) fn frame(&mut self, body: &[u8]) -> Result<(), LinkEnd> {
        let octets: Vec<u8> = frame(body).ok_or(LinkEnd::MessageTooLong { len: body.len() })?;
        self.0.push(Out::Do(LinkOutput::Octets(octets)));
        Ok(())
    }

    pub(super) fn pop(&mut self) -> Option<Out<Infallible, LinkOutput>> {
        self.0.pop()
    }
}
