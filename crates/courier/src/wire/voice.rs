//! Calls, and speech.

use polysim_base::{Duration, Msisdn};
use polysim_speech::{Packet, SpeechReport};
use serde::{Deserialize, Serialize};

use crate::{CallNumber, DeviceId, Rate};

/// From a device, of calls.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub enum VoiceFromDevice {
    /// Call this number over data; the caller's rate reaches the first threshold.
    Call {
        /// Counts the calls of this device.
        call: CallNumber,
        /// Whom.
        to: Msisdn,
        /// The caller's rate.
        rate: Rate,
        /// The first threshold, which it reaches.
        threshold: Rate,
    },
    /// Take a call that rings here.
    Answer {
        /// The caller's device.
        from: DeviceId,
        /// Its call.
        call: CallNumber,
    },
    /// This device is in that call: said again while it lasts. Answered by `Ringing`, `Incoming`,
    /// `Answered` or `Ended`, whichever holds.
    InCall {
        /// The caller's device.
        from: DeviceId,
        /// Its call.
        call: CallNumber,
    },
    /// End a call, or refuse one that rings here. Answered by `Ended`.
    HangUp {
        /// The caller's device.
        from: DeviceId,
        /// Its call.
        call: CallNumber,
        /// How speech fared here.
        report: SpeechReport,
    },
    /// How speech fared here: the answer to `Ended`.
    Fared {
        /// The caller's device.
        from: DeviceId,
        /// Its call.
        call: CallNumber,
        /// How.
        report: SpeechReport,
    },
    /// Speech of a call.
    Speech {
        /// The caller's device.
        from: DeviceId,
        /// Its call.
        call: CallNumber,
        /// 20 ms.
        packet: Packet,
    },
}

/// To a device, of calls.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub enum VoiceToDevice {
    /// The call goes over data: it rings there.
    Ringing {
        /// The caller's call.
        call: CallNumber,
        /// The callee's rate.
        rate: Rate,
        /// The second threshold, which it reaches.
        threshold: Rate,
    },
    /// The call does not go over data: offer the carrier.
    NoVoice {
        /// The caller's call.
        call: CallNumber,
        /// Why.
        why: VoiceRefusal,
    },
    /// Somebody calls.
    Incoming {
        /// The caller's device.
        from: DeviceId,
        /// Its call.
        call: CallNumber,
        /// The caller.
        number: Msisdn,
    },
    /// The call is answered: speech may flow.
    Answered {
        /// The caller's device.
        from: DeviceId,
        /// Its call.
        call: CallNumber,
    },
    /// The call is over, or rings here no more. Answered by `Fared` where speech has flowed.
    Ended {
        /// The caller's device.
        from: DeviceId,
        /// Its call.
        call: CallNumber,
        /// Why.
        why: CallEnd,
        /// How speech fared at the other end.
        report: Option<SpeechReport>,
    },
    /// Speech of a call.
    Speech {
        /// The caller's device.
        from: DeviceId,
        /// Its call.
        call: CallNumber,
        /// 20 ms.
        packet: Packet,
    },
}

/// Why a call does not go over data.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub enum VoiceRefusal {
    /// A link is too slow: the callee's, or the caller's by its own word.
    Slow {
        /// Its rate.
        rate: Rate,
        /// The threshold.
        threshold: Rate,
    },
    /// Nothing recent is known of the callee's link.
    Unmeasured,
    /// No device of the callee is connected.
    Away,
    /// The number is not registered.
    NotRegistered,
    /// The callee is in another call.
    Busy,
    /// The caller's card has changed: prove the number first.
    Unproved,
    /// Too many numbers were asked about; after this time again.
    LookupLimit(Duration),
}

/// How a call has ended.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub enum CallEnd {
    /// One end has hung up.
    HungUp,
    /// The callee has refused.
    Rejected,
    /// Nobody has answered.
    NoAnswer,
    /// Another device of the callee has answered.
    Elsewhere,
    /// The other end has lost its data link: offer the carrier.
    Lost,
}
