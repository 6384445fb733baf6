//! Calls that come in: they ring until one terminal answers or refuses, or it took too long.

use super::{AGAIN, Call, Stage};
use crate::site::modem::Purpose;
use crate::site::{Site, SiteOutput};
use crate::wire::{CallEnding, CallRef, Direction, FromModem, RingOver};
use crate::{Permissions, UserId};
use alloc::borrow::ToOwned;
use alloc::vec::Vec;
use polysim_modem::{CallInfo, HangUp, ModemCommand};

impl Site {
    pub(in crate::site) fn comes_in(&mut self, number: u16, info: &CallInfo) {
        if self.call_named(number, info.call).is_some() {
            return;
        }
        let Some(claim) = self.tenant(number).map(|tenant| tenant.claim) else {
            return self.hang_up_all(number);
        };
        if !self.is_rung(number) {
            let refuse = ModemCommand::HangUp(HangUp::Call(info.call));
            self.command(number, Purpose::Nothing, refuse);
            return;
        }
        let stage =
            Stage::Ringing { until: self.now.plus(self.config.ring_max), users: Vec::new() };
        let peer = info.number.as_ref().and_then(|number| number.as_str()).map(ToOwned::to_owned);
        let call = Call {
            claim,
            id: Some(info.call),
            direction: Direction::Incoming,
            peer,
            began: self.now,
            owner: None,
            stage,
            talked_since: None,
            again_at: self.now,
            speech: Default::default(),
        };
        let name = self.begin_call(number, call);
        self.ring(name);
    }

    /// Rings at every terminal of every user who may call with the SIM now.
    pub(super) fn ring(&mut self, name: CallRef) {
        let again_at = self.now.plus(AGAIN);
        let Some(call) = self.calls.get(&name) else { return };
        let claim = call.claim;
        let entitled = self.users_who_may(claim, Permissions::CALL);
        let Some(call) = self.calls.get_mut(&name) else { return };
        let Stage::Ringing { users, .. } = &mut call.stage else { return };
        let gone: Vec<UserId> =
            users.iter().copied().filter(|user| !entitled.contains(user)).collect();
        users.clone_from(&entitled);
        call.again_at = again_at;
        let from = call.peer.clone();
        self.rings_no_more(name, &gone, RingOver::Ended(CallEnding::NotPermitted));
        for user in entitled {
            let rings = FromModem::Rings {
                call: name,
                iccid: claim.iccid,
                epoch: claim.epoch,
                from: from.clone(),
            };
            self.emit(SiteOutput::User(user, rings));
        }
    }

    /// Who may do what has changed: a call goes on only with a terminal that still may.
    pub(in crate::site) fn calls_entitled(&mut self, number: u16) {
        let calls: Vec<CallRef> = self.calls_of(number).map(|(name, _)| *name).collect();
        for name in calls {
            let Some(call) = self.calls.get(&name) else { continue };
            let stays =
                call.owner.is_none_or(|(user, _)| self.may(call.claim, user, Permissions::CALL));
            match call.stage {
                Stage::Ringing { .. } => self.ring(name),
                Stage::Answering
                | Stage::Dialling
                | Stage::Alerting
                | Stage::Active
                | Stage::Held
                    if !stays =>
                {
                    self.end_call(name, CallEnding::NotPermitted, Purpose::Nothing);
                }
                Stage::Answering
                | Stage::Dialling
                | Stage::Alerting
                | Stage::Active
                | Stage::Held
                | Stage::Ending { .. } => {}
            }
        }
    }
}
