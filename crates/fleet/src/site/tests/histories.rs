//! Whatever happens to a site, in whatever order: it never panics, and what must hold holds.

use super::texts::text_of;
use super::{ANN, BOB, FakeCard, HERE, Rig, THERE, call, claim, registration};
use crate::site::{ModemPhase, SiteInput, SiteOutput, SiteRecord};
use crate::wire::{
    Act, CallRef, CardSignal, Contact, Kept, LeaseClaim, Relay, SiteOrder, SiteReport,
};
use crate::{ModemId, Revoke, SlotId};
use polysim_at::{CallDirection, CallState, RegistrationStatus};
use polysim_base::{Duration, Msisdn};
use polysim_modem::{CallEnd, CallId, Identity, ModemCommand, ModemEvent, ModemOutput};
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::vec::Vec;

fn lease(rig: &mut Rig, a: u8, b: u8) {
    let LeaseClaim { iccid, epoch } = claim(1 + a % 2, 1 + u32::from(b % 6));
    let slot = SlotId { site: HERE, bank: 0, slot: u16::from(a % 2) };
    let modem = ModemId { site: HERE, number: u16::from(b / 6 % 2) };
    let ttl = Duration::from_secs(20 + u64::from(b));
    match a / 2 % 5 {
        0..=2 => {
            let asked = rig.now;
            rig.order(SiteOrder::Grant { iccid, slot, modem, epoch, asked, ttl });
            rig.entitle(1 + a % 2, 1 + u32::from(b % 6));
        }
        3 => rig.order(SiteOrder::Revoke { iccid, epoch, how: Revoke::AtOnce }),
        _ if b & 0x80 == 0 => rig.order(SiteOrder::Fence { iccid, epoch }),
        _ => {
            let how = Revoke::Graceful { limit_micros: 0 };
            rig.order(SiteOrder::Revoke { iccid, epoch, how });
        }
    }
}

fn event(rig: &mut Rig, a: u8, b: u8) {
    let number = u16::from(b % 2);
    let incoming = |state| call(1 + b % 3, CallDirection::Terminated, state);
    let event = match a % 9 {
        0 => ModemEvent::Reset,
        1 => ModemEvent::Ready(Identity::default()),
        2 => ModemEvent::Unresponsive,
        3 => ModemEvent::Responsive,
        4 => ModemEvent::Registration(registration(RegistrationStatus::Searching, Some(b % 8))),
        5 => ModemEvent::Registration(registration(RegistrationStatus::Home, None)),
        6 => ModemEvent::Incoming(incoming(CallState::Incoming)),
        7 => ModemEvent::CallEnded { call: CallId(1 + b % 3), cause: CallEnd::Released },
        _ => super::upkeep::received(u32::from(b % 8), &[b % 4]),
    };
    rig.give(SiteInput::Modem(number, ModemOutput::Event(event)));
}

fn act(rig: &mut Rig, a: u8, b: u8) {
    let by = if b & 1 == 0 { ANN } else { BOB };
    let calls: Vec<CallRef> = rig.site.calls.keys().copied().collect();
    let modem = ModemId { site: HERE, number: 0 };
    let stale = CallRef { modem, incarnation: 1, number: 1 };
    let call = calls.get(usize::from(b / 2 % 4)).copied().unwrap_or(stale);
    if let Some(lease) = rig.site.modem(0).unwrap().lease {
        rig.epoch = lease.epoch.count();
    }
    let act = match a % 8 {
        0 => text_of(by, u64::from(b / 2 % 16), "hello"),
        1 => Act::Dial { to: Msisdn::parse("+4930123456").unwrap() },
        2 => Act::Answer(call),
        3 => Act::HangUp(call),
        4 => Act::Reject(call),
        5 => Act::Hold(call),
        6 => Act::Ussd("*100#".into()),
        _ => Act::Apdu([0, 0xA4, 0, 0x0C].into()),
    };
    drop(rig.act(by, act));
}

fn card(rig: &mut Rig, a: u8, b: u8) {
    let slot = u16::from(b % 2);
    match a % 6 {
        0 => rig.pull(slot),
        1 => rig.insert(slot, FakeCard::new(1 + b % 2)),
        2 => {
            if let Some(card) = rig.cards.get_mut(&(0, slot)) {
                card.mute = b & 2 == 0;
            }
        }
        3 => rig.give(SiteInput::ModemCard(slot, CardSignal::PowerOn)),
        4 => rig.give(SiteInput::ModemCard(slot, CardSignal::Command([0, 0x88, 0, 0].into()))),
        _ => {
            let LeaseClaim { iccid, epoch } = claim(1 + b % 2, u32::from(b % 7));
            let contact =
                if b & 8 == 0 { Contact::Fenced } else { Contact::ToCard(CardSignal::Reset) };
            let from = if b & 16 == 0 { HERE } else { THERE };
            let number = u32::from(b % 5);
            rig.give(SiteInput::Site(from, Relay { iccid, epoch, number, contact }));
        }
    }
}

fn step(rig: &mut Rig, (op, a, b): (u8, u8, u8)) {
    match op % 12 {
        0 | 1 => lease(rig, a, b),
        2 | 3 => event(rig, a, b),
        4..=6 => act(rig, a, b),
        7 => card(rig, a, b),
        8 => rig.advance(Duration::from_millis(u64::from(a) * u64::from(b))),
        9 if a % 4 == 0 => {
            rig.crash_at = Some(rig.polled + usize::from(b % 8));
            rig.advance(Duration::from_secs(40));
            rig.crash_at = None;
            rig.restart();
        }
        9 => rig.confirms = a % 4 != 1,
        10 => rig.drivers[usize::from(b % 2)].stuck = true,
        _ => rig.unstick(u16::from(b % 2)),
    }
}

fn check(rig: &Rig) {
    let views: Vec<_> = (0..2).map(|number| rig.site.modem(number).unwrap()).collect();
    let sims: Vec<_> = views.iter().filter_map(|view| view.lease).collect();
    let distinct: BTreeSet<_> = sims.iter().map(|claim| claim.iccid).collect();
    assert_eq!(distinct.len(), sims.len(), "a SIM is in one modem");
    for (view, driver) in views.iter().zip(&rig.drivers) {
        if let Some(lease) = view.lease {
            let fence = rig.site.fence(rig.now, lease.iccid).unwrap();
            assert_eq!(fence.highest, lease.epoch, "a modem has the newest lease of its SIM");
            let used = view.card_in && view.phase != ModemPhase::Leaving;
            assert!(!used || fence.until.is_some(), "a card is in a modem by a lease: {view:?}");
        }
        let may_be_on_air = match view.phase {
            ModemPhase::Attaching
            | ModemPhase::Standby
            | ModemPhase::Lost
            | ModemPhase::Service => true,
            ModemPhase::Empty
            | ModemPhase::Preparing
            | ModemPhase::Draining
            | ModemPhase::Leaving
            | ModemPhase::Failed => false,
        };
        let on_air = driver.on_air && !driver.stuck;
        assert!(!on_air || may_be_on_air, "a modem is on air: {view:?}");
        assert!(!on_air || view.memory == view.lease, "its memory is its SIM's: {view:?}");
    }
}

/// What a whole history must not have done.
fn check_whole(rig: &Rig) {
    let mut ended = BTreeSet::new();
    let mut reports = BTreeSet::new();
    for output in &rig.out {
        if let SiteOutput::Server(_, SiteReport::Keep(id, kept)) = output
            && reports.insert(*id)
            && let Kept::Call(call) = kept
        {
            assert!(ended.insert(call.call), "{:?} ended twice", call.call);
        }
    }
    let mut sent = 0;
    for driver in &rig.drivers {
        let texts = |command: &&ModemCommand| matches!(command, ModemCommand::SendText(_));
        sent += driver.commands.iter().filter(texts).count();
    }
    let mut submitted = BTreeSet::new();
    for record in &rig.records {
        if let SiteRecord::TextSubmitted { message, .. } = record {
            assert!(submitted.insert(*message), "{message:?} was submitted twice");
        }
    }
    assert!(sent <= submitted.len(), "a text is on record before its modem has it");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]
    #[test]
    fn whatever_happens_what_must_hold_holds(
        steps in prop::collection::vec(any::<(u8, u8, u8)>(), 1..120),
    ) {
        let mut rig = Rig::with_cards();
        for it in steps {
            step(&mut rig, it);
            check(&rig);
        }
        check_whole(&rig);
        // Left alone, with everything working, nothing runs for ever.
        (rig.confirms, rig.crash_at) = (true, None);
        rig.unstick(0);
        rig.unstick(1);
        rig.advance(Duration::from_secs(3_000));
        prop_assert!(rig.site.calls.is_empty());
        prop_assert!(rig.site.journal.texts.is_empty());
        prop_assert_eq!(rig.site.unconfirmed(), 0);
        prop_assert_eq!(rig.site.modem(0).unwrap().lease, None, "leases run out");
    }
}
