//! Drives modems and cards, live or simulated: what an application embeds.
//!
//! | item | what it does |
//! |---|---|
//! | [`Modem`] | a modem behind any port: texts, calls, USSD, registration; recovers by itself |
//! | [`Card`] | a card behind any link: files, PINs, authentication |
//! | [`ModemCard`] | the link to the card in a modem |
//! | [`courier`] | calls and texts over data, by phone number: the server, or a device, over any stream |
//! | [`esim`] | profiles on an eUICC: downloaded, managed; and the server that they come from |
//! | [`fleet`] | many modems for many users: servers, sites and terminals of a fleet |
//! | [`issuance`] | cards opened on site: keys, bindings, the platforms in one place |
//! | [`journal`] | where machines remember what must survive them |
//! | [`runner`] | runs any [`Machine`](polysim_base::Machine) over whatever is around it |
//! | [`share`] | one virtual SIM, several devices: a master, or a slave, over any stream |
//!
//! Nothing here knows whether the other end is real: that is for whoever opens the port or link.
//!
//! ```no_run
//! # async fn example(port: Box<dyn polysim_hal::ModemPort>) -> Result<(), polysim::ModemFault> {
//! use polysim::{Modem, ModemOptions};
//! use polysim_base::Duration;
//!
//! let modem = Modem::open(port, ModemOptions::default());
//! modem.initialise(None).await?;
//! modem.wait_registered(Duration::from_secs(60)).await?;
//! modem.send_text("+46700000001", "hello").await?;
//! let mut texts = modem.texts();
//! while let Some(text) = texts.next().await {
//!     println!("{:?}", text.text()); // record it, and only then:
//!     text.confirm().await?;
//! }
//! # Ok(())
//! # }
//! ```

pub mod card;
mod contact;
pub mod courier;
pub mod esim;
pub mod fleet;
pub mod issuance;
pub mod journal;
pub mod modem;
pub mod runner;
pub mod share;

pub use polysim_base::{Duration, Instant};

pub use card::{Authenticated, Card, CardFault, File, PinOutcome};
pub use modem::{
    Call, CallProgress, ChannelInClass, Event, Events, IncomingCalls, IncomingReport, IncomingText,
    Modem, ModemCard, ModemFault, ModemOptions, ModemStatus, ReceivedText, Reopening, Reports,
    TextContent, Texts, UssdAnswer,
};
