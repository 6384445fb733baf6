/// Why a modem machine wants to be woken.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Timer {
    /// The final result of the command in flight is overdue.
    FinalResult,
    /// The prompt for a PDU is overdue.
    Prompt,
    /// The answer to the `AT` of a resynchronisation is overdue.
    Resync,
    /// Silence that ends a resynchronisation.
    Settle,
    /// The modem was just reset, or asked for patience: nothing is sent until then.
    ResetGuard,
    /// A modem that does not answer is probed.
    Probe,
    /// The registration is asked for.
    Poll,
    /// Calls are listed.
    CallPoll,
    /// A failed delete or initialisation is tried again.
    Retry,
    /// Parts of a long text have waited long enough.
    Reassembly,
}
