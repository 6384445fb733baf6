//! What a flow holds: card, servers, whoever decides, and the journal.

use alloc::boxed::Box;
use alloc::string::{String, ToString as _};
use alloc::sync::Arc;
use alloc::vec::Vec;

use polysim_base::Duration;
use polysim_base::procedure::Port;
use polysim_rsp::data::{
    Iccid, ProfileInfo, ProfileInfoListRequest, ProfileInfoListResponse, decode, encode,
};
use polysim_rsp::es9::{self, Failure};
use rasn::Decode;

use crate::transport::{CardError, Refusal};
use crate::{
    CommandId, Decision, LpaConfig, LpaError, LpaEvent, LpaRecord, Question, Withdrawal,
    WrongServer,
};

/// What a flow asks of the machine that runs it.
#[derive(Debug)]
pub(crate) enum Ask {
    /// Of the card.
    Card(Vec<u8>),
    /// That the card be reset.
    ResetCard,
    /// Of a server.
    Server { address: String, request: Box<es9::Request> },
    /// Of whoever gave the command.
    Decide(Box<LpaEvent>),
    /// That this be written down.
    Record(LpaRecord),
    /// That this be told.
    Tell(Box<LpaEvent>),
}

/// What the machine answers.
#[derive(Debug)]
pub(crate) enum Answer {
    Card(Result<Vec<u8>, CardError>),
    Server(Result<es9::Answer, Failure>),
    Decision(Decision),
    Done,
}

/// An answer, and what has come meanwhile.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) answer: Answer,
    /// How often the card was reset.
    pub(crate) resets: u32,
    /// Whoever gave the command gives it up.
    pub(crate) withdrawn: Option<Withdrawal>,
}

pub(crate) type LpaPort = Port<Ask, Reply>;

/// What a flow holds.
#[derive(Debug)]
pub(crate) struct Link {
    port: LpaPort,
    pub(crate) config: Arc<LpaConfig>,
    resets: u32,
    withdrawn: Option<Withdrawal>,
}

impl Link {
    pub(crate) const fn new(port: LpaPort, config: Arc<LpaConfig>, resets: u32) -> Self {
        Self { port, config, resets, withdrawn: None }
    }

    /// Returns how often the card was reset: what was open before a reset is gone.
    pub(crate) const fn resets(&self) -> u32 {
        self.resets
    }

    /// Returns why whoever gave the command gives it up.
    pub(crate) const fn withdrawn(&self) -> Option<Withdrawal> {
        self.withdrawn
    }

    async fn put(&mut self, ask: Ask, within: Duration) -> Option<Answer> {
        let reply = self.port.ask_within(ask, within).await?;
        Some(self.take(reply))
    }

    fn take(&mut self, reply: Reply) -> Answer {
        self.resets = reply.resets;
        self.withdrawn = reply.withdrawn;
        reply.answer
    }

    /// Writes something down.
    pub(crate) async fn record(&mut self, record: LpaRecord) {
        let reply = self.port.ask(Ask::Record(record)).await;
        self.take(reply);
    }

    /// Tells something.
    pub(crate) async fn tell(&mut self, event: LpaEvent) {
        let reply = self.port.ask(Ask::Tell(Box::new(event))).await;
        self.take(reply);
    }

    /// Writes down that the card may have notifications.
    pub(crate) async fn owe(&mut self) {
        if self.config.notify {
            self.record(LpaRecord::Owed(true)).await;
        }
    }

    /// Waits before try number `n + 1`.
    pub(crate) async fn pause(&mut self, n: u8) {
        let pause = self.config.pause_before(n);
        self.port.sleep(pause).await;
    }

    /// Has whoever gave the command decide; `None` where nobody does in time.
    pub(crate) async fn decide(&mut self, id: CommandId, question: Question) -> Option<Decision> {
        let ask = Ask::Decide(Box::new(LpaEvent::Asked { id, question }));
        match self.put(ask, self.config.decision_within).await {
            Some(Answer::Decision(decision)) => Some(decision),
            Some(Answer::Card(_) | Answer::Server(_) | Answer::Done) | None => None,
        }
    }

    /// Asks the card once.
    pub(crate) async fn ask_card(&mut self, function: Vec<u8>) -> Result<Vec<u8>, CardError> {
        match self.put(Ask::Card(function), self.config.card_within).await {
            Some(Answer::Card(reply)) => reply,
            Some(Answer::Server(_) | Answer::Decision(_) | Answer::Done) | None => {
                Err(CardError::NoAnswer)
            }
        }
    }

    /// Has the card reset; what was open on it is gone.
    pub(crate) async fn reset(&mut self) {
        self.put(Ask::ResetCard, self.config.reset_within).await;
    }

    /// Asks the card for something that changes nothing, or that may be done twice, and again where
    /// the answer is lost.
    pub(crate) async fn read<A: Decode>(
        &mut self,
        function: &'static str,
        request: Vec<u8>,
    ) -> Result<A, LpaError> {
        let mut attempt = 1;
        loop {
            let error = match self.ask_card(request.clone()).await {
                Ok(answer) => return Ok(decode(function, &answer)?),
                Err(error) => error,
            };
            let is_idle = error == CardError::Refused(Refusal::CONDITIONS_NOT_SATISFIED);
            if attempt >= self.config.card_tries || error.is_certain() && !is_idle {
                return Err(LpaError::Card { function, error });
            }
            if is_idle {
                self.reset().await;
            } else if error == CardError::NoAnswer {
                self.pause(attempt).await;
            }
            attempt += 1;
        }
    }

    /// Asks the card for something that changes it, once. `None` where nobody knows whether it did.
    pub(crate) async fn change(
        &mut self,
        function: &'static str,
        request: Vec<u8>,
    ) -> Result<Option<Vec<u8>>, LpaError> {
        let mut attempt = 1;
        loop {
            match self.ask_card(request.clone()).await {
                Ok(answer) => return Ok(Some(answer)),
                // It has done nothing, and would do nothing before a reset.
                Err(CardError::Refused(Refusal::CONDITIONS_NOT_SATISFIED))
                    if attempt < self.config.card_tries =>
                {
                    self.reset().await;
                }
                Err(error) if error.is_certain() => return Err(LpaError::Card { function, error }),
                Err(_) => return Ok(None),
            }
            attempt += 1;
        }
    }

    /// Asks a server once.
    pub(crate) async fn ask_server(
        &mut self,
        address: &str,
        request: es9::Request,
    ) -> Result<es9::Answer, Failure> {
        let ask = Ask::Server { address: address.to_string(), request: Box::new(request) };
        match self.put(ask, self.config.server_within).await {
            Some(Answer::Server(answer)) => answer,
            Some(Answer::Card(_) | Answer::Decision(_) | Answer::Done) | None => {
                Err(Failure::Timeout)
            }
        }
    }

    /// Asks a server, and again where that is safe: where it has not been reached, and where doing
    /// it twice is as good as once. A refusal is an error.
    pub(crate) async fn server(
        &mut self,
        address: &str,
        request: es9::Request,
    ) -> Result<es9::Answer, LpaError> {
        let function = request.function();
        let mut attempt = 1;
        loop {
            let failure = match self.ask_server(address, request.clone()).await {
                Ok(es9::Answer::Refused(status)) => {
                    let address = address.to_string();
                    return Err(LpaError::Refused { address, function, status });
                }
                Ok(answer) => return Ok(answer),
                Err(failure) => failure,
            };
            if attempt >= self.config.server_tries || !may_repeat(function, &failure) {
                let address = address.to_string();
                return Err(LpaError::Server { address, function, failure });
            }
            self.pause(attempt).await;
            attempt += 1;
        }
    }

    /// Lists the profiles.
    pub(crate) async fn profiles(&mut self) -> Result<Vec<ProfileInfo>, LpaError> {
        let request = encode(&ProfileInfoListRequest::default());
        match self.read("GetProfilesInfo", request).await? {
            ProfileInfoListResponse::Ok(profiles) => Ok(profiles),
            ProfileInfoListResponse::Error(error) => Err(LpaError::Profiles(error)),
        }
    }

    /// Returns whether a profile with this ICCID is there.
    pub(crate) async fn has(&mut self, iccid: Iccid) -> Result<bool, LpaError> {
        Ok(self.profiles().await?.iter().any(|profile| profile.iccid == Some(iccid)))
    }
}

const fn may_repeat(function: es9::Function, failure: &Failure) -> bool {
    match failure {
        Failure::Unreachable => true,
        Failure::Timeout | Failure::Http(500..=599) => is_repeatable(function),
        Failure::Http(_) | Failure::TlsBadCertificate { .. } | Failure::Garbled { .. } => false,
    }
}

/// Whether doing it twice is as good as doing it once, so that it may be asked again where nobody knows
/// whether the server has it. What is not so belongs to a session, and a new session is begun.
const fn is_repeatable(function: es9::Function) -> bool {
    match function {
        es9::Function::InitiateAuthentication
        | es9::Function::HandleNotification
        | es9::Function::CancelSession => true,
        es9::Function::AuthenticateClient | es9::Function::GetBoundProfilePackage => false,
    }
}

/// Says that a server answers another question.
pub(crate) fn wrong(address: &str, why: WrongServer) -> LpaError {
    LpaError::WrongServer { address: address.to_string(), why }
}
