//! What must never happen is found where it happens.

use crate::share::truth::{Seen, Truth};
use polysim_aka::{Sqn, SqnArray};
use polysim_lease::{Epoch, Term};
use polysim_share::master::{Ended, Holder, MasterRecord, SlaveId};

/// A group of which the first slave holds the newest lease.
fn known() -> (Truth, Vec<Seen>) {
    let mut truth = Truth::new(1);
    let epoch = Epoch::NONE.next(Term(1)).unwrap();
    let holder = Holder::Slave(SlaveId(0));
    truth.recorded(0, &MasterRecord::Granted { holder, epoch });
    let own = Seen {
        phone: "phone".into(),
        holder: Some(Holder::Own),
        on_air: false,
        active: Some(None),
        has_card: false,
    };
    let slave = Seen {
        phone: "car".into(),
        holder: Some(holder),
        on_air: true,
        active: Some(Some(epoch)),
        has_card: true,
    };
    (truth, vec![own, slave])
}

fn found(truth: &Truth) -> Vec<&'static str> {
    truth.contradictions().map(|(name, _)| name).collect()
}

#[test]
fn an_ordinary_group_contradicts_nothing() {
    let (mut truth, seen) = known();
    truth.look(0, &seen);
    assert_eq!(found(&truth), [""; 0]);
}

#[test]
fn two_devices_on_the_air_are_found_and_that_one_of_them_has_no_lease() {
    let (mut truth, mut seen) = known();
    seen[0].on_air = true;
    truth.look(0, &seen);
    assert_eq!(found(&truth), ["share-active-by-lease", "share-one-device-on-the-air"]);
}

#[test]
fn a_device_that_is_on_the_air_after_its_lease_is_found() {
    let (mut truth, seen) = known();
    let epoch = Epoch::NONE.next(Term(1)).unwrap();
    truth.recorded(0, &MasterRecord::Free { epoch, ended: Ended::Guard });
    truth.look(0, &seen);
    assert_eq!(found(&truth), ["share-active-by-lease"]);
}

#[test]
fn a_card_in_a_device_that_is_not_active_is_found() {
    let (mut truth, mut seen) = known();
    (seen[1].on_air, seen[1].active) = (false, Some(None));
    truth.look(0, &seen);
    assert_eq!(found(&truth), ["share-locked-when-inactive"]);
    let (mut truth, mut seen) = known();
    seen[0].has_card = true;
    truth.look(0, &seen);
    assert_eq!(found(&truth), ["share-locked-when-inactive"]);
}

#[test]
fn a_card_that_would_accept_again_what_was_accepted_is_found() {
    let (mut truth, _) = known();
    let accepted = SqnArray::starting_at(Sqn::new(7, 0).unwrap());
    truth.accepted(0, &accepted);
    let epoch = Epoch::NONE.next(Term(1)).unwrap();
    truth.recorded(0, &MasterRecord::Free { epoch, ended: Ended::Confirmed });
    truth.carries(0, &accepted);
    assert_eq!(found(&truth), [""; 0]);
    truth.carries(0, &SqnArray::default());
    assert_eq!(found(&truth), ["share-sequence-never-back"]);
}
