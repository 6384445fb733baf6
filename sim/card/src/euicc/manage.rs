//! Profiles are enabled, disabled, named and deleted (SGP.22, 5.7.16 to 5.7.19 and 5.7.21).
//!
//! Each is one durable step: the state of all profiles it concerns, and the notifications of it.

use polysim_apdu::Status;
use polysim_rsp::data::{
    DeleteNotificationStatus, DeleteProfileRequest, DeleteProfileResponse, DeleteResult,
    DisableProfileRequest, DisableProfileResponse, DisableResult, EnableProfileRequest,
    EnableProfileResponse, EnableResult, EuiccMemoryResetResponse, EuiccMemoryResetResult, Iccid,
    NotificationEvent, NotificationMetadata, NotificationSentResponse, PprIds, ProfileClass,
    ProfileIdentifier, ResetOptions, SetNicknameRequest, SetNicknameResponse, SetNicknameResult,
};

use super::Euicc;
use super::isdp::{Isdp, IsdpId};
use crate::card::Card;

/// Longest nickname in octets (`profileNickname`).
const NICKNAME_MAX: usize = 64;

impl Euicc {
    pub(super) fn enable(
        &mut self,
        card: &mut Card,
        asked: &EnableProfileRequest,
    ) -> Result<EnableProfileResponse, Status> {
        let enable_result = match self.may_enable(&asked.profile_identifier) {
            Ok(_) if self.is_cat_busy(card, asked.refresh_flag) => EnableResult::CatBusy,
            Ok(id) => {
                card.step()?;
                self.switch_to(Some(id));
                self.let_terminal_know(card, asked.refresh_flag);
                EnableResult::Ok
            }
            Err(refused) => refused,
        };
        Ok(EnableProfileResponse { enable_result })
    }

    fn may_enable(&self, wanted: &ProfileIdentifier) -> Result<IsdpId, EnableResult> {
        let id = self.find(wanted).ok_or(EnableResult::IccidOrAidNotFound)?;
        if self.enabled == Some(id) {
            return Err(EnableResult::ProfileNotInDisabledState);
        }
        let stays = self.enabled.is_some_and(|enabled| self.has_rule(enabled, PprIds::PPR1));
        if stays { Err(EnableResult::DisallowedByPolicy) } else { Ok(id) }
    }

    pub(super) fn disable(
        &mut self,
        card: &mut Card,
        asked: &DisableProfileRequest,
    ) -> Result<DisableProfileResponse, Status> {
        let disable_result = match self.may_disable(&asked.profile_identifier) {
            Ok(()) if self.is_cat_busy(card, asked.refresh_flag) => DisableResult::CatBusy,
            Ok(()) => {
                card.step()?;
                self.switch_to(None);
                self.let_terminal_know(card, asked.refresh_flag);
                DisableResult::Ok
            }
            Err(refused) => refused,
        };
        Ok(DisableProfileResponse { disable_result })
    }

    fn may_disable(&self, wanted: &ProfileIdentifier) -> Result<(), DisableResult> {
        let id = self.find(wanted).ok_or(DisableResult::IccidOrAidNotFound)?;
        if self.enabled != Some(id) {
            Err(DisableResult::ProfileNotInEnabledState)
        } else if self.has_rule(id, PprIds::PPR1) {
            Err(DisableResult::DisallowedByPolicy)
        } else {
            Ok(())
        }
    }

    /// Enables a profile, or none, and disables the one before: one step, with the notifications of
    /// both. A profile that must not stay once it is disabled goes with it.
    pub(super) fn switch_to(&mut self, next: Option<IsdpId>) {
        let before = std::mem::replace(&mut self.enabled, next);
        self.before = before;
        self.left_by_fallback = None;
        if let Some(before) = before {
            self.note(before, NotificationEvent::DISABLE);
            if self.has_rule(before, PprIds::PPR3) {
                self.note(before, NotificationEvent::DELETE);
                self.remove(before);
            }
        }
        if let Some(next) = next {
            self.note(next, NotificationEvent::ENABLE);
        }
    }

    pub(super) fn delete(
        &mut self,
        card: &mut Card,
        asked: &DeleteProfileRequest,
    ) -> Result<DeleteProfileResponse, Status> {
        let wanted = match asked {
            DeleteProfileRequest::IsdpAid(aid) => ProfileIdentifier::IsdpAid(aid.clone()),
            DeleteProfileRequest::Iccid(iccid) => ProfileIdentifier::Iccid(*iccid),
        };
        let delete_result = match self.may_delete(&wanted) {
            Ok(id) => {
                card.step()?;
                self.note(id, NotificationEvent::DELETE);
                self.remove(id);
                DeleteResult::Ok
            }
            Err(refused) => refused,
        };
        Ok(DeleteProfileResponse { delete_result })
    }

    fn may_delete(&self, wanted: &ProfileIdentifier) -> Result<IsdpId, DeleteResult> {
        let id = self.find(wanted).ok_or(DeleteResult::IccidOrAidNotFound)?;
        if self.enabled == Some(id) {
            Err(DeleteResult::ProfileNotInDisabledState)
        } else if self.has_rule(id, PprIds::PPR2) || self.is_fallback(id) {
            Err(DeleteResult::DisallowedByPolicy)
        } else {
            Ok(id)
        }
    }

    pub(super) fn set_nickname(
        &mut self,
        card: &mut Card,
        asked: SetNicknameRequest,
    ) -> Result<SetNicknameResponse, Status> {
        let SetNicknameRequest { iccid, profile_nickname: name } = asked;
        let found = self.isdps.iter().position(|isdp| isdp.iccid == iccid);
        let set_nickname_result = match found {
            None => SetNicknameResult::IccidNotFound,
            Some(_) if name.len() > NICKNAME_MAX => SetNicknameResult::UndefinedError,
            Some(at) => {
                card.step()?;
                if let Some(isdp) = self.isdps.get_mut(at) {
                    isdp.nickname = Some(name).filter(|name| !name.is_empty());
                }
                SetNicknameResult::Ok
            }
        };
        Ok(SetNicknameResponse { set_nickname_result })
    }

    /// Deletes what the options say, whether it is enabled or not, and whatever its policy rules are.
    pub(super) fn memory_reset(
        &mut self,
        card: &mut Card,
        options: ResetOptions,
    ) -> Result<EuiccMemoryResetResponse, Status> {
        let operational = options.has(ResetOptions::DELETE_OPERATIONAL_PROFILES);
        let tests = options.has(ResetOptions::DELETE_FIELD_LOADED_TEST_PROFILES);
        let goes = |isdp: &&Isdp| match isdp.metadata.class {
            ProfileClass::Operational => operational,
            ProfileClass::Test => tests && !isdp.preset,
            ProfileClass::Provisioning | ProfileClass::Other(_) => false,
        };
        let gone: Vec<IsdpId> = self.isdps.iter().filter(goes).map(|isdp| isdp.id).collect();
        let address = options.has(ResetOptions::RESET_DEFAULT_SMDP_ADDRESS)
            && self.default_dp_address != self.model.default_dp_address;
        if gone.is_empty() && !address {
            let reset_result = EuiccMemoryResetResult::NothingToDelete;
            return Ok(EuiccMemoryResetResponse { reset_result });
        }
        if gone.iter().any(|id| self.enabled == Some(*id)) && self.is_cat_busy(card, true) {
            let reset_result = EuiccMemoryResetResult::CatBusy;
            return Ok(EuiccMemoryResetResponse { reset_result });
        }
        card.step()?;
        for id in gone {
            self.note(id, NotificationEvent::DELETE);
            self.remove(id);
        }
        if address {
            self.default_dp_address.clone_from(&self.model.default_dp_address);
        }
        self.let_terminal_know(card, true);
        Ok(EuiccMemoryResetResponse { reset_result: EuiccMemoryResetResult::Ok })
    }

    pub(super) fn notification_sent(
        &mut self,
        card: &mut Card,
        number: u64,
    ) -> Result<NotificationSentResponse, Status> {
        let delete_notification_status = if self.notifications.has(number) {
            card.step()?;
            self.notifications.remove(number);
            DeleteNotificationStatus::Ok
        } else {
            DeleteNotificationStatus::NothingToDelete
        };
        Ok(NotificationSentResponse { delete_notification_status })
    }

    /// Removes a profile. Of one that the terminal still sees the contents stay until it sees another.
    fn remove(&mut self, id: IsdpId) {
        self.isdps.retain(|isdp| isdp.id != id);
        for kept in [&mut self.enabled, &mut self.before, &mut self.left_by_fallback] {
            kept.take_if(|kept| *kept == id);
        }
    }

    /// Notes what happened to a profile for each server that wants to know.
    pub(super) fn note(&mut self, id: IsdpId, event: NotificationEvent) {
        let Some(isdp) = self.isdps.iter().find(|isdp| isdp.id == id) else {
            return;
        };
        let (iccid, metadata) = (isdp.iccid, std::sync::Arc::clone(&isdp.metadata));
        for wanted in &metadata.notifications {
            if wanted.profile_management_operation.has(event) {
                self.tell_server(iccid, event, &wanted.notification_address);
            }
        }
    }

    pub(super) fn tell_server(&mut self, iccid: Iccid, event: NotificationEvent, address: &str) {
        let seq_number = self.notifications.number();
        self.notifications.push(NotificationMetadata {
            seq_number,
            profile_management_operation: event,
            notification_address: address.to_owned(),
            iccid: Some(iccid),
        });
    }

    pub(super) fn find(&self, wanted: &ProfileIdentifier) -> Option<IsdpId> {
        let found = self.isdps.iter().find(|isdp| match wanted {
            ProfileIdentifier::IsdpAid(aid) => isdp.id.aid() == aid.as_ref(),
            ProfileIdentifier::Iccid(iccid) => isdp.iccid == *iccid,
        });
        found.map(|isdp| isdp.id)
    }

    pub(super) fn has_rule(&self, id: IsdpId, rule: PprIds) -> bool {
        self.isdp(id).is_some_and(|isdp| isdp.metadata.rules.has(rule))
    }

    fn is_fallback(&self, id: IsdpId) -> bool {
        self.isdp(id).is_some_and(|isdp| isdp.fallback)
    }
}
