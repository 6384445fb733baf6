//! The modems: each has at most one SIM, and is brought to standby and away from it in steps.

mod event;
mod identity;
mod seat;
mod upkeep;

use super::contact::Contacts;
use super::dialogue::Dialogue;
use super::text_in::Told;
use super::text_out::QueuedText;
use super::{Site, SiteOutput};
use crate::wire::{CallRef, Fault, LeaseClaim, MessageId};
use crate::{RequestId, SiteId, TerminalId, UserId};
use alloc::collections::{BTreeMap, VecDeque};
use alloc::vec::Vec;
use polysim_base::Instant;
use polysim_modem::{ModemCommand, ModemInput};

/// A modem.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub(super) struct Modem {
    pub(super) tenant: Option<Tenant>,
    /// Since when it has not answered anything.
    pub(super) silent_since: Option<Instant>,
    /// Received texts that its memory holds until they are confirmed, by the numbers that its
    /// driver gives them; the driver tells of no more than it can follow.
    pub(super) told: BTreeMap<u32, Told>,
    /// How often the same octets were told.
    pub(super) ordinals: VecDeque<(Vec<u8>, u16)>,
    pub(super) queue: VecDeque<QueuedText>,
    /// The text that the driver is at.
    pub(super) sending: Option<MessageId>,
    pub(super) dialogue: Option<Dialogue>,
    /// An APDU of a terminal is under way.
    pub(super) apdu: bool,
}

/// The SIM that a modem has.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) struct Tenant {
    pub(super) claim: LeaseClaim,
    /// The site of its card.
    pub(super) card: SiteId,
    pub(super) phase: Phase,
    pub(super) contact: Contacts,
    /// It has been on standby.
    pub(super) attached: bool,
    /// Something runs, and the exchange was told so.
    pub(super) in_service: bool,
    /// How often that has changed.
    pub(super) services: u32,
    /// It is to be given up as soon as nothing runs.
    pub(super) ending: bool,
    attach_by: Instant,
    /// The network refused the subscription itself.
    rejected: bool,
    /// The modem was set up last as another SIM than this one.
    stranger: bool,
    /// The command that the step waits for.
    step: Option<u64>,
    /// When the step is tried again, or something is asked for.
    again_at: Option<Instant>,
}

/// How far a modem has got with its SIM.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) enum Phase {
    /// The radio is turned off.
    Silencing,
    /// The card is in, the modem is set up.
    Initialising,
    /// Its memory is emptied.
    Draining,
    /// It is on air and looks for its network.
    Attaching,
    /// It is registered.
    Standby,
    /// It was registered, and is no more.
    Lost {
        /// What was tried so far.
        tried: Remedy,
        /// When the next thing is tried.
        until: Instant,
    },
    /// The radio is turned off before the card goes.
    Leaving {
        /// When the card goes anyway.
        until: Instant,
    },
    /// It failed.
    Failed(Failure),
}

/// What is tried against a lost network, one after the other.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) enum Remedy {
    /// To wait.
    Patience,
    /// Radio off and on.
    Radio,
    /// To restart the modem.
    Restart,
}

/// How a modem failed.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) enum Failure {
    /// It did not get to standby.
    Attach(Fault),
    /// It failed after it had been on standby.
    Modem,
}

/// What a command to a driver was for.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) enum Purpose {
    /// A step of upkeep.
    Step,
    /// Nothing depends on it.
    Nothing,
    /// To ask for the registration.
    Registration,
    /// To send a text.
    Text(MessageId),
    /// To set up a call.
    Dial(CallRef),
    /// To take a call.
    Answer(CallRef),
    /// Something that is done or not.
    Reply(Asker),
    /// A USSD string.
    Ussd(Asker),
    /// An APDU.
    Apdu(Asker),
}

/// Whom the answer to a request is for.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) struct Asker {
    pub(super) user: UserId,
    pub(super) terminal: TerminalId,
    pub(super) request: RequestId,
}

impl Site {
    pub(super) fn tenant(&self, number: u16) -> Option<&Tenant> {
        self.modems.get(&number)?.tenant.as_ref()
    }

    pub(super) fn tenant_mut(&mut self, number: u16) -> Option<&mut Tenant> {
        self.modems.get_mut(&number)?.tenant.as_mut()
    }

    /// Gives a driver a command. It answers each once.
    pub(super) fn command(&mut self, number: u16, purpose: Purpose, command: ModemCommand) -> u64 {
        self.next_command = self.next_command.wrapping_add(1);
        let life = u64::from(self.journal.incarnation) << 32;
        let id = life | u64::from(self.next_command);
        self.commands.insert(id, (number, purpose));
        self.emit(SiteOutput::Modem(number, ModemInput::Command { id, command }));
        id
    }

    /// Returns the modem that has a SIM by this very lease.
    pub(super) fn seat_of(&self, claim: LeaseClaim) -> Option<u16> {
        let has = |modem: &Modem| modem.tenant.as_ref().is_some_and(|t| t.claim == claim);
        self.modems.iter().find(|(_, modem)| has(modem)).map(|(number, _)| *number)
    }
}
