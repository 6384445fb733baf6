//! What a site answers for a text so that no other site sends it, too: what it had, it had for good,
//! and what it says it never will have, it never has.

use super::texts::text;
use super::{ANN, BOB, HERE, Rig, THERE, claim};
use crate::wire::{Budget, Done, LeaseClaim, MessageId, SiteOrder, TEXTS_KNOWN, UseRefusal};
use crate::{Permissions, Revoke};
use polysim_base::Duration;
use polysim_modem::ModemCommand;

const MOVED: Option<Result<Done, UseRefusal>> = Some(Err(UseRefusal::Moved));
const NOT_NOW: Option<Result<Done, UseRefusal>> = Some(Err(UseRefusal::NotOnStandby));

fn accepted(number: u64) -> Option<Result<Done, UseRefusal>> {
    Some(Ok(Done::Accepted(MessageId { user: ANN.0, terminal: ANN.1, number })))
}

fn sent(rig: &Rig) -> usize {
    let texts = |command: &&ModemCommand| matches!(command, ModemCommand::SendText(_));
    rig.drivers[0].commands.iter().filter(texts).count()
}

fn budget(rig: &mut Rig, count: u32, texts_limit: u64) {
    let LeaseClaim { iccid, epoch } = claim(1, count);
    let users = [(ANN.0, Permissions::TEXT_SEND)].into();
    let budget = Budget { texts_limit, ..Budget::default() };
    rig.order(SiteOrder::Entitle { iccid, epoch, revision: 1, users, budget });
}

#[test]
fn a_text_that_was_taken_is_known_when_its_lease_has_moved_away() {
    let mut rig = Rig::on_standby();
    assert_eq!(rig.act(ANN, text(1, "x")), accepted(1));
    rig.revoke(1, 1, Revoke::AtOnce);
    rig.grant_for(1, 2, HERE, THERE, Duration::from_secs(3_600));
    assert_eq!(rig.act(ANN, text(1, "x")), accepted(1));
    assert_eq!(rig.act(ANN, text(2, "x")), MOVED);
    rig.restart();
    assert_eq!(rig.act(ANN, text(1, "x")), accepted(1));
    assert_eq!(rig.act(ANN, text(2, "x")), MOVED);
    assert_eq!(sent(&rig), 1);
}

#[test]
fn a_lease_that_is_not_known_yet_may_still_take_the_text() {
    let mut rig = Rig::with_cards();
    assert_eq!(rig.act(ANN, text(1, "x")), NOT_NOW, "nothing is known of the SIM");
    rig.grant(1, 1);
    assert_eq!(rig.act(ANN, text(1, "x")), NOT_NOW, "nor who may text with it");
    rig.entitle(1, 1);
    rig.epoch = 2;
    assert_eq!(rig.act(ANN, text(1, "x")), NOT_NOW, "nor of the next lease");
    rig.epoch = 1;
    assert_eq!(rig.act(ANN, text(1, "x")), accepted(1));
    rig.grant(1, 3);
    rig.epoch = 2;
    assert_eq!(rig.act(ANN, text(2, "x")), MOVED, "which never came");
}

#[test]
fn a_lease_that_was_said_to_have_run_out_is_not_opened_again() {
    let mut rig = Rig::with_cards();
    rig.grant_for(1, 1, HERE, HERE, Duration::from_secs(10));
    rig.entitle(1, 1);
    rig.advance(Duration::from_secs(11));
    assert_eq!(rig.act(ANN, text(1, "x")), MOVED);
    rig.grant(1, 1);
    rig.entitle(1, 1);
    assert_eq!(rig.act(ANN, text(1, "x")), MOVED, "a copy that comes late");
    rig.restart();
    rig.grant(1, 1);
    assert_eq!(rig.act(ANN, text(1, "x")), MOVED);
    assert_eq!(sent(&rig), 0);
}

#[test]
fn a_text_that_was_refused_for_good_is_not_taken_later() {
    let mut rig = Rig::on_standby();
    budget(&mut rig, 1, 3);
    for number in 1..=3 {
        rig.act(ANN, text(number, "x"));
    }
    let refused = Some(Err(UseRefusal::CapReached));
    assert_eq!(rig.act(ANN, text(4, "x")), refused);
    budget(&mut rig, 1, 100);
    assert_eq!(rig.act(ANN, text(4, "x")), refused, "a copy that comes late");
    rig.restart();
    assert_eq!(rig.act(ANN, text(4, "x")), refused);
    rig.grant(1, 2);
    budget(&mut rig, 2, 100);
    rig.epoch = 2;
    assert_eq!(rig.act(ANN, text(4, "x")), refused);
    assert_eq!(rig.act(ANN, text(5, "x")), accepted(5));
    // Who asks in the name of another spoils nothing.
    assert_eq!(rig.act(BOB, text(6, "x")), Some(Err(UseRefusal::NotPermitted)));
    assert_eq!(rig.act(ANN, text(6, "x")), accepted(6));
}

#[test]
fn a_text_that_may_have_been_forgotten_is_never_taken_nor_sent_elsewhere() {
    let mut rig = Rig::on_standby();
    budget(&mut rig, 1, 10_000);
    let known = u64::from(TEXTS_KNOWN);
    for number in 0..=known {
        assert_eq!(rig.act(ANN, text(number, "x")), accepted(number));
    }
    let before = sent(&rig);
    let refused = Some(Err(UseRefusal::BadRequest));
    assert_eq!(rig.act(ANN, text(0, "x")), refused);
    assert_eq!(rig.act(ANN, text(1, "x")), accepted(1), "the oldest that is known");
    rig.revoke(1, 1, Revoke::AtOnce);
    assert_eq!(rig.act(ANN, text(0, "x")), refused, "not moved");
    rig.restart();
    assert_eq!(rig.act(ANN, text(0, "x")), refused);
    assert_eq!(rig.act(ANN, text(1, "x")), accepted(1));
    assert_eq!(sent(&rig), before);
    assert_eq!(rig.site.journal.seen.values().map(|texts| texts.len()).sum::<usize>(), 256);
}
