//! What holds for every message and for any octets.

use crate::{
    testkit::{Draw, Sample, fuzz_cat},
    *,
};
use proptest::{collection::vec, prelude::*};
use std::{format, vec::Vec};

fn sample<T: Sample>(seed: u64) -> T {
    T::sample(&mut Draw::new(seed))
}

/// Octets of any message, sometimes none where the sample is too long for one.
fn message() -> impl Strategy<Value = Vec<u8>> {
    (0..5_u8, any::<u64>()).prop_map(|(kind, seed)| {
        match kind {
            0 => sample::<ProactiveCommand>(seed).encode(),
            1 => sample::<TerminalResponse>(seed).encode(),
            2 => sample::<ControlReply>(seed).encode(),
            3 => sample::<SmsControlReply>(seed).encode(),
            _ => sample::<Envelope>(seed).encode(),
        }
        .unwrap_or_default()
    })
}

#[test]
fn samples_are_of_every_kind_and_nearly_all_fit() {
    let mut commands = std::collections::BTreeSet::new();
    let mut messages = std::collections::BTreeSet::new();
    let mut events = std::collections::BTreeSet::new();
    let mut long = 0;
    for seed in 0..3_000 {
        let command = sample::<ProactiveCommand>(seed);
        commands.insert(command.command.command_type());
        long += u32::from(command.encode().is_err());
        let envelope = sample::<Envelope>(seed);
        messages.insert(envelope.message.tag());
        if let Message::Event(event) = &envelope.message {
            events.insert(event.event());
        }
    }
    assert_eq!(commands.len(), CommandType::ALL.len());
    assert_eq!(messages.len(), 14);
    assert_eq!(events.len(), Event::ALL.len());
    assert!(long < 30, "{long} too long");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn proactive_commands_round_trip(seed: u64) {
        let command = sample::<ProactiveCommand>(seed);
        if let Ok(octets) = command.encode() {
            prop_assert!(octets.len() <= MESSAGE_LEN_MAX);
            prop_assert_eq!(CommandDetails::find(&octets), Some(command.details()));
            prop_assert_eq!(ProactiveCommand::decode(&octets), Ok(command));
        }
    }

    #[test]
    fn terminal_responses_round_trip(seed: u64) {
        let response = sample::<TerminalResponse>(seed);
        if let Ok(octets) = response.encode() {
            prop_assert!(octets.len() <= MESSAGE_LEN_MAX);
            prop_assert_eq!(TerminalResponse::decode(&octets), Ok(response));
        }
    }

    #[test]
    fn envelopes_round_trip(seed: u64) {
        let envelope = sample::<Envelope>(seed);
        if let Ok(octets) = envelope.encode() {
            prop_assert!(octets.len() <= MESSAGE_LEN_MAX);
            prop_assert_eq!(Envelope::decode(&octets), Ok(envelope));
        }
    }

    #[test]
    fn replies_of_control_round_trip(seed: u64) {
        let reply = sample::<ControlReply>(seed);
        prop_assert_eq!(ControlReply::decode(&reply.encode().unwrap()), Ok(reply));
        let reply = sample::<SmsControlReply>(seed);
        prop_assert_eq!(SmsControlReply::decode(&reply.encode().unwrap()), Ok(reply));
    }

    #[test]
    fn a_profile_of_what_a_command_needs_allows_it_and_one_bit_less_does_not(seed: u64) {
        let command = sample::<ProactiveCommand>(seed).command;
        let needs = command.needs();
        let mut profile = TerminalProfile::of(needs.iter().copied());
        let sent = TerminalProfile::decode(profile.octets()).unwrap();
        prop_assert_eq!(sent.allows(&command), Ok(()));
        for feature in needs {
            profile.remove(feature);
            prop_assert_eq!(profile.allows(&command), Err(feature), "{}", format!("{feature}"));
            profile.insert(feature);
        }
    }

    #[test]
    fn any_octets_are_a_message_or_an_error(octets in vec(any::<u8>(), 0..300)) {
        fuzz_cat(&octets);
    }

    #[test]
    fn changed_octets_are_a_message_or_an_error(
        mut octets in message(),
        changes in vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        for (at, value) in changes {
            if !octets.is_empty() {
                let at = at.index(octets.len());
                octets[at] = value;
            }
        }
        fuzz_cat(&octets);
    }

    /// Objects in any order, doubled, cut: what a sloppy card could send.
    #[test]
    fn shuffled_objects_are_a_message_or_an_error(
        octets in message(),
        tag in prop_oneof![0xD0_u32..0xE0, 0_u32..3],
        order in vec(any::<prop::sample::Index>(), 1..12),
        flags: u16,
    ) {
        let Ok((outer, _)) = polysim_base::tlv::Ber::read(&octets) else { return Ok(()) };
        let objects: Result<Vec<_>, _> =
            polysim_base::tlv::ComprehensionReader::new(outer.value).collect();
        let Ok(objects) = objects else { return Ok(()) };
        if objects.is_empty() { return Ok(()) }
        let mut inner = Vec::new();
        for (i, at) in order.iter().enumerate() {
            let object = objects[at.index(objects.len())];
            let required = flags >> i & 1 != 0;
            polysim_base::tlv::put_comprehension(&mut inner, object.tag, required, object.value);
        }
        let mut shuffled = Vec::new();
        polysim_base::tlv::put_ber(&mut shuffled, tag, &inner);
        fuzz_cat(&shuffled);
        fuzz_cat(&inner);
    }

    #[test]
    fn a_cut_message_is_an_error(seed: u64, at: prop::sample::Index) {
        let octets = sample::<ProactiveCommand>(seed).encode().unwrap_or_default();
        if !octets.is_empty() {
            prop_assert!(ProactiveCommand::decode(&octets[..at.index(octets.len())]).is_err());
        }
    }
}
