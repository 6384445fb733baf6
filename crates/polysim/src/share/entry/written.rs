//! Records as text: numbers and hexadecimal.

use super::{MasterEntry, SlaveEntry};
use crate::share::frame::Terms;
use polysim_aka::{Sqn, SqnArray};
use polysim_base::{Duration, Hex, parse_hex};
use polysim_lease::Epoch;
use polysim_share::master::{Ended, Holder, MasterRecord, SlaveId};
use polysim_share::slave::SlaveRecord;
use polysim_share::{DeviceName, PeerKey, SetDigest, VirtualSim};
use serde::{Deserialize, Serialize};

/// Why what stands in a journal is no record.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{what} is none")]
pub struct InvalidEntry {
    what: &'static str,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum WrittenMaster {
    Paired { slave: u16, key: String, name: String },
    Unpaired { slave: u16 },
    Wiped { slave: u16 },
    Consented { slave: u16, allow: bool },
    Granted { holder: WrittenHolder, epoch: Epoch },
    Locked { slave: u16, epoch: Epoch },
    Free { epoch: Epoch, ended: WrittenEnd },
    Sequence(Vec<(u64, u8)>),
    Replaced { set: String, since: Epoch },
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum WrittenHolder {
    Own,
    Slave(u16),
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum WrittenEnd {
    Confirmed,
    Guard,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum WrittenSlave {
    Activated(Epoch),
    Stored { digest: String, sealed: String },
    Wiped,
    Sequence(Vec<(u64, u8)>),
    Wants(bool),
    Paired { key: String, name: String },
    Unpaired,
    Terms { supervision_us: u64, timer_us: u64 },
}

impl From<MasterEntry> for WrittenMaster {
    fn from(MasterEntry(record): MasterEntry) -> Self {
        match record {
            MasterRecord::Paired { slave: SlaveId(slave), key, name } => {
                Self::Paired { slave, key: hex(&key.0), name: name.as_str().to_owned() }
            }
            MasterRecord::Unpaired(SlaveId(slave)) => Self::Unpaired { slave },
            MasterRecord::Wiped(SlaveId(slave)) => Self::Wiped { slave },
            MasterRecord::Consented { slave: SlaveId(slave), allow } => {
                Self::Consented { slave, allow }
            }
            MasterRecord::Granted { holder, epoch } => {
                let holder = match holder {
                    Holder::Own => WrittenHolder::Own,
                    Holder::Slave(SlaveId(slave)) => WrittenHolder::Slave(slave),
                };
                Self::Granted { holder, epoch }
            }
            MasterRecord::Locked { slave: SlaveId(slave), epoch } => Self::Locked { slave, epoch },
            MasterRecord::Free { epoch, ended } => {
                let ended = match ended {
                    Ended::Confirmed => WrittenEnd::Confirmed,
                    Ended::Guard => WrittenEnd::Guard,
                };
                Self::Free { epoch, ended }
            }
            MasterRecord::Sequence(sequence) => Self::Sequence(numbers(&sequence)),
            MasterRecord::Replaced { set, since } => {
                Self::Replaced { set: hex(&set.encode()), since }
            }
        }
    }
}

impl TryFrom<WrittenMaster> for MasterEntry {
    type Error = InvalidEntry;

    fn try_from(written: WrittenMaster) -> Result<Self, InvalidEntry> {
        Ok(Self(match written {
            WrittenMaster::Paired { slave, key: written, name: called } => MasterRecord::Paired {
                slave: SlaveId(slave),
                key: key(&written)?,
                name: name(&called)?,
            },
            WrittenMaster::Unpaired { slave } => MasterRecord::Unpaired(SlaveId(slave)),
            WrittenMaster::Wiped { slave } => MasterRecord::Wiped(SlaveId(slave)),
            WrittenMaster::Consented { slave, allow } => {
                MasterRecord::Consented { slave: SlaveId(slave), allow }
            }
            WrittenMaster::Granted { holder, epoch } => {
                let holder = match holder {
                    WrittenHolder::Own => Holder::Own,
                    WrittenHolder::Slave(slave) => Holder::Slave(SlaveId(slave)),
                };
                MasterRecord::Granted { holder, epoch }
            }
            WrittenMaster::Locked { slave, epoch } => {
                MasterRecord::Locked { slave: SlaveId(slave), epoch }
            }
            WrittenMaster::Free { epoch, ended } => {
                let ended = match ended {
                    WrittenEnd::Confirmed => Ended::Confirmed,
                    WrittenEnd::Guard => Ended::Guard,
                };
                MasterRecord::Free { epoch, ended }
            }
            WrittenMaster::Sequence(numbers) => MasterRecord::Sequence(sequence(&numbers)?),
            WrittenMaster::Replaced { set, since } => {
                let octets = octets(&set, "a set of parameters")?;
                let set = VirtualSim::decode(&octets);
                let set = set.map_err(|_| InvalidEntry { what: "a set of parameters" })?;
                MasterRecord::Replaced { set: Box::new(set), since }
            }
        }))
    }
}

impl From<SlaveEntry> for WrittenSlave {
    fn from(entry: SlaveEntry) -> Self {
        match entry {
            SlaveEntry::Record(SlaveRecord::Activated(epoch)) => Self::Activated(epoch),
            SlaveEntry::Record(SlaveRecord::Stored { digest, sealed }) => {
                Self::Stored { digest: hex(&digest.0), sealed: hex(&sealed) }
            }
            SlaveEntry::Record(SlaveRecord::Wiped) => Self::Wiped,
            SlaveEntry::Record(SlaveRecord::Sequence(sequence)) => {
                Self::Sequence(numbers(&sequence))
            }
            SlaveEntry::Record(SlaveRecord::Wants(wants)) => Self::Wants(wants),
            SlaveEntry::Paired { key, name } => {
                Self::Paired { key: hex(&key.0), name: name.as_str().to_owned() }
            }
            SlaveEntry::Unpaired => Self::Unpaired,
            SlaveEntry::Terms(terms) => Self::Terms {
                supervision_us: terms.supervision.as_micros(),
                timer_us: terms.timer.as_micros(),
            },
        }
    }
}

impl TryFrom<WrittenSlave> for SlaveEntry {
    type Error = InvalidEntry;

    fn try_from(written: WrittenSlave) -> Result<Self, InvalidEntry> {
        Ok(match written {
            WrittenSlave::Activated(epoch) => Self::Record(SlaveRecord::Activated(epoch)),
            WrittenSlave::Stored { digest, sealed } => Self::Record(SlaveRecord::Stored {
                digest: SetDigest(array(&digest, "a digest")?),
                sealed: octets(&sealed, "a sealed set")?,
            }),
            WrittenSlave::Wiped => Self::Record(SlaveRecord::Wiped),
            WrittenSlave::Sequence(numbers) => {
                Self::Record(SlaveRecord::Sequence(sequence(&numbers)?))
            }
            WrittenSlave::Wants(wants) => Self::Record(SlaveRecord::Wants(wants)),
            WrittenSlave::Paired { key: written, name: called } => {
                Self::Paired { key: key(&written)?, name: name(&called)? }
            }
            WrittenSlave::Unpaired => Self::Unpaired,
            WrittenSlave::Terms { supervision_us, timer_us } => Self::Terms(Terms {
                supervision: Duration::from_micros(supervision_us),
                timer: Duration::from_micros(timer_us),
            }),
        })
    }
}

fn hex(octets: &[u8]) -> String {
    Hex(octets).to_string()
}

fn octets(text: &str, what: &'static str) -> Result<Vec<u8>, InvalidEntry> {
    parse_hex(text.as_bytes()).map_err(|_| InvalidEntry { what })
}

fn array<const N: usize>(text: &str, what: &'static str) -> Result<[u8; N], InvalidEntry> {
    octets(text, what)?.try_into().map_err(|_| InvalidEntry { what })
}

fn key(text: &str) -> Result<PeerKey, InvalidEntry> {
    array(text, "a key").map(PeerKey)
}

fn name(text: &str) -> Result<DeviceName, InvalidEntry> {
    DeviceName::new(text).map_err(|_| InvalidEntry { what: "a name" })
}

/// Returns each entry of an array: SEQ and IND.
fn numbers(sequence: &SqnArray) -> Vec<(u64, u8)> {
    let entries = (0_u8..).take(Sqn::IND_COUNT).map(|ind| (sequence.seq_ms(ind), ind));
    entries.filter(|(seq, _)| *seq > 0).collect()
}

fn sequence(numbers: &[(u64, u8)]) -> Result<SqnArray, InvalidEntry> {
    numbers.iter().try_fold(SqnArray::default(), |mut array, (seq, ind)| {
        let number = Sqn::new(*seq, *ind);
        let number = number.map_err(|_| InvalidEntry { what: "a sequence number" })?;
        array.merge(&SqnArray::starting_at(number));
        Ok(array)
    })
}
