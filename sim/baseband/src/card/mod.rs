//! The card slot and the terminal's side of the card interface.

mod access;
mod apdu;
mod flow;
pub(crate) mod phonebook;
mod pin;
mod slot;
mod startup;
mod subscription;

pub(crate) use access::{
    CRSM_DATA_MAX, Crsm, channel_of, close_session, crsm, csim, cuad, iccid, logical, open_session,
};
pub(crate) use apdu::{
    read_records, select_telecom_or_usim, transmit, update_record, write_forbidden, write_networks,
};
pub(crate) use flow::{CardPort, Change, Outcome, Owner};
pub(crate) use pin::{change_pin, enter_pin, lock_pin, tries};
pub(crate) use slot::{CardState, Happened, Lock, Slot};
pub(crate) use startup::{is_usim, select_usim};
pub(crate) use subscription::{List, Listed, Subscription};
