//! Messages as octets: the length in four octets, the version of the language, then the message (postcard).

use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::io::{AsyncRead, AsyncReadExt as _};

/// Octets of a message and of its version, at most: a text has less for each of its devices.
pub const FRAME_LEN_MAX: usize = 1 << 18;
/// It changes with whatever changes in the messages.
const VERSION: u8 = 1;
/// The octets that say how many follow.
const HEAD: usize = 4;

/// Why octets are no message, or a message does not become octets.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum FrameError {
    /// It is too long.
    #[error("a message of {octets} octets where {FRAME_LEN_MAX} are the most")]
    TooLong {
        /// How long it is.
        octets: usize,
    },
    /// It is of another language.
    #[error(
        "version {version} where {VERSION} is spoken: see that both ends have the same release"
    )]
    Version {
        /// Which.
        version: u8,
    },
    /// It is none.
    #[error("no message: see that polysim courier is at the other end, of the same release")]
    Invalid,
    /// The stream has failed, or has ended within a message.
    #[error("the stream has ended within a message: {0}")]
    Cut(std::io::ErrorKind),
}

/// Writes a message as a frame.
pub(super) fn encode<T: Serialize>(message: &T) -> Result<Vec<u8>, FrameError> {
    let mut frame = vec![0; HEAD];
    frame.push(VERSION);
    let mut frame = postcard::to_extend(message, frame).map_err(|_| FrameError::Invalid)?;
    let octets = frame.len() - HEAD;
    let len = u32::try_from(octets).ok().filter(|_| octets <= FRAME_LEN_MAX);
    let len = len.ok_or(FrameError::TooLong { octets })?.to_be_bytes();
    frame.iter_mut().zip(len).for_each(|(to, from)| *to = from);
    Ok(frame)
}

/// Reads the next message; `None` where the stream ends. No more room is taken than has come.
pub(super) async fn read<T: DeserializeOwned>(
    reader: &mut (impl AsyncRead + Unpin),
) -> Result<Option<T>, FrameError> {
    let cut = |error: std::io::Error| FrameError::Cut(error.kind());
    let mut head = Vec::with_capacity(HEAD);
    reader.take(4).read_to_end(&mut head).await.map_err(cut)?;
    if head.is_empty() {
        return Ok(None);
    }
    let ended = FrameError::Cut(std::io::ErrorKind::UnexpectedEof);
    let head = head.try_into().map_err(|_| ended)?;
    let octets = usize::try_from(u32::from_be_bytes(head)).unwrap_or(usize::MAX);
    if octets > FRAME_LEN_MAX {
        return Err(FrameError::TooLong { octets });
    }
    let mut body = Vec::new();
    let wanted = u64::from(u32::from_be_bytes(head));
    reader.take(wanted).read_to_end(&mut body).await.map_err(cut)?;
    if body.len() < octets {
        return Err(ended);
    }
    decode(&body).map(Some)
}

fn decode<T: DeserializeOwned>(body: &[u8]) -> Result<T, FrameError> {
    let (version, message) = body.split_first().ok_or(FrameError::Invalid)?;
    if *version != VERSION {
        return Err(FrameError::Version { version: *version });
    }
    match postcard::take_from_bytes(message) {
        Ok((message, [])) => Ok(message),
        Ok(_) | Err(_) => Err(FrameError::Invalid),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use polysim_courier::wire::{Copy, FromDevice, TextFromDevice, ToDevice};
    use polysim_courier::{DeviceId, ListVersion};

    fn text(octets: usize) -> FromDevice {
        FromDevice::Text(TextFromDevice::Send {
            number: 7,
            to: "+999100".parse().unwrap(),
            list: ListVersion(1),
            own: ListVersion(2),
            copies: vec![Copy { device: DeviceId(3), sealed: vec![0xA5; octets] }],
            expires: None,
        })
    }

    #[tokio::test]
    async fn messages_are_read_one_after_another_as_they_were_written() {
        let (first, second) =
            (text(10_000), FromDevice::Text(TextFromDevice::Taken { up_to: u64::MAX }));
        let octets = [encode(&first).unwrap(), encode(&second).unwrap()].concat();
        let mut reader = &octets[..];
        assert_eq!(read(&mut reader).await, Ok(Some(first)));
        assert_eq!(read(&mut reader).await, Ok(Some(second)));
        assert_eq!(read::<FromDevice>(&mut reader).await, Ok(None));
    }

    #[tokio::test]
    async fn what_is_no_message_is_refused_and_never_read_as_one() {
        let whole = encode(&text(40)).unwrap();
        for end in 1..whole.len() {
            let read = read::<FromDevice>(&mut &whole[..end]).await;
            assert!(matches!(read, Err(FrameError::Cut(_))), "{end}: {read:?}");
        }
        let mut other = whole.clone();
        other[HEAD] = 9;
        assert_eq!(decode::<FromDevice>(&other[HEAD..]), Err(FrameError::Version { version: 9 }));
        let longer = [&whole[HEAD..], &[0]].concat();
        assert_eq!(decode::<FromDevice>(&longer), Err(FrameError::Invalid));
        let huge = read::<FromDevice>(&mut &b"GET / HTTP/1.1\r\n"[..]).await;
        assert!(matches!(huge, Err(FrameError::TooLong { .. })), "{huge:?}");
        let octets = FRAME_LEN_MAX + 1_000;
        assert!(matches!(encode(&text(octets)), Err(FrameError::TooLong { .. })));
    }

    #[test]
    fn no_octets_make_it_panic() {
        let whole = encode(&text(40)).unwrap();
        for at in HEAD + 1..whole.len() {
            for octet in [0, 1, 0x7F, 0x80, 0xFF] {
                let mut changed = whole.clone();
                changed[at] = octet;
                drop(decode::<FromDevice>(&changed[HEAD..]));
                drop(decode::<ToDevice>(&changed[HEAD..]));
            }
        }
    }
}
