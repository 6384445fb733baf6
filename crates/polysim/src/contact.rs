//! Flows over the contacts of a card, run over a link.

use polysim_apdu::contact::{Ask, ContactPort, Lane, Reply};
use polysim_base::Machine as _;
use polysim_base::Out;
use polysim_base::procedure::{Procedure, Step};
use polysim_hal::{CardChannel, CardError, CardErrorKind, CardLink, Clock, Reset};
use std::future::Future;
use std::sync::Arc;

/// A card behind a link, for flows: one after another.
pub(crate) struct LinkContact {
    link: Box<dyn CardLink>,
    clock: Arc<dyn Clock>,
    channel: Option<CardChannel>,
    /// What was wrong with the link, last.
    pub(crate) fault: Option<CardError>,
}

impl LinkContact {
    pub(crate) fn new(link: Box<dyn CardLink>, clock: Arc<dyn Clock>) -> Self {
        Self { link, clock, channel: None, fault: None }
    }

    pub(crate) fn clock(&self) -> &dyn Clock {
        &*self.clock
    }

    pub(crate) fn into_link(self) -> Box<dyn CardLink> {
        self.link
    }

    /// Runs a flow to its end.
    pub(crate) async fn run<T, F>(&mut self, flow: impl FnOnce(ContactPort) -> F) -> T
    where
        F: Future<Output = T> + Send + 'static,
        T: Send + Sync + 'static,
    {
        let mut procedure = Procedure::start(self.clock.now(), flow);
        loop {
            match procedure.poll_output() {
                Some(Out::Do(Step::Ask(ticket, ask))) => {
                    let reply = self.answer(ask).await;
                    procedure.handle(self.clock.now(), (ticket, reply));
                }
                Some(Out::Do(Step::Done(result))) => return result,
                Some(Out::Record(record)) => match record {},
                None => {
                    let due = procedure.poll_timeout().map(|(due, _)| due);
                    self.clock.sleep_until(due.unwrap_or_default()).await;
                    procedure.handle_timeout(self.clock.now());
                }
            }
        }
    }

    /// Resets the card; returns whether that could be done.
    pub(crate) async fn reset(&mut self) -> bool {
        self.answer(Ask::Reset).await == Reply::Done
    }

    async fn answer(&mut self, ask: Ask) -> Reply {
        match ask {
            Ask::Open(aid) => match self.link.open_channel(&aid).await {
                Ok((channel, _)) => {
                    self.channel = Some(channel);
                    Reply::Done
                }
                Err(error) => self.failed(error),
            },
            Ask::Close => {
                if let Some(channel) = self.channel.take() {
                    // It is closed with the next reset, at the latest.
                    drop(self.link.close_channel(channel).await);
                }
                Reply::Done
            }
            Ask::Transmit { on, apdu } => {
                let basic = CardChannel::basic(self.link.epoch());
                let channel = match on {
                    Lane::Basic => basic,
                    Lane::Opened => self.channel.unwrap_or(basic),
                };
                match self.link.transmit(channel, &apdu).await {
                    Ok(answer) => Reply::Response(answer),
                    Err(error) => self.failed(error),
                }
            }
            Ask::Reset => {
                self.channel = None;
                match self.link.reset(Reset::Cold).await {
                    Ok(_) => Reply::Done,
                    Err(error) => self.failed(error),
                }
            }
        }
    }

    fn failed(&mut self, error: CardError) -> Reply {
        if let CardErrorKind::Refused(status) = *error.kind() {
            return Reply::Refused(status);
        }
        if *error.kind() == CardErrorKind::Unsupported {
            return Reply::Unable;
        }
        self.fault = Some(error);
        Reply::Failed
    }
}
