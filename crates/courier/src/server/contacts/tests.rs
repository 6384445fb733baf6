use alloc::vec::Vec;

use super::*;
use crate::server::account::tests::{Known, Rig, config, number};
use crate::server::{Limits, ServerConfig};
use crate::wire::{AccountFromDevice, AccountToDevice, FromDevice, ToDevice};
use polysim_base::Duration;
use proptest::prelude::*;

fn told(mode: ContactMode, n: u64) -> ContactKey {
    ContactKey::of(mode, &config().key.salt(), &number(n))
}

fn keys(mode: ContactMode, of: &[u64]) -> Vec<ContactKey> {
    let mut keys: Vec<_> = of.iter().map(|n| told(mode, *n)).collect();
    keys.sort();
    keys
}

/// Somebody with contacts, in session 0.
struct Phone {
    rig: Rig,
    mode: ContactMode,
    questions: u32,
    version: MarkVersion,
}

impl Phone {
    fn new(mode: ContactMode) -> (Self, Known) {
        Self::with(ServerConfig { contacts: mode, ..config() })
    }

    fn with(config: ServerConfig) -> (Self, Known) {
        let mode = config.contacts;
        let mut rig = Rig::with(config);
        rig.up(0);
        let known = rig.registered(0, number(0), 100);
        rig.hello(0, &known, None);
        (Self { rig, mode, questions: 0, version: MarkVersion(0) }, known)
    }

    fn question(&mut self, add: &[u64], remove: &[u64], whole: bool) -> FromDevice {
        self.questions += 1;
        let (request, since) = (RequestId(self.questions), self.version);
        let (add, remove) = (keys(self.mode, add), keys(self.mode, remove));
        FromDevice::Contacts(Refresh { request, since, add, remove, whole })
    }

    fn ask(&mut self, add: &[u64], remove: &[u64]) -> (Vec<ContactKey>, Vec<ContactKey>) {
        let question = self.question(add, remove, false);
        match self.rig.ask(0, question) {
            Some(ToDevice::Contacts(ContactsToDevice::Marks { version, on, off, .. })) => {
                self.version = version;
                (on, off)
            }
            other => panic!("no marks: {other:?}"),
        }
    }

    /// Somebody registers, in the session of their number.
    fn register(&mut self, n: u64) {
        self.rig.up(n);
        self.rig.registered(n, number(n), u8::try_from(n).unwrap());
    }

    fn deregister(&mut self, n: u64) {
        let question =
            FromDevice::Account(AccountFromDevice::Deregister { request: RequestId(u32::MAX) });
        assert!(matches!(
            self.rig.ask(n, question),
            Some(ToDevice::Account(AccountToDevice::Done { .. }))
        ));
    }
}

#[test]
fn contacts_are_marked_while_they_are_registered() {
    for mode in [ContactMode::Digests, ContactMode::Numbers] {
        let (mut phone, _) = Phone::new(mode);
        phone.register(1);
        assert_eq!(phone.ask(&[1, 2, 3], &[]), (keys(mode, &[1]), Vec::new()));
        assert_eq!(phone.ask(&[], &[]), (Vec::new(), Vec::new()));
        phone.register(2);
        phone.register(4);
        assert_eq!(phone.ask(&[], &[]), (keys(mode, &[2]), Vec::new()));
        phone.deregister(1);
        assert_eq!(phone.ask(&[4], &[3]), (keys(mode, &[4]), keys(mode, &[1])));
    }
}

#[test]
fn a_question_said_again_has_the_same_answer_and_a_late_one_none() {
    let (mut phone, _) = Phone::new(ContactMode::Digests);
    phone.register(1);
    let question = phone.question(&[1], &[], false);
    let answer = phone.rig.ask(0, question.clone());
    assert!(answer.is_some());
    assert_eq!(phone.rig.ask(0, question.clone()), answer);
    phone.ask(&[], &[1]);
    assert_eq!(phone.rig.say(0, question), []);
    assert_eq!(phone.ask(&[], &[]), (Vec::new(), Vec::new()));
}

#[test]
fn whoever_swaps_contacts_learns_of_no_more_numbers_than_its_account_may() {
    let limits = Limits { lookups_per_day: 750, ..config().limits };
    let (mut phone, _) = Phone::with(ServerConfig { limits, ..config() });
    let [first, second, third] = [1, 301, 601].map(|n| (n..n + 300).collect::<Vec<u64>>());
    phone.ask(&first, &[]);
    for _ in 0..100 {
        phone.ask(&[], &[]);
        let whole = phone.question(&first, &[], true);
        let answer = phone.rig.ask(0, whole);
        assert!(matches!(answer, Some(ToDevice::Contacts(ContactsToDevice::Marks { .. }))));
    }
    phone.ask(&second, &first);
    let question = phone.question(&third, &second, false);
    let answer = phone.rig.ask(0, question.clone());
    let Some(ToDevice::Contacts(ContactsToDevice::Refused { why, .. })) = answer else {
        panic!("{answer:?}")
    };
    let Refusal::LookupLimit(after) = why else { panic!("{why:?}") };
    // 900 of 750: the rest comes back in a fifth of a day.
    assert_eq!(after, Duration::from_secs(86_400 / 5));
    phone.rig.now = phone.rig.now.plus(after);
    let answer = phone.rig.ask(0, question);
    assert!(matches!(answer, Some(ToDevice::Contacts(ContactsToDevice::Marks { .. }))));
}

#[test]
fn contacts_and_marks_survive_a_crash() {
    for checkpoint in [false, true] {
        let (mut phone, known) = Phone::new(ContactMode::Digests);
        phone.register(1);
        phone.register(2);
        phone.ask(&[1, 2, 3], &[]);
        phone.deregister(1);
        if checkpoint {
            phone.rig.restart_from_checkpoint();
        } else {
            phone.rig.restart();
        }
        phone.rig.up(0);
        phone.rig.hello(0, &known, None);
        phone.register(3);
        let mode = ContactMode::Digests;
        // After a checkpoint nobody knows when a mark has gone: all that are off are told.
        assert_eq!(
            phone.ask(&[], &[]),
            match checkpoint {
                false => (keys(mode, &[3]), keys(mode, &[1])),
                true => (keys(mode, &[2, 3]), keys(mode, &[1])),
            }
        );
    }
}

#[test]
fn too_many_contacts_are_refused_and_those_of_another_mode_are_none() {
    let (mut phone, _) = Phone::new(ContactMode::Digests);
    let all: Vec<u64> = (1..=301).collect();
    let question = phone.question(&all, &[], true);
    let refused = Some(ToDevice::Contacts(ContactsToDevice::Refused {
        request: RequestId(1),
        why: Refusal::Full,
    }));
    assert_eq!(phone.rig.ask(0, question), refused);
    phone.ask(&all[..200], &[]);
    let question = phone.question(&all[150..], &[], false);
    assert!(matches!(
        phone.rig.ask(0, question),
        Some(ToDevice::Contacts(ContactsToDevice::Refused { .. }))
    ));
    phone.register(1);
    let (request, since) = (RequestId(9), MarkVersion(0));
    let (add, remove) = (Vec::from([told(ContactMode::Numbers, 1)]), Vec::new());
    let question = FromDevice::Contacts(Refresh { request, since, add, remove, whole: true });
    let Some(ToDevice::Contacts(ContactsToDevice::Marks { on, .. })) = phone.rig.ask(0, question)
    else {
        panic!("no marks")
    };
    assert_eq!(on, []);
}

proptest! {
    #[test]
    fn marks_follow_the_register(
        steps in prop::collection::vec((0_u8..5, 1_u64..6), 1..40),
    ) {
        let (mut phone, known) = Phone::new(ContactMode::Digests);
        let mut registered = std::collections::BTreeSet::new();
        let mut book = std::collections::BTreeSet::new();
        let mut marked = std::collections::BTreeSet::new();
        for (what, n) in steps {
            let mut answer = None;
            match what {
                0 if registered.insert(n) => {
                    // Codes to a number are limited; this is not about these.
                    phone.rig.now = phone.rig.now.plus(Duration::from_secs(4_000));
                    phone.register(n);
                }
                1 if registered.remove(&n) => phone.deregister(n),
                2 if book.insert(n) => answer = Some(phone.ask(&[n], &[])),
                3 if book.remove(&n) => {
                    marked.remove(&told(phone.mode, n));
                    answer = Some(phone.ask(&[], &[n]));
                }
                4 => {
                    phone.rig.restart_from_checkpoint();
                    for n in &registered { phone.rig.up(*n); }
                    phone.rig.up(0);
                    phone.rig.hello(0, &known, None);
                    // Nobody else says hello: they register again.
                    registered.clone().into_iter().for_each(|n| {
                        phone.rig.now = phone.rig.now.plus(Duration::from_secs(4_000));
                        phone.register(n);
                    });
                }
                _ => {}
            }
            let (on, off) = answer.unwrap_or_else(|| phone.ask(&[], &[]));
            marked.extend(on);
            off.iter().for_each(|key| { marked.remove(key); });
            let right: Vec<u64> = book.intersection(&registered).copied().collect();
            prop_assert_eq!(marked.iter().copied().collect::<Vec<_>>(), keys(phone.mode, &right));
        }
    }
}
