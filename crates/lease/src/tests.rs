use crate::{
    Admission, Epoch, EpochError, Fence, FenceError, Grant, GrantError, Grantor, LeaseState,
    Margin, Moved, Revoke, Term,
};
use polysim_base::{Duration, Instant};
use proptest::prelude::*;
use std::collections::{BTreeMap, HashSet};
use std::vec;
use std::vec::Vec;

const fn at(micros: u64) -> Instant {
    Instant::from_micros(micros)
}

fn margin() -> Margin {
    Margin::new(100, Duration::from_millis(1)).unwrap()
}

const TTL: Duration = Duration::from_secs(10);

fn held() -> (Grantor<u8>, Epoch) {
    let mut grantor = Grantor::new();
    let epoch = grantor.grant(at(0), 1, Term(1), TTL, margin()).unwrap();
    (grantor, epoch)
}

fn grant(epoch: Epoch, asked: u64) -> Grant {
    Grant { epoch, asked: at(asked), ttl: TTL }
}

#[test]
fn a_server_of_an_older_term_grants_nothing() {
    let (mut grantor, epoch) = held();
    grantor.released(epoch).unwrap();
    grantor.grant(at(1), 1, Term(2), TTL, margin()).unwrap();
    let epoch = grantor.epoch();
    grantor.released(epoch).unwrap();
    let refused = grantor.grant(at(2), 1, Term(1), TTL, margin());
    let passed = EpochError::TermPassed { seen: 2, ours: 1 };
    assert_eq!(refused, Err(GrantError::Epoch(passed)));
    assert_eq!(Epoch::new(Term(1), u32::MAX).next(Term(1)), Err(EpochError::Exhausted));
}

#[test]
fn a_lease_that_was_not_heard_of_is_in_doubt_until_the_guard_has_passed() {
    let (mut grantor, epoch) = held();
    assert_eq!(grantor.pass(at(9_999_999)), None);
    assert_eq!(grantor.pass(at(10_000_000)), Some(Moved::InDoubt));
    let guard = at(10_000_000 + 1_000 + 1_000);
    assert_eq!(grantor.state(), LeaseState::InDoubt { holder: 1, guard });
    let early = grantor.grant(at(10_001_999), 2, Term(1), TTL, margin());
    assert_eq!(early, Err(GrantError::MayBeHeld { guard }));
    assert!(grantor.renew(at(10_000_001), epoch, TTL, margin()).is_err());
    assert_eq!(grantor.pass(guard), Some(Moved::Freed));
    assert!(grantor.grant(guard, 2, Term(1), TTL, margin()).unwrap() > epoch);
}

#[test]
fn a_graceful_revocation_is_renewed_until_its_limit_and_then_not() {
    let (mut grantor, epoch) = held();
    let limit = Revoke::Graceful { limit_micros: 12_000_000 };
    assert!(grantor.revoke(limit));
    assert!(!grantor.revoke(limit));
    grantor.renew(at(9_000_000), epoch, TTL, margin()).unwrap();
    assert_eq!(grantor.pass(at(11_999_999)), None);
    assert_eq!(grantor.pass(at(12_000_000)), Some(Moved::GraceOver));
    let refused = grantor.renew(at(12_000_001), epoch, TTL, margin());
    assert_eq!(refused, Err(GrantError::Revoked));
    assert!(!grantor.revoke(limit), "a second call can only hasten it");
}

#[test]
fn another_grantor_counts_by_its_own_clock_whatever_that_shows() {
    for takes_over in [Instant::ZERO, Instant::from_micros(1 << 40)] {
        let (mut held, _) = held();
        let mut revoking = held;
        revoking.revoke(Revoke::Graceful { limit_micros: 5 });
        let mut in_doubt = held;
        while in_doubt.pass(Instant::MAX) != Some(Moved::InDoubt) {}
        for lease in [&mut held, &mut revoking, &mut in_doubt] {
            lease.taken_over(takes_over, TTL, margin(), takes_over.plus(TTL));
            assert!(lease.deadline().unwrap().0 >= takes_over.plus(TTL), "{lease:?}");
            assert!(lease.deadline().unwrap().0 <= takes_over.plus(margin().guard(TTL)));
        }
    }
}

#[test]
fn a_lease_without_an_end_runs_out_once_its_holder_is_lost() {
    let mut grantor = Grantor::new();
    let epoch = grantor.grant(at(0), 1_u8, Term(0), Grantor::<u8>::UNENDING, margin()).unwrap();
    assert_eq!(grantor.deadline().unwrap().0, Instant::MAX);
    assert_eq!(grantor.pass(at(u64::MAX - 1)), None);
    grantor.run_out(at(5), TTL, margin());
    grantor.run_out(at(9_000_000), TTL, margin());
    assert_eq!(grantor.pass(at(10_000_004)), None);
    assert_eq!(grantor.pass(at(10_000_005)), Some(Moved::InDoubt), "the first loss counts");
    grantor.run_out(at(10_000_006), TTL, margin());
    assert_eq!(grantor.pass(at(10_002_004)), None);
    assert_eq!(grantor.pass(at(10_002_005)), Some(Moved::Freed), "the guard stands");
    assert_eq!(grantor.epoch(), epoch);
}

#[test]
fn a_lease_that_runs_out_is_without_an_end_again_when_renewed_in_time() {
    let mut grantor = Grantor::restored(Epoch::new(Term(0), 7), Some(1_u8));
    let unending = grantor;
    grantor.run_out(at(5), TTL, margin());
    grantor.renew(at(6), grantor.epoch(), Grantor::<u8>::UNENDING, margin()).unwrap();
    assert_eq!(grantor, unending);
    grantor.revoke(Revoke::AtOnce);
    grantor.run_out(at(5), TTL, margin());
    assert_eq!(grantor.deadline().unwrap().0, at(10_000_005), "one that is revoked runs out too");
    let late = grantor.renew(at(6), grantor.epoch(), Grantor::<u8>::UNENDING, margin());
    assert_eq!(late, Err(GrantError::Revoked));
}

#[test]
fn a_restored_lease_goes_on_with_the_next_epoch() {
    let epoch = Epoch::new(Term(0), 7);
    assert_eq!(Grantor::restored(epoch, Some(1_u8)).holder(), Some(1));
    let mut free = Grantor::restored(epoch, None);
    let next = free.grant(at(0), 2_u8, Term(0), TTL, margin()).unwrap();
    assert_eq!(next, Epoch::new(Term(0), 8));
}

#[test]
fn a_release_frees_only_the_current_lease() {
    let (mut grantor, epoch) = held();
    assert!(grantor.released(Epoch::new(Term(1), 7)).is_err());
    grantor.released(epoch).unwrap();
    assert!(grantor.released(epoch).is_err());
    assert_eq!(grantor.state(), LeaseState::Free);
}

#[test]
fn what_is_told_again_later_holds_for_what_is_left() {
    let (grantor, epoch) = held();
    let told = grantor.told(at(4_000_000), at(77)).unwrap();
    assert_eq!(told, Grant { epoch, asked: at(77), ttl: Duration::from_secs(6) });
}

#[test]
fn the_fence_opens_after_a_reset_and_refuses_what_is_older() {
    let (first, second) = (Epoch::new(Term(1), 1), Epoch::new(Term(1), 2));
    let mut fence = Fence::new();
    assert_eq!(fence.accept(at(0), grant(first, 0), margin()), Ok(Admission::ResetFirst));
    assert_eq!(fence.admit(at(0), first), Err(FenceError::ResetDue { given: first }));
    fence.reset_done(first).unwrap();
    assert_eq!(fence.admit(at(0), first), Ok(()));
    assert_eq!(fence.accept(at(1), grant(first, 1), margin()), Ok(Admission::Renewed));
    assert_eq!(fence.accept(at(2), grant(second, 2), margin()), Ok(Admission::ResetFirst));
    let older = FenceError::Older { given: first, highest: second };
    assert_eq!(fence.admit(at(2), first), Err(older));
    assert_eq!(fence.accept(at(2), grant(first, 2), margin()), Err(older));
    assert_eq!(fence.close(first), Err(older));
}

#[test]
fn the_fence_closes_by_its_own_clock_counted_from_when_it_asked() {
    let epoch = Epoch::new(Term(1), 1);
    let mut fence = Fence::new();
    fence.accept(at(5_000_000), grant(epoch, 1_000_000), margin()).unwrap();
    fence.reset_done(epoch).unwrap();
    assert_eq!(fence.deadline(), Some(at(11_000_000 - 2_000)));
    assert_eq!(fence.admit(at(10_997_999), epoch), Ok(()));
    assert_eq!(fence.admit(at(10_998_000), epoch), Err(FenceError::Ended { given: epoch }));
    let late = fence.accept(at(10_998_000), grant(epoch, 999_999), margin());
    assert_eq!(late, Err(FenceError::Late { given: epoch }));
}

#[test]
fn a_belated_grant_does_not_open_what_was_let_go() {
    let epoch = Epoch::new(Term(1), 1);
    let mut fence = Fence::new();
    fence.accept(at(0), grant(epoch, 0), margin()).unwrap();
    fence.close(epoch).unwrap();
    let belated = fence.accept(at(1), grant(epoch, 0), margin());
    assert_eq!(belated, Err(FenceError::Ended { given: epoch }));
}

proptest! {
    #[test]
    fn a_holder_stops_before_the_grantor_may_grant_again(
        ttl in 0_u64..1_000_000_000_000,
        skew in 0_u64..10_000_000,
        ppm in 0_u32..=Margin::DRIFT_PPM_MAX,
        grantor_fast: bool,
        holder_fast: bool,
    ) {
        let margin = Margin::new(ppm, Duration::from_micros(skew)).unwrap();
        let ttl = Duration::from_micros(ttl);
        let million = 1_000_000_u128;
        let rate = |fast| if fast { million + u128::from(ppm) } else { million - u128::from(ppm) };
        // True time, in millionths of a microsecond, that passes while a clock shows so much.
        let truly = |shown: Duration, fast| {
            u128::from(shown.as_micros()) * million * million / rate(fast)
        };
        prop_assert!(truly(margin.hold(ttl), holder_fast) <= truly(margin.guard(ttl), grantor_fast));
    }

    #[test]
    fn epochs_only_grow(terms in proptest::collection::vec(0_u32..5, 1..40)) {
        let mut epoch = Epoch::NONE;
        for term in terms {
            if let Ok(next) = epoch.next(Term(term)) {
                prop_assert!(next > epoch && next.term() == Term(term));
                epoch = next;
            }
        }
    }
}

// Exhaustive exploration: one grantor, two holders, messages lost, late and doubled, every mix of
// slow and fast clocks, up to a horizon of true time.

const RATES: [u64; 2] = [9, 11];
const HORIZON: u64 = 5;
/// Ticks of true time are ten units; clocks of a tenth of drift show nine or eleven.
const PPM: u32 = 100_000;
const IN_FLIGHT_MAX: usize = 2;

#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
enum Mail {
    Ask { from: usize, stamp: u64, epoch: Epoch },
    Grant { to: usize, grant: Grant },
    Revoke { to: usize, epoch: Epoch },
    Released { epoch: Epoch },
}

#[derive(Clone, Debug, Eq, Hash, PartialEq)]
struct World {
    time: u64,
    rates: [u64; 3],
    ttl: u64,
    grantor: Grantor<usize>,
    fences: [Fence; 2],
    mail: Vec<Mail>,
}

impl World {
    fn clock(&self, node: usize) -> Instant {
        at(self.time * self.rates[node])
    }

    fn margin() -> Margin {
        Margin::new(PPM, Duration::ZERO).unwrap()
    }

    const fn ttl(&self) -> Duration {
        Duration::from_micros(self.ttl)
    }

    fn send(&mut self, mail: Mail) {
        if self.mail.len() < IN_FLIGHT_MAX {
            self.mail.push(mail);
        }
    }

    fn believers(&self) -> usize {
        (0..2)
            .filter(|&i| {
                let fence = self.fences[i];
                fence.deadline().is_some() && fence.admit(self.clock(i), fence.highest()).is_ok()
            })
            .count()
    }

    fn deliver(&mut self, mail: Mail) {
        match mail {
            Mail::Ask { from, stamp, epoch } => {
                let (now, ttl) = (self.clock(2), self.ttl());
                let mine = self.grantor.holder() == Some(from) && self.grantor.epoch() == epoch;
                if mine {
                    let _refused = self.grantor.renew(now, epoch, ttl, Self::margin()).is_err();
                } else {
                    let _refused =
                        self.grantor.grant(now, from, Term(1), ttl, Self::margin()).is_err();
                }
                if self.grantor.holder() == Some(from)
                    && let Some(grant) = self.grantor.told(now, at(stamp))
                {
                    self.send(Mail::Grant { to: from, grant });
                }
            }
            Mail::Grant { to, grant } => {
                let now = self.clock(to);
                if self.fences[to].accept(now, grant, Self::margin()).is_ok() {
                    self.fences[to].reset_done(grant.epoch).unwrap();
                }
            }
            Mail::Revoke { to, epoch } => {
                if self.fences[to].close(epoch).is_ok() {
                    self.send(Mail::Released { epoch });
                }
            }
            Mail::Released { epoch } => {
                let _stale = self.grantor.released(epoch).is_err();
            }
        }
    }

    fn tick(&mut self) {
        self.time += 1;
        while self.grantor.pass(self.clock(2)).is_some() {}
        for i in 0..2 {
            let now = self.clock(i);
            self.fences[i].expire(now);
        }
    }

    fn ask(&mut self, from: usize) {
        let stamp = self.clock(from).as_micros();
        self.send(Mail::Ask { from, stamp, epoch: self.fences[from].highest() });
    }

    /// Every world that can follow.
    fn next(&self) -> Vec<Self> {
        let mut all = vec![];
        let mut push = |change: &dyn Fn(&mut Self)| {
            let mut world = self.clone();
            change(&mut world);
            all.push(world);
        };
        if self.time < HORIZON {
            push(&Self::tick);
        }
        for i in 0..2 {
            push(&|world| world.ask(i));
        }
        if let Some(to) = self.grantor.holder() {
            push(&|world| {
                world.grantor.revoke(Revoke::AtOnce);
                world.send(Mail::Revoke { to, epoch: world.grantor.epoch() });
            });
        }
        for (i, mail) in self.mail.iter().enumerate() {
            push(&|world| {
                world.mail.remove(i);
                world.deliver(*mail);
            });
            push(&|world| world.deliver(*mail)); // a copy stays on its way
            push(&|world| {
                world.mail.remove(i);
            });
        }
        all
    }
}

/// From any state, without faults, each asks by turns: both are served within a bound.
fn serves_again(mut world: World) -> bool {
    world.mail.clear();
    let mut served = [false; 2];
    for _ in 0..12 {
        for (i, served) in served.iter_mut().enumerate() {
            world.ask(i);
            while let Some(mail) = world.mail.pop() {
                world.deliver(mail);
            }
            let (now, fence) = (world.clock(i), world.fences[i]);
            if fence.highest() > Epoch::NONE && fence.admit(now, fence.highest()).is_ok() {
                *served = true;
                world.fences[i].close(fence.highest()).unwrap();
                world.deliver(Mail::Released { epoch: fence.highest() });
            }
        }
        world.tick();
    }
    served == [true, true]
}

#[test]
fn never_do_two_believe_to_hold_it_and_service_returns_when_faults_stop() {
    let mut reached = BTreeMap::new();
    // The margin of the holder decides at a time to live of 20, that of the grantor at 22.
    let clocks = [(0, 0, 1), (0, 1, 1), (0, 1, 0), (1, 1, 0)];
    for ((a, b, g), ttl) in clocks.into_iter().flat_map(|c| [(c, 20), (c, 22)]) {
        let rates = [RATES[a], RATES[b], RATES[g]];
        let start = World {
            time: 0,
            rates,
            ttl,
            grantor: Grantor::new(),
            fences: [Fence::new(); 2],
            mail: vec![],
        };
        let mut seen = HashSet::new();
        let mut todo = vec![start];
        while let Some(world) = todo.pop() {
            if world.grantor.epoch().count() > 2 || !seen.insert(world.clone()) {
                continue;
            }
            assert!(world.believers() <= 1, "two believe to hold it: {world:?}");
            if world.mail.is_empty() {
                assert!(serves_again(world.clone()), "service does not return: {world:?}");
            }
            todo.extend(world.next());
        }
        reached.insert((rates, ttl), seen.len());
    }
    assert!(reached.values().all(|states| *states > 10_000), "{reached:?}");
}
