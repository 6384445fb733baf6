//! The device as a whole: a real card, a scripted network, hosts that speak bytes.

mod attach;
mod calls;
mod card;
mod channels;
mod clients;
mod lines;
mod memory;
mod messages;
mod models;
mod properties;
mod rig;
mod script;
mod selection;
mod speech;
mod toolkit;
