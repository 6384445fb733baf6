//! A profile assistant for tests: it asks the card in one octet what takes the real one a session,
//! and keeps its promises: downloads are written down, go on after a crash, and are told again.

use std::boxed::Box;
use std::collections::VecDeque;
use std::string::String;
use std::vec::Vec;

use polysim_base::{Instant, Machine, Out, Queue};
use polysim_lpa::{
    AskNumber, CommandId, Decide, Installed, LpaCommand, LpaDone, LpaError, LpaEvent, LpaInput,
    LpaOutput, LpaRecord, LpaTimer, NotificationReport, OpenOrder, Order, OrderStage, Source,
    Taken,
};
use polysim_rsp::activation::MatchingId;
use polysim_rsp::data::{
    DeleteResult, EnableResult, Iccid, NotificationEvent, NotificationMetadata, ProfileIdentifier,
    ProfileInfo, ProfileState,
};
use polysim_rsp::es9;

use super::super::Assistant;

/// What it asks of the card.
pub(super) const LIST: u8 = 1;
pub(super) const ENABLE: u8 = 2;
pub(super) const DELETE: u8 = 3;
pub(super) const DOWNLOAD: u8 = 4;
/// What the card answers.
pub(super) const DONE: u8 = 0;
pub(super) const NOT_FOUND: u8 = 1;
pub(super) const WRONG_STATE: u8 = 2;
pub(super) const UNREACHABLE: u8 = 3;
pub(super) const NO_MEMORY: u8 = 4;

#[derive(Clone, Debug)]
enum Doing {
    Command(LpaCommand),
    Open(Box<OpenOrder>),
}

#[derive(Clone, Debug)]
pub(super) struct Deputy {
    asks: u64,
    open: Option<OpenOrder>,
    doing: Option<(AskNumber, CommandId, Doing)>,
    waiting: VecDeque<(CommandId, LpaCommand)>,
    out: Queue<Out<LpaRecord, LpaOutput>>,
}

impl Deputy {
    pub(super) fn new(life: u64) -> Self {
        let (open, doing) = (None, None);
        Self { asks: life << 32, open, doing, waiting: VecDeque::new(), out: Queue::new() }
    }

    fn tell(&mut self, event: LpaEvent) {
        self.out.push(Out::Do(LpaOutput::Event(Box::new(event))));
    }

    fn ask(&mut self, id: CommandId, function: Vec<u8>, doing: Doing) {
        self.asks += 1;
        let number = AskNumber(self.asks);
        self.doing = Some((number, id, doing));
        self.out.push(Out::Do(LpaOutput::Card { number, function }));
    }

    fn advance(&mut self) {
        while self.doing.is_none() {
            if let Some(open) = self.open.clone() {
                let token = [&[DOWNLOAD], open.order.matching_id.expose().as_bytes()].concat();
                self.ask(open.id, token, Doing::Open(open.into()));
                continue;
            }
            let Some((id, command)) = self.waiting.pop_front() else { return };
            match &command {
                LpaCommand::Download(download) => {
                    let Source::ActivationCode(code) = &download.source else { panic!("{id:?}") };
                    let order = Order {
                        address: String::from(code.address()),
                        matching_id: MatchingId::new(code.token().expose()).unwrap(),
                        oid: None,
                        ci_key_id: None,
                        needs_code: false,
                        device: Vec::new(),
                        consent: Decide::Auto,
                    };
                    let stage = OrderStage::Begun;
                    let open = OpenOrder { id, order, stage, resumptions: 0 };
                    self.open = Some(open.clone());
                    self.out.push(Out::Record(LpaRecord::Ordered(open.into())));
                }
                LpaCommand::List => self.ask(id, [LIST].into(), Doing::Command(command)),
                LpaCommand::Enable { profile: ProfileIdentifier::Iccid(iccid), .. } => {
                    let function = [&[ENABLE][..], &iccid.to_bytes()].concat();
                    self.ask(id, function, Doing::Command(command));
                }
                LpaCommand::Delete(ProfileIdentifier::Iccid(iccid)) => {
                    let function = [&[DELETE][..], &iccid.to_bytes()].concat();
                    self.ask(id, function, Doing::Command(command));
                }
                LpaCommand::Info => {
                    self.tell(LpaEvent::Finished { id, result: Err(LpaError::Eid) });
                }
                LpaCommand::Enable { .. }
                | LpaCommand::Delete(_)
                | LpaCommand::Discover(_)
                | LpaCommand::Disable { .. }
                | LpaCommand::Nickname { .. }
                | LpaCommand::MemoryReset(_)
                | LpaCommand::ListNotifications
                | LpaCommand::ProcessNotifications
                | LpaCommand::RemoveNotification { .. }
                | LpaCommand::SetDefaultSmdp(_)
                | LpaCommand::LoadCrl(_) => panic!("agents do not say {command:?}"),
            }
        }
    }

    fn answered(&mut self, id: CommandId, doing: Doing, reply: &[u8]) {
        let address = match doing {
            Doing::Command(command) => {
                return self.tell(LpaEvent::Finished { id, result: result(&command, reply) });
            }
            Doing::Open(open) => open.order.address,
        };
        let result = match reply[0] {
            DONE => Ok(LpaDone::Downloaded(Installed {
                iccid: reply[1..].try_into().unwrap(),
                aid: Vec::new(),
                service_provider: String::new(),
                name: String::new(),
            })),
            UNREACHABLE => Err(LpaError::Server {
                address: address.clone(),
                function: es9::Function::InitiateAuthentication,
                failure: es9::Failure::Unreachable,
            }),
            NO_MEMORY => Err(LpaError::Install(polysim_rsp::data::ErrorResult {
                bpp_command_id: polysim_rsp::data::BppCommandId::ConfigureIsdp,
                error_reason:
                    polysim_rsp::data::ErrorReason::InstallFailedDueToInsufficientMemoryForProfile,
                sima_response: None,
            })),
            _ => Err(LpaError::NoResult),
        };
        let is_installed = result.is_ok();
        self.tell(LpaEvent::Finished { id, result });
        self.open = None;
        self.out.push(Out::Record(LpaRecord::Closed));
        if is_installed {
            self.tell(LpaEvent::Notified(NotificationReport {
                notification: NotificationMetadata {
                    seq_number: 1,
                    profile_management_operation: NotificationEvent::INSTALL,
                    notification_address: address,
                    iccid: None,
                },
                taken: Taken::Yes,
            }));
        }
    }
}

fn result(command: &LpaCommand, reply: &[u8]) -> Result<LpaDone, LpaError> {
    match (command, reply[0]) {
        (LpaCommand::List, _) => Ok(LpaDone::Listed(reply[1..].chunks(11).map(profile).collect())),
        (LpaCommand::Enable { .. }, DONE) => Ok(LpaDone::Enabled),
        (LpaCommand::Enable { .. }, NOT_FOUND) => {
            Err(LpaError::Enable(EnableResult::IccidOrAidNotFound))
        }
        (LpaCommand::Enable { .. }, _) => {
            Err(LpaError::Enable(EnableResult::ProfileNotInDisabledState))
        }
        (_, DONE) => Ok(LpaDone::Deleted),
        (_, _) => Err(LpaError::Delete(DeleteResult::ProfileNotInDisabledState)),
    }
}

fn profile(octets: &[u8]) -> ProfileInfo {
    let state = if octets[10] == 1 { ProfileState::Enabled } else { ProfileState::Disabled };
    ProfileInfo {
        iccid: Some(Iccid::from_bytes(octets[..10].try_into().unwrap())),
        profile_state: Some(state),
        ..ProfileInfo::default()
    }
}

impl Assistant for Deputy {
    fn checkpoint(&self) -> Vec<LpaRecord> {
        self.open.clone().map(|open| LpaRecord::Ordered(open.into())).into_iter().collect()
    }
}

impl Machine for Deputy {
    type Input = LpaInput;
    type Output = LpaOutput;
    type Record = LpaRecord;
    type Timer = LpaTimer;

    fn handle(&mut self, _now: Instant, input: LpaInput) {
        match input {
            LpaInput::Command { id, command } => {
                if self.open.as_ref().is_none_or(|open| open.id != id) {
                    self.waiting.push_back((id, *command));
                }
            }
            LpaInput::Card { number, reply } => {
                if let Some((_, id, doing)) = self.doing.take_if(|it| it.0 == number) {
                    self.answered(id, doing, &reply.unwrap());
                }
            }
            // What the card was doing is asked again: this card does nothing twice.
            LpaInput::CardReset => {
                if let Some((_, id, doing)) = self.doing.take() {
                    match doing {
                        Doing::Command(command) => self.waiting.push_front((id, command)),
                        Doing::Open(_) => {}
                    }
                }
            }
            LpaInput::Cancel { .. } | LpaInput::Decided { .. } | LpaInput::Server { .. } => {
                panic!("agents do not say {input:?}")
            }
        }
        self.advance();
    }

    fn handle_timeout(&mut self, _now: Instant) {
        self.advance();
    }

    fn poll_output(&mut self) -> Option<Out<LpaRecord, LpaOutput>> {
        self.out.pop()
    }

    fn poll_timeout(&self) -> Option<(Instant, LpaTimer)> {
        let recovers = self.open.is_some() && self.doing.is_none();
        recovers.then_some((Instant::ZERO, LpaTimer::Recover))
    }

    fn restore(&mut self, record: LpaRecord) {
        match record {
            LpaRecord::Ordered(open) => self.open = Some(*open),
            LpaRecord::Closed => self.open = None,
            LpaRecord::Staged(_) | LpaRecord::Resumed | LpaRecord::Owed(_) => {}
        }
    }
}
