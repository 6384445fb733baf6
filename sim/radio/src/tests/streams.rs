//! TCP over packet contexts: order, ends, limits, and what it costs.

use super::{Network, imsi, network::*, sessions::activate};
use crate::{air::*, *};
use proptest::prelude::*;

const SERVER: StreamUplink = StreamUplink::Open { address: [192, 0, 2, 1], port: 443 };

/// A phone with context 1, and its radio.
fn online() -> (Network, RadioId) {
    let mut network = Network::new(1);
    let phone = network.phone(ONE, 1);
    network.attached(phone, CELL_1);
    activate(&mut network, phone, 1, "");
    (network, phone)
}

fn say(network: &mut Network, phone: RadioId, stream: u8, message: StreamUplink) {
    network.uplink(phone, Uplink::Stream { context: 1, stream, message });
}

/// What came from outside over the context.
fn heard(network: &mut Network, phone: RadioId) -> Vec<(u8, StreamDownlink)> {
    network.run_ms(100);
    let downlinks = network.dev(phone).take().into_iter();
    let streams = downlinks.filter_map(|downlink| match downlink {
        Downlink::Stream { context: 1, stream, message } => Some((stream, message)),
        _ => None,
    });
    streams.collect()
}

/// What came outside.
fn outside(network: &mut Network) -> Vec<(StreamRef, StreamUplink)> {
    network.run_ms(100);
    let said = std::mem::take(&mut network.streams).into_iter();
    said.map(|(stream, _, message)| (stream, message)).collect()
}

fn reply(network: &mut Network, stream: StreamRef, message: StreamDownlink) {
    network.command(stream.serving, CoreCommand::Stream { stream, message });
}

/// Opens a stream that is taken.
fn open(network: &mut Network, phone: RadioId, stream: u8) -> StreamRef {
    say(network, phone, stream, SERVER);
    let [(at, SERVER)] = outside(network)[..] else { panic!("not opened") };
    reply(network, at, StreamDownlink::Opened);
    assert_eq!(heard(network, phone), [(stream, StreamDownlink::Opened)]);
    at
}

#[test]
fn a_device_and_a_server_talk_until_the_device_closes() {
    let (mut network, phone) = online();
    say(&mut network, phone, 1, SERVER);
    network.run_ms(100);
    let [(at, whose, SERVER)] = network.streams[..] else { panic!("{:?}", network.streams) };
    network.streams.clear();
    assert_eq!(whose, imsi(ONE, 1));
    assert_eq!((at.serving, at.radio, at.context, at.stream), (ONE, phone, 1, 1));
    reply(&mut network, at, StreamDownlink::Opened);
    say(&mut network, phone, 1, StreamUplink::Data(vec![1, 2]));
    say(&mut network, phone, 1, StreamUplink::Data(vec![3]));
    say(&mut network, phone, 1, StreamUplink::Close);
    assert_eq!(
        outside(&mut network),
        [
            (at, StreamUplink::Data(vec![1, 2])),
            (at, StreamUplink::Data(vec![3])),
            (at, StreamUplink::Close)
        ]
    );
    let closed = [(1, StreamDownlink::Opened), (1, StreamDownlink::Closed)];
    assert_eq!(heard(&mut network, phone), closed);
    reply(&mut network, at, StreamDownlink::Data(vec![4]));
    reply(&mut network, at, StreamDownlink::Closed);
    assert_eq!(heard(&mut network, phone), [], "it has ended");
}

#[test]
fn a_server_that_closes_or_refuses_is_heard_last_and_once() {
    let (mut network, phone) = online();
    let at = open(&mut network, phone, 2);
    reply(&mut network, at, StreamDownlink::Data(vec![9]));
    reply(&mut network, at, StreamDownlink::Closed);
    reply(&mut network, at, StreamDownlink::Closed);
    // The device closes while it has not heard so yet.
    say(&mut network, phone, 2, StreamUplink::Close);
    let last = [(2, StreamDownlink::Data(vec![9])), (2, StreamDownlink::Closed)];
    assert_eq!(heard(&mut network, phone), last);
    assert_eq!(outside(&mut network), []);
    say(&mut network, phone, 2, SERVER);
    let [(again, SERVER)] = outside(&mut network)[..] else { panic!("not opened") };
    reply(&mut network, at, StreamDownlink::Refused);
    reply(&mut network, again, StreamDownlink::Refused);
    reply(&mut network, again, StreamDownlink::Opened);
    assert_eq!(heard(&mut network, phone), [(2, StreamDownlink::Refused)]);
}

#[test]
fn only_seven_streams_of_an_active_context_are_there() {
    let (mut network, phone) = online();
    for stream in 0..=9 {
        say(&mut network, phone, stream, SERVER);
    }
    let refused = [0, 8, 9].map(|stream| (stream, StreamDownlink::Refused));
    assert_eq!(heard(&mut network, phone), refused);
    let opened: Vec<u8> = outside(&mut network).iter().map(|(at, _)| at.stream).collect();
    assert_eq!(opened, [1, 2, 3, 4, 5, 6, 7]);
    let elsewhere = |message| Uplink::Stream { context: 2, stream: 1, message };
    network.uplink(phone, elsewhere(SERVER));
    network.uplink(phone, elsewhere(StreamUplink::Data(vec![1])));
    network.run_ms(100);
    let message = StreamDownlink::Refused;
    assert_eq!(network.dev(phone).take(), [Downlink::Stream { context: 2, stream: 1, message }]);
    assert_eq!(outside(&mut network), []);
}

#[test]
fn a_number_used_again_is_another_stream() {
    let (mut network, phone) = online();
    let at = open(&mut network, phone, 1);
    say(&mut network, phone, 1, SERVER);
    let said = outside(&mut network);
    let [(before, StreamUplink::Close), (after, SERVER)] = said[..] else { panic!("{said:?}") };
    assert_eq!(before, at);
    assert_ne!(after, at);
    reply(&mut network, at, StreamDownlink::Data(vec![1]));
    reply(&mut network, after, StreamDownlink::Opened);
    assert_eq!(heard(&mut network, phone), [(1, StreamDownlink::Opened)]);
}

#[test]
fn streams_end_with_their_context_and_no_other() {
    let end: [fn(&mut Network, RadioId); 5] = [
        |network, phone| {
            let request = PacketRequest::Deactivate;
            network.uplink(phone, Uplink::Packet { context: 1, request });
        },
        |network, phone| network.region(HERE, RegionInput::LoseLink(phone)),
        |network, phone| network.uplink(phone, Uplink::Detach),
        |network, phone| network.travel(phone, ABROAD),
        |network, phone| network.restarted(phone, CELL_1),
    ];
    for (how, end) in end.into_iter().enumerate() {
        let (mut network, phone) = online();
        let other = network.phone(ONE, 2);
        network.attached(other, CELL_1);
        activate(&mut network, other, 1, "");
        let at = [open(&mut network, phone, 1), open(&mut network, phone, 7)];
        let stays = open(&mut network, other, 1);
        end(&mut network, phone);
        assert_eq!(outside(&mut network), at.map(|at| (at, StreamUplink::Close)), "{how}");
        network.dev(phone).take();
        for at in at {
            reply(&mut network, at, StreamDownlink::Data(vec![1]));
        }
        reply(&mut network, stays, StreamDownlink::Data(vec![2]));
        assert_eq!(heard(&mut network, phone), [], "{how}");
        assert_eq!(heard(&mut network, other), [(1, StreamDownlink::Data(vec![2]))], "{how}");
    }
}

#[test]
fn a_context_that_moves_to_another_cell_keeps_its_streams() {
    let (mut network, phone) = online();
    let at = open(&mut network, phone, 1);
    network.attached(phone, CELL_1_GSM);
    say(&mut network, phone, 1, StreamUplink::Data(vec![1]));
    assert_eq!(outside(&mut network), [(at, StreamUplink::Data(vec![1]))]);
    reply(&mut network, at, StreamDownlink::Data(vec![2]));
    assert_eq!(heard(&mut network, phone), [(1, StreamDownlink::Data(vec![2]))]);
}

#[test]
fn what_a_context_carried_is_charged_when_it_ends() {
    for (cell, serving, price) in [(CELL_1, ONE, 10_000), (CELL_3, THREE, 30_000)] {
        let mut configs = operators();
        configs[0].tariff.data_per_mb = Money(1_000_000);
        let mut network = Network::with(1, configs, |directory| directory);
        let phone = network.phone(ONE, 1);
        if cell == CELL_3 {
            network.travel(phone, ABROAD);
        }
        network.attached(phone, cell);
        activate(&mut network, phone, 1, "");
        let at = open(&mut network, phone, 1);
        say(&mut network, phone, 1, StreamUplink::Data(vec![0; 4_000]));
        reply(&mut network, at, StreamDownlink::Data(vec![0; 3]));
        network.run_ms(100);
        // Of what came after its end nobody pays.
        say(&mut network, phone, 1, StreamUplink::Close);
        say(&mut network, phone, 1, StreamUplink::Data(vec![0; 50]));
        network.take_events();
        let request = PacketRequest::Deactivate;
        network.uplink(phone, Uplink::Packet { context: 1, request });
        network.run_ms(500);
        let cdr = network.take_events().into_iter().find_map(|event| match event {
            NetworkEvent::Cdr(cdr) => Some(*cdr),
            _ => None,
        });
        let cdr = cdr.unwrap();
        assert_eq!((cdr.usage, cdr.serving), (Usage::Packet { octets: 4_003 }, serving));
        // One minute, and 4,003 micro-units of data; three times as much abroad.
        assert_eq!(cdr.price, Money(price + 4_003 * price / 10_000));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn octets_arrive_once_and_in_order_in_messages_of_bounded_length(
        parts in proptest::collection::vec(0..4_000_usize, 1..12)
    ) {
        let (mut network, phone) = online();
        let at = open(&mut network, phone, 3);
        let mut counter = 0_u32..;
        let parts = parts.iter().map(|len| {
            counter.by_ref().take(*len).map(|n| n.to_be_bytes()[3]).collect::<Vec<u8>>()
        });
        let parts: Vec<Vec<u8>> = parts.collect();
        for part in &parts {
            say(&mut network, phone, 3, StreamUplink::Data(part.clone()));
            reply(&mut network, at, StreamDownlink::Data(part.clone()));
        }
        let up = outside(&mut network).into_iter().map(|(_, message)| match message {
            StreamUplink::Data(data) => data,
            other => panic!("{other:?}"),
        });
        let down = heard(&mut network, phone).into_iter().map(|(_, message)| match message {
            StreamDownlink::Data(data) => data,
            other => panic!("{other:?}"),
        });
        for carried in [up.collect::<Vec<_>>(), down.collect()] {
            prop_assert!(carried.iter().all(|data| (1..=STREAM_DATA_MAX).contains(&data.len())));
            prop_assert_eq!(carried.concat(), parts.concat());
        }
    }
}
