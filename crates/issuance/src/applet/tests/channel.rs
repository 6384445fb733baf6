use super::world::*;
use crate::applet::{AppletConfig, AppletInput, Bearer};
use crate::wire::{AppletMessage, CardReport};
use polysim_base::Imsi;
use polysim_cat::{
    ChannelChanged, ChannelProblem, Command, EventData, GeneralResult, LinkState, LocationStatus,
    RefreshMode,
};
use std::vec::Vec;

fn by_channel() -> AppletConfig {
    let bearer = Bearer::Channel { apn: "iot.example".into(), address: [10, 0, 0, 1], port: 4_000 };
    AppletConfig { bearer, ..config(true) }
}

fn connected_card() -> Card {
    let mut card = Card::new(by_channel());
    card.power_up().unwrap();
    card.settle();
    assert_eq!(card.frames.len(), 1);
    card
}

/// What stands for a packet between here and the card, which opens it.
fn packet(body: &[u8]) -> Vec<u8> {
    let len = u16::try_from(body.len()).unwrap().to_be_bytes();
    [&len[..], body].concat()
}

/// The card gives its applet what was in a packet, and the answer goes back.
fn answer(card: &mut Card, message: &AppletMessage) {
    assert!(card.packets.pop().is_some());
    card.secured(message).unwrap();
    card.give(AppletInput::Proof(Some(packet(b"proof")))).unwrap();
}

fn seed() -> Imsi {
    imsi(0)
}

#[test]
fn a_binding_request_and_its_answer_go_over_one_connection() {
    let mut card = connected_card();
    assert!(
        matches!(card.reports()[..], [CardReport::Bind { imsi: Some(imsi), .. }] if imsi == seed())
    );
    let long = packet(&[7; 300]);
    card.arrives(&long).unwrap();
    card.settle();
    assert_eq!(card.packets, [long], "in several pieces, and whole");
    answer(&mut card, &AppletMessage::Bound { imei: imei(1) });
    card.settle();
    assert_eq!(card.proofs, [packet(b"proof")]);
    card.timer().unwrap();
    assert!(matches!(card.asked, Some(Command::CloseChannel(_))), "{:?}", card.asked);
    card.settle();
    card.power_up().unwrap();
    card.settle();
    assert_eq!(card.frames.len(), 1);
}

#[test]
fn a_write_over_a_connection_is_proved_before_that_is_closed_and_the_device_restarts() {
    let mut card = connected_card();
    let both = [packet(b"bound"), packet(b"write")].concat();
    card.arrives(&both).unwrap();
    card.settle();
    answer(&mut card, &AppletMessage::Bound { imei: imei(1) });
    card.settle();
    answer(&mut card, &write(1, 3));
    assert!(matches!(card.asked, Some(Command::SendData(_))), "{:?}", card.asked);
    card.answer(GeneralResult::Performed).unwrap();
    assert_eq!(card.proofs.len(), 2);
    assert!(matches!(card.asked, Some(Command::CloseChannel(_))), "{:?}", card.asked);
    card.settle_without_service();
    assert_eq!(card.refreshes, [RefreshMode::UiccReset]);
    card.service(LocationStatus::Normal).unwrap();
    card.settle();
    assert!(matches!(card.reports().last(), Some(CardReport::Effective { .. })));
}

#[test]
fn a_platform_that_is_silent_or_gone_is_called_again_later() {
    let mut card = connected_card();
    card.timer().unwrap();
    card.settle();
    assert_eq!((card.asked.is_none(), card.frames.len()), (true, 1), "closed, and waiting");
    card.timer().unwrap();
    card.settle();
    assert_eq!(card.frames.len(), 2);
    let changed = ChannelChanged { status: channel(LinkState::Down), bearer: None, address: None };
    card.event(EventData::ChannelStatus(changed)).unwrap();
    card.settle();
    card.timer().unwrap();
    assert!(matches!(card.asked, Some(Command::OpenChannel(_))), "{:?}", card.asked);
    card.answer(GeneralResult::ChannelError(ChannelProblem::Unreachable)).unwrap();
    card.settle();
    card.timer().unwrap();
    card.settle();
    assert_eq!((card.frames.len(), card.said().len()), (3, 3), "no counter twice");
}

#[test]
fn octets_that_are_no_packet_end_the_connection() {
    let mut card = connected_card();
    card.arrives(&[0xFF; 40]).unwrap();
    card.answer(GeneralResult::Performed).unwrap();
    assert!(matches!(card.asked, Some(Command::CloseChannel(_))), "{:?}", card.asked);
}
