//! The tool as a terminal: what the card asks of it, and what it answers.

use alloc::vec::Vec;
use polysim_apdu::{Response, Status};
use polysim_cat::{
    Command, CommandDetails, Feature, GeneralResult, Instruction, ProactiveCommand, Refresh,
    RefreshMode, SendShortMessage, TerminalProblem, TerminalProfile, TerminalResponse, fetch_apdu,
};
use polysim_ota::sms::PacketKind;
use polysim_sms::{MobileOriginated, Rp, Tpdu as _};

use polysim_apdu::contact::Lane;

use super::contact::Contact;
use super::error::OnSiteError;

/// Most proactive commands in a row.
pub const COMMANDS_MAX: usize = 64;

/// What came of the commands of a card.
#[derive(Clone, Debug, Default)]
pub(super) struct Session {
    /// The parts of a response packet that the card has sent in messages.
    pub(super) proof: Vec<u8>,
    /// The card has asked to be read anew.
    pub(super) refreshed: bool,
}

/// What to do after a command.
enum Then {
    Answer(GeneralResult),
    /// REFRESH by a reset is not answered (TS 102.223, 6.4.7.2).
    Reset,
}

/// Returns what the tool can do: take messages for the card and messages of it, and start it anew.
/// A card that keeps to it asks for no IMEI.
#[must_use]
pub fn tool_profile() -> TerminalProfile {
    TerminalProfile::of([
        Feature::ProfileDownload,
        Feature::SmsPpDownload,
        Feature::SmsPpErrorCodes,
        Feature::MoreTime,
        Feature::Refresh,
        Feature::SendShortMessage,
    ])
}

impl Contact {
    /// Begins a session with the toolkit.
    pub(super) async fn begin(&mut self, session: &mut Session) -> Result<(), OnSiteError> {
        let apdu = Instruction::TerminalProfile.apdu(tool_profile().octets())?;
        let response = self.ask(Lane::Basic, "TERMINAL PROFILE", apdu).await?;
        self.serve(session, response.status).await
    }

    /// Carries out what the card wants, as long as it wants something.
    pub(super) async fn serve(
        &mut self,
        session: &mut Session,
        mut status: Status,
    ) -> Result<(), OnSiteError> {
        for _ in 0..COMMANDS_MAX {
            let Some(fetch) = fetch_apdu(status.to_bytes()) else { return Ok(()) };
            let Response { data, .. } = self.ask(Lane::Basic, "FETCH", fetch.to_vec()).await?;
            let result = match session.take(&data) {
                Then::Answer(result) => result,
                Then::Reset => return Ok(()),
            };
            let zeros = CommandDetails { number: 0, command_type: 0, qualifier: 0 };
            let details = CommandDetails::find(&data).unwrap_or(zeros);
            let response = TerminalResponse::new(details, result).encode()?;
            let apdu = Instruction::TerminalResponse.apdu(&response)?;
            status = self.ask(Lane::Basic, "TERMINAL RESPONSE", apdu).await?.status;
        }
        Err(OnSiteError::Endless { limit: COMMANDS_MAX })
    }
}

impl Session {
    #[expect(clippy::wildcard_enum_match_arm, reason = "a tool can do nothing else")]
    fn take(&mut self, octets: &[u8]) -> Then {
        let command = match ProactiveCommand::decode(octets) {
            Ok(command) => command.command,
            Err(error) => return Then::Answer(error.result()),
        };
        match command {
            Command::MoreTime(_) => Then::Answer(GeneralResult::Performed),
            Command::SendShortMessage(message) => Then::Answer(self.message(&message)),
            Command::Refresh(Refresh { mode, .. }) => {
                self.refreshed = true;
                match mode {
                    RefreshMode::UiccReset => Then::Reset,
                    _ => Then::Answer(GeneralResult::Performed),
                }
            }
            _ => Then::Answer(GeneralResult::BeyondCapabilities),
        }
    }

    /// A proof of receipt is brought to the platform; for anything else there is no network here.
    fn message(&mut self, message: &SendShortMessage) -> GeneralResult {
        let tpdu = MobileOriginated::parse(message.tpdu.octets(), Rp::Data);
        let Ok(MobileOriginated::Submit(submit)) = tpdu else {
            return GeneralResult::DataNotUnderstood;
        };
        let is_later_part =
            submit.user_data.concatenation().is_some_and(|part| part.sequence() > 1);
        if PacketKind::of(&submit.user_data) == Some(PacketKind::Response) {
            self.proof = submit.user_data.payload().to_vec();
        } else if is_later_part && !self.proof.is_empty() {
            self.proof.extend_from_slice(submit.user_data.payload());
        } else {
            return GeneralResult::TerminalBusy(TerminalProblem::NoService);
        }
        GeneralResult::Performed
    }
}
