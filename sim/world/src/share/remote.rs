//! A card that stays with the master, and the modem of a slave that speaks with it.

use super::system::{Ctx, Share};
use crate::world::MobileWorld;
use polysim_share::master::CardOrder;

impl MobileWorld {
    /// Connects the slot of a slave's modem with the card of its master.
    pub(super) fn attach_remote(&mut self, _ctx: &mut Ctx<'_>, _phone: u32) {}
}

impl Share {
    /// Returns whether the slot of a modem is connected with a card far away.
    pub(super) fn is_remote(&self, _phone: u32) -> bool {
        false
    }

    pub(super) fn disconnect_slot(&mut self, _phone: u32) {}

    pub(super) fn close_card(&mut self, _group: u32) {}

    pub(super) fn order_card(&mut self, _ctx: &mut Ctx<'_>, _group: u32, _order: CardOrder) {}

    pub(super) fn client_hears(&mut self, _ctx: &mut Ctx<'_>, _slave: u32, _octets: Vec<u8>) {}
}
