//! Fleets in worlds, from the wish of a user to the network and back.

mod cards;
mod chaos;
mod crashes;
mod paths;
mod relay;
mod rig;
