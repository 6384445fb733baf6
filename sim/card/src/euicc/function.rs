//! The functions of ES10a, ES10b and ES10c by the tags of their requests (SGP.22, 5.7).

use polysim_apdu::Status;
use polysim_base::Instant;
use polysim_rsp::data::{
    AuthenticateServerRequest, CancelSessionRequest, DeleteProfileRequest, DisableProfileRequest,
    EnableProfileRequest, EuiccConfiguredAddressesRequest, EuiccMemoryResetRequest,
    GetEuiccChallengeRequest, GetEuiccDataRequest, GetEuiccInfo1Request, GetEuiccInfo2Request,
    GetRatRequest, ListNotificationRequest, LoadCrlRequest, NotificationSentRequest,
    PrepareDownloadRequest, ProfileInfoListRequest, RetrieveNotificationsListRequest,
    SetDefaultDpAddressRequest, SetNicknameRequest, decode, encode,
};
use rasn::{Decode, Encode};

use super::Euicc;
use super::fallback::{EXECUTE_FALLBACK, PROFILE_ROLLBACK, RETURN_FROM_FALLBACK};
use crate::card::Card;

/// The answer to a function, or why there is none.
pub(super) type Answered = Result<Vec<u8>, Status>;

impl Euicc {
    /// Carries a function out.
    ///
    /// # Errors
    /// `6A88` for a tag that names no function, `6A80` for a request that is none, `6F00` when the
    /// power fails on the way.
    pub(super) fn function(&mut self, card: &mut Card, now: Instant, request: &[u8]) -> Answered {
        let tag = tag(request).ok_or(Status::IncorrectData)?;
        match tag {
            0xBF20 => read::<GetEuiccInfo1Request>(request).map(|_| answer(&self.info1())),
            0xBF22 => read::<GetEuiccInfo2Request>(request).map(|_| answer(&self.info2())),
            0xBF36 | 0xBF23 | 0xA0..=0xA3 | 0x86..=0x88 => self.load(card, request),
            0xBF3C => {
                read::<EuiccConfiguredAddressesRequest>(request).map(|_| answer(&self.addresses()))
            }
            0xBF3E => read::<GetEuiccDataRequest>(request).and_then(|asked| self.data(&asked)),
            0xBF43 => read::<GetRatRequest>(request).map(|_| answer(&self.rules())),
            0xBF2D => {
                read::<ProfileInfoListRequest>(request).map(|asked| answer(&self.list(&asked)))
            }
            0xBF28 => read::<ListNotificationRequest>(request)
                .map(|asked| answer(&self.list_notifications(asked.profile_management_operation))),
            0xBF2B => {
                let asked: RetrieveNotificationsListRequest = read(request)?;
                self.retrieve_notifications(asked.search_criteria.as_ref()).map(|all| answer(&all))
            }
            0xBF21 | 0xBF2E | 0xBF35 | 0xBF38 | 0xBF41 => self.converse(card, now, tag, request),
            _ => self.change(card, tag, request),
        }
    }

    /// Functions that have to do with servers and what they sign.
    fn converse(&mut self, card: &mut Card, now: Instant, tag: u32, request: &[u8]) -> Answered {
        match tag {
            0xBF2E => {
                let _asked: GetEuiccChallengeRequest = read(request)?;
                self.challenge(card).map(|done| answer(&done))
            }
            0xBF38 => {
                let asked: AuthenticateServerRequest = read(request)?;
                self.authenticate_server(now, asked).map(|done| answer(&done))
            }
            0xBF21 => {
                let asked: PrepareDownloadRequest = read(request)?;
                self.prepare_download(card, now, &asked).map(|done| answer(&done))
            }
            0xBF41 => {
                let asked: CancelSessionRequest = read(request)?;
                self.cancel_session(card, asked).map(|done| answer(&done))
            }
            _ => {
                let asked: LoadCrlRequest = read(request)?;
                self.load_crl(card, now, &asked).map(|done| answer(&done))
            }
        }
    }

    /// Functions that change what the eUICC remembers without power.
    fn change(&mut self, card: &mut Card, tag: u32, request: &[u8]) -> Answered {
        match tag {
            0xBF31 => {
                let asked: EnableProfileRequest = read(request)?;
                self.enable(card, &asked).map(|done| answer(&done))
            }
            0xBF32 => {
                let asked: DisableProfileRequest = read(request)?;
                self.disable(card, &asked).map(|done| answer(&done))
            }
            0xBF33 => {
                let asked: DeleteProfileRequest = read(request)?;
                self.delete(card, &asked).map(|done| answer(&done))
            }
            0xBF29 => {
                let asked: SetNicknameRequest = read(request)?;
                self.set_nickname(card, asked).map(|done| answer(&done))
            }
            0xBF34 => {
                let asked: EuiccMemoryResetRequest = read(request)?;
                self.memory_reset(card, asked.reset_options).map(|done| answer(&done))
            }
            0xBF3F => {
                let asked: SetDefaultDpAddressRequest = read(request)?;
                self.set_default_dp_address(card, asked).map(|done| answer(&done))
            }
            0xBF30 => {
                let asked: NotificationSentRequest = read(request)?;
                self.notification_sent(card, asked.seq_number).map(|done| answer(&done))
            }
            PROFILE_ROLLBACK | EXECUTE_FALLBACK | RETURN_FROM_FALLBACK => {
                self.go_back(card, tag, request)
            }
            _ => Err(Status::ReferenceDataNotFound),
        }
    }
}

/// Returns the tag of a request: of a package, the header of a part may come alone.
fn tag(request: &[u8]) -> Option<u32> {
    match *request {
        [high, low, ..] if high & 0x1F == 0x1F => Some(u32::from(high) << 8 | u32::from(low)),
        [tag, ..] => Some(tag.into()),
        [] => None,
    }
}

pub(super) fn read<T: Decode>(request: &[u8]) -> Result<T, Status> {
    decode("request", request).map_err(|_| Status::IncorrectData)
}

pub(super) fn answer<T: Encode>(answer: &T) -> Vec<u8> {
    encode(answer)
}
