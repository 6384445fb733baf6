//! The user: a host that took the toolkit over (TS 27.007, 12.2).

use super::session::Waits;
use crate::core::Core;
use crate::effects::Effects;
use crate::urc::Notice;
use polysim_at::CmeError;
use polysim_base::Duration;
use polysim_cat::{Command, GeneralResult, TerminalResponse};

/// How long a host has for an answer.
const PATIENCE: Duration = Duration::from_secs(120);

/// What is answered to a command for the user while there is none.
#[expect(clippy::wildcard_enum_match_arm, reason = "of another crate, and beyond this one")]
pub(super) const fn alone(command: &Command) -> GeneralResult {
    match command {
        Command::DisplayText(text) if text.mode.wait_for_user && !text.immediate_response => {
            GeneralResult::NoUserResponse
        }
        Command::DisplayText(_) => GeneralResult::Performed,
        Command::PlayTone(_) => GeneralResult::ToneNotPlayed,
        Command::GetInkey(_) | Command::GetInput(_) | Command::SelectItem(_) => {
            GeneralResult::NoUserResponse
        }
        // The user would have to confirm it.
        Command::SetUpCall(_) => GeneralResult::UserRefused,
        _ => GeneralResult::BeyondCapabilities,
    }
}

impl Core {
    /// Passes a command on to the host, if its profile has it. Returns whether it did.
    pub(super) fn pass_to_host(
        &mut self,
        fx: &mut Effects,
        command: &Command,
        octets: &[u8],
    ) -> bool {
        let host = self.slot.host_profile.as_ref();
        if host.is_none_or(|profile| profile.allows(command).is_err()) {
            return false;
        }
        let until = fx.now.plus(PATIENCE);
        self.toolkit().session.wait_for(Waits::Host { until });
        fx.notice(Notice::ToolkitCommand(octets.into()));
        true
    }

    /// The host did not answer.
    pub(super) fn no_response(&mut self, fx: &mut Effects) {
        self.conclude(fx, GeneralResult::NoUserResponse);
    }

    /// `+CUSATT`: the host's answer to the command that it was shown.
    pub(crate) fn host_responds(
        &mut self,
        fx: &mut Effects,
        octets: Vec<u8>,
    ) -> Result<(), CmeError> {
        let response =
            TerminalResponse::decode(&octets).map_err(|_| CmeError::IncorrectParameters)?;
        let toolkit = self.toolkit_mut().ok_or(CmeError::OperationNotAllowed)?;
        let asked = toolkit.session.take_waits(|waits| matches!(waits, Waits::Host { .. }));
        asked.ok_or(CmeError::OperationNotAllowed)?;
        let (kind, result) = (response.details.command_type, response.result.octets().0);
        self.respond_with(fx, octets, kind, result);
        Ok(())
    }
}
