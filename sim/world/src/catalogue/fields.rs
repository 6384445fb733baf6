//! Fields that several events have.

pub(super) const PHONE: (&str, &str) = ("phone", "the phone's name");
pub(super) const BATCH: (&str, &str) = ("batch", "the customer's number of the batch");
pub(super) const BUSINESS: (&str, &str) = ("business", "the business platform's name");
pub(super) const GROUP: (&str, &str) = ("group", "the group's name");
pub(super) const PLATFORM: (&str, &str) = ("platform", "the card-writing platform's name");
pub(super) const PROFILE: (&str, &str) = ("profile", "the operator whose profile it is");
pub(super) const SERVER: (&str, &str) = ("server", "the server's name");
pub(super) const SERVICE: (&str, &str) = ("service", "the server's or platform's name");
pub(super) const SIM: (&str, &str) = ("sim", "the SIM's name");
pub(super) const TERMINAL: (&str, &str) = ("terminal", "the terminal's name");
pub(super) const WISH: (&str, &str) = (
    "wish",
    "assign, release, why, list, dial, text, ussd, ussd-cancel, apdu, answer, reject, hang-up, hold, dtmf",
);
pub(super) const WHY_REFUSED: (&str, &str) = (
    "why",
    "unknown-device, unknown-operator, not-entitled, memory-too-small, capability-missing, budget-used-up, too-many-open, operator-refused",
);
