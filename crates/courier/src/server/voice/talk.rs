//! Speech, from one end of an answered call to the other one.

use polysim_base::Instant;
use polysim_speech::{Frame, Packet};

use super::super::Server;
use super::call::State;
use crate::rate::Allowance;
use crate::wire::VoiceToDevice;
use crate::{CallKey, DeviceId};

/// What one end may say: twice the 50 packets a second of speech, and a second of them at once.
const SPEECH_ALLOWANCE: Allowance = Allowance { per_hour: 100 * 3_600, burst: 50 };
/// Octets of a frame, at most: linear samples of 16 bits.
const PAYLOAD_MAX: usize = 2 * Frame::SAMPLES;

impl Server {
    /// Hands speech on to the other end. What comes while that is not connected is lost, as speech
    /// may be.
    pub(super) fn speech(&mut self, now: Instant, device: DeviceId, key: CallKey, packet: Packet) {
        if packet.payload.len() > PAYLOAD_MAX {
            return;
        }
        let Some(call) = self.voice.call_mut(key) else { return };
        if !matches!(call.state, State::Talking { .. }) {
            return;
        }
        let Some((own, other)) = call.ends(device) else { return };
        own.heard = now;
        if own.speech.take(now, 1, SPEECH_ALLOWANCE).is_ok() {
            let to = other.device;
            self.tell_device(to, VoiceToDevice::Speech { from: key.from, call: key.call, packet });
        }
    }
}
