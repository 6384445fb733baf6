use polysim_base::testkit::crash_everywhere;

use super::*;

#[test]
fn no_life_of_a_device_uses_the_number_of_a_call_twice() {
    let other = number("491700000003");
    let fresh = || {
        let contacts = [friend(), other];
        let mut client = testing::registered(testing::config(), (OWN, own()), &contacts);
        testing::link(&mut client, Instant::ZERO, true);
        while client.poll_output().is_some() {}
        client
    };
    let mut inputs =
        Vec::from([ToDevice::Rate(RateToDevice::Probed { train: 1, parts: 16, rate: THRESHOLD })]);
    let octets = std::vec![0; 500];
    inputs.extend((0..16).map(|part| {
        ToDevice::Rate(RateToDevice::Probe { train: 1, part, parts: 16, octets: octets.clone() })
    }));
    let mut inputs: Vec<_> = inputs.into_iter().map(ClientInput::Message).collect();
    let measured = inputs.len();
    let no_voice = |call| {
        ToDevice::Voice(VoiceToDevice::NoVoice { call: CallNumber(call), why: VoiceRefusal::Away })
    };
    let dial = |to| ClientInput::Command(ClientCommand::Dial(to));
    inputs.push(dial(friend()));
    inputs.push(ClientInput::Message(no_voice(1)));
    // A life that has crashed measures again, and does not dial again.
    inputs.extend(inputs[..measured].to_vec());
    inputs.push(dial(other));
    let calls = std::cell::Cell::new(0);
    let points = crash_everywhere(
        fresh,
        &inputs,
        |at| at.max(measured) + 1,
        |_, run| {
            let mut called: Vec<(CallNumber, Msisdn)> = Vec::new();
            for effect in run.effects() {
                if let ClientOutput::Send(FromDevice::Voice(VoiceFromDevice::Call {
                    call,
                    to,
                    ..
                })) = effect
                {
                    called.push((*call, *to));
                }
            }
            calls.set(calls.get() + called.len());
            for (place, (call, to)) in called.iter().enumerate() {
                let rest = &called[place + 1..];
                assert!(rest.iter().all(|(it, whom)| it != call || whom == to), "{called:?}");
            }
        },
    );
    assert!(points > 4 && calls.get() > points, "{points} {}", calls.get());
}
