//! Loss of power within a command: what was durable before stays, nothing behind it is done.

use polysim_apdu::Status;

use crate::card::Card;

/// The power that is left to the command at hand, counted in durable steps.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Fuse {
    left: u32,
    blown: bool,
}

impl Fuse {
    /// Lasts for that many steps, and breaks the supply after the last of them.
    pub(crate) const fn of(steps: u32) -> Self {
        Self { left: steps, blown: false }
    }

    pub(crate) const fn left(self) -> u32 {
        self.left
    }

    pub(crate) const fn blown(self) -> bool {
        self.blown
    }
}

impl Card {
    /// Comes before each change of what the card remembers without power.
    ///
    /// # Errors
    /// The power is gone: the change does not happen, and no answer leaves the card.
    #[inline]
    pub(crate) fn step(&mut self) -> Result<(), Status> {
        let fuse = match &mut self.rare {
            None => return Ok(()),
            Some(rare) => rare.fuse.as_mut(),
        };
        let Some(fuse) = fuse else {
            return Ok(());
        };
        if fuse.blown || fuse.left == 0 {
            fuse.blown = true;
            return Err(Status::TechnicalProblem);
        }
        fuse.left -= 1;
        fuse.blown = fuse.left == 0;
        Ok(())
    }

    /// Returns whether the power was lost within the command at hand.
    pub(crate) fn power_failed(&self) -> bool {
        self.rare.as_ref().and_then(|rare| rare.fuse).is_some_and(Fuse::blown)
    }

    /// Breaks the supply now.
    pub(crate) fn lose_power(&mut self) {
        self.rare.get_or_insert_default().fuse = Some(Fuse { left: 0, blown: true });
    }
}
