/// Why a site wants to be woken.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum SiteTimer {
    /// It says that it is alive.
    Renew,
    /// Cards have come or gone, and no more came for a moment.
    Hello,
    /// A lease runs out.
    Fence,
    /// A card is overdue with its answer, or is tried again.
    Card,
    /// A modem is asked for more time, a relayed command is repeated or given up.
    Contact,
    /// A step of a modem's upkeep is overdue or tried again.
    Upkeep,
    /// Terminals are rung again, or a call has rung or lasted long enough.
    Call,
    /// A dialogue has lasted long enough.
    Dialogue,
    /// A frame of speech is to be played.
    Speech,
}
