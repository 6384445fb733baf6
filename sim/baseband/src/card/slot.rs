//! The slot: power, reset, and one command in flight at a time.

use super::Subscription;
use super::apdu::split;
use super::flow::{CardPort, Flow, Next, Outcome, Owner};
use super::startup::{Step, Then, select_usim};
use crate::deadline::Deadline;
use crate::effects::Effects;
use crate::{BasebandEvent, Model, TerminalToCard};
use polysim_aka::{Auts, Res};
use polysim_apdu::{Channel, Command, Status};
use polysim_base::tlv::Ber;
use polysim_base::{Duration, Instant};
use polysim_cat::TerminalProfile;
use polysim_radio::air::{AuthenticationAnswer, Challenge};
use std::collections::VecDeque;

/// How long a card may take for everything that one task needs.
const PATIENCE: Duration = Duration::from_secs(10);
/// Most tasks of the device itself that wait for the card; a port has one at most.
const WAITING_MAX: usize = 32;

/// What became of the card.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum CardState {
    /// No card in the slot.
    Absent,
    /// A card without power.
    Off,
    /// Reset; the ATR is awaited.
    Activating,
    /// Being read.
    Starting(Step),
    /// It waits for a PIN.
    Locked(Lock),
    /// It was read. Without a subscription in it there is none: it is alive all the same.
    Ready,
    /// It answers and has no USIM, as an eUICC without an enabled profile: its toolkit and the
    /// commands that a host brings itself reach it, and nothing else.
    Bare,
    /// Mute.
    Unusable,
}

/// What a locked card waits for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Lock {
    Pin,
    Puk,
}

/// What the command in flight is for.
#[derive(Debug)]
enum Task {
    None,
    Start,
    /// Select the USIM first, then go on with what waits foremost.
    Select,
    Authenticate,
    Location,
    Flow(Box<Flow>),
}

/// Tasks that wait, in their order.
#[derive(Debug, Default)]
struct Queued(VecDeque<Waiting>);

#[derive(Debug)]
enum Waiting {
    Authenticate(Box<Challenge>),
    /// EF.EPSLOCI or EF.LOCI, as a whole command.
    Location(Vec<u8>),
    Flow(Box<Flow>),
}

/// What came of a message from the card.
#[derive(Debug)]
pub(crate) enum Happened {
    Nothing,
    /// The card was read, waits for a PIN, or failed.
    Settled,
    Authenticated(AuthenticationAnswer),
    Ended(Owner, Outcome),
}

/// The slot.
#[derive(Debug)]
pub(crate) struct Slot {
    state: CardState,
    task: Task,
    waiting: Option<Box<Queued>>,
    /// When the card counts as mute.
    deadline: Deadline,
    /// The USIM is the current application of the basic channel.
    pub(super) selected: bool,
    /// The command in flight was already sent again as the card asked, or fetched from: a card
    /// that asks for ever is not followed.
    pub(super) followed: bool,
    /// Length of a proactive command that waits on the card.
    proactive: Option<u8>,
    /// The card was told what the terminal can do.
    pub(crate) profile_sent: bool,
    /// The service table has data download by text (service 28).
    pub(crate) takes_texts: bool,
    /// Whose toolkit the card meets.
    model: &'static Model,
    /// What the host can do of the toolkit (`+CUSATW`), for the next start of the card.
    pub(crate) host_profile: Option<Box<TerminalProfile>>,
    pub(super) mnc_len: u8,
    pub(crate) subscription: Option<Subscription>,
}

impl Slot {
    pub(crate) const fn new(inserted: bool, model: &'static Model) -> Self {
        Self {
            state: if inserted { CardState::Off } else { CardState::Absent },
            task: Task::None,
            waiting: None,
            deadline: Deadline::NONE,
            selected: false,
            followed: false,
            proactive: None,
            profile_sent: false,
            takes_texts: false,
            model,
            host_profile: None,
            mnc_len: 2,
            subscription: None,
        }
    }

    pub(crate) const fn state(&self) -> CardState {
        self.state
    }

    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.deadline.get()
    }

    pub(super) const fn set_step(&mut self, step: Step) {
        self.state = CardState::Starting(step);
        self.followed = false;
    }

    /// Whether the outcome is still open: a command that asks for the card waits.
    pub(crate) const fn is_starting(&self) -> bool {
        matches!(self.state, CardState::Activating | CardState::Starting(_))
    }

    /// Whether commands can be sent to the card.
    pub(crate) const fn is_powered(&self) -> bool {
        matches!(self.state, CardState::Starting(_) | CardState::Locked(_)) || self.is_read()
    }

    /// Whether the start of the card is over, and no PIN is in the way.
    const fn is_read(&self) -> bool {
        matches!(self.state, CardState::Ready | CardState::Bare)
    }

    /// Supplies the card, if there is one.
    pub(crate) fn power_on(&mut self, fx: &mut Effects) {
        if matches!(self.state, CardState::Off | CardState::Unusable) {
            self.forget();
            self.state = CardState::Activating;
            self.deadline = Deadline::at(fx.now.plus(PATIENCE));
            fx.card(TerminalToCard::PowerOn);
        }
    }

    /// Cuts the supply. Returns the flows that were given up.
    pub(crate) fn power_off(&mut self, fx: &mut Effects) -> Vec<Owner> {
        if matches!(self.state, CardState::Absent | CardState::Off) {
            return Vec::new();
        }
        fx.card(TerminalToCard::PowerOff);
        let owners = self.forget();
        self.state = CardState::Off;
        owners
    }

    /// Resets the card and reads it anew.
    pub(crate) fn reset(&mut self, fx: &mut Effects) -> Vec<Owner> {
        if !self.is_powered() {
            return Vec::new();
        }
        let owners = self.forget();
        self.state = CardState::Activating;
        self.deadline = Deadline::at(fx.now.plus(PATIENCE));
        fx.card(TerminalToCard::Reset);
        owners
    }

    /// The supply failed: nothing is sent any more.
    pub(crate) fn power_lost(&mut self) {
        self.forget();
        if self.state != CardState::Absent {
            self.state = CardState::Off;
        }
    }

    pub(crate) const fn inserted(&mut self) {
        if matches!(self.state, CardState::Absent) {
            self.state = CardState::Off;
        }
    }

    pub(crate) fn removed(&mut self) -> Vec<Owner> {
        let owners = self.forget();
        self.state = CardState::Absent;
        owners
    }

    fn forget(&mut self) -> Vec<Owner> {
        let mut owners = Vec::new();
        if let Task::Flow(flow) = core::mem::replace(&mut self.task, Task::None) {
            owners.push(flow.owner);
        }
        for waiting in self.waiting.take().into_iter().flat_map(|queue| queue.0) {
            if let Waiting::Flow(flow) = waiting {
                owners.push(flow.owner);
            }
        }
        let host_profile = self.host_profile.take();
        *self = Self { state: self.state, host_profile, ..Self::new(false, self.model) };
        owners
    }

    /// What terminal and host can do of the toolkit; empty where there is none.
    pub(crate) fn profile(&self) -> TerminalProfile {
        let mut profile = crate::toolkit::own_profile(self.model);
        for feature in self.host_profile.iter().flat_map(|host| host.features()) {
            profile.insert(feature);
        }
        profile
    }

    /// Reads the card anew, without a reset: flows that wait go on afterwards. Does nothing unless
    /// the card was read and is free.
    pub(crate) fn reread(&mut self, fx: &mut Effects) {
        if self.is_read() && matches!(self.task, Task::None) {
            self.deadline = Deadline::at(fx.now.plus(PATIENCE));
            self.task = Task::Start;
            let command = self.begin_anew();
            self.send(fx, command);
        }
    }

    /// Whether the card has nothing to do.
    pub(crate) const fn is_free(&self) -> bool {
        self.is_read() && matches!(self.task, Task::None) && self.waiting.is_none()
    }

    /// The length of the proactive command that waits on the card.
    pub(crate) const fn offer(&self) -> Option<u8> {
        self.proactive
    }

    /// Takes the offer: it is fetched now.
    pub(crate) const fn take_offer(&mut self) -> Option<u8> {
        self.proactive.take()
    }

    /// Has a flow with the card run, as soon as the card is free: see [`Slot::proceed`].
    pub(crate) fn start<F, Fut>(&mut self, now: Instant, owner: Owner, flow: F)
    where
        F: FnOnce(CardPort) -> Fut,
        Fut: Future<Output = Outcome> + Send + 'static,
    {
        let flow = Flow::new(now, owner, flow);
        self.enqueue(Waiting::Flow(Box::new(flow)), false);
    }

    /// Has the card answer a challenge. Comes before what else waits.
    pub(crate) fn authenticate(&mut self, challenge: Challenge) {
        self.enqueue(Waiting::Authenticate(Box::new(challenge)), true);
    }

    /// Writes a location file.
    pub(crate) fn write_location(&mut self, command: Vec<u8>) {
        self.enqueue(Waiting::Location(command), false);
    }

    fn enqueue(&mut self, waiting: Waiting, first: bool) {
        let queue = &mut self.waiting.get_or_insert_default().0;
        // A newer challenge or location is worth more than the one that waits.
        queue.retain(|old| match waiting {
            Waiting::Authenticate(_) => !matches!(old, Waiting::Authenticate(_)),
            Waiting::Location(_) => !matches!(old, Waiting::Location(_)),
            Waiting::Flow(_) => true,
        });
        let for_device = matches!(&waiting, Waiting::Flow(flow) if flow.owner == Owner::Device);
        if first {
            queue.push_front(waiting);
        } else if !for_device || queue.len() < WAITING_MAX {
            queue.push_back(waiting);
        }
    }

    /// Takes the answer to a reset.
    pub(crate) fn atr(&mut self, fx: &mut Effects, atr: &[u8]) -> Happened {
        if self.state != CardState::Activating {
            return Happened::Nothing;
        }
        if !matches!(atr.first(), Some(0x3B | 0x3F)) {
            return self.fail(fx);
        }
        self.task = Task::Start;
        let command = self.begin();
        self.send(fx, command);
        Happened::Nothing
    }

    fn send(&self, fx: &mut Effects, command: Vec<u8>) {
        debug_assert!(!matches!(self.task, Task::None), "a command without a task");
        fx.card(TerminalToCard::Command(command));
    }

    /// The card asks for more time for the command in flight (ISO 7816-3, 10.3.3). How often it
    /// may do so has no limit there.
    pub(crate) fn more_time(&mut self, now: Instant) {
        if !matches!(self.task, Task::None) {
            self.deadline = Deadline::at(now.plus(PATIENCE));
        }
    }

    /// The card is mute or useless.
    fn fail(&mut self, fx: &mut Effects) -> Happened {
        self.deadline = Deadline::NONE;
        self.task = Task::None;
        self.state = CardState::Unusable;
        fx.event(BasebandEvent::CardUnusable);
        Happened::Settled
    }

    /// Goes on after the PIN was verified.
    pub(crate) fn unlocked(&mut self, fx: &mut Effects) {
        if matches!(self.state, CardState::Locked(_)) && matches!(self.task, Task::None) {
            self.deadline = Deadline::at(fx.now.plus(PATIENCE));
            self.task = Task::Start;
            let command = self.begin_unlocked();
            self.send(fx, command);
        }
    }

    /// A wrong PIN was given: with no try left only the PUK helps.
    pub(crate) fn refused(&mut self, tries: u8) {
        if tries == 0 && matches!(self.state, CardState::Locked(_)) {
            self.state = CardState::Locked(Lock::Puk);
        }
    }

    /// Takes a response.
    pub(crate) fn response(&mut self, fx: &mut Effects, response: Vec<u8>) -> Happened {
        if let Some((_, Status::ProactivePending(length))) = split(&response) {
            self.proactive = Some(length);
        }
        match core::mem::replace(&mut self.task, Task::None) {
            Task::None => Happened::Nothing,
            Task::Start => {
                let CardState::Starting(step) = self.state else {
                    return Happened::Nothing;
                };
                self.task = Task::Start;
                match self.started(step, &response) {
                    Then::Send(command) => {
                        self.send(fx, command);
                        Happened::Nothing
                    }
                    Then::Locked(lock) => self.settle(fx, CardState::Locked(lock)),
                    Then::Ready => self.settle(fx, CardState::Ready),
                    Then::Bare => self.settle(fx, CardState::Bare),
                    Then::Unusable => self.fail(fx),
                }
            }
            Task::Select => {
                // Should it fail, what follows fails and says so.
                self.selected = true;
                self.idle()
            }
            Task::Authenticate => {
                if let Some((_, Status::DataAvailable(length))) = split(&response)
                    && !core::mem::replace(&mut self.followed, true)
                {
                    self.task = Task::Authenticate;
                    self.send(fx, vec![0x00, 0xC0, 0x00, 0x00, length]);
                    return Happened::Nothing;
                }
                self.idle();
                Happened::Authenticated(authentication_answer(&response))
            }
            Task::Location => self.idle(),
            Task::Flow(mut flow) => match flow.answer(fx.now, response) {
                Next::Send(command) => {
                    self.task = Task::Flow(flow);
                    self.send(fx, command);
                    Happened::Nothing
                }
                Next::End(outcome) => {
                    self.deadline = Deadline::NONE;
                    Happened::Ended(flow.owner, outcome)
                }
            },
        }
    }

    fn settle(&mut self, fx: &mut Effects, state: CardState) -> Happened {
        self.deadline = Deadline::NONE;
        self.task = Task::None;
        self.state = state;
        match (state, &self.subscription) {
            (CardState::Ready, Some(subscription)) => {
                fx.event(BasebandEvent::CardReady(subscription.imsi));
            }
            (CardState::Ready, None) => fx.event(BasebandEvent::NoSubscription),
            (CardState::Locked(Lock::Pin), _) => fx.event(BasebandEvent::PinRequired),
            (CardState::Locked(Lock::Puk), _) => fx.event(BasebandEvent::PukRequired),
            (CardState::Bare, _) => fx.event(BasebandEvent::CardUnusable),
            _ => {}
        }
        Happened::Settled
    }

    const fn idle(&mut self) -> Happened {
        self.deadline = Deadline::NONE;
        Happened::Nothing
    }

    /// Gives the card the next task, if it is free. Returns a flow that ended without the card.
    pub(crate) fn proceed(&mut self, fx: &mut Effects) -> Option<(Owner, Outcome)> {
        let free = matches!(self.task, Task::None)
            && (self.is_read() || matches!(self.state, CardState::Locked(_)));
        if !free {
            return None;
        }
        let next = self.waiting.as_mut().and_then(|queue| queue.0.pop_front());
        if self.waiting.as_ref().is_some_and(|queue| queue.0.is_empty()) {
            self.waiting = None;
        }
        let next = next?;
        self.deadline = Deadline::at(fx.now.plus(PATIENCE));
        match next {
            Waiting::Flow(flow) => return self.run_flow(fx, flow),
            task if !self.selected => {
                self.enqueue(task, true);
                self.task = Task::Select;
                self.send(fx, select_usim());
            }
            Waiting::Authenticate(challenge) => {
                self.task = Task::Authenticate;
                self.followed = false;
                let command = authenticate(&challenge);
                self.send(fx, command);
            }
            Waiting::Location(command) => {
                self.task = Task::Location;
                self.send(fx, command);
            }
        }
        None
    }

    fn run_flow(&mut self, fx: &mut Effects, mut flow: Box<Flow>) -> Option<(Owner, Outcome)> {
        // A flow may select whatever it likes.
        self.selected = false;
        match flow.next() {
            Next::Send(command) => {
                self.deadline = Deadline::at(fx.now.plus(PATIENCE));
                self.task = Task::Flow(flow);
                self.send(fx, command);
                None
            }
            Next::End(outcome) => Some((flow.owner, outcome)),
        }
    }

    /// The card did not answer in time. Returns the flows that were given up.
    pub(crate) fn timed_out(&mut self, fx: &mut Effects) -> Vec<Owner> {
        let owners = self.forget();
        self.fail(fx);
        owners
    }
}

fn authenticate(challenge: &Challenge) -> Vec<u8> {
    let mut command = Vec::with_capacity(40);
    let emitted = match &challenge.autn {
        Some(autn) => {
            Command::authenticate(Channel::BASIC, challenge.rand.as_bytes(), autn.as_bytes())
                .emit(&mut command)
        }
        None => {
            Command::authenticate_gsm(Channel::BASIC, challenge.rand.as_bytes()).emit(&mut command)
        }
    };
    match emitted {
        Ok(()) => command,
        Err(_) => Vec::new(),
    }
}

/// Reads the response to AUTHENTICATE (TS 31.102, 7.1.2.1). Whatever is no answer counts as a
/// wrong MAC: the network then knows that this card will not do.
fn authentication_answer(response: &[u8]) -> AuthenticationAnswer {
    parse_answer(response).unwrap_or(AuthenticationAnswer::MacFailure)
}

fn parse_answer(response: &[u8]) -> Option<AuthenticationAnswer> {
    let (data, status) = split(response)?;
    if !status.is_done() {
        return None;
    }
    match data {
        [0xDB, len, rest @ ..] => {
            let res = rest.get(..usize::from(*len))?;
            Some(AuthenticationAnswer::Response(Res::try_from(res).ok()?))
        }
        [0xDC, ..] => {
            let (object, _) = Ber::read(data).ok()?;
            Some(AuthenticationAnswer::SyncFailure(Auts::try_from(object.value).ok()?))
        }
        [4, sres @ ..] => {
            let sres = sres.get(..4)?;
            Some(AuthenticationAnswer::Response(Res::try_from(sres).ok()?))
        }
        _ => None,
    }
}
