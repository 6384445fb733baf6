use polysim_base::Duration;

/// How patient an assistant is. What is not settled by the standard is here.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LpaConfig {
    /// Notifications are delivered by themselves after each operation that makes some, and again
    /// with growing pauses while a server cannot be reached.
    pub notify: bool,
    /// How long the card may take for one function.
    pub card_within: Duration,
    /// How long a server may take for one function.
    pub server_within: Duration,
    /// How long a person may take for one decision; then the session is given up (`timeout`).
    pub decision_within: Duration,
    /// How long a reset of the card may take.
    pub reset_within: Duration,
    /// How often one function is asked of a server, where it may be asked again.
    pub server_tries: u8,
    /// How often one function is asked of the card, where it may be asked again.
    pub card_tries: u8,
    /// How many sessions one download may have.
    pub sessions: u8,
    /// How often one download goes on after a crash.
    pub resumptions: u8,
    /// How often a confirmation code is asked for.
    pub code_tries: u8,
    /// The first pause before something is tried again; each pause is twice the one before.
    pub pause: Duration,
    /// The longest pause.
    pub pause_max: Duration,
    /// How often notifications are delivered by themselves before they wait for the next operation.
    pub notification_rounds: u8,
}

impl Default for LpaConfig {
    fn default() -> Self {
        Self {
            notify: true,
            card_within: Duration::from_secs(120),
            server_within: Duration::from_secs(60),
            decision_within: Duration::from_secs(300),
            reset_within: Duration::from_secs(30),
            server_tries: 3,
            card_tries: 3,
            sessions: 3,
            resumptions: 3,
            code_tries: 3,
            pause: Duration::from_secs(2),
            pause_max: Duration::from_secs(3_600),
            notification_rounds: 8,
        }
    }
}

impl LpaConfig {
    /// Returns the pause before try number `n`, the first of them being 1.
    #[must_use]
    pub fn pause_before(&self, n: u8) -> Duration {
        let times = 1u64.checked_shl(u32::from(n.saturating_sub(1))).unwrap_or(u64::MAX);
        self.pause.times(times).min(self.pause_max)
    }
}
