//! What is done with a courier, and what breaks.

use super::action::{CourierAction, CourierFault};
use crate::message::Message;
use crate::world::MobileWorld;
use polysim_kernel::Context;

impl MobileWorld {
    pub(crate) fn courier_action(&mut self, _: &mut Context<'_, Message>, _: &CourierAction) {}

    pub(crate) fn courier_fault(
        &mut self,
        _: &mut Context<'_, Message>,
        _: &CourierFault,
        _: bool,
    ) {
    }
}
