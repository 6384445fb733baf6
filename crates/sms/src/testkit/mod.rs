//! For the tests of those who build on this crate: strategies for every TPDU, and the bodies of
//! the fuzz targets.

mod fuzz;
mod strategies;

pub use fuzz::{fuzz_sms_pdu, fuzz_sms_reassembly};
pub use strategies::{
    address, command, data_coding, deliver, deliver_report, header, mobile_originated,
    mobile_terminated, parameters, status_report, submit, submit_report, timestamp, user_data,
    user_data_of, validity,
};
