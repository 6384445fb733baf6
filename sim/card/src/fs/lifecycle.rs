//! DEACTIVATE FILE and ACTIVATE FILE (TS 102.221, 11.1.14 and 11.1.15).

use polysim_apdu::{Channel, FileTarget, Status};

use crate::card::{Answer, Card};
use crate::template::Operation;

impl Card {
    /// Activates or deactivates an EF, which becomes the current one; directories stay as they are.
    pub(crate) fn set_active(
        &mut self,
        channel: Channel,
        target: FileTarget<'_>,
        active: bool,
    ) -> Answer {
        let selection = *self.selection(channel)?;
        let index = self.find_target(&selection, target)?;
        let Some(ef) = self.contents.profile.template().ef(index).copied() else {
            return Err(Status::CommandNotAllowed);
        };
        let operation = if active { Operation::Activate } else { Operation::Deactivate };
        self.allow(index, operation)?;
        *self.selection_mut(channel)? = self.selected(selection, index);
        self.step()?;
        self.contents.store.set_deactivated(ef.body, !active);
        Ok(Status::Success)
    }
}
