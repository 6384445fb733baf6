//! What nodes say over a link: the messages of the machines, and the terms before them.

use polysim_base::{Duration, InvalidOctets, OctetReader};

/// The octets of [`Terms`].
const TERMS: u8 = 0;
/// A message of a machine follows.
const MESSAGE: u8 = 1;

/// What a master says first in each session: the times that master and slaves must have in common.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Terms {
    /// When one end of a link is told that it is down, the other is told that much later at most.
    pub supervision: Duration,
    /// For how long a slave may keep the subscription after that.
    pub timer: Duration,
}

/// What came over a link.
#[derive(Debug, Eq, PartialEq)]
pub(super) enum Frame<'a> {
    Terms(Terms),
    Message(&'a [u8]),
}

impl Terms {
    /// Writes them as a frame.
    pub(super) fn frame(self) -> Vec<u8> {
        let mut frame = vec![TERMS];
        frame.extend_from_slice(&self.supervision.as_micros().to_be_bytes());
        frame.extend_from_slice(&self.timer.as_micros().to_be_bytes());
        frame
    }
}

/// Writes a message of a machine as a frame.
pub(super) fn message(octets: &[u8]) -> Vec<u8> {
    let mut frame = Vec::with_capacity(octets.len() + 1);
    frame.push(MESSAGE);
    frame.extend_from_slice(octets);
    frame
}

/// Reads a frame.
pub(super) fn read(frame: &[u8]) -> Result<Frame<'_>, InvalidOctets> {
    let mut reader = OctetReader::new(frame);
    match reader.octet()? {
        TERMS => {
            let supervision = Duration::from_micros(u64::from_be_bytes(reader.take()?));
            let timer = Duration::from_micros(u64::from_be_bytes(reader.take()?));
            reader.end()?;
            Ok(Frame::Terms(Terms { supervision, timer }))
        }
        MESSAGE => Ok(Frame::Message(frame.get(1..).unwrap_or_default())),
        _ => Err(reader.refuse(1)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_nothing_else() {
        let (supervision, timer) = (Duration::from_secs(5), Duration::from_secs(60));
        let terms = Terms { supervision, timer };
        assert_eq!(read(&terms.frame()), Ok(Frame::Terms(terms)));
        assert_eq!(read(&message(&[7, 8])), Ok(Frame::Message(&[7, 8])));
        for wrong in [&[][..], &[2], &terms.frame()[..16], &[terms.frame(), vec![0]].concat()] {
            assert!(read(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn the_longest_message_of_a_machine_is_carried_by_a_link() {
        let longest = vec![0; polysim_share::wire::MESSAGE_LEN_MAX];
        assert!(message(&longest).len() <= polysim_share::link::MESSAGE_LEN_MAX);
    }
}
