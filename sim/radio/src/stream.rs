//! TCP streams over packet contexts, at the serving core: between a device and whoever is outside.

use crate::{
    air::{Downlink, RadioId, STREAM_DATA_MAX, STREAMS, StreamDownlink, StreamUplink},
    ids::StreamRef,
    network::{Core, CoreOutput},
};
use alloc::collections::BTreeMap;
use polysim_base::Imsi;

/// Device, context and stream.
type Key = (RadioId, u8, u8);

/// The open streams of a serving core.
#[derive(Clone, Debug, Default)]
pub(crate) struct Streams {
    /// Which streams of this core they are.
    open: BTreeMap<Key, u32>,
    last_serial: u32,
}

#[cfg(test)]
impl Streams {
    pub(crate) fn is_at_rest(&self) -> bool {
        self.open.is_empty()
    }
}

impl Core {
    fn stream_to(&mut self, (radio, context, stream): Key, message: StreamDownlink) {
        if let Some(visitor) = self.visitors.get(radio) {
            let downlink = Downlink::Stream { context, stream, message };
            self.port.tell_device(visitor.region, radio, downlink);
        }
    }

    /// A device says something on a stream of its own.
    pub(crate) fn stream_uplink(
        &mut self,
        radio: RadioId,
        imsi: Imsi,
        context: u8,
        stream: u8,
        message: StreamUplink,
    ) {
        let key = (radio, context, stream);
        match message {
            StreamUplink::Open { .. } => self.open_stream(imsi, key, message),
            StreamUplink::Data(octets) => {
                let Some(at) = self.open_at(key) else { return };
                self.contexts.count(radio, context, octets.len());
                for part in octets.chunks(STREAM_DATA_MAX) {
                    self.tell_outside(imsi, at, StreamUplink::Data(part.to_vec()));
                }
            }
            StreamUplink::Close => {
                if self.end_stream(imsi, key) {
                    self.stream_to(key, StreamDownlink::Closed);
                }
            }
        }
    }

    fn open_stream(&mut self, imsi: Imsi, key: Key, message: StreamUplink) {
        // A device that opens a number again knows nothing of what it was before.
        self.end_stream(imsi, key);
        let (radio, context, stream) = key;
        if !self.contexts.is_active(radio, context) || !STREAMS.contains(&stream) {
            return self.stream_to(key, StreamDownlink::Refused);
        }
        let serial = self.streams.last_serial.wrapping_add(1);
        self.streams.last_serial = serial;
        self.streams.open.insert(key, serial);
        self.tell_outside(imsi, self.stream_ref(key, serial), message);
    }

    /// Somebody outside says something on a stream. Of one that has ended nothing is heard.
    pub(crate) fn stream_from_outside(&mut self, at: &StreamRef, message: StreamDownlink) {
        let StreamRef { radio, context, stream, .. } = *at;
        let key = (radio, context, stream);
        if self.open_at(key) != Some(*at) {
            return;
        }
        match message {
            StreamDownlink::Data(octets) => {
                self.contexts.count(radio, context, octets.len());
                for part in octets.chunks(STREAM_DATA_MAX) {
                    self.stream_to(key, StreamDownlink::Data(part.to_vec()));
                }
            }
            StreamDownlink::Refused | StreamDownlink::Closed => {
                self.streams.open.remove(&key);
                self.stream_to(key, message);
            }
            StreamDownlink::Opened => self.stream_to(key, message),
        }
    }

    /// A context has ended: so have its streams.
    pub(crate) fn end_streams(&mut self, imsi: Imsi, radio: RadioId, context: u8) {
        for stream in STREAMS {
            self.end_stream(imsi, (radio, context, stream));
        }
    }

    /// Ends a stream, and tells the other side; returns whether there was one.
    fn end_stream(&mut self, imsi: Imsi, key: Key) -> bool {
        let Some(serial) = self.streams.open.remove(&key) else {
            return false;
        };
        self.tell_outside(imsi, self.stream_ref(key, serial), StreamUplink::Close);
        true
    }

    fn open_at(&self, key: Key) -> Option<StreamRef> {
        Some(self.stream_ref(key, *self.streams.open.get(&key)?))
    }

    const fn stream_ref(&self, (radio, context, stream): Key, serial: u32) -> StreamRef {
        StreamRef { serving: self.port.id, radio, context, stream, serial }
    }

    fn tell_outside(&mut self, imsi: Imsi, stream: StreamRef, message: StreamUplink) {
        self.port.give(CoreOutput::Stream { stream, imsi, message });
    }
}
