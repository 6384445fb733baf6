//! Faults that a scenario may put into a card.

use polysim_apdu::{Ins, Status};

use crate::card::Card;
use crate::power::Fuse;

/// What goes wrong.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum CardFault {
    /// No answer at all: contact lost, card pulled out.
    Mute,
    /// Each command is refused with this status word before it does anything: `6F00`, `9300`, …
    Refuse(Status),
    /// Commands that write are refused with this status word, `6581` as a rule; the rest works.
    RefuseWrites(Status),
    /// Authentication is refused with this status word; the rest works.
    RefuseAuthentication(Status),
    /// The supply fails within the next command that writes, a command of a remote script too: no
    /// answer, the card is off, and the file is old or new, never in between.
    PowerLossInWrite {
        /// Whether the new contents made it.
        written: bool,
    },
    /// The supply fails after that many durable steps, within the command that makes the last of
    /// them: no answer, the card is off, what was done before stays, and nothing behind it is done.
    /// A step is the write of a file, the counter of a secured packet, a transaction or a record of
    /// the applet; with 0 the supply fails in front of the first.
    PowerLossAfter {
        /// How many steps are done.
        steps: u32,
    },
    /// The toolkit is busy: ENVELOPE is refused with `9300`.
    ToolkitBusy,
}

/// How long a fault lasts.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum FaultSpan {
    /// Until [`Card::heal`].
    UntilHealed,
    /// For that many commands that it hits.
    Commands(u32),
}

/// A fault at work.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct ActiveFault {
    pub(crate) fault: CardFault,
    pub(crate) span: FaultSpan,
}

/// What a fault does to the command at hand.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum FaultEffect {
    Mute,
    Answer(Status),
    /// Run the command if `true`, then lose power.
    PowerLoss(bool),
    /// Run the command with power for that many durable steps. The fault counts when they are used
    /// up.
    PowerFor(u32),
}

impl ActiveFault {
    /// Returns what becomes of a command with this instruction.
    pub(crate) fn effect(&self, ins: Option<Ins>) -> Option<FaultEffect> {
        if self.span == FaultSpan::Commands(0) {
            return None;
        }
        match self.fault {
            CardFault::Mute => Some(FaultEffect::Mute),
            CardFault::Refuse(status) => Some(FaultEffect::Answer(status)),
            CardFault::RefuseWrites(status) if writes(ins) => Some(FaultEffect::Answer(status)),
            CardFault::PowerLossInWrite { written } if writes(ins) => {
                Some(FaultEffect::PowerLoss(written))
            }
            CardFault::RefuseAuthentication(status) if ins == Some(Ins::Authenticate) => {
                Some(FaultEffect::Answer(status))
            }
            CardFault::PowerLossAfter { steps } => Some(FaultEffect::PowerFor(steps)),
            CardFault::ToolkitBusy if ins == Some(Ins::Envelope) => {
                Some(FaultEffect::Answer(Status::ToolkitBusy))
            }
            CardFault::RefuseWrites(_)
            | CardFault::PowerLossInWrite { .. }
            | CardFault::RefuseAuthentication(_)
            | CardFault::ToolkitBusy => None,
        }
    }

    /// Counts one command hit; returns whether the fault is over.
    pub(crate) const fn count(&mut self) -> bool {
        match &mut self.span {
            FaultSpan::UntilHealed => false,
            FaultSpan::Commands(left) => {
                *left = left.saturating_sub(1);
                *left == 0
            }
        }
    }
}

impl Card {
    /// Returns what the fault at work does to a command, and counts it. One that lets the power
    /// fail later counts then.
    pub(crate) fn fault_effect(&mut self, ins: Option<Ins>) -> Option<FaultEffect> {
        let effect = self.active_fault()?.effect(ins)?;
        if !matches!(effect, FaultEffect::PowerFor(_)) {
            self.count_fault();
        }
        Some(effect)
    }

    /// Limits the power for what begins now, if a fault says so.
    pub(crate) fn begin_steps(&mut self) {
        let Some(rare) = &mut self.rare else { return };
        if let Some(ActiveFault { fault: CardFault::PowerLossAfter { steps }, span }) = rare.fault
            && span != FaultSpan::Commands(0)
        {
            rare.fuse = Some(Fuse::of(steps));
        }
    }

    /// Ends that; returns whether the power failed.
    pub(crate) fn end_steps(&mut self) -> bool {
        let failed = self.power_failed();
        if failed {
            self.count_fault();
        } else {
            self.keep_steps();
        }
        if let Some(rare) = &mut self.rare {
            rare.fuse = None;
        }
        failed
    }

    /// Keeps what a command has left of the steps until the supply fails.
    pub(crate) fn keep_steps(&mut self) {
        let Some(rare) = &mut self.rare else { return };
        if let (Some(ActiveFault { fault: CardFault::PowerLossAfter { steps }, .. }), Some(fuse)) =
            (&mut rare.fault, rare.fuse)
        {
            *steps = fuse.left();
        }
    }

    pub(crate) fn count_fault(&mut self) {
        let active = self.rare.as_mut().and_then(|rare| rare.fault.as_mut());
        if active.is_some_and(ActiveFault::count) {
            self.heal();
        }
    }

    /// Puts a fault into the card, in place of the one at work.
    pub fn inject(&mut self, fault: CardFault, span: FaultSpan) {
        self.rare.get_or_insert_default().fault = Some(ActiveFault { fault, span });
    }

    /// Ends the fault at work.
    pub fn heal(&mut self) {
        if let Some(rare) = &mut self.rare {
            rare.fault = None;
        }
        self.tidy();
    }

    /// Returns whether a fault is at work, or was within the command at hand.
    pub(crate) fn has_fault(&self) -> bool {
        self.rare.as_ref().is_some_and(|rare| rare.fault.is_some() || rare.fuse.is_some())
    }

    pub(crate) fn active_fault(&self) -> Option<ActiveFault> {
        self.rare.as_ref()?.fault
    }
}

/// Tells whether an instruction changes what the card remembers without power.
pub(crate) const fn writes(ins: Option<Ins>) -> bool {
    matches!(
        ins,
        Some(
            Ins::UpdateBinary
                | Ins::UpdateRecord
                | Ins::Increase
                | Ins::ActivateFile
                | Ins::DeactivateFile
                | Ins::SetData
                | Ins::StoreData
        )
    )
}
