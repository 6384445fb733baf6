//! How keys and numbers are shown.

use polysim_base::Hex;
use polysim_share::PeerKey;
use polysim_share::link::ComparisonNumber;

/// The beginning of a key: enough to tell devices apart.
pub(super) fn short(key: &PeerKey) -> String {
    Hex(key.0.get(..4).unwrap_or_default()).to_string()
}

/// `123 456`
pub(super) fn digits(number: ComparisonNumber) -> String {
    let text = number.to_string();
    match text.split_at_checked(3) {
        Some((first, last)) => format!("{first} {last}"),
        None => text,
    }
}
