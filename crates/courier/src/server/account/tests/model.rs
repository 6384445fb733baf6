use super::*;
use proptest::prelude::*;

/// What happens.
#[derive(Clone, Debug)]
enum Step {
    /// A device asks for a code for a number.
    Register {
        device: u8,
        number: u64,
    },
    /// A device tries a code of a registration, counted back from the last one.
    Confirm {
        device: u8,
        back: usize,
        guess: Guess,
    },
    /// A device connects anew.
    Connect {
        device: u8,
    },
    /// The carrier takes the last text, or not.
    Text {
        taken: bool,
    },
    Wait {
        minutes: u64,
    },
    /// The server crashes, and goes on from its log or from a checkpoint.
    Crash {
        checkpoint: bool,
    },
}

#[derive(Clone, Copy, Debug)]
enum Guess {
    Right,
    Wrong(u64),
}

fn step() -> impl Strategy<Value = Step> {
    let guess = prop_oneof![Just(Guess::Right), (1_u64..9).prop_map(Guess::Wrong)];
    prop_oneof![
        4 => (0_u8..3, 0_u64..2).prop_map(|(device, number)| Step::Register { device, number }),
        8 => (0_u8..3, 0_usize..3, guess)
            .prop_map(|(device, back, guess)| Step::Confirm { device, back, guess }),
        2 => (0_u8..3).prop_map(|device| Step::Connect { device }),
        2 => any::<bool>().prop_map(|taken| Step::Text { taken }),
        2 => prop_oneof![Just(1), Just(9), Just(50), Just(130)]
            .prop_map(|minutes| Step::Wait { minutes }),
        1 => any::<bool>().prop_map(|checkpoint| Step::Crash { checkpoint }),
    ]
}

/// A code, as it is to be.
#[derive(Debug)]
struct Sent {
    which: Registration,
    at: Instant,
    device: u8,
    number: u64,
    tries: usize,
    last_wrong: Option<u64>,
    used: bool,
    refused: bool,
    texted: bool,
    /// The session that has asked for it last.
    session: u64,
}

/// Who is registered, as it is to be: written to be read, not to be fast.
#[derive(Default)]
struct Model {
    sent: Vec<Sent>,
    holders: std::collections::BTreeMap<u64, (u8, Option<Instant>)>,
    /// The session of each device, and the number that it has there.
    sessions: [Option<(u64, Option<u64>)>; 3],
}

impl Model {
    fn held(&self, now: Instant, device: u8, number: u64) -> bool {
        self.holders.get(&number).is_some_and(|(holder, since)| {
            *holder != device && since.is_some_and(|since| since.plus(MINUTE.times(120)) > now)
        })
    }

    fn holding(&mut self, now: Instant, device: u8, number: u64) -> Option<&mut Sent> {
        let last = self.sent.iter_mut().rfind(|it| it.device == device && it.number == number)?;
        let holds = last.at.plus(MINUTE.times(10)) > now && last.tries < 5;
        let in_doubt = last.session == 0 && !last.texted;
        (holds && !last.used && !last.refused && !in_doubt).then_some(last)
    }

    fn sent_within_an_hour(&self, now: Instant, number: u64) -> usize {
        let recent = |it: &&Sent| it.number == number && it.at.plus(MINUTE.times(60)) > now;
        self.sent.iter().filter(recent).count()
    }
}

struct Run {
    rig: Rig,
    model: Model,
    sessions: u64,
}

impl Run {
    fn session(&mut self, device: u8) -> u64 {
        if let Some((session, _)) = self.model.sessions[usize::from(device)]
            && self.rig.server.sessions.is_open(Connection(session))
        {
            return session;
        }
        self.sessions += 1;
        self.rig.up(self.sessions);
        self.model.sessions[usize::from(device)] = Some((self.sessions, None));
        self.sessions
    }

    fn register(&mut self, device: u8, of: u64) {
        let session = self.session(device);
        let texts = self.rig.texts();
        let answer = self.rig.register(session, number(of), key(device));
        let now = self.rig.now;
        if let Some(holding) = self.model.holding(now, device, of) {
            assert_eq!(sent(answer), holding.which);
            holding.session = session;
            assert_eq!(self.rig.texts(), texts);
        } else if self.model.held(now, device, of) {
            assert!(matches!(refused(answer), Refusal::HeldDown(_)));
        } else if self.model.sent_within_an_hour(now, of) >= 3 {
            assert!(matches!(refused(answer), Refusal::NumberLimit(_)));
            assert_eq!(self.rig.texts(), texts);
        } else {
            assert_eq!(self.rig.texts(), texts + 1);
            self.model.sent.push(Sent {
                which: sent(answer),
                at: now,
                device,
                number: of,
                tries: 0,
                last_wrong: None,
                used: false,
                refused: false,
                texted: false,
                session,
            });
        }
    }

    fn confirm(&mut self, device: u8, back: usize, guess: Guess) {
        let session = self.session(device);
        let Some(at) = self.model.sent.len().checked_sub(back + 1) else { return };
        let which = self.model.sent[at].which;
        let right = self.rig.code(which);
        let code = match guess {
            Guess::Right => right,
            Guess::Wrong(by) => other(right, by),
        };
        let answer = self.rig.confirm(session, which, code);
        let now = self.rig.now;
        let sent = &self.model.sent[at];
        let held = self.model.held(now, sent.device, sent.number);
        let sent = &mut self.model.sent[at];
        let holds = sent.at.plus(MINUTE.times(10)) > now && sent.session == session;
        match guess {
            _ if !holds => assert_eq!(refused(answer), Refusal::Expired),
            _ if sent.refused => assert_eq!(refused(answer), Refusal::Carrier),
            // Said again: the same answer, unless the device is registered no more.
            Guess::Right if sent.used => assert!(matches!(
                answer,
                Some(
                    ToDevice::Account(AccountToDevice::Registered { .. })
                        | ToDevice::Account(AccountToDevice::Refused { why: Refusal::Expired, .. })
                )
            )),
            Guess::Wrong(_) if sent.used => assert_eq!(refused(answer), Refusal::Expired),
            _ if sent.tries >= 5 => assert_eq!(refused(answer), Refusal::TooManyTries),
            Guess::Wrong(by) => {
                sent.tries += usize::from(sent.last_wrong.replace(by) != Some(by));
                match answer {
                    Some(ToDevice::Account(AccountToDevice::WrongCode { tries_left, .. })) => {
                        assert_eq!(usize::from(tries_left) + sent.tries, 5);
                    }
                    answer => {
                        assert_eq!(refused(answer), Refusal::TooManyTries);
                        assert_eq!(sent.tries, 5);
                    }
                }
            }
            Guess::Right if held => assert!(matches!(refused(answer), Refusal::HeldDown(_))),
            Guess::Right => {
                known(answer);
                sent.used = true;
                let (number, device) = (sent.number, sent.device);
                let before = self.model.holders.get(&number).copied();
                let changed = match before {
                    Some((holder, since)) if holder == device => since,
                    Some(_) => Some(now),
                    None => None,
                };
                self.model.holders.insert(number, (device, changed));
                // In a session in which it had another number, it gives that up.
                let here = &mut self.model.sessions[usize::from(device)];
                let had = here.replace((session, Some(number))).and_then(|(_, had)| had);
                if let Some(had) = had.filter(|had| *had != number)
                    && self.model.holders.get(&had).is_some_and(|(holder, _)| *holder == device)
                {
                    self.model.holders.remove(&had);
                }
            }
        }
    }

    fn crash(&mut self, checkpoint: bool) {
        if checkpoint {
            self.rig.restart_from_checkpoint();
        } else {
            self.rig.restart();
        }
        self.model.sessions = [None; 3];
        for sent in &mut self.model.sent {
            sent.session = 0;
            sent.last_wrong = None;
        }
    }

    fn text(&mut self, taken: bool) {
        let Some(sent) = self.model.sent.last_mut() else { return };
        if !sent.used && !sent.refused {
            sent.refused = !taken;
            sent.texted |= taken;
        }
        let which = sent.which;
        self.rig.texted(which, taken);
    }

    fn step(&mut self, step: &Step) {
        match *step {
            Step::Register { device, number } => self.register(device, number),
            Step::Confirm { device, back, guess } => self.confirm(device, back, guess),
            Step::Connect { device } => self.model.sessions[usize::from(device)] = None,
            Step::Text { taken } => self.text(taken),
            Step::Wait { minutes } => drop(self.rig.wait(MINUTE.times(minutes))),
            Step::Crash { checkpoint } => self.crash(checkpoint),
        }
        for of in 0..2 {
            let holders = self.rig.devices(&number(of));
            let keys = holders.iter().map(|id| self.rig.server.accounts.devices[id].key);
            let holder = self.model.holders.get(&of).map(|(holder, _)| key(*holder));
            assert_eq!(keys.collect::<Vec<_>>(), holder.into_iter().collect::<Vec<_>>());
        }
    }
}

proptest! {
    #[test]
    fn codes_are_bounded_and_a_number_has_one_holder(
        steps in prop::collection::vec(step(), 1..60),
    ) {
        let mut run = Run { rig: Rig::new(), model: Model::default(), sessions: 0 };
        steps.iter().for_each(|step| run.step(step));
    }
}
