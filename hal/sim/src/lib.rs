//! Simulated modems and cards as hardware.
//!
//! A [`LiveWorld`] runs a simulated world by a [`Clock`](polysim_hal::Clock): in real time, or in
//! the virtual time of a paused runtime. Its modems are lent as [`ModemPort`](polysim_hal::ModemPort)s
//! ([`SimulatedPort`]), its cards as cards in readers ([`SimulatedReader`]); so a driver cannot tell
//! them from hardware. What is not written against these traits meets them as pseudo-terminals,
//! sockets and PC/SC readers: see [`Line`], [`pty`], [`socket`] and [`vpcd`].
//!
//! ```
//! use polysim_hal::{ModemPort as _, TokioClock};
//! use polysim_base::Instant;
//! use polysim_hal_sim::{LiveWorld, demo};
//! use std::sync::Arc;
//!
//! tokio::runtime::Runtime::new().unwrap().block_on(async {
//!     let clock = Arc::new(TokioClock::starting_at(Instant::ZERO));
//!     let world = LiveWorld::new(&demo::two_phones(), clock).unwrap();
//!     let mut port = world.lend_modem(0).unwrap().port(0);
//!     port.write(b"AT\r").await.unwrap();
//!     let mut answer = [0; 64];
//!     let read = port.read(&mut answer).await.unwrap();
//!     assert_eq!(&answer[..read], b"AT\r\r\nOK\r\n");
//! });
//! ```

mod card;
mod contacts;
pub mod demo;
mod exposure;
mod line;
mod live;
mod port;
pub mod pty;
pub mod socket;
mod speech;
pub mod vpcd;

pub use card::{SimulatedLink, SimulatedReader, Slot};
pub use contacts::Contacts;
pub use exposure::serve_line;
pub use line::Line;
pub use live::{LentModem, LiveWorld};
pub use port::SimulatedPort;
pub use speech::{Speech, serve_speech};
