//! Body of the fuzz target: arbitrary octets in, assertions on what comes of them.

use crate::{
    CatError, CommandDetails, ControlReply, Envelope, Explanation, MESSAGE_LEN_MAX,
    ProactiveCommand, SmsControlReply, TerminalProfile, TerminalResponse, TooLong,
};
use alloc::vec::Vec;

/// Reads octets as every message of the toolkit.
///
/// # Panics
/// When a message that was read is not the same after writing and reading it again, or an error
/// lies outside of the octets.
pub fn fuzz_cat(data: &[u8]) {
    match ProactiveCommand::decode(data) {
        Ok(command) => {
            assert!(CommandDetails::find(data).is_some_and(|raw| raw.number == command.number));
            again(data, command.encode(), |octets| {
                assert_eq!(ProactiveCommand::decode(octets).as_ref(), Ok(&command));
            });
            let profile = TerminalProfile::of(command.command.needs());
            assert_eq!(profile.allows(&command.command), Ok(()));
        }
        Err(error) => check(error, data),
    }
    match TerminalResponse::decode(data) {
        Ok(response) => {
            again(data, response.encode(), |octets| {
                assert_eq!(TerminalResponse::decode(octets).as_ref(), Ok(&response));
            });
        }
        Err(error) => check(error, data),
    }
    match Envelope::decode(data) {
        Ok(envelope) => {
            again(data, envelope.encode(), |octets| {
                assert_eq!(Envelope::decode(octets).as_ref(), Ok(&envelope));
            });
        }
        Err(error) => check(error, data),
    }
    replies(data);
    explanations(data);
    if let Ok(profile) = TerminalProfile::decode(data) {
        let known = TerminalProfile::of(profile.features());
        assert!(known.features().eq(profile.features()));
    }
}

/// An explanation has the objects in their order, and the flaw that reading finds.
fn explanations(data: &[u8]) {
    let response = TerminalResponse::explain(data);
    assert_eq!(response.flaw, TerminalResponse::decode(data).err());
    ordered(data, &response);
    if let Ok(command) = ProactiveCommand::explain(data) {
        assert_eq!(command.flaw, ProactiveCommand::decode(data).err());
        ordered(data, &command);
    }
    if let Ok(envelope) = Envelope::explain(data) {
        assert_eq!(envelope.flaw, Envelope::decode(data).err());
        ordered(data, &envelope);
    }
}

fn ordered(data: &[u8], explanation: &Explanation) {
    assert!(!explanation.title.is_empty());
    let mut end = 0;
    for part in &explanation.parts {
        assert!(part.at >= end && !part.name.is_empty());
        end = part.at + 2 + part.value.len();
        assert!(end <= data.len());
    }
}

fn replies(data: &[u8]) {
    match ControlReply::decode(data) {
        Ok(reply) => {
            again(data, reply.encode(), |octets| {
                assert_eq!(ControlReply::decode(octets).as_ref(), Ok(&reply));
            });
        }
        Err(error) => check(error, data),
    }
    match SmsControlReply::decode(data) {
        Ok(reply) => {
            again(data, reply.encode(), |octets| {
                assert_eq!(SmsControlReply::decode(octets).as_ref(), Ok(&reply));
            });
        }
        Err(error) => check(error, data),
    }
}

/// Hands over what was written. A result without the information that belongs to it is written
/// with some, and may then be one octet too long.
fn again(data: &[u8], octets: Result<Vec<u8>, TooLong>, compare: impl FnOnce(&[u8])) {
    match octets {
        Ok(octets) => compare(&octets),
        Err(error) => assert!(data.len() + 2 > MESSAGE_LEN_MAX, "{error}"),
    }
}

fn check(error: CatError, data: &[u8]) {
    assert!(error.at <= data.len().min(MESSAGE_LEN_MAX), "{error} lies outside");
    assert!(!error.result().is_performed());
}
