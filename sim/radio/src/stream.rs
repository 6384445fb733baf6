//! TCP streams over packet contexts, at the serving core: between a device and whoever is outside.

use crate::{
    air::{Downlink, RadioId, STREAM_DATA_MAX, STREAMS, StreamDownlink, StreamUplink},
    ids::StreamRef,
    network::{Core, CoreOutput},
};
use alloc::collections::BTreeMap;
use polysim_base::Imsi;

/// The open streams of a serving core.
#[derive(Clone, Debug, Default)]
pub(crate) struct Streams {
    /// By device, context and stream: which stream of this core it is.
    open: BTreeMap<(RadioId, u8, u8), u32>,
    last_serial: u32,
}

#[cfg(test)]
impl Streams {
    pub(crate) fn is_at_rest(&self) -> bool {
        self.open.is_empty()
    }
}

impl Core {
    fn stream_to(&mut self, at: &StreamRef, message: StreamDownlink) {
        let StreamRef { radio, context, stream, .. } = *at;
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
        if let StreamUplink::Open { .. } = message {
            // A number that is open already was given up by a device that knows nothing of it.
            self.end_stream(imsi, key);
            let serial = self.streams.last_serial.wrapping_add(1);
            let at = self.stream_ref(key, serial);
            if !self.contexts.is_active(radio, context) || !STREAMS.contains(&stream) {
                return self.stream_to(&at, StreamDownlink::Refused);
            }
            self.streams.last_serial = serial;
            self.streams.open.insert(key, serial);
            return self.tell_outside(imsi, at, message);
        }
        let Some(serial) = self.streams.open.get(&key).copied() else {
            return;
        };
        let at = self.stream_ref(key, serial);
        match message {
            StreamUplink::Data(octets) => {
                self.contexts.count(radio, context, octets.len());
                for part in octets.chunks(STREAM_DATA_MAX) {
                    self.tell_outside(imsi, at, StreamUplink::Data(part.to_vec()));
                }
            }
            StreamUplink::Close => {
                self.end_stream(imsi, key);
                self.stream_to(&at, StreamDownlink::Closed);
            }
            StreamUplink::Open { .. } => {}
        }
    }

    /// Somebody outside says something on a stream. Of one that has ended nothing is heard.
    pub(crate) fn stream_from_outside(&mut self, at: &StreamRef, message: StreamDownlink) {
        let StreamRef { serving, radio, context, stream, serial } = *at;
        let key = (radio, context, stream);
        if serving != self.port.id || self.streams.open.get(&key) != Some(&serial) {
            return;
        }
        match message {
            StreamDownlink::Data(octets) => {
                self.contexts.count(radio, context, octets.len());
                for part in octets.chunks(STREAM_DATA_MAX) {
                    self.stream_to(at, StreamDownlink::Data(part.to_vec()));
                }
            }
            StreamDownlink::Refused | StreamDownlink::Closed => {
                self.streams.open.remove(&key);
                self.stream_to(at, message);
            }
            StreamDownlink::Opened => self.stream_to(at, message),
        }
    }

    /// A context has ended: so have its streams.
    pub(crate) fn end_streams(&mut self, imsi: Imsi, radio: RadioId, context: u8) {
        for stream in STREAMS {
            self.end_stream(imsi, (radio, context, stream));
        }
    }

    fn end_stream(&mut self, imsi: Imsi, key: (RadioId, u8, u8)) {
        if let Some(serial) = self.streams.open.remove(&key) {
            let at = self.stream_ref(key, serial);
            self.tell_outside(imsi, at, StreamUplink::Close);
        }
    }

    const fn stream_ref(&self, key: (RadioId, u8, u8), serial: u32) -> StreamRef {
        let (radio, context, stream) = key;
        StreamRef { serving: self.port.id, radio, context, stream, serial }
    }

    fn tell_outside(&mut self, imsi: Imsi, stream: StreamRef, message: StreamUplink) {
        self.port.give(CoreOutput::Stream { stream, imsi, message });
    }
}
