use super::{EXCHANGES_MAX, T0Card, T0Error, T0Exchange, T0Host};
use crate::{CommandApdu, Header, Le, Response, Status};
use proptest::prelude::*;
use std::{vec, vec::Vec};

/// Runs a command against a script of TPDUs and answers.
fn play(apdu: &[u8], script: &[(&[u8], &[u8])]) -> Response {
    let mut host = T0Host::new(&CommandApdu::parse(apdu).unwrap()).unwrap();
    for (at, (tpdu, answer)) in script.iter().enumerate() {
        assert_eq!(host.tpdu(), *tpdu, "TPDU {at}");
        if let Some(response) = host.handle(answer).unwrap() {
            assert_eq!(at + 1, script.len(), "done too early");
            return response;
        }
    }
    panic!("not done after the script");
}

fn response(data: &[u8], status: u16) -> Response {
    Response { data: data.to_vec(), status: status.into() }
}

#[test]
fn case_1_gets_a_p3_of_0() {
    let script: &[(&[u8], &[u8])] = &[(&[0, 0x04, 0, 0, 0], &[0x90, 0])];
    assert_eq!(play(&[0, 0x04, 0, 0], script), response(&[], 0x9000));
}

#[test]
fn case_2_repeats_with_the_right_length_and_keeps_what_was_asked() {
    let script: &[(&[u8], &[u8])] =
        &[(&[0, 0xB0, 0, 0, 2], &[0x6C, 3]), (&[0, 0xB0, 0, 0, 3], &[1, 2, 3, 0x90, 0])];
    assert_eq!(play(&[0, 0xB0, 0, 0, 2], script), response(&[1, 2], 0x9000));
}

#[test]
fn case_2_extended_goes_on_by_get_response() {
    let (first, second) = ([7; 258], [8; 46]);
    let mut full = first;
    full[256..].copy_from_slice(&[0x61, 44]);
    let mut rest = second;
    rest[44..].copy_from_slice(&[0x90, 0]);
    let script: &[(&[u8], &[u8])] = &[(&[0, 0xB0, 0, 0, 0], &full), (&[0, 0xC0, 0, 0, 44], &rest)];
    let answer = play(&[0, 0xB0, 0, 0, 0, 1, 44], script);
    assert_eq!((answer.data.len(), answer.status), (300, Status::Success));
}

#[test]
fn case_3_ends_with_its_status() {
    let script: &[(&[u8], &[u8])] = &[(&[0, 0xD6, 0, 0, 1, 9], &[0x65, 0x81])];
    assert_eq!(play(&[0, 0xD6, 0, 0, 1, 9], script), response(&[], 0x6581));
    let script: &[(&[u8], &[u8])] = &[(&[0, 0xA4, 0, 4, 2, 0x3F, 0], &[0x61, 0x20])];
    assert_eq!(play(&[0, 0xA4, 0, 4, 2, 0x3F, 0], script), response(&[], 0x6120));
}

#[test]
fn case_4_fetches_on_its_channel_in_as_many_pieces_as_it_takes() {
    let script: &[(&[u8], &[u8])] = &[
        (&[0x81, 0xC2, 0, 0, 1, 5], &[0x61, 4]),
        (&[0x01, 0xC0, 0, 0, 4], &[0x6C, 3]),
        (&[0x01, 0xC0, 0, 0, 3], &[1, 2, 3, 0x61, 2]),
        (&[0x01, 0xC0, 0, 0, 2], &[4, 5, 0x91, 0x0B]),
    ];
    assert_eq!(play(&[0x81, 0xC2, 0, 0, 1, 5, 0], script), response(&[1, 2, 3, 4, 5], 0x910B));
}

#[test]
fn case_4_fetches_no_more_than_expected() {
    let script: &[(&[u8], &[u8])] =
        &[(&[0x80, 0xC2, 0, 0, 1, 5], &[0x61, 5]), (&[0, 0xC0, 0, 0, 2], &[1, 2, 0x61, 3])];
    assert_eq!(play(&[0x80, 0xC2, 0, 0, 1, 5, 2], script), response(&[1, 2], 0x6103));
}

#[test]
fn case_4_of_a_2g_sim_fetches_after_9f() {
    let script: &[(&[u8], &[u8])] = &[
        (&[0xA0, 0xA4, 0, 0, 2, 0x3F, 0], &[0x9F, 2]),
        (&[0xA0, 0xC0, 0, 0, 2], &[1, 2, 0x90, 0]),
    ];
    assert_eq!(play(&[0xA0, 0xA4, 0, 0, 2, 0x3F, 0, 0], script), response(&[1, 2], 0x9000));
    let script: &[(&[u8], &[u8])] = &[(&[0, 0xA4, 0, 0, 2, 0x3F, 0], &[0x9F, 2])];
    assert_eq!(play(&[0, 0xA4, 0, 0, 2, 0x3F, 0, 0], script), response(&[], 0x9F02));
}

#[test]
fn case_4_with_a_warning_fetches_and_keeps_the_warning() {
    let command = [0x80, 0xC2, 0, 0, 1, 5, 0];
    let script: &[(&[u8], &[u8])] = &[
        (&[0x80, 0xC2, 0, 0, 1, 5], &[0x62, 0]),
        (&[0, 0xC0, 0, 0, 0], &[0x6C, 1]),
        (&[0, 0xC0, 0, 0, 1], &[9, 0x90, 0]),
    ];
    assert_eq!(play(&command, script), response(&[9], 0x6200));
    let nothing: &[(&[u8], &[u8])] =
        &[(&[0x80, 0xC2, 0, 0, 1, 5], &[0x62, 0]), (&[0, 0xC0, 0, 0, 0], &[0x69, 0x85])];
    assert_eq!(play(&command, nothing), response(&[], 0x6200));
}

#[test]
fn what_breaks_the_protocol_is_told() {
    let long = vec![0; 300];
    let command = CommandApdu::new(Header::new(0, 0xD6, 0, 0), &long, None).unwrap();
    assert_eq!(T0Host::new(&command).unwrap_err(), T0Error::TooLong { len: 300, limit: 255 });
    let read = CommandApdu::parse(&[0, 0xB0, 0, 0, 2]).unwrap();
    let mut host = T0Host::new(&read).unwrap();
    assert_eq!(host.handle(&[0x90]), Err(T0Error::Short { len: 1, min: 2 }));
    assert_eq!(
        host.handle(&[1, 2, 3, 0x90, 0]),
        Err(T0Error::UnexpectedData { len: 3, allowed: 2 })
    );
    let error = (0..EXCHANGES_MAX).find_map(|_| host.handle(&[0x6C, 2]).err()).unwrap();
    assert_eq!(error, T0Error::Endless { exchanges: EXCHANGES_MAX, last: Status::WrongLe(2) });
}

/// Gives one TPDU to a card that executes every command with these bytes and this status.
fn card(t0: &mut T0Card, tpdu: &[u8], data: &[u8], status: Status) -> (Vec<u8>, bool) {
    let mut reply = vec![0xEE];
    let command = t0.receive(tpdu, &mut reply);
    if let Some(command) = command {
        assert!(reply.is_empty());
        reply.extend_from_slice(data);
        t0.answer(&command, status, &mut reply);
    }
    (reply, command.is_some())
}

#[test]
fn the_card_holds_a_response_until_it_is_fetched() {
    let t0 = &mut T0Card::default();
    let select = [0, 0xA4, 0, 4, 2, 0x3F, 0];
    assert_eq!(card(t0, &select, &[1, 2, 3], Status::Success).0, [0x61, 3]);
    let get = |length| [0, 0xC0, 0, 0, length];
    assert_eq!(card(t0, &get(4), &[], Status::Success), (vec![0x6C, 3], false));
    assert_eq!(card(t0, &get(2), &[], Status::Success).0, [1, 2, 0x61, 1]);
    assert_eq!(card(t0, &get(1), &[], Status::Success).0, [3, 0x90, 0]);
    assert_eq!(card(t0, &get(1), &[], Status::Success).0, [0x69, 0x85]);
}

#[test]
fn another_command_or_channel_drops_what_is_held() {
    let t0 = &mut T0Card::default();
    let select = [1, 0xA4, 0, 4, 2, 0x3F, 0];
    let done = Status::Success;
    for between in [&[0, 0xC0, 0, 0, 1][..], &[1, 0xB0, 0, 0, 1], &[1, 0xC0, 1, 0, 1], &[0, 1]] {
        assert_eq!(card(t0, &select, &[7], done).0, [0x61, 1]);
        card(t0, between, &[9], done);
        assert_eq!(card(t0, &[1, 0xC0, 0, 0, 1], &[], done).0, [0x69, 0x85]);
    }
    card(t0, &select, &[7], done);
    t0.reset();
    assert_eq!(card(t0, &[1, 0xC0, 0, 0, 1], &[], done).0, [0x69, 0x85]);
    assert_eq!(card(t0, &[0x81, 0xC0, 0, 0, 1], &[], done).0, [0x6E, 0]);
    assert_eq!(card(t0, &[1, 0xC0, 1, 0, 1], &[], done).0, [0x6B, 0]);
}

#[test]
fn a_wrong_length_is_corrected_without_executing_twice() {
    let t0 = &mut T0Card::default();
    let pending = Status::ProactivePending(5);
    let (reply, executed) = card(t0, &[0x80, 0xF2, 0, 0, 0], &[1, 2], pending);
    assert_eq!((reply.as_slice(), executed), (&[0x6C, 2][..], true));
    let (reply, executed) = card(t0, &[0x80, 0xF2, 0, 0, 2], &[8, 8], Status::Success);
    assert_eq!((reply.as_slice(), executed), (&[1, 2, 0x91, 5][..], false));
    assert_eq!(card(t0, &[0x80, 0xF2, 0, 0, 0], &[1, 2], pending).0, [0x6C, 2]);
    let (reply, executed) = card(t0, &[0x80, 0xF2, 0, 0, 1], &[8], Status::Success);
    assert_eq!((reply.as_slice(), executed), (&[8, 0x90, 0][..], true), "another length");
    let lenient = &mut T0Card::lenient();
    assert_eq!(card(lenient, &[0x80, 0xF2, 0, 0, 0], &[1, 2], pending).0, [1, 2, 0x91, 5]);
}

#[test]
fn a_2g_sim_answers_9f_and_shortens() {
    let t0 = &mut T0Card::default();
    let select = [0xA0, 0xA4, 0, 0, 2, 0x3F, 0];
    assert_eq!(card(t0, &select, &[1, 2, 3], Status::Success).0, [0x9F, 3]);
    assert_eq!(card(t0, &[0xA0, 0xC0, 0, 0, 2], &[], Status::Success).0, [1, 2, 0x90, 0]);
    assert_eq!(card(t0, &[0xA0, 0xF2, 0, 0, 1], &[5, 6], Status::Success).0, [5, 0x90, 0]);
}

#[test]
fn a_whole_case_4_apdu_is_answered_at_once() {
    let t0 = &mut T0Card::default();
    let select = [0, 0xA4, 0, 4, 2, 0x3F, 0, 0];
    assert_eq!(card(t0, &select, &[1, 2], Status::Success).0, [1, 2, 0x90, 0]);
}

#[test]
fn an_exchange_of_a_trace_is_split_by_its_direction() {
    let read = T0Exchange::parse(&[0, 0xB0, 0, 0, 2, 1, 2, 0x90, 0]).unwrap();
    assert_eq!((read.sent, read.received), (&[][..], &[1, 2][..]));
    assert_eq!(read.command().le(), Some(Le::of_byte(2)));
    let update = T0Exchange::parse(&[0, 0xD6, 0, 0, 2, 1, 2, 0x90, 0]).unwrap();
    assert_eq!((update.sent, update.received), (&[1, 2][..], &[][..]));
    assert_eq!(update.command().data(), [1, 2]);
    assert!(T0Exchange::parse(&[0, 0xB0, 0, 0, 1, 1, 2, 0x90, 0]).is_err());
    assert!(T0Exchange::parse(&[0, 0xD6, 0, 0, 3, 1, 2, 0x90, 0]).is_err());
    assert!(T0Exchange::parse(&[0, 0xD6, 0, 0, 3, 0x90]).is_err());
}

proptest! {
    /// Host and card against each other: what the card answers arrives, whatever its length, as
    /// far as it was asked for.
    #[test]
    fn host_and_card_agree(
        cla in prop_oneof![Just(0x00_u8), Just(0x80), Just(0x41), Just(0xA0)],
        sent in proptest::collection::vec(any::<u8>(), 0..=255),
        le in proptest::option::of(1_usize..=1_000),
        data in proptest::collection::vec(any::<u8>(), 0..1_000),
        status in prop_oneof![
            Just(Status::Success), Just(Status::ProactivePending(9)), Just(Status::EndOfFile)
        ],
    ) {
        let header = Header::new(cla, 0xC2, 0, 0);
        let command = CommandApdu::new(header, &sent, le.and_then(Le::new)).unwrap();
        let data = if le.is_some() { data } else { Vec::new() };
        let mut host = T0Host::new(&command).unwrap();
        let mut t0 = T0Card::default();
        let mut executed = 0;
        let response = loop {
            let mut reply = Vec::new();
            if let Some(command) = t0.receive(host.tpdu(), &mut reply) {
                executed += 1;
                reply.extend_from_slice(&data);
                t0.answer(&command, status, &mut reply);
            }
            if let Some(response) = host.handle(&reply).unwrap() {
                break response;
            }
        };
        prop_assert_eq!(executed, 1);
        let wanted = le.unwrap_or(0).min(data.len());
        let whole = cla != 0xA0 || data.len() <= 256;
        prop_assert!(data.starts_with(&response.data));
        if whole {
            prop_assert_eq!(response.data.len(), wanted);
        }
        if wanted == data.len() && whole {
            prop_assert_eq!(response.status, status);
        }
    }

    #[test]
    fn arbitrary_bytes_never_panic(
        tpdus in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..20), 0..20),
    ) {
        let mut t0 = T0Card::default();
        let mut host = T0Host::new(&CommandApdu::parse(&[0, 0xC2, 0, 0, 1, 1, 0]).unwrap()).unwrap();
        for tpdu in &tpdus {
            let (reply, _) = card(&mut t0, tpdu, &[1, 2, 3], Status::Success);
            prop_assert!(reply.len() >= 2);
            drop(host.handle(tpdu));
            let _ = T0Exchange::parse(tpdu);
        }
    }
}
