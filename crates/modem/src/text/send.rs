//! Sending a text, part by part, each at most once.

use alloc::{boxed::Box, vec::Vec};

use polysim_at::{CmgsInfo, CmgsSet, CmsError, Command, FinalResult, Form};
use polysim_sms::{AtPdu, MobileOriginated, Reference, SegmentOptions, Submit, Tpdu as _, segment};

use crate::{
    ModemError, OutgoingBody, OutgoingText, PartOutcome, Reply, SendFailure, SendOutcome,
    engine::{Engine, Next},
    link::{Accept, Answer, Outcome, Request},
};

/// A text that is being sent.
#[derive(Clone, Debug)]
pub(crate) struct Outgoing {
    id: u64,
    parts: Vec<Submission>,
    outcomes: Vec<PartOutcome>,
}

/// One part: its octets with the service centre's address, and those of the TPDU alone.
#[derive(Clone, Debug)]
struct Submission {
    octets: Box<[u8]>,
    length: u16,
}

impl Submission {
    fn new(pdu: &AtPdu<MobileOriginated>) -> Self {
        let mut octets = Vec::new();
        pdu.encode(&mut octets);
        let length = u16::try_from(pdu.tpdu.to_octets().len()).unwrap_or(u16::MAX);
        Self { octets: octets.into(), length }
    }
}

impl Outgoing {
    pub(crate) fn of_pdu(id: u64, pdu: &AtPdu<MobileOriginated>) -> Self {
        Self { id, parts: Vec::from([Submission::new(pdu)]), outcomes: Vec::new() }
    }

    /// Cuts a text into parts; `next_reference` is what the parts of a long one share.
    pub(crate) fn of_text(
        id: u64,
        text: OutgoingText,
        next_reference: &mut u8,
    ) -> Result<Self, ModemError> {
        let parts = match text.body {
            OutgoingBody::Parts(parts) => parts,
            OutgoingBody::Text { text, encoding, class, reference } => {
                let shared = reference.unwrap_or(*next_reference);
                let mut options = SegmentOptions::default()
                    .with_reference(Reference::Eight(shared))
                    .with_encoding(encoding);
                if let Some(class) = class {
                    options = options.with_class(class);
                }
                let parts = segment(&text, &options)?;
                if parts.len() > 1 && reference.is_none() {
                    *next_reference = next_reference.wrapping_add(1);
                }
                parts
            }
        };
        let submit = |user_data| {
            let mut submit = Submit::new(text.to, user_data).with_validity(text.validity);
            submit.status_report_request = text.report;
            Submission::new(&AtPdu::new(MobileOriginated::Submit(submit)))
        };
        let parts = parts.into_iter().map(submit).collect();
        Ok(Self { id, parts, outcomes: Vec::new() })
    }

    pub(crate) fn next(&mut self, engine: &mut Engine) -> Next {
        let Some(part) = self.parts.get(self.outcomes.len()) else {
            self.finish(engine);
            return Next::Finished;
        };
        let deadlines = &engine.config.deadlines;
        let command = Command::Cmgs(Form::Set(CmgsSet { length: part.length }));
        let request = Request::new(&command, deadlines.prompt)
            .accepting(Accept::Named("+CMGS"))
            .with_pdu(&part.octets, deadlines.submit);
        Next::Send(request)
    }

    pub(crate) fn answered(
        mut self: Box<Self>,
        engine: &mut Engine,
        answer: &Answer,
    ) -> Option<Box<Self>> {
        let outcome = outcome_of(answer);
        self.outcomes.push(outcome);
        let goes_on = matches!(outcome, PartOutcome::Sent { .. });
        if goes_on && self.outcomes.len() < self.parts.len() {
            return Some(self);
        }
        self.finish(engine);
        None
    }

    /// The modem is gone, between two parts.
    pub(crate) fn cancelled(&mut self, engine: &mut Engine) {
        self.finish(engine);
    }

    /// Tells what became of each part; what was not tried was not sent.
    fn finish(&mut self, engine: &mut Engine) {
        let mut parts = core::mem::take(&mut self.outcomes);
        parts.resize(self.parts.len(), PartOutcome::Failed(SendFailure::NotSubmitted));
        engine.done(self.id, Ok(Reply::Text(SendOutcome { parts })));
    }
}

fn outcome_of(answer: &Answer) -> PartOutcome {
    let lost = if answer.submitted {
        PartOutcome::Unknown
    } else {
        PartOutcome::Failed(SendFailure::NotSubmitted)
    };
    match answer.outcome {
        Outcome::Final(FinalResult::Ok | FinalResult::Connect { .. }) => {
            match answer.parse::<CmgsInfo>() {
                Ok(info) => PartOutcome::Sent { reference: info.reference },
                // The modem says it was sent but not as what.
                Err(_) => PartOutcome::Unknown,
            }
        }
        // The service centre's answer did not come: it may have the part or not.
        Outcome::Final(FinalResult::Cms(CmsError::NetworkTimeout)) => lost,
        Outcome::Final(FinalResult::Cms(cause)) => PartOutcome::Failed(SendFailure::Refused(cause)),
        Outcome::Final(
            FinalResult::Error
            | FinalResult::Cme(_)
            | FinalResult::NoCarrier
            | FinalResult::NoDialtone
            | FinalResult::Busy
            | FinalResult::NoAnswer,
        ) => PartOutcome::Failed(SendFailure::RefusedWithoutCause),
        Outcome::TooLong | Outcome::Timeout | Outcome::Reset | Outcome::PortLost => lost,
    }
}
