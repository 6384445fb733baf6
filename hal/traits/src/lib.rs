//! Where bytes meet the world: small, object-safe async traits between machines and hardware.
//!
//! | trait | what is behind it |
//! |---|---|
//! | [`ModemPort`] | one AT channel of a modem: a serial line, a pseudo-terminal, a socket, a simulation |
//! | [`AudioPort`] | the speech of a call, in frames |
//! | [`CardReader`], [`CardLink`] | readers, and the card in one of them |
//! | [`Clock`] | what time it is, and waiting |
//! | [`Discovery`] | hardware that comes and goes |
//!
//! A backend implements them; a driver gets them as `Box<dyn …>`. Tracing, faults, record and
//! replay are wrappers that implement the same traits. Nothing here decides anything: that is for
//! machines.
//!
//! Errors are a kind, what it was about, and an opaque source: code matches on the kind.

mod audio;
mod card;
mod clock;
mod discovery;
mod error;
mod port;

#[cfg(any(test, feature = "testkit"))]
pub use audio::MockAudioPort;
pub use audio::{AudioFrame, AudioPort, FRAME_SAMPLES, PcmPort};
pub use card::{
    Atr, CardChannel, CardEpoch, CardLink, CardReader, ReaderEvent, ReaderStatus, Reset, live,
};
#[cfg(any(test, feature = "testkit"))]
pub use card::{MockCardLink, MockCardReader};
pub use clock::{Clock, TokioClock};
pub use discovery::{Discovery, Hardware, HardwareEvent, HardwareId};
pub use error::{CardError, CardErrorKind, HalError, PortError, PortErrorKind};
#[cfg(any(test, feature = "testkit"))]
pub use port::MockModemPort;
pub use port::{InputLines, ModemPort, OutputLines, WRITE_PATIENCE};
