//! The functions of ES10a, ES10b and ES10c by the tags of their requests (SGP.22, 5.7).

use polysim_apdu::Status;
use polysim_base::Instant;
use polysim_base::tlv::Ber;
use polysim_rsp::data::{
    DeleteProfileRequest, DisableProfileRequest, EnableProfileRequest,
    EuiccConfiguredAddressesRequest, EuiccMemoryResetRequest, GetEuiccChallengeRequest,
    GetEuiccDataRequest, GetEuiccInfo1Request, GetEuiccInfo2Request, GetRatRequest,
    ListNotificationRequest, NotificationSentRequest, ProfileInfoListRequest,
    SetDefaultDpAddressRequest, SetNicknameRequest, decode, encode,
};
use rasn::{Decode, Encode};

use super::Euicc;
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
        let (object, _) = Ber::read(request).map_err(|_| Status::IncorrectData)?;
        match object.tag {
            0xBF20 => read::<GetEuiccInfo1Request>(request).map(|_| answer(&self.info1())),
            0xBF22 => read::<GetEuiccInfo2Request>(request).map(|_| answer(&self.info2())),
            0xBF2E => read::<GetEuiccChallengeRequest>(request).map(|_| answer(&self.challenge())),
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
            _ => self.change(card, now, object.tag, request),
        }
    }

    /// Functions that change what the eUICC remembers without power.
    fn change(&mut self, card: &mut Card, now: Instant, tag: u32, request: &[u8]) -> Answered {
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
            _ => Err(Status::ReferenceDataNotFound),
        }
    }
}

pub(super) fn read<T: Decode>(request: &[u8]) -> Result<T, Status> {
    decode("request", request).map_err(|_| Status::IncorrectData)
}

pub(super) fn answer<T: Encode>(answer: &T) -> Vec<u8> {
    encode(answer)
}
