//! The owner's commands by concern.

use alloc::boxed::Box;

use polysim_at::HoldAction;
use polysim_base::Instant;
use polysim_sms::{AtPdu, MobileOriginated};

use crate::{
    ModemCommand, ModemError, OutgoingText, Reply,
    call::{CallJob, CallOrder},
    card::{CardJob, CardOrder},
    engine::{Engine, Next},
    link::{Answer, Request},
    query::{Query, Question},
    setting::{Change, Setting},
};

/// A command of the owner's, by what has to do with it.
#[derive(Debug)]
pub(crate) enum Order {
    Initialise,
    Text(Box<OutgoingText>),
    Pdu(Box<AtPdu<MobileOriginated>>),
    Job(JobKind),
}

/// Commands that are one exchange with the modem, or a few in a row.
#[derive(Clone, Debug)]
pub(crate) enum JobKind {
    Call(CallJob),
    Card(CardJob),
    Query(Query),
    Setting(Setting),
}

impl Order {
    pub(crate) fn of(command: ModemCommand) -> Self {
        let call = |order| Self::Job(JobKind::Call(CallJob::new(order)));
        let card = |order| Self::Job(JobKind::Card(CardJob::new(order)));
        let ask = |question| Self::Job(JobKind::Query(Query::new(question)));
        let set = |change| Self::Job(JobKind::Setting(Setting::new(change)));
        match command {
            ModemCommand::Initialise { .. } => Self::Initialise,
            ModemCommand::SendText(text) => Self::Text(text),
            ModemCommand::SendPdu(pdu) => Self::Pdu(pdu),
            ModemCommand::Dial { number, caller_id } => call(CallOrder::Dial { number, caller_id }),
            ModemCommand::Answer => call(CallOrder::Answer),
            ModemCommand::HangUp(which) => call(CallOrder::HangUp(which)),
            ModemCommand::Swap => call(CallOrder::Hold(HoldAction::HoldActive)),
            ModemCommand::Join => call(CallOrder::Hold(HoldAction::Join)),
            ModemCommand::OpenChannel { aid } => card(CardOrder::Open { aid }),
            ModemCommand::Transmit { channel, apdu } => card(CardOrder::Transmit { channel, apdu }),
            ModemCommand::CloseChannel(channel) => card(CardOrder::Close(channel)),
            ModemCommand::TransmitBasic { apdu } => card(CardOrder::TransmitBasic { apdu }),
            ModemCommand::File(access) => card(CardOrder::File(access)),
            ModemCommand::Signal => ask(Question::Signal),
            ModemCommand::Registration => ask(Question::Registration),
            ModemCommand::Operator => ask(Question::Operator),
            ModemCommand::OwnNumber => ask(Question::OwnNumber),
            ModemCommand::ScanOperators => ask(Question::Networks),
            ModemCommand::ListTexts => ask(Question::Texts),
            ModemCommand::Raw(command) => ask(Question::Raw(command)),
            ModemCommand::PowerOff(how) => set(Change::PowerOff(how)),
            ModemCommand::PowerOn => set(Change::PowerOn),
            ModemCommand::Restart => set(Change::Restart),
            ModemCommand::Dtmf(digits) => set(Change::Tones(digits)),
            ModemCommand::Ussd(text) => set(Change::Ussd(text)),
            ModemCommand::UssdCancel => set(Change::UssdCancel),
            ModemCommand::SelectOperator(selection) => set(Change::Operator(selection)),
            ModemCommand::Forwarding(forwarding) => set(Change::Forwarding(forwarding)),
            ModemCommand::ActivateContext(context) => set(Change::Activate(context)),
            ModemCommand::DeactivateContext { context } => set(Change::Deactivate(context)),
            ModemCommand::ChangePin { old, new } => set(Change::Pin { old, new }),
            ModemCommand::UnblockPin { puk, new } => set(Change::Unblock { puk, new }),
            ModemCommand::LockPin { locked, pin } => set(Change::Lock { locked, pin }),
        }
    }
}

/// A command of the owner's under way.
#[derive(Clone, Debug)]
pub(crate) struct Job {
    id: u64,
    kind: JobKind,
}

impl Job {
    pub(crate) const fn new(id: u64, kind: JobKind) -> Self {
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
            JobKind::Call(job) => job.request(engine).map(Some),
            JobKind::Card(job) => job.request(engine).map(Some),
            JobKind::Query(job) => job.request(engine).map(Some),
            JobKind::Setting(job) => job.request(engine),
        }
    }

    pub(crate) fn answered(
        mut self: Box<Self>,
        engine: &mut Engine,
        now: Instant,
        answer: Answer,
    ) -> Option<Box<Self>> {
        let absorbed = match &mut self.kind {
            JobKind::Call(job) => job.absorb(now, engine, answer),
            JobKind::Card(job) => job.absorb(engine, answer),
            JobKind::Query(job) => job.absorb(now, engine, answer),
            JobKind::Setting(job) => job.absorb(engine, answer),
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
