//! The whole fleet without the simulator: servers, sites and terminals joined by a network, with
//! cards, modems and an operator that are only as real as they need to be. Random histories, and
//! every crash point of the flows that must lose and double nothing.

#[cfg(test)]
mod card;
#[cfg(test)]
mod check;
#[cfg(test)]
mod clock;
#[cfg(test)]
mod crashes;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod history;
#[cfg(test)]
mod host;
#[cfg(test)]
mod modem;
#[cfg(test)]
mod names;
#[cfg(test)]
mod network;
#[cfg(test)]
mod operator;
#[cfg(test)]
mod quiet;
#[cfg(test)]
mod route;
#[cfg(test)]
mod runs;
#[cfg(test)]
mod texts;
#[cfg(test)]
mod wire;
#[cfg(test)]
mod world;
