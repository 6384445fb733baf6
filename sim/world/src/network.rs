//! Events of the networks in the words of the catalogue.

use crate::observer::Observer;
use polysim_base::Instant;
use polysim_radio::{NetworkEvent, Usage};

/// Tells what a network event means for a phone, if it means something there.
pub(crate) fn tell(at: Instant, event: &NetworkEvent, observer: &mut Observer) {
    match event {
        NetworkEvent::Resynchronised { imsi } => {
            observer.tell_of(at, "network.resync", imsi, []);
        }
        NetworkEvent::Cdr(record) => {
            let kind = match record.usage {
                Usage::Sms => "text",
                Usage::CallMade => "call",
                Usage::CallReceived => "call-received",
                Usage::CallForwarded => "call-forwarded",
                Usage::Packet { .. } => "data",
            };
            let seconds = i64::try_from(record.duration.as_secs()).unwrap_or(i64::MAX);
            let fields = [
                ("kind", kind.into()),
                ("amount_micro", record.price.0.into()),
                ("roaming", (record.home != record.serving).into()),
                ("seconds", seconds.into()),
            ];
            observer.tell_of(at, "charge", &record.imsi, fields);
        }
        NetworkEvent::Registered { .. }
        | NetworkEvent::Rejected { .. }
        | NetworkEvent::Detached { .. }
        | NetworkEvent::LinkLost { .. }
        | NetworkEvent::LocationUpdated { .. }
        | NetworkEvent::AuthenticationFailed { .. }
        | NetworkEvent::Sms(_)
        | NetworkEvent::Call(..)
        | NetworkEvent::Ussd { .. }
        | NetworkEvent::ContextActive { .. }
        | NetworkEvent::ContextInactive { .. } => {}
    }
}
