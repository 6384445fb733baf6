//! Messages and octets.

use std::vec;
use std::vec::Vec;

use polysim_base::InvalidOctets;
use proptest::prelude::*;

use super::transcript::octets;
use crate::sap::testkit::fuzz_sap;
use crate::sap::{
    CardReaderStatus, CommandApdu, ConnectionStatus, DisconnectionType, Failure, InvalidPayload,
    InvalidSize, MaxMsgSize, Message, MessageError, MessageReader, Payload, StatusChange,
    TransportProtocol,
};

fn payload() -> impl Strategy<Value = Payload> {
    prop::collection::vec(any::<u8>(), 1..300).prop_map(|octets| Payload::new(octets).unwrap())
}

fn result<T: Clone + core::fmt::Debug>(
    value: impl Strategy<Value = T>,
) -> impl Strategy<Value = Result<T, Failure>> {
    prop_oneof![value.prop_map(Ok), prop::sample::select(Failure::ALL).prop_map(Err),]
}

fn status() -> impl Strategy<Value = ConnectionStatus> {
    prop_oneof![
        Just(ConnectionStatus::Ok),
        Just(ConnectionStatus::Failed),
        any::<u16>().prop_map(|offered| ConnectionStatus::SizeNotSupported { offered }),
        Just(ConnectionStatus::SizeTooSmall),
        Just(ConnectionStatus::OkOngoingCall),
    ]
}

pub(super) fn message() -> impl Strategy<Value = Message> {
    let requests = prop_oneof![
        any::<u16>().prop_map(|max_msg_size| Message::ConnectReq { max_msg_size }),
        Just(Message::DisconnectReq),
        payload().prop_map(|command| Message::TransferApduReq(CommandApdu::Gsm(command))),
        payload().prop_map(|command| Message::TransferApduReq(CommandApdu::Iso7816(command))),
        Just(Message::TransferAtrReq),
        Just(Message::PowerSimOffReq),
        Just(Message::PowerSimOnReq),
        Just(Message::ResetSimReq),
        Just(Message::TransferCardReaderStatusReq),
        prop::sample::select(TransportProtocol::ALL).prop_map(Message::SetTransportProtocolReq),
    ];
    let answers = prop_oneof![
        status().prop_map(Message::ConnectResp),
        Just(Message::DisconnectResp),
        prop::sample::select(DisconnectionType::ALL).prop_map(Message::DisconnectInd),
        result(payload()).prop_map(Message::TransferApduResp),
        result(payload()).prop_map(Message::TransferAtrResp),
        result(Just(())).prop_map(Message::PowerSimOffResp),
        result(Just(())).prop_map(Message::PowerSimOnResp),
        result(Just(())).prop_map(Message::ResetSimResp),
        result(any::<u8>().prop_map(CardReaderStatus))
            .prop_map(Message::TransferCardReaderStatusResp),
        prop::sample::select(StatusChange::ALL).prop_map(Message::StatusInd),
        Just(Message::ErrorResp),
    ];
    let protocol = result(Just(())).prop_map(Message::SetTransportProtocolResp);
    prop_oneof![9 => requests, 10 => answers, 1 => protocol]
}

fn all(reader: &mut MessageReader, octets: &[u8]) -> Vec<Result<Message, MessageError>> {
    let mut rest = octets;
    core::iter::from_fn(|| reader.take(&mut rest)).collect()
}

proptest! {
    #[test]
    fn what_is_written_is_read_again(message in message()) {
        let octets = message.encode();
        prop_assert_eq!(octets.len() % 4, 0);
        prop_assert_eq!(octets[0], message.id());
        prop_assert_eq!(Message::decode(&octets), Ok(message));
    }

    #[test]
    fn a_stream_is_the_same_however_it_is_split(
        messages in prop::collection::vec(message(), 0..8),
        noise in prop::collection::vec(any::<u8>(), 0..64),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..16),
    ) {
        let mut stream: Vec<u8> = messages.iter().flat_map(Message::encode).collect();
        stream.extend_from_slice(&noise);
        let whole = all(&mut MessageReader::new(MaxMsgSize::COMMON), &stream);
        for (read, written) in whole.iter().zip(messages) {
            prop_assert_eq!(read, &Ok(written));
        }
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(stream.len() + 1)).collect();
        cuts.extend([0, stream.len()]);
        cuts.sort_unstable();
        let mut reader = MessageReader::new(MaxMsgSize::COMMON);
        let pieces = cuts.windows(2).flat_map(|cut| all(&mut reader, &stream[cut[0]..cut[1]]));
        prop_assert_eq!(pieces.collect::<Vec<_>>(), whole);
    }

    #[test]
    fn no_octets_are_a_panic(octets in prop::collection::vec(any::<u8>(), 0..600)) {
        fuzz_sap(&octets);
    }

    #[test]
    fn no_octets_that_nearly_are_messages_are_a_panic(
        messages in prop::collection::vec(message(), 1..4),
        at in any::<prop::sample::Index>(),
        octet: u8,
    ) {
        let mut stream: Vec<u8> = messages.iter().flat_map(Message::encode).collect();
        let at = at.index(stream.len());
        stream[at] = octet;
        fuzz_sap(&stream);
    }
}

#[test]
fn a_message_that_is_too_long_is_passed_over_and_the_next_one_is_found() {
    let mut stream = octets("0502 0000 0400FFFE 00*65536 7F000003 01020300");
    stream.extend(octets("09000000"));
    let mut reader = MessageReader::new(MaxMsgSize::MIN);
    let too_long = Err(MessageError::TooLong { limit: 276 });
    assert_eq!(all(&mut reader, &stream), [too_long, Ok(Message::PowerSimOffReq)]);
}

#[test]
fn a_message_of_just_the_length_that_was_agreed_is_read() {
    let response = Payload::new(vec![0x90; 258]).unwrap();
    let message = Message::TransferApduResp(Ok(response));
    let octets = message.encode();
    assert_eq!(octets.len(), usize::from(MaxMsgSize::MIN.octets()));
    assert_eq!(all(&mut MessageReader::new(MaxMsgSize::MIN), &octets), [Ok(message)]);
}

#[test]
fn half_a_message_and_one_with_something_behind_it_are_none() {
    let truncated =
        |at, needed, left| Err(MessageError::Octets(InvalidOctets::Truncated { at, needed, left }));
    assert_eq!(Message::decode(&[]), truncated(0, 4, 0));
    assert_eq!(Message::decode(&octets("00010000 00000002 02")), truncated(8, 2, 1));
    assert_eq!(Message::decode(&octets("00010000 00000002 0200")), truncated(10, 2, 0));
    let trailing = InvalidOctets::Trailing { at: 4, count: 1 };
    assert_eq!(Message::decode(&octets("09000000 00")), Err(MessageError::Octets(trailing)));
}

#[test]
fn a_payload_has_a_length_that_its_parameter_can_say() {
    assert_eq!(Payload::new([]), Err(InvalidPayload { len: 0 }));
    assert_eq!(Payload::new(vec![0; 65_536]), Err(InvalidPayload { len: 65_536 }));
    assert!(Payload::new(vec![0; 65_535]).is_ok());
}

#[test]
fn a_size_into_which_no_answer_fits_is_none() {
    assert_eq!(MaxMsgSize::new(275), Err(InvalidSize { size: 275 }));
    assert_eq!(MaxMsgSize::new(276), Ok(MaxMsgSize::MIN));
}
