/// What went wrong or was dropped on the line, since the machine was made. They saturate.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct Counters {
    /// Answers that came after their deadline, or that nobody asked for.
    pub late_answers: u32,
    /// Lines that are neither an answer nor a known unsolicited result.
    pub unknown_lines: u32,
    /// Lines with a known name that cannot be read, or that are too long.
    pub malformed_lines: u32,
    /// Deadlines that ran out.
    pub timeouts: u32,
    /// Resets of the modem that were noticed.
    pub resets: u32,
    /// Unsolicited results that were merged with work already waiting, or found no room.
    pub merged_urcs: u32,
    /// Texts that came a second time and were not told again.
    pub duplicate_texts: u32,
}

impl Counters {
    /// Counts what may have been a text that was stored, and went unheard.
    pub(crate) const fn unheard(&self) -> u32 {
        self.unknown_lines.wrapping_add(self.malformed_lines).wrapping_add(self.timeouts)
    }
}

/// Adds one.
pub(crate) const fn count(counter: &mut u32) {
    *counter = counter.saturating_add(1);
}
