//! What has really happened to a shared SIM, held against what must never happen.

/// The invariants of shared SIMs and what each says.
pub(crate) const NAMES: &[(&str, &str)] = &[
    (
        "share-active-by-lease",
        "a device that is on the air with a shared SIM holds the newest lease of its master's records",
    ),
    (
        "share-locked-when-inactive",
        "a slave that is not active has no card in its modem, and what it has stored does not open",
    ),
    (
        "share-one-device-on-the-air",
        "at no moment are two devices of a group on the air with its SIM, and no network ever has to cancel a device that is",
    ),
    (
        "share-sequence-never-back",
        "no card accepts a sequence number that was accepted before under an earlier lease",
    ),
];
