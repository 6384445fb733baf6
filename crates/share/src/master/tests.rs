//! The master alone, with everything that slaves and the user may say to it.

mod commands;
mod crash;
mod links;
mod pairing;
mod properties;
mod referee;
mod remote;
mod rig;
mod serving;
