//! ES9+ on a connection of a simulated device: requests and answers as octets.
//!
//! It stands for HTTP over TLS. Each message is the length of what follows in four octets, a number of
//! eight by which the answer is known, an octet that says what it is, and its parts, each with its length.

use polysim_rsp::data::{CertificateDer, DataError, decode, encode};
use polysim_rsp::es9::{
    Answer, AuthenticateClient, AuthenticateClientOk, CancelSession, EventEntry, Failure,
    GetBoundProfilePackage, InitiateAuthentication, InitiateAuthenticationOk, Request, Status,
};

/// Octets of a message, at most: the longest package with room to spare.
pub const MESSAGE_MAX: usize = 1 << 20;
/// Octets of a length.
const LEN: usize = 4;
/// Octets in front of the parts: number and kind.
const HEAD: usize = 9;

/// What an answer is where there may be none.
pub type Said = Result<Answer, Failure>;

/// Octets that are no message.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum FrameError {
    /// Longer than any message is.
    #[error("a message of {len} octets; {MESSAGE_MAX} is the most")]
    TooLong {
        /// Its length.
        len: usize,
    },
    /// It ends too early, or goes on behind its end.
    #[error("the message does not have the parts that it should")]
    Parts,
    /// Of a kind that is not known.
    #[error("no message is of kind {0}")]
    Kind(u8),
    /// A part cannot be read.
    #[error(transparent)]
    Data(#[from] DataError),
}

/// Writes a request.
#[must_use]
pub fn put_request(number: u64, request: &Request) -> Vec<u8> {
    let mut out = Writer::new(number, request_kind(request));
    match request {
        Request::InitiateAuthentication(it) => {
            out.part(&it.euicc_challenge);
            out.part(it.smdp_address.as_bytes());
            out.part(it.euicc_info1.der());
        }
        Request::AuthenticateClient(it) => {
            out.part(&it.transaction_id);
            out.part(it.authenticate_server_response.der());
        }
        Request::GetBoundProfilePackage(it) => {
            out.part(&it.transaction_id);
            out.part(it.prepare_download_response.der());
        }
        Request::HandleNotification(it) => out.part(&encode(&**it)),
        Request::CancelSession(it) => {
            out.part(&it.transaction_id);
            out.part(it.cancel_session_response.der());
        }
    }
    out.finish()
}

const fn request_kind(request: &Request) -> u8 {
    match request {
        Request::InitiateAuthentication(_) => 1,
        Request::AuthenticateClient(_) => 2,
        Request::GetBoundProfilePackage(_) => 3,
        Request::HandleNotification(_) => 4,
        Request::CancelSession(_) => 5,
    }
}

/// Reads a request, with its number.
///
/// # Errors
/// [`FrameError`] where it is none.
pub fn read_request(message: &[u8]) -> Result<(u64, Request), FrameError> {
    let (number, kind, mut parts) = Reader::new(message)?;
    let request = match kind {
        1 => Request::InitiateAuthentication(Box::new(InitiateAuthentication {
            euicc_challenge: parts.array()?,
            smdp_address: parts.text()?,
            euicc_info1: decode("EUICCInfo1", parts.next()?)?,
        })),
        2 => Request::AuthenticateClient(Box::new(AuthenticateClient {
            transaction_id: parts.next()?.to_vec().into(),
            authenticate_server_response: decode("AuthenticateServerResponse", parts.next()?)?,
        })),
        3 => Request::GetBoundProfilePackage(Box::new(GetBoundProfilePackage {
            transaction_id: parts.next()?.to_vec().into(),
            prepare_download_response: decode("PrepareDownloadResponse", parts.next()?)?,
        })),
        4 => {
            let notification = decode("PendingNotification", parts.next()?)?;
            Request::HandleNotification(Box::new(notification))
        }
        5 => Request::CancelSession(Box::new(CancelSession {
            transaction_id: parts.next()?.to_vec().into(),
            cancel_session_response: decode("CancelSessionResponse", parts.next()?)?,
        })),
        kind => return Err(FrameError::Kind(kind)),
    };
    parts.end().map(|()| (number, request))
}

/// Writes an answer, or why there is none.
#[must_use]
pub fn put_answer(number: u64, said: &Said) -> Vec<u8> {
    let mut out = Writer::new(number, answer_kind(said));
    match said {
        Ok(answer) => put_parts(answer, &mut out),
        Err(Failure::Http(status)) => out.part(&status.to_be_bytes()),
        Err(Failure::TlsBadCertificate { reason } | Failure::Garbled { reason }) => {
            out.part(reason.as_bytes());
        }
        Err(Failure::Unreachable | Failure::Timeout) => {}
    }
    out.finish()
}

const fn answer_kind(said: &Said) -> u8 {
    match said {
        Ok(Answer::InitiateAuthentication(_)) => 1,
        Ok(Answer::AuthenticateClient(_)) => 2,
        Ok(Answer::GetBoundProfilePackage { .. }) => 3,
        Ok(Answer::HandleNotification) => 4,
        Ok(Answer::CancelSession) => 5,
        Ok(Answer::Events { .. }) => 6,
        Ok(Answer::Refused(_)) => 7,
        Err(Failure::Unreachable) => 16,
        Err(Failure::Timeout) => 17,
        Err(Failure::TlsBadCertificate { .. }) => 18,
        Err(Failure::Http(_)) => 19,
        Err(Failure::Garbled { .. }) => 20,
    }
}

fn put_parts(answer: &Answer, out: &mut Writer) {
    match answer {
        Answer::InitiateAuthentication(it) => {
            out.part(&it.transaction_id);
            out.part(it.server_signed1.der());
            out.part(&it.server_signature1);
            out.part(&it.euicc_ci_pk_id_to_be_used);
            out.part(it.server_certificate.der());
        }
        Answer::AuthenticateClient(it) => {
            out.part(&it.transaction_id);
            out.part(it.profile_metadata.der());
            out.part(it.smdp_signed2.der());
            out.part(&it.smdp_signature2);
            out.part(it.smdp_certificate.der());
        }
        Answer::GetBoundProfilePackage { transaction_id, bound_profile_package } => {
            out.part(transaction_id);
            out.part(bound_profile_package);
        }
        Answer::HandleNotification | Answer::CancelSession => {}
        Answer::Events { transaction_id, entries } => {
            out.part(transaction_id);
            for entry in entries {
                out.part(entry.event_id.as_bytes());
                out.part(entry.rsp_server_address.as_bytes());
            }
        }
        Answer::Refused(status) => {
            out.part(status.subject.as_bytes());
            out.part(status.reason.as_bytes());
            if let Some(message) = &status.message {
                out.part(message.as_bytes());
            }
        }
    }
}

/// Reads an answer, with the number of its request.
///
/// # Errors
/// [`FrameError`] where it is none.
pub fn read_answer(message: &[u8]) -> Result<(u64, Said), FrameError> {
    let (number, kind, mut parts) = Reader::new(message)?;
    let said = match kind {
        1..=7 => Ok(answer(kind, &mut parts)?),
        16 => Err(Failure::Unreachable),
        17 => Err(Failure::Timeout),
        18 => Err(Failure::TlsBadCertificate { reason: parts.text()? }),
        19 => Err(Failure::Http(u16::from_be_bytes(parts.array()?))),
        20 => Err(Failure::Garbled { reason: parts.text()? }),
        kind => return Err(FrameError::Kind(kind)),
    };
    parts.end().map(|()| (number, said))
}

fn answer(kind: u8, parts: &mut Reader<'_>) -> Result<Answer, FrameError> {
    Ok(match kind {
        1 => Answer::InitiateAuthentication(Box::new(InitiateAuthenticationOk {
            transaction_id: parts.next()?.to_vec().into(),
            server_signed1: decode("ServerSigned1", parts.next()?)?,
            server_signature1: parts.array()?,
            euicc_ci_pk_id_to_be_used: parts.next()?.to_vec().into(),
            server_certificate: CertificateDer::new(parts.next()?.to_vec()),
        })),
        2 => Answer::AuthenticateClient(Box::new(AuthenticateClientOk {
            transaction_id: parts.next()?.to_vec().into(),
            profile_metadata: decode("StoreMetadataRequest", parts.next()?)?,
            smdp_signed2: decode("SmdpSigned2", parts.next()?)?,
            smdp_signature2: parts.array()?,
            smdp_certificate: CertificateDer::new(parts.next()?.to_vec()),
        })),
        3 => Answer::GetBoundProfilePackage {
            transaction_id: parts.next()?.to_vec().into(),
            bound_profile_package: parts.next()?.to_vec(),
        },
        4 => Answer::HandleNotification,
        5 => Answer::CancelSession,
        6 => {
            let transaction_id = parts.next()?.to_vec().into();
            let mut entries = Vec::new();
            while !parts.0.is_empty() {
                let (event_id, rsp_server_address) = (parts.text()?, parts.text()?);
                entries.push(EventEntry { event_id, rsp_server_address });
            }
            Answer::Events { transaction_id, entries }
        }
        _ => Answer::Refused(Status {
            subject: parts.text()?.into(),
            reason: parts.text()?.into(),
            message: if parts.0.is_empty() { None } else { Some(parts.text()?) },
        }),
    })
}

/// Takes the first whole message out of what has come, if there is one.
///
/// # Errors
/// [`FrameError::TooLong`] where none that is so long is read.
pub fn take(received: &mut Vec<u8>) -> Result<Option<Vec<u8>>, FrameError> {
    let Some((len, rest)) = received.split_first_chunk::<LEN>() else { return Ok(None) };
    let len = usize::try_from(u32::from_be_bytes(*len)).unwrap_or(usize::MAX);
    if len > MESSAGE_MAX {
        return Err(FrameError::TooLong { len });
    }
    let Some(message) = rest.get(..len).map(<[u8]>::to_vec) else { return Ok(None) };
    received.drain(..LEN + len);
    if received.is_empty() {
        *received = Vec::new();
    }
    Ok(Some(message))
}

/// Puts the length of a message of any kind in front of it.
#[must_use]
pub fn with_length(message: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(LEN + message.len());
    out.extend(u32::try_from(message.len()).unwrap_or(u32::MAX).to_be_bytes());
    out.extend_from_slice(message);
    out
}

struct Writer(Vec<u8>);

impl Writer {
    fn new(number: u64, kind: u8) -> Self {
        let mut out = vec![0; LEN];
        out.extend(number.to_be_bytes());
        out.push(kind);
        Self(out)
    }

    fn part(&mut self, part: &[u8]) {
        self.0.extend(u32::try_from(part.len()).unwrap_or(u32::MAX).to_be_bytes());
        self.0.extend_from_slice(part);
    }

    fn finish(mut self) -> Vec<u8> {
        let len = u32::try_from(self.0.len() - LEN).unwrap_or(u32::MAX);
        if let Some(front) = self.0.first_chunk_mut::<LEN>() {
            *front = len.to_be_bytes();
        }
        self.0
    }
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// Begins behind the length: the number, the kind and the parts.
    fn new(message: &'a [u8]) -> Result<(u64, u8, Self), FrameError> {
        let (head, parts) = message.split_first_chunk::<HEAD>().ok_or(FrameError::Parts)?;
        let [number @ .., kind] = *head;
        Ok((u64::from_be_bytes(number), kind, Self(parts)))
    }

    fn next(&mut self) -> Result<&'a [u8], FrameError> {
        let (len, rest) = self.0.split_first_chunk::<LEN>().ok_or(FrameError::Parts)?;
        let len = usize::try_from(u32::from_be_bytes(*len)).map_err(|_| FrameError::Parts)?;
        let (part, rest) = rest.split_at_checked(len).ok_or(FrameError::Parts)?;
        self.0 = rest;
        Ok(part)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], FrameError> {
        self.next()?.try_into().map_err(|_| FrameError::Parts)
    }

    fn text(&mut self) -> Result<String, FrameError> {
        String::from_utf8(self.next()?.to_vec()).map_err(|_| FrameError::Parts)
    }

    const fn end(&self) -> Result<(), FrameError> {
        if self.0.is_empty() { Ok(()) } else { Err(FrameError::Parts) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text() -> impl Strategy<Value = String> {
        "[ -~]{0,40}"
    }

    fn said() -> impl Strategy<Value = Said> {
        let id = prop::collection::vec(any::<u8>(), 1..16);
        let package = prop::collection::vec(any::<u8>(), 0..600);
        let entry = (text(), text())
            .prop_map(|(event_id, rsp_server_address)| EventEntry { event_id, rsp_server_address });
        let refused = (text(), text(), prop::option::of(text()));
        prop_oneof![
            Just(Ok(Answer::HandleNotification)),
            Just(Ok(Answer::CancelSession)),
            (id.clone(), package).prop_map(|(id, package)| Ok(Answer::GetBoundProfilePackage {
                transaction_id: id.into(),
                bound_profile_package: package,
            })),
            (id, prop::collection::vec(entry, 0..4)).prop_map(|(id, entries)| Ok(Answer::Events {
                transaction_id: id.into(),
                entries,
            })),
            refused.prop_map(|(subject, reason, message)| Ok(Answer::Refused(Status {
                subject: subject.into(),
                reason: reason.into(),
                message,
            }))),
            Just(Err(Failure::Unreachable)),
            Just(Err(Failure::Timeout)),
            any::<u16>().prop_map(|status| Err(Failure::Http(status))),
            text().prop_map(|reason| Err(Failure::TlsBadCertificate { reason })),
            text().prop_map(|reason| Err(Failure::Garbled { reason })),
        ]
    }

    proptest! {
        #[test]
        fn answers_are_read_as_they_were_written_however_they_are_cut(
            number: u64, said in said(), cut in 1_usize..50,
        ) {
            let octets = put_answer(number, &said);
            let mut received = Vec::new();
            let mut messages = Vec::new();
            for part in octets.chunks(cut) {
                received.extend_from_slice(part);
                messages.extend(take(&mut received).unwrap());
            }
            prop_assert_eq!(messages.len(), 1);
            prop_assert_eq!(read_answer(&messages[0]).unwrap(), (number, said));
        }

        #[test]
        fn other_octets_are_read_without_a_panic(octets in prop::collection::vec(any::<u8>(), 0..200)) {
            drop(read_request(&octets));
            drop(read_answer(&octets));
            drop(take(&mut octets.clone()));
        }
    }

    #[test]
    fn what_is_too_long_is_refused_before_it_has_come() {
        let mut received = vec![0xFF; 8];
        assert_eq!(take(&mut received), Err(FrameError::TooLong { len: 0xFFFF_FFFF }));
    }
}
