//! Client against server, with a terminal, a card and a link that does what it likes.

use std::collections::VecDeque;
use std::vec;
use std::vec::Vec;

use polysim_apdu::{CardReply, CardSignal};
use polysim_base::{Duration, Instant, Machine, Out};
use proptest::prelude::*;

use crate::sap::{
    Client, ClientEvent, ClientInput, ClientOutput, DisconnectionType, MaxMsgSize, Refusal, Server,
    ServerEvent, ServerInput, ServerOutput,
};

/// What happens next.
#[derive(Clone, Debug)]
enum Step {
    PowerOn,
    PowerOff,
    Reset,
    Command,
    /// So many octets arrive.
    AtServer(usize),
    AtClient(usize),
    CardAnswers,
    Remove,
    Insert,
    Wait(u64),
    Cut,
    Connect,
    Leave,
    SendAway(DisconnectionType),
    Call(bool),
}

fn step() -> impl Strategy<Value = Step> {
    let often = prop_oneof![
        1 => Just(Step::PowerOn),
        1 => Just(Step::PowerOff),
        1 => Just(Step::Reset),
        5 => Just(Step::Command),
        8 => (1..30_usize).prop_map(Step::AtServer),
        8 => (1..30_usize).prop_map(Step::AtClient),
        6 => Just(Step::CardAnswers),
        3 => (0..2_000_u64).prop_map(Step::Wait),
    ];
    let seldom = prop_oneof![
        1 => Just(Step::Remove),
        1 => Just(Step::Insert),
        1 => (0..70_000_u64).prop_map(Step::Wait),
        1 => Just(Step::Cut),
        3 => Just(Step::Connect),
        1 => Just(Step::Leave),
        1 => prop::sample::select(DisconnectionType::ALL).prop_map(Step::SendAway),
        1 => any::<bool>().prop_map(Step::Call),
    ];
    prop_oneof![12 => often, 2 => seldom]
}

struct Pair {
    now: Instant,
    client: Client,
    server: Server,
    to_server: VecDeque<u8>,
    to_client: VecDeque<u8>,
    /// Whether the card is on, and what it is about to say.
    on: bool,
    inserted: bool,
    says: VecDeque<CardReply>,
    /// Commands are numbered; the last one that the card has executed.
    executed: u32,
    last: u32,
    /// Commands that the terminal waits for.
    open: VecDeque<u32>,
    seen: Vec<CardReply>,
}

impl Pair {
    fn new(client: u16, server: u16) -> Self {
        let mut pair = Self {
            now: Instant::ZERO,
            client: Client::new(MaxMsgSize::new(client).unwrap()),
            server: Server::new(MaxMsgSize::new(server).unwrap()),
            to_server: VecDeque::new(),
            to_client: VecDeque::new(),
            on: false,
            inserted: true,
            says: VecDeque::new(),
            executed: 0,
            last: 0,
            open: VecDeque::new(),
            seen: Vec::new(),
        };
        pair.server(ServerInput::LinkUp);
        pair.client(ClientInput::Connect);
        pair
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::PowerOn => self.terminal(CardSignal::PowerOn),
            Step::PowerOff => self.terminal(CardSignal::PowerOff),
            Step::Reset => self.terminal(CardSignal::Reset),
            Step::Command => {
                self.last += 1;
                self.open.push_back(self.last);
                self.client(ClientInput::Terminal(CardSignal::Command(command(self.last))));
            }
            Step::AtServer(count) => {
                let count = count.min(self.to_server.len());
                let octets = self.to_server.drain(..count).collect();
                self.server(ServerInput::Octets(octets));
            }
            Step::AtClient(count) => {
                let count = count.min(self.to_client.len());
                let octets = self.to_client.drain(..count).collect();
                self.client(ClientInput::Octets(octets));
            }
            Step::CardAnswers => {
                if let Some(reply) = self.says.pop_front() {
                    self.server(ServerInput::Card(reply));
                }
            }
            Step::Remove => {
                (self.inserted, self.on) = (false, false);
                self.says.clear();
                self.server(ServerInput::Card(CardReply::Removed));
            }
            Step::Insert => {
                self.inserted = true;
                self.server(ServerInput::Card(CardReply::Inserted));
            }
            Step::Wait(millis) => self.wait(Duration::from_millis(millis)),
            Step::Cut => {
                self.to_server.clear();
                self.to_client.clear();
                self.client(ClientInput::LinkLost);
                self.server(ServerInput::LinkLost);
                self.server(ServerInput::LinkUp);
            }
            Step::Connect => self.client(ClientInput::Connect),
            Step::Leave => self.client(ClientInput::Disconnect),
            Step::SendAway(how) => self.server(ServerInput::Disconnect(how)),
            Step::Call(ongoing) => self.server(ServerInput::Call(ongoing)),
        }
    }

    fn terminal(&mut self, signal: CardSignal) {
        self.open.clear();
        self.client(ClientInput::Terminal(signal));
    }

    fn wait(&mut self, time: Duration) {
        let until = self.now.plus(time);
        let due = |pair: &Self| {
            let client = pair.client.poll_timeout().map(|(at, _)| at);
            let server = pair.server.poll_timeout().map(|(at, _)| at);
            client.into_iter().chain(server).min().filter(|at| *at <= until)
        };
        while let Some(at) = due(self) {
            self.now = at;
            self.client.handle_timeout(at);
            self.server.handle_timeout(at);
            self.drain();
        }
        self.now = until;
    }

    fn client(&mut self, input: ClientInput) {
        self.client.handle(self.now, input);
        self.drain();
    }

    fn server(&mut self, input: ServerInput) {
        self.server.handle(self.now, input);
        self.drain();
    }

    fn drain(&mut self) {
        while let Some(Out::Do(output)) = self.client.poll_output() {
            match output {
                ClientOutput::Octets(octets) => self.to_server.extend(octets),
                ClientOutput::Terminal(reply) => self.terminal_sees(reply),
                ClientOutput::Tell(ClientEvent::Overrun) => assert!(self.open.pop_back().is_some()),
                ClientOutput::Tell(ClientEvent::Unreadable(error)) => panic!("{error}"),
                ClientOutput::Tell(_) => {}
            }
        }
        while let Some(Out::Do(output)) = self.server.poll_output() {
            match output {
                ServerOutput::Octets(octets) => self.to_client.extend(octets),
                ServerOutput::Card(signal) => self.card(signal),
                ServerOutput::Tell(ServerEvent::Refused(
                    why @ (Refusal::InFlight | Refusal::NoRequest | Refusal::Unreadable(_)),
                )) => panic!("our client is never refused so: {why:?}"),
                ServerOutput::Tell(ServerEvent::Unused) => {
                    self.to_server.clear();
                    self.to_client.clear();
                    self.client.handle(self.now, ClientInput::LinkLost);
                    self.server.handle(self.now, ServerInput::LinkUp);
                    return self.drain();
                }
                ServerOutput::Tell(_) => {}
            }
        }
        for due in [
            self.client.poll_timeout().map(|(at, _)| at),
            self.server.poll_timeout().map(|(at, _)| at),
        ] {
            assert!(due.is_none_or(|at| at > self.now));
        }
    }

    fn terminal_sees(&mut self, reply: CardReply) {
        match &reply {
            CardReply::Response(response) => {
                let number = self.open.pop_front().expect("a command that waits for its answer");
                let right = [command(number), vec![0x90, 0x00]].concat();
                assert!(*response == right || *response == [0x6F, 0x00], "{number}: {response:?}");
            }
            CardReply::Removed => self.open.clear(),
            CardReply::Inserted | CardReply::Atr(_) | CardReply::MoreTime => {}
        }
        if reply != CardReply::MoreTime {
            self.seen.push(reply);
        }
    }

    fn card(&mut self, signal: CardSignal) {
        match signal {
            CardSignal::PowerOn | CardSignal::Reset => {
                if self.inserted {
                    self.on = true;
                    self.says.retain(|said| !matches!(said, CardReply::Response(_)));
                    self.says.push_back(CardReply::Atr(vec![0x3B, 0x00]));
                }
            }
            CardSignal::PowerOff => {
                self.on = false;
                self.says.clear();
            }
            CardSignal::Command(apdu) => {
                assert!(self.on, "a command for a card that is off");
                let number = u32::from_be_bytes(apdu[4..8].try_into().unwrap());
                assert!(number > self.executed, "command {number} is executed once, in its turn");
                self.executed = number;
                let busy = self.says.iter().any(|said| matches!(said, CardReply::Response(_)));
                assert!(!busy, "one command at a time");
                self.says.push_back(CardReply::Response([apdu, vec![0x90, 0x00]].concat()));
            }
        }
    }

    /// Lets everything arrive, octet by octet.
    fn settle(&mut self) {
        while !(self.to_server.is_empty() && self.to_client.is_empty() && self.says.is_empty()) {
            self.step(Step::AtServer(1));
            self.step(Step::AtClient(1));
            self.step(Step::CardAnswers);
        }
    }

    /// Connects anew, and uses the card.
    fn works(&mut self) {
        self.step(Step::Call(false));
        self.step(Step::Cut);
        self.step(Step::Insert);
        self.step(Step::Connect);
        self.settle();
        assert!(self.client.is_connected() && self.server.is_connected());
        self.seen.clear();
        self.step(Step::PowerOn);
        self.settle();
        assert_eq!(self.seen, [CardReply::Atr(vec![0x3B, 0x00])]);
        self.seen.clear();
        self.step(Step::Command);
        self.settle();
        let response = [command(self.last), vec![0x90, 0x00]].concat();
        assert_eq!(self.seen, [CardReply::Response(response)]);
        self.step(Step::Leave);
        self.settle();
        assert!(!self.client.is_connected() && !self.server.is_connected() && !self.on);
    }
}

fn command(number: u32) -> Vec<u8> {
    [[0x00, 0xB0, 0x00, 0x00].as_slice(), &number.to_be_bytes()].concat()
}

#[test]
fn a_terminal_uses_a_card_that_is_elsewhere() {
    let mut pair = Pair::new(512, 512);
    pair.settle();
    assert_eq!(pair.seen, [CardReply::Inserted]);
    pair.works();
}

#[test]
fn client_and_server_agree_on_the_shorter_of_their_sizes() {
    for (client, server) in [(512, 276), (276, 512), (1_000, 999)] {
        Pair::new(client, server).works();
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_each_command_is_executed_once_and_the_card_works_again(
        steps in prop::collection::vec(step(), 0..120),
        sizes in prop::sample::select(vec![(512, 512), (512, 300), (276, 512)]),
    ) {
        let mut pair = Pair::new(sizes.0, sizes.1);
        for step in steps {
            pair.step(step);
        }
        pair.settle();
        prop_assert!(pair.open.is_empty() || !pair.inserted || !pair.client.is_connected());
        pair.works();
    }

    #[test]
    fn a_lost_link_is_a_card_that_is_off(steps in prop::collection::vec(step(), 0..60)) {
        let mut pair = Pair::new(512, 512);
        for step in steps {
            pair.step(step);
        }
        pair.step(Step::Cut);
        prop_assert!(!pair.on);
        prop_assert!(matches!(pair.seen.last(), None | Some(CardReply::Removed)));
        prop_assert!(pair.open.is_empty());
    }
}
