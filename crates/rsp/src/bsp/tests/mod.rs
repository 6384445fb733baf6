use super::*;
use crate::crypto::{Origin, P256, PrivateKey, Randomness};
use crate::data::{
    BppCommandId, ConfigureIsdpRequest, ErrorReason, StoreMetadataRequest, decode, encode,
};
use polysim_base::{Eid, Purpose, Stream, parse_hex};
use std::vec::Vec;

mod hostile;
mod package;
mod vectors;

fn key(octet: u8) -> PrivateKey {
    PrivateKey::from_bytes(&[octet; 32], Origin::Live).unwrap()
}

fn eid() -> Eid {
    Eid::parse("89049032123451234512345678901235").unwrap()
}

const TRANSACTION: [u8; 16] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16];

fn metadata() -> StoreMetadataRequest {
    let octets = parse_hex(b"BF25125A0A98001032547698103214910141920142").unwrap();
    decode("metadata", &octets).unwrap()
}

fn profile(len: usize) -> Vec<u8> {
    (0..len).map(|i| u8::try_from((i * 31 + i / 256) % 256).unwrap()).collect()
}

fn binding() -> Binding {
    Binding {
        transaction_id: TRANSACTION.to_vec(),
        one_time_key: key(8),
        eid: eid(),
        signer: key(9).public(),
    }
}

/// What the packages of these tests are made of, unless a test bends it.
struct Parts {
    transaction_id: Vec<u8>,
    host_id: Vec<u8>,
    metadata: StoreMetadataRequest,
    profile: Vec<u8>,
    profile_keys: Option<SessionKeys>,
}

fn build(bend: impl FnOnce(&mut Parts)) -> Result<Vec<u8>, BuildError> {
    let mut parts = Parts {
        transaction_id: TRANSACTION.to_vec(),
        host_id: b"dp.example.com".to_vec(),
        metadata: metadata(),
        profile: profile(2_500),
        profile_keys: None,
    };
    bend(&mut parts);
    BppBuilder {
        transaction_id: &parts.transaction_id,
        host_id: &parts.host_id,
        eid: &eid(),
        one_time_key: &key(7),
        euicc_one_time_key: &key(8).public(),
        signer: &key(9),
        configure: &ConfigureIsdpRequest::default(),
        metadata: &parts.metadata,
        profile: &parts.profile,
        profile_keys: parts.profile_keys.as_ref(),
    }
    .build()
}

/// Feeds a package as an LPA sends it.
fn install(package: &[u8], binding: Binding) -> Result<Vec<Command>, Refusal> {
    let mut unprotect = Unprotect::new(binding);
    let mut commands = Vec::new();
    for segment in segments(package).unwrap() {
        commands.extend(unprotect.segment(&P256, segment)?);
    }
    assert!(unprotect.is_complete());
    Ok(commands)
}

fn elements(commands: &[Command]) -> Vec<u8> {
    let mut octets = Vec::new();
    for command in commands {
        if let Command::Elements(part) = command {
            octets.extend_from_slice(part);
        }
    }
    octets
}

fn refused(command: BppCommandId, reason: ErrorReason) -> Result<Vec<Command>, Refusal> {
    Err(Refusal { command, reason })
}
