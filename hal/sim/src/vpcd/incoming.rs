//! What a reader sends, cut into messages.

/// Octets of the length before a message.
const LENGTH_LEN: usize = 2;
/// What there is room for at first; few commands are longer.
const ROOM: usize = 1_024;

/// What was received and has not been looked at. It never holds more than the longest message, of
/// 65,535 octets, and its length.
#[derive(Debug)]
pub(super) struct Incoming {
    bytes: Vec<u8>,
    start: usize,
    end: usize,
}

impl Default for Incoming {
    fn default() -> Self {
        Self { bytes: vec![0; ROOM], start: 0, end: 0 }
    }
}

impl Incoming {
    /// Takes the next message, if all of it is there.
    pub(super) fn message(&mut self) -> Option<&[u8]> {
        let (length, rest) = self.bytes.get(self.start..self.end)?.split_first_chunk()?;
        let length = usize::from(u16::from_be_bytes(*length));
        let message = rest.get(..length)?;
        self.start += LENGTH_LEN + length;
        Some(message)
    }

    /// Returns the room for what is received next, which is never empty once all messages were
    /// taken.
    pub(super) fn space(&mut self) -> &mut [u8] {
        self.bytes.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
        let begun = self.bytes.get(..self.end).and_then(<[u8]>::first_chunk);
        let whole = LENGTH_LEN + begun.map_or(0, |length| usize::from(u16::from_be_bytes(*length)));
        if self.bytes.len() < whole {
            self.bytes.resize(whole, 0);
        }
        self.bytes.get_mut(self.end..).unwrap_or_default()
    }

    /// Notes how much was put into that room.
    pub(super) fn filled(&mut self, count: usize) {
        self.end = self.end.saturating_add(count).min(self.bytes.len());
    }
}
