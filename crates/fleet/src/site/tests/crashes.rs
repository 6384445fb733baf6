//! Every point at which a site may crash while texts come and go: before each output in turn, with
//! everything not yet given out lost. Cards and modems outlive it.

use super::texts::text;
use super::{ANN, Rig};
use crate::Revoke;
use crate::wire::{Done, FromModem, Kept, PartOutcome};
use polysim_base::Duration;
use polysim_modem::{ModemCommand, OutgoingBody};
use std::string::String;
use std::vec::Vec;

/// What happens, by the number of the lease.
const STEPS: [fn(&mut Rig, u32); 6] = [
    |rig, lease| {
        rig.epoch = lease;
        rig.grant(1, lease);
        rig.entitle(1, lease);
    },
    |rig, _| drop(rig.act(ANN, text(1, "one"))),
    |rig, _| drop(rig.act(ANN, text(2, "two"))),
    |rig, _| rig.advance(Duration::from_secs(31)),
    |rig, lease| rig.revoke(1, lease, Revoke::AtOnce),
    |rig, _| rig.advance(Duration::from_secs(31)),
];

/// Runs everything, and after a crash again from the beginning: terminals and servers repeat what
/// they did not hear of.
fn history(crash_at: Option<usize>) -> Rig {
    let mut rig = Rig::with_cards();
    rig.drivers[0].store.insert(5, [5].into());
    rig.drivers[0].store.insert(6, [6].into());
    (rig.polled, rig.crash_at) = (0, crash_at);
    let mut lease = 1;
    for at in 0..STEPS.len() {
        STEPS[at](&mut rig, lease);
        if rig.crashed {
            rig.restart();
            lease += 1;
            STEPS[..=at].iter().for_each(|step| step(&mut rig, lease));
        }
    }
    rig
}

fn sent(rig: &Rig) -> Vec<String> {
    let body = |command: &ModemCommand| match command {
        ModemCommand::SendText(text) => match &text.body {
            OutgoingBody::Text { text, .. } => Some(text.clone()),
            OutgoingBody::Parts(_) => None,
        },
        _ => None,
    };
    rig.drivers[0].commands.iter().filter_map(body).collect()
}

fn check(crash_at: Option<usize>, rig: &Rig) {
    let sent = sent(rig);
    for number in [1, 2] {
        let body = ["one", "two"][usize::try_from(number).unwrap() - 1];
        let times = sent.iter().filter(|text| *text == body).count();
        assert!(times <= 1, "crash before {crash_at:?}: {body} sent {times} times");
        let accepted = rig.told(ANN).iter().any(|told| match told {
            FromModem::Reply { outcome: Ok(Done::Accepted(text)), .. } => text.number == number,
            _ => false,
        });
        assert!(accepted, "crash before {crash_at:?}: {body} was never taken");
        let outcomes: Vec<PartOutcome> = rig
            .kept()
            .into_iter()
            .filter_map(|kept| match kept {
                Kept::Outcome(outcome) if outcome.message.number == number => {
                    Some(outcome.parts[0]).filter(|part| *part != PartOutcome::Pending)
                }
                _ => None,
            })
            .collect();
        assert!(!outcomes.is_empty(), "crash before {crash_at:?}: nobody knows of {body}");
        assert!(outcomes.iter().all(|part| *part == outcomes[0]), "{crash_at:?}: {outcomes:?}");
        let failed = matches!(outcomes[0], PartOutcome::Failed { .. });
        assert!(!failed || times == 0, "crash before {crash_at:?}: {body} was sent, and is denied");
        let known = matches!(outcomes[0], PartOutcome::Sent { .. });
        assert!(!known || times == 1, "crash before {crash_at:?}: {body} was not sent");
    }
    for octets in [5, 6] {
        let heard = rig.kept().into_iter().any(|kept| match kept {
            Kept::Text(text) => text.pdu == [octets],
            _ => false,
        });
        let held = rig.drivers[0].store.contains_key(&u32::from(octets));
        assert!(heard, "crash before {crash_at:?}: text {octets} was never told of");
        assert!(!held, "crash before {crash_at:?}: text {octets} is still in the modem");
    }
    assert_eq!(rig.site.unconfirmed(), 0, "crash before {crash_at:?}");
}

#[test]
fn at_no_point_does_a_crash_lose_a_text_or_send_one_twice() {
    let whole = history(None);
    check(None, &whole);
    assert!(whole.polled > 40);
    for point in 0..whole.polled {
        check(Some(point), &history(Some(point)));
    }
}
