//! Each machine alone, against another end that says anything.

use std::vec::Vec;

use polysim_apdu::{CardReply, CardSignal};
use polysim_base::{Duration, Instant, Machine, Out};
use proptest::prelude::*;

use super::codec::message;
use crate::sap::{
    Client, ClientInput, ClientOutput, DisconnectionType, MaxMsgSize, Message, Server, ServerInput,
    ServerOutput, StatusChange,
};

/// Most outputs that one input causes: each message has its answer, an indication, an event or two.
const OUTPUTS_MAX: usize = 64;

fn octets() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        8 => message().prop_map(|message| message.encode()),
        1 => prop::collection::vec(any::<u8>(), 0..12),
    ]
}

fn reply() -> impl Strategy<Value = CardReply> {
    let octets = || prop::collection::vec(any::<u8>(), 0..600);
    prop_oneof![
        1 => Just(CardReply::Inserted),
        1 => Just(CardReply::Removed),
        4 => octets().prop_map(CardReply::Atr),
        4 => octets().prop_map(CardReply::Response),
        1 => Just(CardReply::MoreTime),
    ]
}

fn server_input() -> impl Strategy<Value = ServerInput> {
    prop_oneof![
        2 => Just(ServerInput::LinkUp),
        1 => Just(ServerInput::LinkLost),
        3 => Just(ServerInput::Octets(Message::ConnectReq { max_msg_size: 300 }.encode())),
        9 => octets().prop_map(ServerInput::Octets),
        6 => reply().prop_map(ServerInput::Card),
        1 => prop::sample::select(StatusChange::ALL).prop_map(ServerInput::Changed),
        1 => any::<bool>().prop_map(ServerInput::Call),
        1 => prop::sample::select(DisconnectionType::ALL).prop_map(ServerInput::Disconnect),
    ]
}

fn client_input() -> impl Strategy<Value = ClientInput> {
    prop_oneof![
        3 => Just(ClientInput::Connect),
        1 => Just(ClientInput::Disconnect),
        1 => Just(ClientInput::LinkLost),
        9 => octets().prop_map(ClientInput::Octets),
        1 => Just(ClientInput::Terminal(CardSignal::PowerOn)),
        1 => Just(ClientInput::Terminal(CardSignal::PowerOff)),
        1 => Just(ClientInput::Terminal(CardSignal::Reset)),
        3 => prop::collection::vec(any::<u8>(), 0..600)
            .prop_map(|apdu| ClientInput::Terminal(CardSignal::Command(apdu))),
    ]
}

/// Gives inputs, each after a while, and returns the outputs of each.
fn run<M: Machine>(machine: &mut M, inputs: Vec<(M::Input, u64)>) -> Vec<Vec<M::Output>> {
    let mut now = Instant::ZERO;
    let mut all = Vec::new();
    for (input, millis) in inputs {
        now = now.plus(Duration::from_millis(millis));
        machine.handle_timeout(now);
        let mut outputs = drain(machine, now);
        machine.handle(now, input);
        outputs.extend(drain(machine, now));
        assert!(outputs.len() <= OUTPUTS_MAX);
        all.push(outputs);
    }
    all
}

fn drain<M: Machine>(machine: &mut M, now: Instant) -> Vec<M::Output> {
    let outputs = core::iter::from_fn(|| machine.poll_output());
    let outputs = outputs.filter_map(|output| match output {
        Out::Do(output) => Some(output),
        Out::Record(_) => None,
    });
    let outputs = outputs.collect();
    assert!(machine.poll_timeout().is_none_or(|(at, _)| at > now));
    outputs
}

proptest! {
    #[test]
    fn the_server_says_whole_messages_of_the_agreed_length_and_leaves_no_card_on(
        inputs in prop::collection::vec((server_input(), 0..12_000_u64), 0..60),
    ) {
        let mut server = Server::new(MaxMsgSize::COMMON);
        let mut on = false;
        let mut inputs = inputs;
        inputs.push((ServerInput::LinkLost, 0));
        // Nobody switches off a card that is not there.
        let pulled_out = inputs.iter().any(|(input, _)| matches!(
            input,
            ServerInput::Card(CardReply::Removed) | ServerInput::Changed(StatusChange::Removed)
        ));
        for output in run(&mut server, inputs).into_iter().flatten() {
            match output {
                ServerOutput::Octets(octets) => {
                    prop_assert!(octets.len() <= 512);
                    prop_assert!(Message::decode(&octets).is_ok());
                }
                ServerOutput::Card(CardSignal::PowerOn) => on = true,
                ServerOutput::Card(CardSignal::PowerOff) => on = false,
                ServerOutput::Card(CardSignal::Reset | CardSignal::Command(_)) => prop_assert!(on),
                ServerOutput::Tell(_) => {}
            }
        }
        prop_assert!(!on || pulled_out);
    }

    #[test]
    fn the_terminal_sees_a_card_come_before_it_answers_and_go_in_the_end(
        inputs in prop::collection::vec((client_input(), 0..12_000_u64), 0..60),
    ) {
        let mut client = Client::new(MaxMsgSize::COMMON);
        let mut inputs = inputs;
        inputs.push((ClientInput::LinkLost, 0));
        let mut present = false;
        for output in run(&mut client, inputs).into_iter().flatten() {
            match output {
                ClientOutput::Octets(octets) => {
                    prop_assert!(octets.len() <= 512);
                    prop_assert!(Message::decode(&octets).is_ok());
                }
                ClientOutput::Terminal(CardReply::Inserted) => {
                    prop_assert!(!present);
                    present = true;
                }
                // A card that was believed gone was tried.
                ClientOutput::Terminal(CardReply::Atr(_)) => present = true,
                ClientOutput::Terminal(CardReply::Removed) => present = false,
                ClientOutput::Terminal(CardReply::Response(_)) => prop_assert!(present),
                ClientOutput::Terminal(CardReply::MoreTime) | ClientOutput::Tell(_) => {}
            }
        }
        prop_assert!(!present);
    }
}
