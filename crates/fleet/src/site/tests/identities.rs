use super::{HERE, Rig, claim, iccid};
use crate::ModemId;
use crate::site::{ModemPhase, SiteInput};
use crate::wire::{CardReply, Fault, SiteReport};
use polysim_base::{Duration, Imsi};
use polysim_modem::{Identity, ModemEvent, ModemOutput};

/// What the modem took its last card for.
fn last_ones() -> [Identity; 2] {
    let imsi = Imsi::parse("001019999999999").unwrap();
    [
        Identity { iccid: Some(iccid(2)), ..Identity::default() },
        Identity { imsi: Some(imsi), iccid: Some(iccid(1)), ..Identity::default() },
    ]
}

#[test]
fn a_modem_that_takes_its_card_for_the_last_one_is_restarted_before_it_goes_on_air() {
    for identity in last_ones() {
        let mut rig = Rig::with_cards();
        rig.drivers[0].identity = identity;
        rig.forget_commands();
        rig.grant(1, 1);
        assert_eq!(rig.names(), ["PowerOff", "Initialise", "ListTexts", "Restart"]);
        assert_eq!(rig.seen_by_modem().last(), Some(&CardReply::Removed));
        rig.forget_commands();
        rig.advance(Duration::from_secs(6));
        assert_eq!(rig.names(), ["PowerOff", "Initialise", "ListTexts", "PowerOn"]);
        assert_eq!(rig.phase(), ModemPhase::Standby);
    }
}

#[test]
fn a_modem_that_tells_the_card_it_was_given_goes_on_air() {
    let mut rig = Rig::with_cards();
    let imsi = Imsi::parse("001010123456789").unwrap();
    let (imsi, iccid) = (Some(imsi), Some(iccid(1)));
    rig.drivers[0].identity = Identity { imsi, iccid, imei: None };
    rig.grant(1, 1);
    assert_eq!(rig.phase(), ModemPhase::Standby);
}

#[test]
fn a_modem_that_insists_on_its_last_card_is_at_fault_and_the_sim_is_not() {
    let mut rig = Rig::with_cards();
    rig.drivers[0].identity = last_ones()[0];
    rig.drivers[0].obstinate = true;
    rig.grant(1, 1);
    rig.advance(Duration::from_secs(119));
    assert!(!rig.names().contains(&"PowerOn".into()));
    rig.advance(Duration::from_secs(2));
    assert_eq!(rig.phase(), ModemPhase::Failed);
    assert!(rig.reports().contains(&SiteReport::AttachFailed(claim(1, 1), Fault::Modem)));
}

#[test]
fn what_a_network_says_of_the_last_card_is_not_held_against_the_next() {
    let mut rig = Rig::with_cards();
    (rig.drivers[0].no_network, rig.drivers[0].reject) = (true, Some(3));
    rig.grant(1, 1);
    assert_eq!(rig.phase(), ModemPhase::Attaching);
    rig.drivers[0].reject = None;
    rig.event(ModemEvent::Ready(last_ones()[0]));
    assert_eq!(rig.phase(), ModemPhase::Preparing);
    rig.advance(Duration::from_secs(121));
    assert!(rig.reports().contains(&SiteReport::AttachFailed(claim(1, 1), Fault::Modem)));
}

#[test]
fn a_modem_that_is_another_sim_after_a_reset_of_its_own_has_failed() {
    let mut rig = Rig::on_standby();
    let ready = ModemEvent::Ready(last_ones()[0]);
    rig.give(SiteInput::Modem(0, ModemOutput::Event(ready)));
    assert_eq!(rig.phase(), ModemPhase::Failed);
    assert_eq!(rig.seen_by_modem(), [CardReply::Removed]);
    let modem = ModemId { site: HERE, number: 0 };
    assert!(rig.reports().contains(&SiteReport::ModemFailed(modem)));
}
