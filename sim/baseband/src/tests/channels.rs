//! Channels of the card: TCP over contexts of its own.

use super::rig::{Rig, Setup};
use crate::{BasebandInput, Model};
use polysim_cat::*;
use polysim_radio::air::{
    Downlink, PacketAnswer, PacketRequest, StreamDownlink, StreamUplink, Uplink,
};
use std::net::Ipv4Addr;

const FIRST: ChannelId = match ChannelId::new(1) {
    Ok(id) => id,
    Err(_) => panic!(),
};
/// The context that a card gets first.
const CONTEXT: u8 = 15;
const ACTIVE: PacketAnswer =
    PacketAnswer::Active { address: [10, 0, 0, 1], down_kbps: 1_000, up_kbps: 1_000 };

fn open(immediate: bool) -> OpenChannel {
    let mode = OpenMode { immediate, ..OpenMode::default() };
    let level = TransportLevel { protocol: TransportProtocol::TcpClient, port: 8_080 };
    let destination = Some(OtherAddress::V4(Ipv4Addr::new(192, 0, 2, 1)));
    OpenChannel {
        bearer: Some(BearerDescription { bearer: BearerType::Default, parameters: Vec::new() }),
        access_name: NetworkAccessName::new(b"\x08internet").ok(),
        transport: Some(Transport { level, destination }),
        ..OpenChannel::new(mode, BufferSize(1_000))
    }
}

fn send(immediate: bool, octets: &[u8]) -> SendData {
    SendData {
        channel: FIRST,
        mode: SendMode { immediate },
        alpha: None,
        data: ChannelData::new(octets).unwrap(),
        look: Look::default(),
    }
}

fn receive(length: u8) -> ReceiveData {
    let length = ChannelDataLength(length);
    ReceiveData { channel: FIRST, alpha: None, length, look: Look::default() }
}

fn close() -> CloseChannel {
    let mode = CloseMode { keep: false };
    CloseChannel { channel: FIRST, mode, alpha: None, look: Look::default() }
}

/// Has the card ask, and returns the answer if there is one already.
fn ask(rig: &mut Rig, command: impl Into<Command>) -> Option<(GeneralResult, ResponseData)> {
    rig.script.push(1, command);
    rig.write(0, b"AT+CRSM=176,12258,0,0,10\r");
    answered(rig)
}

fn answered(rig: &mut Rig) -> Option<(GeneralResult, ResponseData)> {
    let response = rig.script.responded().pop()?;
    Some((response.result, response.data))
}

fn result(rig: &mut Rig, command: impl Into<Command>) -> GeneralResult {
    ask(rig, command).expect("it is answered at once").0
}

fn packet(rig: &mut Rig, context: u8, answer: PacketAnswer) {
    rig.air(Downlink::Packet { context, answer });
}

fn stream(rig: &mut Rig, message: StreamDownlink) {
    rig.air(Downlink::Stream { context: CONTEXT, stream: 1, message });
}

fn sent(message: StreamUplink) -> Uplink {
    Uplink::Stream { context: CONTEXT, stream: 1, message }
}

fn status(link: LinkState, information: u8) -> ChannelStatus {
    ChannelStatus { channel: Some(FIRST), link, information }
}

fn statuses(rig: &mut Rig) -> Vec<ChannelStatus> {
    match ask(rig, GetChannelStatus {}) {
        Some((GeneralResult::Performed, ResponseData::Channels(channels))) => channels.statuses,
        other => panic!("{other:?}"),
    }
}

const DEACTIVATE: Uplink = Uplink::Packet { context: CONTEXT, request: PacketRequest::Deactivate };

fn opened() -> Rig {
    let mut rig = Setup::default().attached();
    let events = EventList(vec![Event::DataAvailable, Event::ChannelStatus]);
    ask(&mut rig, SetUpEventList { events }).unwrap();
    assert_eq!(ask(&mut rig, open(true)), None);
    let request = PacketRequest::Activate { apn: "internet".into() };
    assert_eq!(rig.uplinks.pop(), Some(Uplink::Packet { context: CONTEXT, request }));
    packet(&mut rig, CONTEXT, ACTIVE);
    let message = StreamUplink::Open { address: [192, 0, 2, 1], port: 8_080 };
    assert_eq!(rig.uplinks.pop(), Some(sent(message)));
    assert_eq!(rig.script.responses.len(), 0);
    stream(&mut rig, StreamDownlink::Opened);
    let (result, data) = answered(&mut rig).unwrap();
    assert_eq!(result, GeneralResult::Performed);
    let ResponseData::Opened(data) = data else { panic!("{data:?}") };
    assert_eq!(data.status, Some(status(LinkState::Up, 0)));
    assert_eq!(data.buffer, Some(BufferSize(1_000)));
    rig
}

#[test]
fn data_goes_both_ways_over_a_channel() {
    let mut rig = opened();
    let free = |octets| ResponseData::Sent(SentResponse { free: Some(ChannelDataLength(octets)) });
    let stored = ask(&mut rig, send(false, b"GET "));
    assert_eq!(stored, Some((GeneralResult::Performed, free(0xFF))));
    assert_eq!(rig.uplinks, []);
    assert_eq!(result(&mut rig, send(true, b"/")), GeneralResult::Performed);
    assert_eq!(rig.uplinks.pop(), Some(sent(StreamUplink::Data(b"GET /".to_vec()))));
    stream(&mut rig, StreamDownlink::Data(vec![7; 300]));
    stream(&mut rig, StreamDownlink::Data(vec![8; 10]));
    let ready = DataReady { status: status(LinkState::Up, 0), length: ChannelDataLength(0xFF) };
    let event = Message::Event(EventData::DataAvailable(ready));
    assert_eq!(rig.script.told(), [Envelope::new(event)], "once, until all is taken");
    let take = |rig: &mut Rig, length| match ask(rig, receive(length)).unwrap() {
        (result, ResponseData::Received(ReceivedResponse { data, left })) => {
            (result, data.unwrap().octets().to_vec(), left.unwrap().0)
        }
        other => panic!("{other:?}"),
    };
    assert_eq!(take(&mut rig, 237), (GeneralResult::Performed, vec![7; 237], 73));
    assert_eq!(take(&mut rig, 63), (GeneralResult::Performed, vec![7; 63], 10));
    assert_eq!(take(&mut rig, 100), (GeneralResult::MissingInformation, vec![8; 10], 0));
    stream(&mut rig, StreamDownlink::Data(vec![9]));
    assert_eq!(rig.script.told().len(), 1);
    assert_eq!(statuses(&mut rig), [status(LinkState::Up, 0)]);
    assert_eq!(result(&mut rig, close()), GeneralResult::Performed);
    assert_eq!(rig.uplinks.pop(), Some(DEACTIVATE));
    let none = ChannelStatus { channel: None, link: LinkState::Down, information: 0 };
    assert_eq!(statuses(&mut rig), [none]);
    let unknown = GeneralResult::ChannelError(ChannelProblem::UnknownChannel);
    assert_eq!(result(&mut rig, close()), unknown);
    // Its context is not used again before it has ended.
    ask(&mut rig, open(true));
    assert!(matches!(rig.uplinks.last(), Some(Uplink::Packet { context: 14, .. })));
    packet(&mut rig, CONTEXT, PacketAnswer::Inactive);
    assert_eq!(rig.script.responses.len(), 0);
    assert_eq!(rig.script.told(), []);
}

#[test]
fn a_channel_on_demand_gets_its_link_with_the_first_data() {
    let mut rig = Setup::default().attached();
    let (result, data) = ask(&mut rig, open(false)).unwrap();
    assert_eq!(result, GeneralResult::Performed);
    let ResponseData::Opened(data) = data else { panic!("{data:?}") };
    assert_eq!(data.status, Some(status(LinkState::Down, 0)));
    assert_eq!(rig.uplinks, []);
    assert_eq!(ask(&mut rig, send(true, b"x")), None);
    packet(&mut rig, CONTEXT, ACTIVE);
    stream(&mut rig, StreamDownlink::Opened);
    assert_eq!(rig.uplinks.pop(), Some(sent(StreamUplink::Data(b"x".to_vec()))));
    assert!(matches!(answered(&mut rig), Some((GeneralResult::Performed, ResponseData::Sent(_)))));
}

#[test]
fn a_network_that_does_not_help_is_told_to_the_card() {
    let mut rig = Setup::default().attached();
    assert_eq!(ask(&mut rig, open(true)), None);
    packet(&mut rig, CONTEXT, PacketAnswer::Refused { cause: 27 });
    assert_eq!(answered(&mut rig).unwrap().0, GeneralResult::NetworkBusy(0));
    assert_eq!(ask(&mut rig, open(true)), None);
    rig.run_s(31);
    assert_eq!(answered(&mut rig).unwrap().0, GeneralResult::NetworkBusy(0));
    rig.run_s(31);
    assert_eq!(ask(&mut rig, open(true)), None);
    packet(&mut rig, CONTEXT, ACTIVE);
    stream(&mut rig, StreamDownlink::Refused);
    let refused = GeneralResult::ChannelError(ChannelProblem::Unspecific);
    assert_eq!(answered(&mut rig).unwrap().0, refused);
    packet(&mut rig, CONTEXT, PacketAnswer::Inactive);
    assert_eq!(ask(&mut rig, open(true)), None);
    let cells = core::mem::take(&mut rig.cells);
    rig.input(BasebandInput::LinkLost);
    assert_eq!(answered(&mut rig).unwrap().0, GeneralResult::NetworkBusy(0));
    let nowhere = GeneralResult::TerminalBusy(TerminalProblem::NoService);
    assert_eq!(result(&mut rig, open(true)), nowhere);
    rig.cells = cells;
    rig.run_s(60);
    assert_eq!(statuses(&mut rig).len(), 1);
    assert!(rig.bb.core.rare.is_none(), "nothing is left of all that");
}

#[test]
fn a_link_that_is_dropped_is_told_and_what_came_is_kept() {
    let mut rig = opened();
    stream(&mut rig, StreamDownlink::Data(b"bye".to_vec()));
    rig.script.told();
    stream(&mut rig, StreamDownlink::Closed);
    assert_eq!(rig.uplinks.pop(), Some(DEACTIVATE));
    let told = rig.script.told();
    let [Envelope { message: Message::Event(EventData::ChannelStatus(changed)), .. }] =
        told.as_slice()
    else {
        panic!("{told:?}")
    };
    assert_eq!(changed.status, status(LinkState::Down, ChannelStatus::LINK_DROPPED));
    let closed = GeneralResult::ChannelError(ChannelProblem::Closed);
    assert_eq!(result(&mut rig, send(true, b"x")), closed);
    let (_, data) = ask(&mut rig, receive(3)).unwrap();
    let ResponseData::Received(received) = data else { panic!("{data:?}") };
    assert_eq!(received.data.unwrap().octets(), b"bye");
}

#[test]
fn buffers_have_their_bounds() {
    let mut rig = opened();
    for _ in 0..5 {
        assert_eq!(result(&mut rig, send(false, &[1; 200])), GeneralResult::Performed);
    }
    let full = GeneralResult::ChannelError(ChannelProblem::BufferSize);
    assert_eq!(result(&mut rig, send(true, &[1])), full);
    for _ in 0..50 {
        stream(&mut rig, StreamDownlink::Data(vec![0; 1_500]));
    }
    // What the card does not take in time costs it the link.
    let dropped = status(LinkState::Down, ChannelStatus::LINK_DROPPED);
    assert_eq!(statuses(&mut rig), [dropped]);
    let big = OpenChannel { buffer: BufferSize(9_000), ..open(false) };
    let (result, data) = ask(&mut rig, big).unwrap();
    let ResponseData::Opened(data) = data else { panic!("{data:?}") };
    assert_eq!((result, data.buffer), (GeneralResult::Modified, Some(BufferSize(1_500))));
    let none = GeneralResult::ChannelError(ChannelProblem::NoChannel);
    assert_eq!(ask(&mut rig, open(false)).unwrap().0, none);
}

#[test]
fn a_make_without_channels_has_none() {
    let mut rig = Setup { model: &Model::HUAWEI, ..Setup::default() }.attached();
    assert_eq!(result(&mut rig, open(true)), GeneralResult::BeyondCapabilities);
}

#[test]
fn a_host_cannot_have_the_context_of_a_channel() {
    let mut rig = opened();
    rig.ok("AT+CMEE=1");
    rig.ok("AT+CGDCONT=15,\"IP\",\"internet\"");
    assert_eq!(rig.at("AT+CGACT=1,15"), "+CME ERROR: 3");
}
