//! Histories of lost, doubled and late messages and of crashes, against a platform with cards.

use super::*;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

const DEVICES: u32 = 6;
const NUMBERS: u32 = 4;

#[derive(Clone, Copy, Debug)]
enum Step {
    Order(u8),
    Cancel(u8, u8),
    Asked(usize, u8),
    Answered(usize, u8),
    Bring(bool),
    Wake,
    Crash(u8),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        2 => (0..4_u8).prop_map(Step::Order),
        1 => (0..4_u8, 0..6_u8).prop_map(|(batch, device)| Step::Cancel(batch, device)),
        8 => (0..8_usize, 0..3_u8).prop_map(|(which, copies)| Step::Asked(which, copies)),
        8 => (0..8_usize, 0..3_u8).prop_map(|(which, copies)| Step::Answered(which, copies)),
        2 => any::<bool>().prop_map(Step::Bring),
        4 => Just(Step::Wake),
        2 => (0..4_u8).prop_map(Step::Crash),
    ]
}

/// What the card-writing platform is, as far as a business platform can see it. Each card is in its
/// own device, and holds one number.
#[derive(Default)]
struct Platform {
    writes: BTreeMap<RequestId, Known>,
    cards: BTreeMap<Eid, Imsi>,
}

#[derive(Clone, Copy, Debug)]
struct Known {
    device: Imei,
    imsi: Imsi,
    state: State,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum State {
    Taken { asked: u8 },
    OnSite,
    Written { asked: u8 },
    Done,
    Failed(WriteFailure),
    Refused(Refusal),
}

fn card_of(device: Imei) -> Eid {
    (0..DEVICES).find(|n| imei(*n) == device).map(eid).unwrap()
}

impl Platform {
    fn asked(&mut self, request: &BusinessRequest) -> BusinessAnswer {
        match &request.kind {
            RequestKind::Write { imei, imsi, .. } => self.write(request.id, *imei, *imsi),
            RequestKind::Bind { .. } => BusinessAnswer::Refused(Refusal::NotAuthentic),
            RequestKind::Proved { order, .. } => {
                let id = RequestId(order.0.into());
                if self.writes[&id].state == State::OnSite {
                    self.carry_out(id);
                }
                BusinessAnswer::Accepted
            }
            RequestKind::Cancel { write } => match self.writes.get_mut(write) {
                None => BusinessAnswer::Refused(Refusal::Unknown),
                Some(known) => match known.state {
                    State::Taken { .. } | State::OnSite => {
                        known.state = State::Failed(WriteFailure::Cancelled);
                        BusinessAnswer::Accepted
                    }
                    State::Written { .. } | State::Done | State::Failed(_) | State::Refused(_) => {
                        BusinessAnswer::Refused(Refusal::TooLate)
                    }
                },
            },
        }
    }

    fn write(&mut self, id: RequestId, device: Imei, imsi: Imsi) -> BusinessAnswer {
        let fate = match id.0 % 5 {
            0 => State::Refused(Refusal::NotBound),
            1 => State::Failed(WriteFailure::Expired),
            2 => State::OnSite,
            _ => State::Taken { asked: 0 },
        };
        let known = self.writes.entry(id).or_insert(Known { device, imsi, state: fate });
        assert_eq!((known.device, known.imsi), (device, imsi), "a request says the same always");
        match known.state {
            State::Taken { asked: 0 } => {
                known.state = State::Taken { asked: 1 };
                BusinessAnswer::Accepted
            }
            State::Taken { .. } => {
                self.carry_out(id);
                BusinessAnswer::Pending
            }
            State::OnSite => {
                let order = Some(OrderId(u32::try_from(id.0).unwrap()));
                let eid = card_of(device);
                BusinessAnswer::Local(LocalWrite { order, eid, packet: vec![1] })
            }
            State::Written { asked: 0 } => {
                known.state = State::Written { asked: 1 };
                BusinessAnswer::Pending
            }
            State::Written { .. } | State::Done => {
                known.state = State::Done;
                BusinessAnswer::Done { eid: card_of(device) }
            }
            State::Failed(why) => BusinessAnswer::Failed(why),
            State::Refused(why) => BusinessAnswer::Refused(why),
        }
    }

    fn carry_out(&mut self, id: RequestId) {
        let known = self.writes.get_mut(&id).unwrap();
        known.state = State::Written { asked: 0 };
        self.cards.insert(card_of(known.device), known.imsi);
        let numbers: BTreeSet<_> = self.cards.values().collect();
        assert_eq!(numbers.len(), self.cards.len(), "a number is on two cards: {:?}", self.cards);
    }
}

struct History {
    it: Business,
    records: Vec<BusinessRecord>,
    platform: Platform,
    now: Instant,
    asked: Vec<BusinessRequest>,
    answers: Vec<(RequestId, BusinessAnswer)>,
    job: Option<Job>,
    ordered: BTreeSet<u8>,
    told: BTreeMap<(BatchId, Imei), DeviceResult>,
}

/// Returns a record as it comes back from a disk.
fn written_down(record: &BusinessRecord) -> BusinessRecord {
    let read = serde_json::from_str(&serde_json::to_string(record).unwrap()).unwrap();
    assert_eq!(record, &read);
    read
}

fn fresh() -> Business {
    let pool = (0..NUMBERS).map(pooled).collect();
    Business::new(BusinessConfig { pool, patience: PATIENCE, rest: Duration::ZERO })
}

fn batch(n: u8) -> CustomerOrder {
    let devices = (0..DEVICES).filter(|device| (device + u32::from(n)) % 3 != 0);
    CustomerOrder { per_s: u32::from(n % 2), ..order(n.into(), devices) }
}

impl History {
    fn new() -> Self {
        Self {
            it: fresh(),
            records: Vec::new(),
            platform: Platform::default(),
            now: NOW,
            asked: Vec::new(),
            answers: Vec::new(),
            job: None,
            ordered: BTreeSet::new(),
            told: BTreeMap::new(),
        }
    }

    /// Lets the outputs take effect, up to a crash before one of them.
    fn drain(&mut self, crash: Option<u8>) {
        let mut left = crash;
        loop {
            if left == Some(0) {
                self.it = fresh();
                self.records.iter().cloned().for_each(|record| self.it.restore(record));
                assert_eq!(self.it.poll_output(), None);
                break;
            }
            left = left.map(|left| left - 1);
            match self.it.poll_output() {
                Some(Out::Record(record)) => self.records.push(written_down(&record)),
                Some(Out::Do(output)) => self.perform(output),
                None if left.is_some() => left = Some(0),
                None => break,
            }
        }
        let PoolTally { free, resting, reserved, on_card } = self.it.pool(self.now);
        assert_eq!(free + resting + reserved + on_card, NUMBERS as usize, "no number is lost");
    }

    fn perform(&mut self, output: BusinessOutput) {
        match output {
            BusinessOutput::Ask(request) => self.asked.push(request),
            BusinessOutput::Local(job) => self.job = Some(job),
            BusinessOutput::Result { result: DeviceResult::Pending, .. } => {}
            BusinessOutput::Result { batch, imei, result } => {
                let before = self.told.insert((batch, imei), result);
                assert!(before.is_none_or(|before| before == result), "one result: {before:?}");
            }
            BusinessOutput::NotTaken { why, .. } => assert_eq!(why, NotTaken::Unknown),
            BusinessOutput::Binding { .. } => panic!("nothing was read"),
        }
    }

    fn give(&mut self, input: BusinessInput) {
        self.it.handle(self.now, input);
        self.drain(None);
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Order(n) => {
                self.ordered.insert(n);
                self.give(BusinessInput::Order(batch(n)));
            }
            Step::Cancel(n, device) => {
                let (batch, imei) = (BatchId(n.into()), imei(device.into()));
                self.give(BusinessInput::Cancel { batch, imei });
            }
            Step::Asked(which, copies) if which < self.asked.len() => {
                let request = self.asked.remove(which);
                for _ in 0..copies {
                    let answer = self.platform.asked(&request);
                    self.answers.push((request.id, answer));
                }
            }
            Step::Answered(which, copies) if which < self.answers.len() => {
                let (request, answer) = self.answers.remove(which);
                for _ in 0..copies {
                    self.give(BusinessInput::Answer { request, answer: answer.clone() });
                }
            }
            Step::Asked(..) | Step::Answered(..) => {}
            Step::Bring(is_told) => {
                if let Some(job) = self.job.take().filter(|_| is_told) {
                    let (request, proof) = (job.request, Some(vec![1]));
                    self.give(BusinessInput::Brought { request, proof });
                }
            }
            Step::Wake => {
                if let Some((due, _)) = self.it.poll_timeout() {
                    self.now = self.now.max(due);
                    self.it.handle_timeout(self.now);
                    self.drain(None);
                }
            }
            Step::Crash(after) => {
                if let Some((due, _)) = self.it.poll_timeout() {
                    self.now = self.now.max(due);
                    self.it.handle_timeout(self.now);
                }
                self.drain(Some(after));
            }
        }
    }

    /// Nothing is lost any more.
    fn settle(&mut self) {
        for _ in 0..400 {
            while !self.asked.is_empty() || !self.answers.is_empty() {
                self.take(Step::Asked(0, 1));
                self.take(Step::Answered(0, 1));
                self.take(Step::Bring(true));
            }
            if self.it.poll_timeout().is_none() {
                break;
            }
            self.take(Step::Wake);
        }
        for n in core::mem::take(&mut self.ordered) {
            self.take(Step::Order(n));
            let batch = batch(n);
            assert_eq!(self.it.unfinished(batch.batch), Some(0), "each device has a result");
            for device in &batch.devices {
                assert!(self.told.contains_key(&(batch.batch, *device)), "and it was told");
            }
        }
        assert_eq!((self.it.open_requests(), self.it.pool(self.now).reserved), (0, 0));
        let known: BTreeMap<_, _> =
            self.it.on_cards().map(|(eid, pooled)| (eid, pooled.imsi)).collect();
        assert_eq!(known, self.platform.cards, "what is on cards is known");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn no_number_is_ever_on_two_cards_and_every_device_ends_once(
        steps in proptest::collection::vec(step(), 0..120),
    ) {
        let mut history = History::new();
        for step in steps {
            history.take(step);
        }
        history.settle();
    }
}
