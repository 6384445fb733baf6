//! A terminal, with a server and a site behind a link that loses, doubles and reorders.

use super::*;
use crate::wire::{Refusal, TextState};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// What the link does to a message: how many copies, and how late each.
type Fate = Vec<u64>;

const ITEMS: u64 = 40;
const TEXTS: u64 = 5;

/// Everything on its way, by when it arrives.
#[derive(Default)]
struct Link {
    fates: Vec<Fate>,
    sent: usize,
    ways: BTreeMap<(Instant, usize), OnTheWay>,
}

#[derive(Clone)]
enum OnTheWay {
    Up(ServerId, UserRequest),
    There(ModemRequest),
    Down(TerminalInput),
}

impl Link {
    fn send(&mut self, now: Instant, what: &OnTheWay) {
        // After a while the link is good: what is repeated comes through.
        let fate = self.fates.get(self.sent).cloned().unwrap_or_else(|| Vec::from([10]));
        self.sent += 1;
        for late in fate {
            let at = now.plus(Duration::from_millis(late));
            self.ways.insert((at, self.ways.len() + 1_000 * self.sent), what.clone());
        }
    }
}

/// How long a SIM takes to its next modem.
const ATTACH: Duration = Duration::from_secs(9);

/// The server, and two modems at which the SIM is in turn. Each remembers for itself what it was
/// asked for.
#[derive(Default)]
struct Far {
    epoch: u32,
    attached_at: Instant,
    modems: [Modem; 2],
    refuse: bool,
}

/// A modem, as its site knows it.
#[derive(Default)]
struct Modem {
    /// The newest lease that is known there.
    highest: u32,
    closed: bool,
    texts: BTreeMap<MessageId, (Act, Result<Done, UseRefusal>)>,
}

impl Far {
    fn answer(&self, now: Instant, leader: bool, asked: &UserRequest) -> Answer {
        if !leader {
            return Answer::Refused(Refusal::NotLeading);
        }
        match asked.ask {
            Ask::Mail { after } => {
                let upto = (after.0 + 4).min(ITEMS);
                page(after.0, after.0 + 1..=upto, upto < ITEMS)
            }
            Ask::Use { .. } if now < self.attached_at => {
                Answer::Refused(Refusal::State(crate::SimState::Attaching))
            }
            Ask::Use { .. } => at(modem_of(self.epoch), self.epoch),
            Ask::Assign { .. } | Ask::Release { .. } | Ask::Why { .. } | Ask::List => {
                panic!("{asked:?}")
            }
        }
    }

    /// The SIM goes to the other modem: it is let go first, and heard of there a little later.
    fn moves(&mut self, now: Instant) {
        let modem = &mut self.modems[usize::from(modem_of(self.epoch)) - 1];
        (modem.highest, modem.closed) = (self.epoch, true);
        self.epoch += 1;
        self.attached_at = now.plus(ATTACH);
    }

    fn perform(&mut self, now: Instant, asked: &ModemRequest) -> Result<Done, UseRefusal> {
        let Act::Text { message, .. } = &asked.act else { panic!("{asked:?}") };
        if now >= self.attached_at {
            let modem = &mut self.modems[usize::from(modem_of(self.epoch)) - 1];
            modem.closed &= modem.highest == self.epoch;
            modem.highest = self.epoch;
        }
        let refuse = self.refuse;
        let modem = &mut self.modems[usize::from(asked.modem.number) - 1];
        if let Some((first, outcome)) = modem.texts.get(message) {
            assert_eq!(*first, asked.act, "one name, two texts");
            return outcome.clone();
        }
        let known = placement(1, modem.highest).epoch;
        if asked.epoch < known || asked.epoch == known && modem.closed {
            return Err(UseRefusal::Moved);
        }
        if asked.epoch > known || (now.as_micros() / 1_000_000).is_multiple_of(3) {
            return Err(UseRefusal::NotOnStandby);
        }
        // Some refusals end a text.
        let refused = refuse && message.number == 1;
        let outcome =
            if refused { Err(UseRefusal::CapReached) } else { Ok(Done::Accepted(*message)) };
        modem.texts.insert(*message, (asked.act.clone(), outcome.clone()));
        outcome
    }

    /// How many modems have taken a text.
    fn taken(&self, message: MessageId) -> usize {
        let taken = |modem: &&Modem| matches!(modem.texts.get(&message), Some((_, Ok(_))));
        self.modems.iter().filter(taken).count()
    }
}

fn modem_of(epoch: u32) -> u16 {
    if epoch.is_multiple_of(2) { 2 } else { 1 }
}

struct World {
    rig: Rig,
    link: Link,
    far: Far,
}

impl World {
    fn new(fates: Vec<Fate>, refuse: bool) -> Self {
        let link = Link { fates, ..Link::default() };
        let mut rig = Rig::new();
        rig.give(TerminalInput::Start);
        Self { rig, link, far: Far { epoch: 1, refuse, ..Far::default() } }
    }

    fn post(&mut self) {
        let now = self.rig.now;
        for (server, asked) in core::mem::take(&mut self.rig.asked) {
            self.link.send(now, &OnTheWay::Up(server, asked));
        }
        for asked in core::mem::take(&mut self.rig.to_modem) {
            self.link.send(now, &OnTheWay::There(asked));
        }
    }

    fn run(&mut self, until: Instant) {
        loop {
            self.post();
            let way = self.link.ways.keys().next().copied();
            let timer = self.rig.terminal.poll_timeout().map(|(at, _)| at);
            let way_due = way.map(|(at, _)| at).filter(|at| *at <= until);
            match (way_due, timer.filter(|at| *at <= until)) {
                (Some(arrives), due) if due.is_none_or(|due| arrives <= due) => self.arrive(),
                (_, Some(due)) => {
                    self.rig.now = self.rig.now.max(due);
                    self.rig.terminal.handle_timeout(due);
                    self.rig.drain();
                }
                (_, None) => break,
            }
        }
        self.rig.now = until;
    }

    fn arrive(&mut self) {
        let Some(((now, _), what)) = self.link.ways.pop_first() else { return };
        self.rig.now = self.rig.now.max(now);
        let back = match what {
            OnTheWay::Down(input) => return self.rig.give(input),
            OnTheWay::Up(server, asked) => {
                let leader = server == ServerId(1);
                let answer = self.far.answer(now, leader, &asked);
                TerminalInput::Answer(server, asked.request, answer)
            }
            OnTheWay::There(asked) => {
                let (request, outcome) = (asked.request, self.far.perform(now, &asked));
                TerminalInput::Modem(SITE, FromModem::Reply { request, outcome })
            }
        };
        self.link.send(now, &OnTheWay::Down(back));
    }
}

fn fate() -> impl Strategy<Value = Fate> {
    prop::collection::vec(prop_oneof![0..100_u64, 0..9_000_u64], 0..3)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn all_mail_is_told_once_in_order_and_each_text_has_one_end_and_one_name(
        fates in prop::collection::vec(fate(), 0..120),
        crashes in prop::collection::btree_set(1..120_u64, 0..4),
        moves in prop::collection::btree_set(1..120_u64, 0..3),
        refuse: bool,
    ) {
        let mut world = World::new(fates, refuse);
        // Long after the link has become good.
        for second in 0..5_000 {
            if second % 7 == 0 && second / 7 < TEXTS {
                world.rig.wish(second / 7, text());
            }
            if moves.contains(&second) {
                world.far.moves(world.rig.now);
            }
            if crashes.contains(&second) {
                world.rig.restart();
            }
            world.run(secs(second));
        }
        let told = world.rig.told();
        let mail = told.iter().filter_map(|event| {
            let TerminalEvent::Mail(item) = event else { return None };
            Some(item.id.0)
        });
        let mail: Vec<_> = mail.collect();
        prop_assert_eq!(mail, Vec::from_iter(1..=ITEMS));
        let mut ends = BTreeMap::new();
        for event in &told {
            let (TerminalEvent::Accepted(wish, _) | TerminalEvent::Failed(wish, _)) = event else {
                continue;
            };
            prop_assert!(ends.insert(*wish, event.clone()).is_none(), "{:?}", event);
        }
        prop_assert_eq!(ends.keys().copied().collect::<BTreeSet<_>>(), (0..TEXTS).collect());
        for (wish, end) in ends {
            let accepted = matches!(end, TerminalEvent::Accepted(..));
            let message = MessageId { user: UserId(1), terminal: TerminalId(7), number: wish };
            prop_assert_eq!(usize::from(accepted), world.far.taken(message), "{:?}", end);
        }
        prop_assert_eq!(world.rig.terminal.open_wishes(), 0);
    }

    #[test]
    fn nothing_that_a_site_or_server_says_makes_it_panic_or_grow(
        said in prop::collection::vec((0..9_u8, 0..30_u32, 0..40_u64), 0..400),
    ) {
        let mut rig = Rig::placed();
        for (kind, number, other) in said {
            let request = RequestId(7 << 32 | other);
            let modem = placement(1, 1).modem;
            let call = crate::wire::CallRef { modem, incarnation: 0, number };
            let message = MessageId { user: UserId(1), terminal: TerminalId(7), number: other };
            match kind {
                0 => rig.say(FromModem::Rings {
                    call, iccid: iccid(), epoch: placement(1, number).epoch, from: None,
                }),
                1 => rig.say(FromModem::Call {
                    call, iccid: iccid(), epoch: placement(1, number).epoch,
                    phase: crate::wire::CallPhase::Active, peer: None,
                }),
                2 => rig.reply(request, Ok(Done::Dialling(call))),
                3 => rig.reply(request, Err(UseRefusal::Moved)),
                4 => rig.answer(request, at(1, number)),
                5 => rig.say(FromModem::Text { message, state: TextState::Sent }),
                6 => rig.wish(other, text()),
                7 => rig.wish(other, TerminalWish::Dial { sim: SIM(), to: number_of(other) }),
                _ => rig.pass(Duration::from_millis(other * 100)),
            }
            prop_assert!(rig.terminal.open_wishes() <= 64);
        }
    }
}

fn number_of(other: u64) -> Msisdn {
    Msisdn::parse(&std::format!("+4917{other:08}")).unwrap()
}
