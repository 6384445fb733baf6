//! One module per command.

mod answer;
mod apdus;
pub(crate) mod bench;
pub(crate) mod ca;
pub(crate) mod card;
pub(crate) mod cat;
pub(crate) mod check;
pub(crate) mod doctor;
pub(crate) mod esim;
pub(crate) mod expose;
mod fleet;
mod hardware;
pub(crate) mod issuance;
mod live;
pub(crate) mod modem;
mod octets;
pub(crate) mod ota;
pub(crate) mod print;
mod roots;
pub(crate) mod run;
pub(crate) mod share;
pub(crate) mod smdp;
pub(crate) mod sms;
mod twice;
