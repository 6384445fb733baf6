//! What the messages of both directions have in common: version, kind, and then the fields, numbers the
//! highest octet first.

use alloc::vec::Vec;

use polysim_aka::{Sqn, SqnArray};
use polysim_base::{Duration, InvalidOctets, OctetReader};
use polysim_lease::{Epoch, Term};

use super::WireError;
use crate::LockKey;

/// Octets of a message, at most: a link carries it with an octet before it, by which a runner tells it from
/// what it says itself.
pub const MESSAGE_LEN_MAX: usize = crate::link::MESSAGE_LEN_MAX - 1;
/// Octets of a message of the SIM Access Profile that travels in one, at most.
pub const CARD_LEN_MAX: usize = MESSAGE_LEN_MAX - HEAD_LEN - EPOCH_LEN;

const VERSION: u8 = 1;
const HEAD_LEN: usize = 2;
const EPOCH_LEN: usize = 8;
/// Entries of an array beside the highest.
const OTHERS_MAX: usize = Sqn::IND_COUNT - 1;

/// Begins a message. There is room for all that has keys in it: what grows leaves copies behind.
pub(super) fn begin(kind: u8) -> Vec<u8> {
    let mut out = Vec::with_capacity(512);
    out.extend_from_slice(&[VERSION, kind]);
    out
}

/// Begins to read a message: returns its kind, and its fields.
pub(super) fn open(octets: &[u8]) -> Result<(u8, OctetReader<'_>), WireError> {
    if octets.len() > MESSAGE_LEN_MAX {
        return Err(WireError::TooLong { len: octets.len() });
    }
    let mut reader = OctetReader::new(octets);
    let found = reader.octet()?;
    if found != VERSION {
        return Err(WireError::Version { found });
    }
    Ok((reader.octet()?, reader))
}

pub(super) fn put_optional<T>(
    out: &mut Vec<u8>,
    value: Option<T>,
    put: impl FnOnce(&mut Vec<u8>, T),
) {
    out.push(u8::from(value.is_some()));
    if let Some(value) = value {
        put(out, value);
    }
}

pub(super) fn put_epoch(out: &mut Vec<u8>, epoch: Epoch) {
    out.extend_from_slice(&epoch.term().0.to_be_bytes());
    out.extend_from_slice(&epoch.count().to_be_bytes());
}

pub(super) fn epoch(reader: &mut OctetReader<'_>) -> Result<Epoch, InvalidOctets> {
    Ok(Epoch::new(Term(reader.u32()?), reader.u32()?))
}

pub(super) fn put_duration(out: &mut Vec<u8>, duration: Duration) {
    out.extend_from_slice(&duration.as_micros().to_be_bytes());
}

pub(super) fn duration(reader: &mut OctetReader<'_>) -> Result<Duration, InvalidOctets> {
    reader.take().map(u64::from_be_bytes).map(Duration::from_micros)
}

pub(super) fn lock(reader: &mut OctetReader<'_>) -> Result<LockKey, InvalidOctets> {
    reader.take().map(LockKey)
}

/// Writes the highest number, and then those of the other INDs, by IND.
pub(super) fn put_sequence(out: &mut Vec<u8>, sequence: &SqnArray) {
    let others = sequence.others();
    out.extend_from_slice(&sequence.highest().to_bytes());
    out.push(u8::try_from(others.len()).unwrap_or(u8::MAX));
    others.iter().for_each(|entry| out.extend_from_slice(&entry.to_bytes()));
}

pub(super) fn sequence(reader: &mut OctetReader<'_>) -> Result<SqnArray, InvalidOctets> {
    let highest = Sqn::from(reader.take()?);
    let mut sequence = SqnArray::starting_at(highest);
    let mut previous = None;
    reader.several(OTHERS_MAX, |reader| {
        let entry = Sqn::from(reader.take()?);
        let is_next = previous.replace(entry.ind()) < Some(entry.ind()) && entry < highest;
        if is_next && sequence.accept(entry) { Ok(()) } else { Err(reader.refuse(Sqn::LEN)) }
    })?;
    Ok(sequence)
}

/// Takes all that is left for a message of the SIM Access Profile.
pub(super) fn card(reader: &mut OctetReader<'_>) -> Result<Vec<u8>, InvalidOctets> {
    let len = reader.rest().len();
    reader.slice(len).map(<[u8]>::to_vec)
}
