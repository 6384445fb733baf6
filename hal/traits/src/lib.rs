//! Where bytes meet the world: small, object-safe async traits between machines and hardware.
//!
//! | trait | what is behind it |
//! |---|---|
//! | [`ModemPort`] | one AT channel of a modem: a serial line, a pseudo-terminal, a socket, a simulation |
//! | [`AudioPort`] | the speech of a call, in frames |
//! | [`CardReader`], [`CardLink`] | readers, and the card in one of them |
//! | [`Http`], [`HttpService`] | servers, and what is in one of ours |
//! | [`Clock`] | what time it is, and waiting |
//! | [`Discovery`] | hardware that comes and goes |
//!
//! A backend implements them; a driver gets them as `Box<dyn …>`. Tracing, faults, record and
//! replay are wrappers that implement the same traits. Nothing here decides anything: that is for
//! machines.
//!
//! Errors are a kind, what it was about, and an opaque source: code matches on the kind.
//!
//! # Wrappers
//! They stack, as each is what it wraps. Here a modem's answers are garbled by a plan, traced as
//! the driver sees them, and recorded, secrets masked in both:
//!
//! ```
//! use polysim_base::{Purpose, Stream};
//! use polysim_hal::{
//!     Direction, Faulty, LineForm, Lines, ModemPort, PlannedPortFault, PortFault, PortFaults,
//!     Recorded, ReplayedPort, TokioClock, Traced, Tracer,
//! };
//! # async fn drive(modem: impl ModemPort) -> Result<(), Box<dyn std::error::Error>> {
//! let fault = PortFault::Storm { line: "\r\nRING\r\n".to_owned(), count: 10_000 };
//! let plan = vec![PlannedPortFault { direction: Direction::In, after: 512, fault }];
//! let stream = Stream::derive(7, 1, Purpose::Fault, 0);
//!
//! let tracer = Tracer::new(Lines::new(LineForm::Text, std::io::stderr()), TokioClock::unix());
//! let faulty = Faulty::new(modem, PortFaults::new(plan, &stream, TokioClock::unix()));
//! let traced = Traced::new(faulty, "modem", tracer);
//! let mut port = Recorded::port(traced, std::fs::File::create("session.jsonl")?);
//! port.write(b"AT\r").await?;
//!
//! // Later, without the modem:
//! let mut port = ReplayedPort::new(std::fs::File::open("session.jsonl")?)?;
//! port.write(b"AT\r").await?;
//! # Ok(())
//! # }
//! ```

mod audio;
mod card;
mod channel;
mod clock;
mod discovery;
mod error;
mod fault;
mod http;
mod port;
mod record;
#[cfg(any(test, feature = "testkit"))]
pub mod testkit;
mod trace;

pub use audio::{AudioFrame, AudioPort, FRAME_SAMPLES, PcmPort};
pub use card::{
    Atr, CardChannel, CardEpoch, CardLink, CardReader, ReaderEvent, ReaderStatus, Reset, live,
};
pub use channel::{close_by_manage_channel, command_on, open_by_manage_channel, transmit_whole};
pub use clock::{Clock, TokioClock};
pub use discovery::{Discovery, Hardware, HardwareEvent, HardwareId};
pub use error::{
    CardError, CardErrorKind, Distrust, HalError, HttpError, HttpErrorKind, PortError,
    PortErrorKind,
};
pub use fault::{
    CardFault, CardFaults, FAULT_LEN_MAX, Faulty, PlannedCardFault, PlannedPortFault, PortFault,
    PortFaults,
};
pub use http::{
    HTTP_BODY_MAX, Http, HttpAddress, HttpAnswer, HttpReceived, HttpRequest, HttpResponse,
    HttpService,
};
pub use port::{InputLines, ModemPort, OutputLines, WRITE_PATIENCE};
pub use record::{
    Mismatch, RECORDING_LEN_MAX, Recorded, RecordingError, RecordingErrorKind, ReplayedCard,
    ReplayedPort,
};
pub use trace::{Direction, LineForm, Lines, Pcap, TraceEvent, TraceSink, Traced, Tracer};
