//! Fairness of the queue.

use super::*;
use proptest::prelude::*;
use std::collections::BTreeMap;

proptest! {
    /// F17. Each waiter is served after at most as many grants as there are users times its own
    /// user's requests before it and itself.
    #[test]
    fn nobody_waits_longer_than_their_turn(asks in proptest::collection::vec((0_u32..3, 0_u16..8), 1..30)) {
        let mut fleet = Fleet::new(9, 1);
        for user in 0..3 {
            for n in 10..19 {
                let (iccid, set) = (iccid(n), EVERYTHING());
                let user = UserId(user);
                fleet.give(Input::Operator(OperatorInput::Permit { iccid, user, set }));
            }
        }
        fleet.standby(18, anywhere());
        let mut bounds = BTreeMap::new();
        let mut own = [0_u32; 3];
        for (user, sim) in asks {
            let n = 10 + u32::from(sim);
            if bounds.contains_key(&n) {
                continue;
            }
            fleet.assign(UserId(user), n, anywhere());
            own[user as usize] += 1;
            bounds.insert(n, own[user as usize] * 3);
        }
        let mut holder = 18;
        for grants in 1.. {
            fleet.released(1, holder);
            let Some(next) = bounds.keys().copied().find(|n| fleet.modem_of(*n).is_some()) else {
                break;
            };
            prop_assert!(grants <= bounds[&next], "{next} was served as number {grants}");
            bounds.remove(&next);
            holder = next;
        }
        prop_assert!(bounds.is_empty(), "never served: {bounds:?}");
    }
}
