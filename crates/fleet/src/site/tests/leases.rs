use super::{HERE, Rig, claim, iccid, order};
use crate::site::{ModemPhase, SiteInput, SiteRecord};
use crate::wire::{CardReply, CardSignal, Directive, SiteOrder, SiteReport};
use crate::{Epoch, Revoke, ServerId, Term};
use polysim_base::Duration;
use polysim_modem::ModemCommand;

#[test]
fn a_grant_is_recorded_and_the_card_reset_before_its_modem_has_it() {
    let mut rig = Rig::with_cards();
    rig.cards.get_mut(&(0, 0)).unwrap().heard.clear();
    rig.grant(1, 1);
    let epoch = SiteRecord::Epoch { iccid: iccid(1), epoch: claim(1, 1).epoch };
    assert!(rig.records.contains(&epoch));
    assert_eq!(rig.cards[&(0, 0)].heard, [[0xFD], [0xFF]]);
    assert_eq!(rig.phase(), ModemPhase::Standby);
    assert!(rig.reports().contains(&SiteReport::Attached(claim(1, 1))));
    let fence = rig.site.fence(rig.now, iccid(1)).unwrap();
    assert!(fence.open && fence.card_here);
    rig.grant(1, 1);
    assert_eq!(rig.cards[&(0, 0)].heard.len(), 2, "said again, it changes nothing");
}

#[test]
fn only_the_answer_to_the_reset_itself_opens_the_fence() {
    let mut rig = Rig::with_cards();
    rig.cards.get_mut(&(0, 0)).unwrap().mute = true;
    rig.grant(1, 1);
    let says = |reply| SiteInput::Card { bank: 0, slot: 0, reply };
    rig.give(says(CardReply::Response([0x90, 0x00].into())));
    assert!(!rig.site.fence(rig.now, iccid(1)).unwrap().open, "that was asked before");
    rig.give(SiteInput::ModemCard(0, CardSignal::PowerOn));
    assert_eq!(rig.cards[&(0, 0)].heard.last(), Some(&[0xFF].to_vec()));
    let resets = rig.cards[&(0, 0)].heard.len();
    rig.give(says(CardReply::Atr([0x3B].into())));
    assert!(rig.site.fence(rig.now, iccid(1)).unwrap().open);
    assert_eq!(rig.cards[&(0, 0)].heard.len(), resets + 1, "what waited is done now");
}

#[test]
fn orders_of_an_older_term_are_ignored() {
    let mut rig = Rig::with_cards();
    rig.give(SiteInput::Server(
        ServerId(1),
        Directive { term: Term(7), order: SiteOrder::Introduce },
    ));
    rig.grant(1, 1);
    assert_eq!(rig.phase(), ModemPhase::Empty);
    assert_eq!(rig.site.counters().stale_orders, 1);
}

#[test]
fn an_older_epoch_is_refused_also_after_a_restart() {
    let mut rig = Rig::with_cards();
    rig.grant(1, 5);
    rig.grant(1, 4);
    assert_eq!(rig.site.modem(0).unwrap().lease, Some(claim(1, 5)));
    rig.restart();
    assert_eq!(rig.phase(), ModemPhase::Empty);
    assert!(!rig.drivers[0].on_air);
    rig.grant(1, 4);
    rig.grant(1, 5);
    assert_eq!(rig.phase(), ModemPhase::Empty, "a restarted site holds no lease");
    rig.grant(1, 6);
    assert_eq!(rig.phase(), ModemPhase::Standby);
}

#[test]
fn a_newer_grant_ends_the_older_and_resets_the_card_between() {
    let mut rig = Rig::on_standby();
    rig.cards.get_mut(&(0, 0)).unwrap().heard.clear();
    rig.grant(1, 2);
    let heard = &rig.cards[&(0, 0)].heard;
    assert!(heard.contains(&[0xFF].to_vec()), "{heard:?}");
    assert_eq!(rig.site.modem(0).unwrap().lease, Some(claim(1, 2)));
    assert_eq!(rig.seen_by_modem()[..2], [CardReply::Removed, CardReply::Inserted]);
}

#[test]
fn a_lease_that_runs_out_ends_with_nobodys_word() {
    let mut rig = Rig::with_cards();
    rig.grant_for(1, 1, HERE, HERE, Duration::from_secs(10));
    assert_eq!(rig.phase(), ModemPhase::Standby);
    rig.advance(Duration::from_millis(9_000));
    assert_eq!(rig.phase(), ModemPhase::Standby);
    rig.advance(Duration::from_millis(600));
    assert_eq!(rig.phase(), ModemPhase::Empty);
    assert!(!rig.drivers[0].on_air);
    assert_eq!(rig.seen_by_modem().last(), Some(&CardReply::Removed));
    assert_eq!(rig.cards[&(0, 0)].heard.last(), Some(&[0xFD].to_vec()));
    rig.give(SiteInput::ModemCard(0, CardSignal::Command([0, 0xA4, 0, 0].into())));
    assert_eq!(rig.cards[&(0, 0)].heard.last(), Some(&[0xFD].to_vec()), "no contact passes");
    // A renewal that comes late opens it anew.
    rig.grant(1, 1);
    assert_eq!(rig.phase(), ModemPhase::Standby);
}

#[test]
fn a_lease_taken_back_at_once_is_released_when_the_radio_is_off_and_the_card_out() {
    let mut rig = Rig::on_standby();
    rig.drivers[0].stuck = true;
    rig.revoke(1, 1, Revoke::AtOnce);
    assert_eq!(rig.phase(), ModemPhase::Leaving);
    assert!(!rig.reports().contains(&SiteReport::Released(claim(1, 1))));
    rig.unstick(0);
    assert_eq!(rig.seen_by_modem(), [CardReply::Removed]);
    assert!(rig.reports().contains(&SiteReport::Released(claim(1, 1))));
    assert!(!rig.site.fence(rig.now, iccid(1)).unwrap().open);
    // Said again, it is confirmed again; a grant of it that comes late opens nothing.
    rig.out.clear();
    rig.revoke(1, 1, Revoke::AtOnce);
    rig.grant(1, 1);
    assert_eq!(rig.reports(), std::vec![SiteReport::Released(claim(1, 1)); 2]);
    assert_eq!(rig.phase(), ModemPhase::Empty);
}

#[test]
fn a_modem_that_does_not_leave_loses_its_card_all_the_same() {
    let mut rig = Rig::on_standby();
    rig.drivers[0].stuck = true;
    rig.revoke(1, 1, Revoke::AtOnce);
    rig.advance(Duration::from_secs(11));
    assert_eq!(rig.phase(), ModemPhase::Empty);
    assert!(rig.reports().contains(&SiteReport::Released(claim(1, 1))));
}

#[test]
fn a_lease_that_was_never_heard_of_is_closed_and_confirmed() {
    let mut rig = Rig::with_cards();
    rig.revoke(1, 3, Revoke::AtOnce);
    assert_eq!(rig.reports(), [SiteReport::Released(claim(1, 3))]);
    rig.grant(1, 3);
    assert_eq!(rig.phase(), ModemPhase::Empty);
}

#[test]
fn a_fence_order_closes_all_up_to_its_epoch() {
    let mut rig = Rig::on_standby();
    rig.order(SiteOrder::Fence { iccid: iccid(1), epoch: Epoch::NONE });
    assert_eq!(rig.phase(), ModemPhase::Standby, "an older one is of no concern");
    rig.order(SiteOrder::Fence { iccid: iccid(1), epoch: claim(1, 1).epoch });
    assert_eq!(rig.phase(), ModemPhase::Empty);
}

#[test]
fn a_grant_for_a_card_that_is_not_there_is_given_back() {
    let mut rig = Rig::with_cards();
    rig.pull(0);
    rig.out.clear();
    rig.grant(1, 1);
    assert!(rig.reports().contains(&SiteReport::CardLost(claim(1, 1))));
    assert_eq!(rig.phase(), ModemPhase::Empty);
}

#[test]
fn a_modem_that_gets_another_sim_gives_the_first_one_up() {
    let mut rig = Rig::on_standby();
    rig.grant(2, 1);
    assert_eq!(rig.site.modem(0).unwrap().lease, Some(claim(2, 1)));
    assert_eq!(rig.phase(), ModemPhase::Standby);
    let at = |command| rig.drivers[0].commands.iter().position(|other| *other == command);
    let off = at(ModemCommand::PowerOff(polysim_modem::PowerDown::Flight));
    assert!(off < at(ModemCommand::PowerOn));
    rig.give(order(SiteOrder::Introduce));
}

#[test]
fn a_lease_that_had_run_out_is_renewed_as_soon_as_it_is_back() {
    let mut rig = Rig::with_cards();
    rig.grant_for(1, 1, HERE, HERE, Duration::from_secs(10));
    rig.advance(Duration::from_secs(11));
    assert_eq!(rig.phase(), ModemPhase::Empty);
    rig.out.clear();
    rig.grant_for(1, 1, HERE, HERE, Duration::from_secs(10));
    let renewals = |rig: &Rig| {
        let of_it = |report: &SiteReport| match report {
            SiteReport::Renew { leases, .. } => leases.contains(&claim(1, 1)),
            _ => false,
        };
        rig.reports().iter().filter(|report| of_it(report)).count()
    };
    rig.advance(Duration::from_secs(1));
    assert_eq!(renewals(&rig), 1);
    rig.grant_for(1, 1, HERE, HERE, Duration::from_secs(10));
    rig.advance(Duration::from_secs(8));
    assert_eq!(rig.phase(), ModemPhase::Standby);
    assert_eq!(renewals(&rig), 1, "one that goes on is renewed in its turn");
}
