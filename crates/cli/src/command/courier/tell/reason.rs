//! Why something is not done, in words.

use polysim_base::Duration;
use polysim_courier::Rate;
use polysim_courier::client::Why;
use polysim_courier::wire::{CallEnd, Refusal, VoiceRefusal};

pub(super) fn refusal(why: Refusal) -> String {
    match why {
        Refusal::NumberLimit(after) => {
            format!("too many codes were sent to this number: try again in {}", time(after))
        }
        Refusal::RangeLimit(after) => {
            format!(
                "too many codes were sent to numbers like this one: try again in {}",
                time(after)
            )
        }
        Refusal::TenantLimit(after) => {
            format!("too many codes were sent today: try again in {}", time(after))
        }
        Refusal::Country => "no codes are sent to that country".to_owned(),
        Refusal::CountryLimit(after) => {
            format!("too many codes were sent to that country: try again in {}", time(after))
        }
        Refusal::Expired => "that holds no more: begin anew".to_owned(),
        Refusal::TooManyTries => "too many wrong codes: register again for another one".to_owned(),
        Refusal::HeldDown(after) => {
            format!("the number has changed hands: try again in {}", time(after))
        }
        Refusal::NotPrimary => "only the device with the SIM may".to_owned(),
        Refusal::Full => "there are too many already".to_owned(),
        Refusal::NotRegistered => "the number is not registered".to_owned(),
        Refusal::Unproved => "the card has changed: register again first".to_owned(),
        Refusal::Carrier => "the carrier has not taken the text with the code".to_owned(),
        Refusal::TooLong(octets) => format!("the text has more than {octets} octets, sealed"),
        Refusal::LookupLimit(after) => lookups(after),
    }
}

pub(super) fn why(why: Why) -> String {
    match why {
        Why::NoData => "this device is not registered, or the server is away".to_owned(),
        Why::Slow { rate, threshold } => slow("this link", rate, threshold),
        Why::Unmeasured => "this link is not measured yet".to_owned(),
        Why::Voice(why) => voice(why),
        Why::Lost => "the data link is lost".to_owned(),
        Why::InCall => "this device is in a call".to_owned(),
        Why::Text(why) => refusal(why),
        Why::Carrier => "the carrier has not taken it".to_owned(),
    }
}

fn voice(why: VoiceRefusal) -> String {
    match why {
        VoiceRefusal::Slow { rate, threshold } => slow("a link", rate, threshold),
        VoiceRefusal::Unmeasured => "their link is not measured yet".to_owned(),
        VoiceRefusal::Away => "no device of theirs is connected".to_owned(),
        VoiceRefusal::NotRegistered => "the number is not registered".to_owned(),
        VoiceRefusal::Busy => "they are in another call".to_owned(),
        VoiceRefusal::Unproved => "the card has changed: register again first".to_owned(),
        VoiceRefusal::LookupLimit(after) => lookups(after),
    }
}

fn lookups(after: Duration) -> String {
    format!("too many new numbers were asked about: try again in {}", time(after))
}

fn slow(what: &str, rate: Rate, threshold: Rate) -> String {
    format!("{what} has {} kbit/s where {} are needed", rate.0, threshold.0)
}

pub(super) const fn ended(why: CallEnd) -> (&'static str, &'static str) {
    match why {
        CallEnd::HungUp => ("hung-up", "hung up"),
        CallEnd::Rejected => ("rejected", "refused"),
        CallEnd::NoAnswer => ("no-answer", "nobody has answered"),
        CallEnd::Elsewhere => ("elsewhere", "another device has answered"),
        CallEnd::Lost => ("lost", "the data link is lost"),
    }
}

fn time(after: Duration) -> String {
    let minutes = (after.as_micros() / 60_000_000).saturating_add(1);
    if minutes < 120 { format!("{minutes} min") } else { format!("{} h", minutes / 60 + 1) }
}
