//! The card itself: power, transmission, faults.

use std::convert::Infallible;
use std::sync::Arc;

use polysim_aka::{Algorithm, SqnArray};
use polysim_apdu::{Channel, Ins, KeyRef, Status, T0Card};
use polysim_base::{Iccid, Imsi, Instant, Machine, Out, Stream};
use polysim_issuance::applet::Applet;
use polysim_ota::{Counter, KeyVersion};

use crate::agent::Resident;
use crate::applet::{Host, Program};
use crate::channel::{Others, Selection};
use crate::config::CardConfig;
use crate::contents::{Contents, Managed, take_applet};
use crate::euicc::Euicc;
use crate::fault::{ActiveFault, CardFault, FaultEffect};
use crate::power::Fuse;
use crate::profile::Profile;
use crate::remote::Remote;
use crate::security::PinStatus;
use crate::subscription::SubscriptionKeySet;
use crate::template::FileIndex;
use crate::toolkit::Toolkit;

/// What comes of a command: both arms are status words; data goes out with the first only.
pub(crate) type Answer = Result<Status, Status>;

/// What reaches a card.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum CardInput {
    /// Supply and clock come on: cold reset.
    PowerOn,
    /// Reset while it is on.
    ResetWarm,
    /// Supply goes off.
    PowerOff,
    /// A command APDU.
    Command(Vec<u8>),
}

/// What a card sends.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum CardOutput {
    /// The answer to a reset.
    Atr(Arc<[u8]>),
    /// The answer to a command: data, SW1, SW2.
    Response(Vec<u8>),
}

/// A simulated UICC.
///
/// It starts without power, answers at once and sets no timer: how long a card takes is for the
/// interface that it is in. Files that were never written take no memory beside the shared
/// [`Profile`].
///
/// `Debug` shows neither keys nor PINs.
#[derive(Debug)]
pub struct Card {
    /// What the terminal sees: of an eUICC, the enabled profile.
    pub(crate) contents: Contents,
    pub(crate) stream: Stream,
    t0: T0Card,
    pub(crate) rare: Option<Box<Rare>>,
    pub(crate) basic: Selection,
    on: bool,
    pub(crate) terminal_profile_seen: bool,
    output: Option<CardOutput>,
}

/// What most cards do not have most of the time.
#[derive(Debug, Default)]
pub(crate) struct Rare {
    /// The card has something here that is durable: it is never freed.
    kept: bool,
    pub(crate) others: Others,
    pub(crate) toolkit: Option<Box<Toolkit>>,
    pub(crate) remote: Option<Box<Remote>>,
    pub(crate) host: Option<Box<Host>>,
    /// The agent at the level of the operating system.
    pub(crate) resident: Option<Box<Resident>>,
    /// What makes the card an eUICC. Taken out while a function of it runs.
    pub(crate) euicc: Option<Box<Euicc>>,
    pub(crate) fault: Option<ActiveFault>,
    /// The power that the command at hand has, if that is limited.
    pub(crate) fuse: Option<Fuse>,
}

impl Rare {
    /// What a card with remote management or an applet has from the start.
    fn durable(managed: Managed) -> Option<Box<Self>> {
        let Managed { remote, host } = managed;
        let kept = remote.is_some() || host.is_some();
        let toolkit = Some(Box::default());
        kept.then(|| Box::new(Self { kept, toolkit, remote, host, ..Self::default() }))
    }
}

impl Card {
    /// Makes a card without power.
    #[must_use]
    pub fn new(config: CardConfig) -> Self {
        let mut config = config;
        let program = take_applet(&mut config);
        Self::with_program(config, program)
    }

    /// Makes a card with an applet of any kind.
    pub(crate) fn with_program(config: CardConfig, program: Option<Program>) -> Self {
        let stream = config.stream.clone();
        let (contents, managed) = Contents::of(config, program);
        Self { rare: Rare::durable(managed), ..Self::of_contents(contents, stream) }
    }

    /// Makes a card that has nothing but its contents.
    pub(crate) fn of_contents(contents: Contents, stream: Stream) -> Self {
        Self {
            contents,
            stream,
            t0: T0Card::lenient(),
            rare: None,
            basic: Selection::MF,
            on: false,
            terminal_profile_seen: false,
            output: None,
        }
    }

    /// Gives it power, or takes it away for a moment: a cold reset. Returns the answer to reset;
    /// `None` if it is mute.
    pub fn power_on(&mut self) -> Option<Arc<[u8]>> {
        self.power_off();
        self.on = true;
        self.reset_euicc();
        self.reset_applet();
        self.reset_agent();
        self.answer_to_reset()
    }

    /// Resets it while it is on. `None` if it is off or mute.
    pub fn reset(&mut self) -> Option<Arc<[u8]>> {
        if !self.on {
            return None;
        }
        self.forget_session();
        self.reset_euicc();
        self.reset_applet();
        self.reset_agent();
        self.answer_to_reset()
    }

    /// Takes its power away.
    pub fn power_off(&mut self) {
        self.on = false;
        self.forget_session();
        self.stop_agent();
    }

    fn answer_to_reset(&self) -> Option<Arc<[u8]>> {
        let mute = self.active_fault().is_some_and(|active| active.fault == CardFault::Mute);
        let atr = match self.euicc() {
            Some(euicc) => &euicc.model().atr,
            None => self.contents.profile.atr(),
        };
        (!mute).then(|| Arc::clone(atr))
    }

    fn forget_session(&mut self) {
        self.t0.reset();
        self.terminal_profile_seen = false;
        self.forget_profile_session();
        if let Some(rare) = &mut self.rare {
            rare.others = Others::default();
            if let Some(toolkit) = &mut rare.toolkit {
                toolkit.reset();
            }
        }
        self.tidy();
    }

    /// Forgets what was verified and selected of the profile, and what it was about to do.
    fn forget_profile_session(&mut self) {
        self.contents.pins.reset();
        self.basic = Selection::MF;
        if let Some(rare) = &mut self.rare {
            rare.others.select_mf();
            if let Some(remote) = &mut rare.remote {
                remote.reset();
            }
            if let Some(host) = &mut rare.host {
                host.reset();
            }
        }
    }

    /// Begins with a profile that has come in place without a reset.
    pub(crate) fn begin_profile(&mut self) {
        self.forget_profile_session();
        self.reset_applet();
    }

    /// Puts remote management and the applet of another profile in place, and returns those before.
    pub(crate) fn exchange_managed(&mut self, managed: Managed) -> Managed {
        let rare = self.rare.get_or_insert_default();
        let Managed { remote, host } = managed;
        Managed {
            remote: std::mem::replace(&mut rare.remote, remote),
            host: std::mem::replace(&mut rare.host, host),
        }
    }

    /// Makes the card an eUICC.
    pub(crate) fn set_euicc(&mut self, euicc: Euicc) {
        let rare = self.rare.get_or_insert_default();
        rare.kept = true;
        rare.toolkit.get_or_insert_default();
        rare.euicc = Some(Box::new(euicc));
    }

    /// Puts an agent on the card.
    pub(crate) fn set_resident(&mut self, resident: Resident) {
        let rare = self.rare.get_or_insert_default();
        rare.kept = true;
        rare.toolkit.get_or_insert_default();
        rare.resident = Some(Box::new(resident));
    }

    fn reset_euicc(&mut self) {
        let _plain = self.with_euicc(|card, euicc| euicc.reset(card));
    }

    /// Carries a command APDU out and replaces `response` by data, SW1 and SW2; it is left empty if
    /// there is no answer, as the card is off or mute.
    ///
    /// A command without Le that has something to say is answered `61xx`, class `A0` `9Fxx`, and
    /// GET RESPONSE brings it; with Le it is answered at once. Le `00` brings what there is; an Le
    /// that asks for more than there is, `6Cxx`. Answers need no allocation once `response` has
    /// its size.
    #[inline]
    pub fn transmit(&mut self, now: Instant, command: &[u8], response: &mut Vec<u8>) {
        let mut t0 = std::mem::replace(&mut self.t0, T0Card::lenient());
        self.exchange(now, &mut t0, command, response);
        self.t0 = t0;
        if !self.on {
            self.t0.reset();
        }
    }

    /// One exchange over the interface that `t0` stands for.
    #[inline]
    pub(crate) fn exchange(
        &mut self,
        now: Instant,
        t0: &mut T0Card,
        command: &[u8],
        response: &mut Vec<u8>,
    ) {
        response.clear();
        if !self.on {
            return;
        }
        if is_extended(command) && !self.contents.profile.config().extended_length {
            t0.reset();
            response.extend_from_slice(&Status::WrongLength.to_bytes());
            return;
        }
        let effect = match &self.rare {
            None => None,
            Some(_) => self.fault_effect(command.get(1).copied().and_then(Ins::from_byte)),
        };
        match effect {
            None => {}
            Some(FaultEffect::Mute) => return,
            Some(FaultEffect::Answer(status)) => {
                response.extend_from_slice(&status.to_bytes());
                return;
            }
            Some(FaultEffect::PowerLoss(written)) => {
                if written && let Some(apdu) = t0.receive(command, response) {
                    self.execute(now, &apdu, response);
                }
                response.clear();
                self.power_off();
                return;
            }
            Some(FaultEffect::PowerFor(steps)) => {
                self.rare.get_or_insert_default().fuse = Some(Fuse::of(steps));
            }
        }
        if let Some(apdu) = t0.receive(command, response) {
            let status = self.execute(now, &apdu, response);
            if self.end_steps() {
                response.clear();
                self.power_off();
            } else {
                t0.answer(&apdu, status, response);
            }
        }
        if let Some(rare) = &mut self.rare {
            rare.fuse = None;
        }
    }

    /// Frees what is not in use.
    pub(crate) fn tidy(&mut self) {
        let Some(rare) = &mut self.rare else {
            return;
        };
        if rare.kept {
            return;
        }
        rare.toolkit.take_if(|toolkit| toolkit.is_idle());
        if rare.others.is_empty() && rare.toolkit.is_none() && rare.fault.is_none() {
            self.rare = None;
        }
    }

    /// Returns what is selected on a channel; `6881` if it is not open.
    #[inline]
    pub(crate) fn selection(&self, channel: Channel) -> Result<&Selection, Status> {
        if channel == Channel::BASIC {
            return Ok(&self.basic);
        }
        let others = self.rare.as_ref().map(|rare| &rare.others);
        others.and_then(|others| others.get(channel)).ok_or(Status::ChannelNotSupported)
    }

    /// Returns what is selected on a channel, to be changed; `6881` if it is not open.
    #[inline]
    pub(crate) fn selection_mut(&mut self, channel: Channel) -> Result<&mut Selection, Status> {
        if channel == Channel::BASIC {
            return Ok(&mut self.basic);
        }
        let others = self.rare.as_mut().map(|rare| &mut rare.others);
        others.and_then(|others| others.get_mut(channel)).ok_or(Status::ChannelNotSupported)
    }

    /// Returns whether it has power.
    #[must_use]
    pub const fn is_on(&self) -> bool {
        self.on
    }

    /// Returns the profile.
    #[must_use]
    pub const fn profile(&self) -> &Arc<Profile> {
        &self.contents.profile
    }

    /// Returns the algorithm with the keys in use; none without a subscription.
    #[must_use]
    pub fn algorithm(&self) -> Option<&Algorithm> {
        self.contents.algorithm()
    }

    /// Returns the sequence numbers accepted so far under the keys in use.
    #[must_use]
    pub fn sequence(&self) -> Option<&SqnArray> {
        self.contents.subscription.as_ref().map(|subscription| &subscription.sequence)
    }

    /// Returns which set of subscription keys is in use.
    #[must_use]
    pub fn key_set(&self) -> Option<SubscriptionKeySet> {
        match self.rare.as_ref().and_then(|rare| rare.host.as_ref()) {
            Some(host) => host.keys.in_use(),
            None => self.contents.subscription.as_ref().map(|_| SubscriptionKeySet::Preloaded(0)),
        }
    }

    /// Returns the applet.
    #[must_use]
    pub fn applet(&self) -> Option<&Applet> {
        self.hosted_applet()
    }

    /// Returns the last counter used under a key set of remote management.
    #[must_use]
    pub fn counter(&self, keys: KeyVersion) -> Option<Counter> {
        self.rare.as_ref()?.remote.as_ref()?.receiver().counter(keys)
    }

    /// Returns how a PIN stands; `None` if there is no such PIN.
    #[must_use]
    pub fn pin(&self, reference: KeyRef) -> Option<PinStatus> {
        self.contents.pins.status(reference)
    }

    /// Returns the IMSI in EF.IMSI; `None` if what is there is none.
    #[must_use]
    pub fn imsi(&self) -> Option<Imsi> {
        self.contents.imsi()
    }

    /// Returns the ICCID in EF.ICCID; `None` if what is there is none.
    #[must_use]
    pub fn iccid(&self) -> Option<Iccid> {
        self.contents.iccid()
    }

    /// Reads a transparent EF by its path from the MF, past all access rules: for scenarios and
    /// invariants. `None` if there is no such file.
    #[must_use]
    pub fn read_file(&self, path: &[u16]) -> Option<Vec<u8>> {
        self.read_at(self.contents.profile.template().by_path(path)?, 1)
    }

    /// Reads a record, as [`Card::read_file`] does; 1 is the newest of a cyclic EF.
    #[must_use]
    pub fn read_record(&self, path: &[u16], record: u8) -> Option<Vec<u8>> {
        self.read_at(self.contents.profile.template().by_path(path)?, record)
    }

    pub(crate) fn read_at(&self, index: FileIndex, record: u8) -> Option<Vec<u8>> {
        self.contents.read_at(index, record)
    }

    /// Returns the bytes of memory that its written files take beside the card itself.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        self.contents.store.heap_bytes()
    }
}

/// A card answers at once: each input has at most one output, and no timer runs. What it remembers
/// without power is in the card itself, so that there are no records.
impl Machine for Card {
    type Input = CardInput;
    type Output = CardOutput;
    type Record = Infallible;
    type Timer = Infallible;

    fn handle(&mut self, now: Instant, input: CardInput) {
        self.output = match input {
            CardInput::PowerOn => self.power_on().map(CardOutput::Atr),
            CardInput::ResetWarm => self.reset().map(CardOutput::Atr),
            CardInput::PowerOff => {
                self.power_off();
                None
            }
            CardInput::Command(command) => {
                let mut response = Vec::new();
                self.transmit(now, &command, &mut response);
                (!response.is_empty()).then_some(CardOutput::Response(response))
            }
        };
    }

    fn handle_timeout(&mut self, _now: Instant) {}

    fn poll_output(&mut self) -> Option<Out<Infallible, CardOutput>> {
        self.output.take().map(Out::Do)
    }

    fn poll_timeout(&self) -> Option<(Instant, Infallible)> {
        None
    }

    fn restore(&mut self, record: Infallible) {
        match record {}
    }
}

/// Tells whether the length field of a command is an extended one (ISO 7816-3, 12.1.3).
fn is_extended(command: &[u8]) -> bool {
    command.len() > 5 && command.get(4) == Some(&0)
}
