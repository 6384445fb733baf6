//! eSIM: profiles on an eUICC, and the server that they come from.
//!
//! | item | what it does |
//! |---|---|
//! | [`Esim`] | the profile assistant (LPA) of one eUICC: downloads, manages, delivers notifications |
//! | [`Servers`] | the way to SM-DP+ and SM-DS, for assistants and for operators |
//! | [`server`] | an SM-DP+ in a process |
//! | [`Credentials`] | certificates and private keys of a folder |
//!
//! ```no_run
//! # async fn example(
//! #     link: Box<dyn polysim_hal::CardLink>,
//! #     http: Box<dyn polysim_hal::Http>,
//! # ) -> Result<(), Box<dyn std::error::Error>> {
//! use polysim::esim::{Esim, Servers, Unattended};
//! use polysim::journal::FileJournal;
//! use polysim_hal::TokioClock;
//! use polysim_lpa::transport::TransportConfig;
//! use polysim_lpa::{LpaCommand, LpaDone};
//! use std::sync::Arc;
//!
//! let journal = Box::new(FileJournal::open("eid.journal").await?);
//! let clock = Arc::new(TokioClock::unix());
//! let servers = Servers::new(http);
//! let mut esim = Esim::open(link, TransportConfig::default(), servers, journal, clock).await?;
//! esim.recover(&mut Unattended).await?;
//! if let LpaDone::Listed(profiles) = esim.carry_out(LpaCommand::List, &mut Unattended).await? {
//!     println!("{} profiles", profiles.len());
//! }
//! # Ok(())
//! # }
//! ```

mod assistant;
mod chip;
mod credentials;
pub mod server;
mod servers;
#[cfg(test)]
mod tests;

pub use assistant::{Esim, EsimFault, EsimUser, Unattended};
pub use credentials::{Credentials, CredentialsError};
pub use servers::Servers;
