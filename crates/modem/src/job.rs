//! The owner's commands that are one exchange with the modem, or a few in a row.

use polysim_at::HoldAction;
use polysim_base::Instant;

use crate::{
    ModemCommand, ModemError, Reply,
    call::{CallJob, CallOrder},
    card::CardJob,
    engine::{Engine, Next},
    link::{Answer, Request},
    query::Query,
    setting::Setting,
};

/// A command of the owner's under way.
#[derive(Clone, Debug)]
pub(crate) struct Job {
    id: u64,
    kind: Kind,
}

/// Commands by concern.
#[derive(Clone, Debug)]
enum Kind {
    Call(CallJob),
    Card(CardJob),
    Query(Query),
    Setting(Setting),
}

impl Job {
    /// Takes a command that is neither initialisation nor a text.
    pub(crate) fn new(id: u64, command: ModemCommand) -> Self {
        let call = |order| Kind::Call(CallJob::new(order));
        let kind = match command {
            ModemCommand::Dial { number, caller_id } => call(CallOrder::Dial { number, caller_id }),
            ModemCommand::Answer => call(CallOrder::Answer),
            ModemCommand::HangUp(which) => call(CallOrder::HangUp(which)),
            ModemCommand::Swap => call(CallOrder::Hold(HoldAction::HoldActive)),
            ModemCommand::Join => call(CallOrder::Hold(HoldAction::Join)),
            ModemCommand::OpenChannel { .. }
            | ModemCommand::Transmit { .. }
            | ModemCommand::CloseChannel(_)
            | ModemCommand::TransmitBasic { .. }
            | ModemCommand::File(_) => Kind::Card(CardJob::new(command)),
            ModemCommand::Signal
            | ModemCommand::Registration
            | ModemCommand::Operator
            | ModemCommand::OwnNumber
            | ModemCommand::ScanOperators
            | ModemCommand::Raw(_) => Kind::Query(Query::new(command)),
            ModemCommand::Initialise { .. }
            | ModemCommand::SendText(_)
            | ModemCommand::SendPdu(_)
            | ModemCommand::PowerOff(_)
            | ModemCommand::Restart
            | ModemCommand::Dtmf(_)
            | ModemCommand::Ussd(_)
            | ModemCommand::UssdCancel
            | ModemCommand::SelectOperator(_)
            | ModemCommand::Forwarding(_)
            | ModemCommand::ActivateContext(_)
            | ModemCommand::DeactivateContext { .. }
            | ModemCommand::ChangePin { .. }
            | ModemCommand::UnblockPin { .. }
            | ModemCommand::LockPin { .. } => Kind::Setting(Setting::new(command)),
        };
        Self { id, kind }
    }

    pub(crate) const fn id(&self) -> u64 {
        self.id
    }

    pub(crate) fn next(&mut self, engine: &mut Engine) -> Next {
        match self.request(engine) {
            Ok(Some(request)) => Next::Send(request),
            Ok(None) => {
                engine.done(self.id, Ok(Reply::Done));
                Next::Finished
            }
            Err(error) => {
                engine.done(self.id, Err(error));
                Next::Finished
            }
        }
    }

    fn request(&mut self, engine: &mut Engine) -> Result<Option<Request>, ModemError> {
        match &mut self.kind {
            Kind::Call(job) => job.request(engine).map(Some),
            Kind::Card(job) => job.request(engine).map(Some),
            Kind::Query(job) => job.request(engine).map(Some),
            Kind::Setting(job) => job.request(engine),
        }
    }

    pub(crate) fn answered(
        mut self: alloc::boxed::Box<Self>,
        engine: &mut Engine,
        now: Instant,
        answer: Answer,
    ) -> Option<alloc::boxed::Box<Self>> {
        let absorbed = match &mut self.kind {
            Kind::Call(job) => job.absorb(now, engine, answer),
            Kind::Card(job) => job.absorb(engine, answer),
            Kind::Query(job) => job.absorb(engine, answer),
            Kind::Setting(job) => job.absorb(engine, answer),
        };
        match absorbed {
            Ok(None) => Some(self),
            Ok(Some(reply)) => {
                engine.done(self.id, Ok(reply));
                None
            }
            Err(error) => {
                engine.done(self.id, Err(error));
                None
            }
        }
    }
}
