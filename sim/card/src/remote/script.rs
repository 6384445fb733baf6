//! Scripts of remote file management in both formats (TS 102.226, 5 and 7).

use polysim_apdu::{CommandApdu, Status};
use polysim_base::tlv::put_ber;
use polysim_cat::{ProactiveCommand, tag};
use polysim_ota::Counter;
use polysim_ota::script::{
    Action, ActionCommand, ChainingFailure, CompactResponse, CompactScript, ErrorAction,
    ExpandedResponse, ExpandedScript, Finding, LengthCoding, Management, ScriptError, Step,
    StepResponse,
};

use super::FileManagement;
use super::files::Files;
use crate::card::Card;
use crate::toolkit::Owner;

/// First octets of a script in the expanded format (TS 101.220, table 7.19); no class byte of a
/// command in the compact format is one of them.
const EXPANDED: [u8; 2] = [0xAA, 0xAE];
/// Why an immediate action was not done: it could not be (TS 102.226, 5.2.2).
const ACTION_FAILED: u8 = 0x01;

impl Card {
    /// Carries a script out, and tells the applet of the files that it changed. If the power is
    /// lost the answer is of no use.
    pub(super) fn run_script(
        &mut self,
        files: &FileManagement,
        counter: Counter,
        octets: &[u8],
    ) -> Vec<u8> {
        let mut files = self.begin_files(files, counter);
        let answer = match octets.first() {
            Some(first) if EXPANDED.contains(first) => self.run_expanded(&mut files, octets),
            Some(_) | None => self.run_compact(&mut files, octets).octets(),
        };
        self.end_files(files);
        self.tell_applet_updated();
        answer
    }

    fn run_compact(&mut self, files: &mut Files, octets: &[u8]) -> CompactResponse {
        let mut answer = CompactResponse { executed: 0, status: Status::Success, data: Vec::new() };
        for command in CompactScript::commands(octets, Management::Files) {
            answer.executed = answer.executed.saturating_add(1);
            answer.status = match command {
                Ok(command) => self.run_in(files, &command, &mut answer.data),
                Err(_) => {
                    answer.data.clear();
                    Status::WrongLength
                }
            };
            if !answer.status.is_done() || self.power_failed() {
                break;
            }
        }
        answer
    }

    fn run_expanded(&mut self, files: &mut Files, octets: &[u8]) -> Vec<u8> {
        let script = match ExpandedScript::parse(octets) {
            Ok(script) => script,
            Err(error) => return malformed(octets, &error),
        };
        let mut answer = ExpandedResponse {
            executed: (script.coding == LengthCoding::Definite).then_some(0),
            findings: Vec::new(),
        };
        if script.chaining.is_some() {
            answer.findings.push(Finding::Chaining(ChainingFailure::NotSupported));
            return answer.octets();
        }
        let (mut on_error, mut early) = (ErrorAction::None, None);
        for step in script.steps {
            if let Some(executed) = &mut answer.executed {
                *executed = executed.saturating_add(1);
            }
            let goes_on = match step {
                Step::OnError(action) => {
                    on_error = action;
                    true
                }
                Step::Immediate(Action::EarlyResponse) => {
                    early.get_or_insert_with(|| answer.clone());
                    true
                }
                Step::Immediate(action) => self.act(&action, &mut answer.findings),
                Step::Command(command) => {
                    let done = self.run_step(files, &command, &mut answer.findings);
                    if !done {
                        self.act_on_error(&on_error);
                    }
                    done
                }
            };
            if !goes_on || self.power_failed() {
                break;
            }
        }
        early.unwrap_or(answer).octets()
    }

    /// Carries out one command; returns whether it was done.
    fn run_step(&mut self, files: &mut Files, octets: &[u8], findings: &mut Vec<Finding>) -> bool {
        let mut data = Vec::new();
        let status = match CommandApdu::parse(octets) {
            Ok(command) => self.run_in(files, &command, &mut data),
            Err(error) => Status::from(error),
        };
        findings.push(Finding::Command(StepResponse { data, status }));
        status.is_done()
    }

    /// Does what is to be done at once; returns whether the script goes on. There is no EF.RMA on
    /// these cards, and a script does not wait for the terminal.
    fn act(&mut self, action: &Action, findings: &mut Vec<Finding>) -> bool {
        let done = match action {
            Action::Proactive(command) => self.queue_action(command),
            Action::Record(_) | Action::ProactiveSession => false,
            Action::EarlyResponse => true,
        };
        if !done {
            findings.push(Finding::ImmediateAction(vec![ACTION_FAILED]));
        }
        done
    }

    fn act_on_error(&mut self, action: &ErrorAction) {
        match action {
            ErrorAction::Proactive(command) => {
                let _queued = self.queue_action(command);
            }
            ErrorAction::None | ErrorAction::Record(_) => {}
        }
    }

    fn queue_action(&mut self, action: &ActionCommand) -> bool {
        let mut octets = Vec::new();
        put_ber(&mut octets, tag::PROACTIVE_COMMAND, action.octets());
        ProactiveCommand::decode(&octets)
            .is_ok_and(|command| self.queue_command(Owner::Remote, command))
    }
}

/// Answers a script that cannot be read: nothing of it was carried out.
fn malformed(octets: &[u8], error: &ScriptError) -> Vec<u8> {
    let definite = octets.first() == EXPANDED.first();
    let findings = vec![Finding::BadFormat(error.bad_format())];
    ExpandedResponse { executed: definite.then_some(0), findings }.octets()
}
