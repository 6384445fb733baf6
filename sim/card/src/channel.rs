//! Logical channels and what is selected on each (TS 102.221, 8.7).

use polysim_apdu::Channel;

use crate::template::FileIndex;

/// What is selected on a logical channel.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Selection {
    /// The current DF.
    pub(crate) df: FileIndex,
    /// The current EF, or [`FileIndex::NONE`].
    pub(crate) ef: FileIndex,
    /// The ADF of the application active here, or [`FileIndex::NONE`].
    pub(crate) adf: FileIndex,
    /// The current record, 0 if there is none.
    pub(crate) record: u8,
}

impl Selection {
    /// After a reset: the MF.
    pub(crate) const MF: Self =
        Self { df: FileIndex::MF, ef: FileIndex::NONE, adf: FileIndex::NONE, record: 0 };

    /// Makes an EF the current one.
    pub(crate) const fn set_ef(&mut self, df: FileIndex, ef: FileIndex) {
        (self.df, self.ef, self.record) = (df, ef, 0);
    }

    /// Makes a DF the current one.
    pub(crate) const fn set_df(&mut self, df: FileIndex) {
        self.set_ef(df, FileIndex::NONE);
    }
}

/// The channels open beside the basic one: none, as a rule, and then no memory.
#[derive(Clone, Debug, Default)]
pub(crate) struct Others(Vec<(Channel, Selection)>);

impl Others {
    pub(crate) fn get(&self, channel: Channel) -> Option<&Selection> {
        self.0.iter().find(|(open, _)| *open == channel).map(|(_, selection)| selection)
    }

    pub(crate) fn get_mut(&mut self, channel: Channel) -> Option<&mut Selection> {
        self.0.iter_mut().find(|(open, _)| *open == channel).map(|(_, selection)| selection)
    }

    pub(crate) fn open(&mut self, channel: Channel, selection: Selection) {
        self.0.push((channel, selection));
    }

    /// Closes a channel; returns whether it was open.
    pub(crate) fn close(&mut self, channel: Channel) -> bool {
        let open = self.0.len();
        self.0.retain(|(other, _)| *other != channel);
        self.0.len() < open
    }

    /// Selects the MF on every channel that is open.
    pub(crate) fn select_mf(&mut self) {
        for (_, selection) in &mut self.0 {
            *selection = Selection::MF;
        }
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
