//! What stands in journals.

use super::rig::set;
use crate::share::{Dated, MasterEntry, SlaveEntry, Terms};
use polysim_aka::{Sqn, SqnArray};
use polysim_base::Duration;
use polysim_lease::{Epoch, Term};
use polysim_share::master::{Ended, Holder, MasterRecord, SlaveId};
use polysim_share::slave::SlaveRecord;
use polysim_share::{DeviceName, PeerKey, SetDigest};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt::Debug;

fn sequence() -> SqnArray {
    let mut sequence = SqnArray::default();
    for (seq, ind) in [(7, 3), (9, 31), (8, 0)] {
        sequence.accept(Sqn::new(seq, ind).unwrap());
    }
    sequence
}

fn comes_back<R: Debug + DeserializeOwned + PartialEq + Serialize>(entry: R) {
    let dated = Dated { at_us: 5, entry };
    let json = serde_json::to_string(&dated).unwrap();
    assert_eq!(serde_json::from_str::<Dated<R>>(&json).unwrap(), dated, "{json}");
}

#[test]
fn what_a_master_writes_down_is_read_back() {
    let (slave, epoch) = (SlaveId(3), Epoch::new(Term(1), 8));
    let (key, name) = (PeerKey([5; 32]), DeviceName::new("tablet \u{1F4F1}").unwrap());
    for record in [
        MasterRecord::Paired { slave, key, name },
        MasterRecord::Unpaired(slave),
        MasterRecord::Wiped(slave),
        MasterRecord::Consented { slave, allow: true },
        MasterRecord::Granted { holder: Holder::Own, epoch },
        MasterRecord::Granted { holder: Holder::Slave(slave), epoch },
        MasterRecord::Locked { slave, epoch },
        MasterRecord::Free { epoch, ended: Ended::Confirmed },
        MasterRecord::Free { epoch, ended: Ended::Guard },
        MasterRecord::Sequence(sequence()),
        MasterRecord::Replaced { set: Box::new(set("001010000000123")), since: epoch },
    ] {
        comes_back(MasterEntry(record));
    }
}

#[test]
fn what_a_slave_writes_down_is_read_back() {
    let (key, name) = (PeerKey([5; 32]), DeviceName::new("phone").unwrap());
    let (supervision, timer) = (Duration::from_secs(5), Duration::from_secs(60));
    for entry in [
        SlaveEntry::Record(SlaveRecord::Activated(Epoch::new(Term(0), 8))),
        SlaveEntry::Record(SlaveRecord::Stored { digest: SetDigest([1; 32]), sealed: vec![1, 2] }),
        SlaveEntry::Record(SlaveRecord::Wiped),
        SlaveEntry::Record(SlaveRecord::Sequence(sequence())),
        SlaveEntry::Record(SlaveRecord::Wants(true)),
        SlaveEntry::Paired { key, name },
        SlaveEntry::Unpaired,
        SlaveEntry::Terms(Terms { supervision, timer }),
    ] {
        comes_back(entry);
    }
}

#[test]
fn what_is_no_record_is_refused() {
    for wrong in [
        r#"{"paired":{"slave":1,"key":"00","name":"a"}}"#,
        r#"{"sequence":[[1,32]]}"#,
        r#"{"replaced":{"set":"01","since":1}}"#,
        r#"{"other":1}"#,
    ] {
        assert!(serde_json::from_str::<MasterEntry>(wrong).is_err(), "{wrong}");
    }
}
