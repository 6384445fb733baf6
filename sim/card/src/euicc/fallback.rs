//! Back to a profile that worked: the one before, or the one that has the fallback attribute
//! (SGP.32, 3.4 and 5.9).

use polysim_apdu::Status;
use polysim_base::tlv::{Ber, put_ber};
use polysim_rsp::data::PprIds;

use super::Euicc;
use super::function::Answered;
use super::isdp::IsdpId;
use crate::card::Card;

/// Goes back to the profile that was enabled before the one that is.
pub(super) const PROFILE_ROLLBACK: u32 = 0xBF58;
/// Enables the profile with the fallback attribute.
pub(super) const EXECUTE_FALLBACK: u32 = 0xBF5D;
/// Enables the profile again that gave way to it.
pub(super) const RETURN_FROM_FALLBACK: u32 = 0xBF5E;

/// The only field of requests and answers.
const FIELD: u32 = 0x80;

/// What came of it, with the numbers of the standard.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Outcome {
    Ok = 0,
    RollbackNotAllowed = 1,
    ProfileNotInDisabledState = 2,
    CatBusy = 5,
    FallbackNotAvailable = 6,
    CommandError = 7,
}

impl Euicc {
    /// Carries one of the three functions out.
    pub(super) fn go_back(&mut self, card: &mut Card, tag: u32, request: &[u8]) -> Answered {
        let refresh = refresh_flag(request)?;
        let target = match tag {
            PROFILE_ROLLBACK => self.before.ok_or(Outcome::RollbackNotAllowed),
            EXECUTE_FALLBACK => self.fallback_target(),
            _ => self.left_by_fallback.ok_or(Outcome::FallbackNotAvailable),
        };
        let target = target.and_then(|id| {
            let stays = self.enabled.is_some_and(|now| self.has_rule(now, PprIds::PPR1));
            let there = self.isdp(id).is_some();
            if stays || !there {
                Err(Outcome::CommandError)
            } else if self.is_cat_busy(card, refresh) {
                Err(Outcome::CatBusy)
            } else {
                Ok(id)
            }
        });
        let outcome = match target {
            Err(refused) => refused,
            Ok(id) => {
                card.step()?;
                let left = self.enabled;
                self.switch_to(Some(id));
                if tag == EXECUTE_FALLBACK {
                    self.left_by_fallback = left;
                }
                // There is nothing to go back to from a way back.
                self.before = None;
                self.let_terminal_know(card, refresh);
                Outcome::Ok
            }
        };
        let (mut field, mut answer) = (Vec::new(), Vec::new());
        put_ber(&mut field, FIELD, &[outcome as u8]);
        put_ber(&mut answer, tag, &field);
        Ok(answer)
    }

    fn fallback_target(&self) -> Result<IsdpId, Outcome> {
        let with_attribute = self.isdps.iter().find(|isdp| isdp.fallback);
        let id = with_attribute.ok_or(Outcome::FallbackNotAvailable)?.id;
        match self.enabled {
            Some(enabled) if enabled == id => Err(Outcome::ProfileNotInDisabledState),
            Some(_) => Ok(id),
            None => Err(Outcome::CommandError),
        }
    }
}

fn refresh_flag(request: &[u8]) -> Result<bool, Status> {
    let (request, rest) = Ber::read(request).map_err(|_| Status::IncorrectData)?;
    let field = request.children().find(FIELD).map_err(|_| Status::IncorrectData)?;
    match field {
        Some([flag]) if rest.is_empty() => Ok(*flag != 0),
        Some(_) | None => Err(Status::IncorrectData),
    }
}
