//! What has really happened to codes, texts and calls, held against what must never happen.

/// The invariants of couriers and what each says.
pub(crate) const NAMES: &[(&str, &str)] = &[
    (
        CODE_BOUNDED,
        "a code is used once, in its time and within its tries, for the number and device that it was sent for, and no more are sent than the limits allow",
    ),
    (STORED_KEPT, "a text that was accepted is delivered, withdrawn, expired, told of, or waits"),
    (TEXT_ONCE, "a device is shown each text once, and those of a sender's device in their order"),
    (TEXT_ONE_WAY, "no text goes both over data and by the carrier"),
    (
        VOICE_BY_THRESHOLD,
        "a call goes over data only where both recorded rates reach their thresholds",
    ),
];

pub(crate) const CODE_BOUNDED: &str = "courier-code-bounded";
pub(crate) const STORED_KEPT: &str = "courier-stored-is-kept";
pub(crate) const TEXT_ONCE: &str = "courier-text-once";
pub(crate) const TEXT_ONE_WAY: &str = "courier-text-one-way";
pub(crate) const VOICE_BY_THRESHOLD: &str = "courier-voice-by-threshold";
