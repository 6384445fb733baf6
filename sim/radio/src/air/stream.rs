//! TCP over packet contexts: what a device and somebody outside say to each other.
//!
//! One message stands for what the handshakes and segments of RFC 9293 achieve; acknowledgement,
//! repetition and windows are left out. Octets arrive once and in order as long as the stream lives,
//! and both ends learn of its end:
//!
//! - A device opens a stream under a number of its own, [`STREAMS`], over one of its contexts.
//! - It hears of each stream that it opened exactly one [`StreamDownlink::Refused`] or
//!   [`StreamDownlink::Closed`], and may use the number again from then on, not before: what it was
//!   sent earlier belongs to the stream before. [`StreamUplink::Close`] is answered by `Closed`.
//! - A context that ends takes its streams with it. The device hears that the context is
//!   [`PacketAnswer::Inactive`](super::PacketAnswer::Inactive), or loses its registration, and
//!   nothing more of the streams; the other side hears [`StreamUplink::Close`] of each.

use alloc::vec::Vec;

/// The numbers of streams of one context, as of the channels of a card (TS 102.223, 8.7).
pub const STREAMS: core::ops::RangeInclusive<u8> = 1..=7;

/// The most octets that one message carries. Longer data is carried in several messages.
pub const STREAM_DATA_MAX: usize = 1_500;

/// A stream, from the device.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum StreamUplink {
    /// Connect to somebody outside.
    Open {
        /// Where: an IPv4 address.
        address: [u8; 4],
        /// TCP port.
        port: u16,
    },
    /// Octets.
    Data(Vec<u8>),
    /// The end of both directions: what is still on its way to the device is thrown away.
    Close,
}

/// A stream, to the device.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum StreamDownlink {
    /// Somebody listens there and took it.
    Opened,
    /// There is no such context or stream number, or nobody listens there.
    Refused,
    /// Octets.
    Data(Vec<u8>),
    /// The end, asked for by either side. All octets that the other side sent before have arrived.
    Closed,
}
