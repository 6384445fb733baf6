use super::mail::{pdu, text};
use super::sent::outcome;
use super::*;
use polysim_base::testkit::{Durable, crash_everywhere};
use std::collections::BTreeMap;

fn assign(n: u32, parameters: Parameters) -> Input {
    let (user, request, iccid) = (ALICE, RequestId(u64::from(n)), iccid(n));
    Input::User(user, UserRequest { request, ask: Ask::Assign { iccid, parameters } })
}

fn claim(n: u32, count: u32) -> LeaseClaim {
    LeaseClaim { iccid: iccid(n), epoch: Epoch::new(Term(1), count) }
}

fn permit(n: u32) -> Input {
    let set = EVERYTHING();
    Input::Operator(OperatorInput::Permit { iccid: iccid(n), user: ALICE, set })
}

/// An exchange that leads on after a crash, in the same term.
#[derive(Clone)]
struct Leader(Exchange);

impl Machine for Leader {
    type Input = Input;
    type Output = Output;
    type Record = Record;
    type Timer = Timer;

    fn handle(&mut self, now: Instant, input: Input) {
        self.0.lead_on();
        self.0.handle(now, input);
    }

    fn handle_timeout(&mut self, now: Instant) {
        self.0.handle_timeout(now);
    }

    fn poll_output(&mut self) -> Option<Out<Record, Output>> {
        self.0.poll_output()
    }

    fn poll_timeout(&self) -> Option<(Instant, Timer)> {
        self.0.poll_timeout()
    }

    fn restore(&mut self, record: Record) {
        self.0.restore(record);
    }
}

fn fresh() -> Leader {
    Leader(Exchange::new(ExchangeConfig::default()))
}

/// No epoch is said twice for different modems, and the fold is the state.
fn sound(run: &Durable<Leader>) {
    let mut said = BTreeMap::new();
    for effect in run.effects() {
        if let Output::ToSite(_, directive) = effect
            && let SiteOrder::Grant { iccid, modem, epoch, .. } = &directive.order
        {
            let first = said.entry((*iccid, *epoch)).or_insert(*modem);
            assert_eq!(first, modem);
        }
    }
    let state = &run.machine().0.state;
    assert_eq!(state.indexes, state.indexed_anew());
    let mut copy = run.clone();
    copy.restart(fresh());
    assert!(copy.machine().0.agrees(&run.machine().0));
}

#[test]
fn whatever_was_said_is_recorded_at_every_crash_point() {
    let evicting = Parameters { priority: 200, evict: true, ..anywhere() };
    let site = |report| Input::Site(SiteId(1), report);
    let changed = |revision, cards| {
        let modems = (0..2).map(|i| report(1, i, Kind::BuiltIn)).collect();
        let stamp = at(1);
        site(SiteReport::Hello(Hello { incarnation: 1, revision, stamp, cards, modems }))
    };
    let inputs = [
        Input::Lead(Term(1)),
        hello(1, 1, 1, 4, 2, Kind::BuiltIn),
        permit(10),
        permit(11),
        permit(12),
        permit(13),
        assign(10, anywhere()),
        site(SiteReport::Attached(claim(10, 1))),
        assign(11, Parameters { priority: 50, ..anywhere() }),
        site(SiteReport::Attached(claim(11, 1))),
        assign(12, anywhere()),
        assign(13, evicting),
        site(SiteReport::Released(claim(11, 1))),
        changed(2, [card(1, 1, 11), card(1, 2, 12), card(1, 3, 13)].into()),
        site(SiteReport::Released(claim(10, 1))),
        changed(3, [card(1, 1, 13), card(1, 2, 12), card(1, 3, 13)].into()),
        // The next term takes up what a crash has cut.
        Input::Lead(Term(2)),
    ];
    let points = crash_everywhere(
        fresh,
        &inputs,
        |cut| cut,
        |_, run| {
            sound(run);
            let state = |n| run.machine().0.sim_state(iccid(n));
            assert_eq!(state(13), Some(SimState::Duplicate));
            assert_eq!(state(12), Some(SimState::Attaching), "has the modem that became free");
            assert_eq!(
                (state(10), state(11)),
                (Some(SimState::NotPresent), Some(SimState::NotPresent))
            );
        },
    );
    assert!(points > 40, "{points}");
}

#[test]
fn no_text_is_lost_or_doubled_at_any_crash_point() {
    let site = |report| Input::Site(SiteId(1), report);
    let keep = |id, kept| site(SiteReport::Keep(ReportId(id), kept));
    let first = text(claim(10, 1), pdu(1, "one ", Some((3, 2, 1))));
    let second = text(claim(10, 1), pdu(1, "text", Some((3, 2, 2))));
    let went = outcome(claim(10, 1), 1, 5, PartOutcome::Sent { reference: 9 });
    // The site says everything again until it is confirmed.
    let said = [keep(1, first), keep(2, second), keep(3, went)];
    let before = [
        Input::Lead(Term(1)),
        hello(1, 1, 1, 1, 1, Kind::BuiltIn),
        permit(10),
        assign(10, anywhere()),
        site(SiteReport::Attached(claim(10, 1))),
    ];
    let prefix = before.len();
    let inputs: Vec<Input> = before.into_iter().chain(said.clone()).chain(said).collect();
    let points = crash_everywhere(
        fresh,
        &inputs,
        // What was lost of the preparation is done again, what was said is said again anyway.
        |cut| if cut < prefix { 0 } else { cut + 1 },
        |_, run| {
            let state = &run.machine().0.state;
            let mail: Vec<Mail> = state
                .shelves(ALICE)
                .filter_map(|shelf| shelf.after(MailId(0)))
                .map(|item| item.mail.clone())
                .collect();
            let [Mail::Text { body, parts: 2, .. }, Mail::TextState { .. }] = mail.as_slice()
            else {
                panic!("{mail:?}")
            };
            assert_eq!((body.as_str(), state.last_mail), ("one text", MailId(2)));
            for id in 1..=3 {
                let confirmed = run.effects().iter().any(|effect| {
                    let Output::ToSite(_, directive) = effect else { return false };
                    directive.order == SiteOrder::Confirmed(ReportId(id))
                });
                assert!(confirmed, "{id}");
            }
            sound(run);
        },
    );
    assert!(points > 15, "{points}");
}
