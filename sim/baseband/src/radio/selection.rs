//! The order in which networks are tried (TS 23.122, 4.4.3.1).

use super::{Mode, Radio};
use crate::card::{List, Subscription};
use polysim_base::{Plmn, Stream};
use polysim_radio::air::{CellId, CellView, Rat};
use std::sync::Arc;

/// Networks heard at this level or better count as of high quality (TS 23.122, 4.4.3.1.1).
const HIGH_QUALITY_DBM: i16 = -95;
/// A cell of a better technology is taken only where it is heard at this level.
const TECHNOLOGY_DBM: i16 = -110;
/// Another cell of the network must be this much stronger to be moved to.
const HYSTERESIS_DB: i16 = 6;

/// One round of selection: cells still to be tried, the next one last.
#[derive(Clone, Debug, Default)]
pub(super) struct Round {
    pub(super) cells: Vec<CellView>,
    /// Everything that was heard.
    pub(super) heard: Option<Arc<[CellView]>>,
    /// Cells that refused: none is tried twice in a round.
    pub(super) refused: Vec<CellId>,
}

/// How much a cell is wanted among those of one network.
fn rank(cell: &CellView) -> (bool, Rat, i16) {
    let strong = cell.level_dbm >= TECHNOLOGY_DBM;
    (strong, if strong { cell.rat } else { Rat::Gsm }, cell.level_dbm)
}

impl Radio {
    /// Makes the list of cells to try, the best of each network, the first one last.
    pub(super) fn plan(
        &self,
        cells: &[CellView],
        subscription: &Subscription,
        stream: &mut Stream,
    ) -> Vec<CellView> {
        let mut networks: Vec<CellView> = Vec::new();
        for cell in cells.iter().filter(|cell| self.is_usable(cell)) {
            match networks.iter_mut().find(|known| known.plmn == cell.plmn) {
                Some(known) if rank(cell) > rank(known) => *known = *cell,
                Some(_) => {}
                None => networks.push(*cell),
            }
        }
        match self.mode {
            Mode::Deregistered => Vec::new(),
            Mode::Manual(wanted) => {
                networks
                    .retain(|cell| cell.plmn == wanted || self.is_equivalent(wanted, cell.plmn));
                networks.sort_by_key(|cell| cell.plmn == wanted);
                networks
            }
            Mode::ManualThenAutomatic(wanted) => {
                let first = networks.iter().position(|cell| cell.plmn == wanted);
                let first = first.map(|at| networks.remove(at));
                let mut order = self.automatic(networks, subscription, stream);
                order.extend(first);
                order
            }
            Mode::Automatic => self.automatic(networks, subscription, stream),
        }
    }

    /// Orders networks for automatic selection, the one to try first last.
    fn automatic(
        &self,
        networks: Vec<CellView>,
        subscription: &Subscription,
        stream: &mut Stream,
    ) -> Vec<CellView> {
        let mut order: Vec<(Class, CellView)> = networks
            .into_iter()
            .filter(|cell| !subscription.is_forbidden(cell.plmn))
            .map(|cell| (self.class(&cell, subscription, stream), cell))
            .collect();
        order.sort_by(|(a, _), (b, _)| b.cmp(a));
        order.into_iter().map(|(_, cell)| cell).collect()
    }

    fn class(&self, cell: &CellView, subscription: &Subscription, stream: &mut Stream) -> Class {
        if subscription.last == Some(cell.plmn)
            || subscription.last.is_some_and(|last| self.is_equivalent(last, cell.plmn))
        {
            return Class::Last;
        }
        priority(cell, subscription).unwrap_or_else(|| {
            if cell.level_dbm >= HIGH_QUALITY_DBM {
                Class::Strong(stream.next_u64())
            } else {
                Class::Weak(-cell.level_dbm)
            }
        })
    }

    fn is_equivalent(&self, plmn: Plmn, other: Plmn) -> bool {
        let Some(equivalent) = self.aside.as_ref().and_then(|aside| aside.equivalent.as_ref())
        else {
            return false;
        };
        self.serving.is_some_and(|cell| cell.plmn == plmn) && equivalent.contains(&other)
    }

    /// Networks heard that the card prefers to the serving one, in the country it is in; the one
    /// to try first last (TS 23.122, 4.4.3.3).
    pub(super) fn better_networks(
        &self,
        cells: &[CellView],
        serving: &CellView,
        subscription: &Subscription,
    ) -> Vec<CellView> {
        let now = priority(serving, subscription);
        let mut better: Vec<(Class, CellView)> = Vec::new();
        for cell in cells.iter().filter(|cell| self.is_usable(cell)) {
            let Some(class) = priority(cell, subscription) else {
                continue;
            };
            let usable = cell.plmn.mcc() == serving.plmn.mcc()
                && !subscription.is_forbidden(cell.plmn)
                && now.is_none_or(|now| class < now);
            if usable && !better.iter().any(|(_, known)| known.plmn == cell.plmn) {
                better.push((class, *cell));
            }
        }
        better.sort_by(|(a, _), (b, _)| b.cmp(a));
        better.into_iter().map(|(_, cell)| cell).collect()
    }

    /// The cell of the serving network to be on, given what is heard; `None` if it is gone.
    pub(super) fn best_cell(&self, cells: &[CellView], serving: &CellView) -> Option<CellView> {
        let same_network = |cell: &&CellView| cell.plmn == serving.plmn && self.is_usable(cell);
        let best = cells.iter().filter(same_network).max_by_key(|cell| rank(cell))?;
        let present = cells.iter().filter(same_network).find(|cell| cell.cell == serving.cell);
        let Some(present) = present else {
            return Some(*best);
        };
        let (best_strong, best_rat, _) = rank(best);
        let (strong, rat, _) = rank(present);
        let better_technology = best_strong && (!strong || best_rat > rat);
        let stronger =
            best.level_dbm >= present.level_dbm.saturating_add(HYSTERESIS_DB) && best_rat >= rat;
        Some(if better_technology || stronger { *best } else { *present })
    }
}

/// How early a network is tried: smaller is earlier.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Class {
    /// Registered with last, or equivalent to that.
    Last,
    Home(usize),
    User(usize),
    Operator(usize),
    /// Of high quality, in random order.
    Strong(u64),
    /// By falling level.
    Weak(i16),
}

/// The place of a network in the card's lists.
fn priority(cell: &CellView, subscription: &Subscription) -> Option<Class> {
    let place = |list| {
        subscription
            .list(list)
            .position(|entry| entry.plmn == cell.plmn && entry.rats.contains(cell.rat))
    };
    if subscription.is_home(cell.plmn) {
        return Some(Class::Home(place(List::EquivalentHome).unwrap_or(0)));
    }
    place(List::User).map(Class::User).or_else(|| place(List::Operator).map(Class::Operator))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::RatSet;
    use crate::card::Listed;
    use polysim_base::{Imsi, Purpose};

    fn cell(id: u32, plmn: &str, rat: Rat, level_dbm: i16) -> CellView {
        CellView {
            cell: CellId(id),
            plmn: plmn.parse().unwrap(),
            rat,
            level_dbm,
            area: 1,
            barred: false,
        }
    }

    fn subscription() -> Subscription {
        let mut sub = Subscription::new(Imsi::parse("001010000000123").unwrap(), 2);
        let listed =
            |list, plmn: &str| Listed { list, plmn: plmn.parse().unwrap(), rats: RatSet::ALL };
        sub.add([
            listed(List::User, "00202"),
            listed(List::Operator, "00203"),
            listed(List::Forbidden, "00299"),
        ]);
        sub
    }

    fn order(radio: &Radio, sub: &Subscription, cells: &[CellView]) -> Vec<u32> {
        let mut stream = Stream::derive(1, 1, Purpose::Test, 0);
        let plan = radio.plan(cells, sub, &mut stream);
        plan.iter().rev().map(|cell| cell.cell.0).collect()
    }

    #[test]
    fn networks_are_tried_in_the_order_of_the_standard() {
        let radio = Radio::new(RatSet::ALL);
        let cells = [
            cell(1, "00299", Rat::Lte, -60),
            cell(2, "00205", Rat::Lte, -110),
            cell(3, "00204", Rat::Lte, -100),
            cell(4, "00206", Rat::Lte, -80),
            cell(5, "00203", Rat::Lte, -90),
            cell(6, "00202", Rat::Lte, -90),
            cell(7, "00101", Rat::Lte, -115),
        ];
        let mut sub = subscription();
        assert_eq!(order(&radio, &sub, &cells), [7, 6, 5, 4, 3, 2]);
        sub.last = Some("00204".parse().unwrap());
        assert_eq!(order(&radio, &sub, &cells), [3, 7, 6, 5, 4, 2]);
    }

    #[test]
    fn manual_selection_tries_one_network_only() {
        let mut radio = Radio::new(RatSet::ALL);
        radio.mode = Mode::Manual("00299".parse().unwrap());
        let cells = [cell(1, "00299", Rat::Lte, -60), cell(2, "00101", Rat::Lte, -60)];
        assert_eq!(order(&radio, &subscription(), &cells), [1]);
        radio.mode = Mode::ManualThenAutomatic("00299".parse().unwrap());
        assert_eq!(order(&radio, &subscription(), &cells), [1, 2]);
    }

    #[test]
    fn the_best_technology_heard_well_is_taken() {
        let radio = Radio::new(RatSet::ALL.without(Rat::Nr));
        let cells = [
            cell(1, "00101", Rat::Gsm, -50),
            cell(2, "00101", Rat::Lte, -100),
            cell(3, "00101", Rat::Nr, -60),
        ];
        assert_eq!(order(&radio, &subscription(), &cells), [2]);
        let weak = [cell(1, "00101", Rat::Gsm, -50), cell(2, "00101", Rat::Lte, -118)];
        assert_eq!(order(&radio, &subscription(), &weak), [1]);
    }

    #[test]
    fn a_cell_is_left_for_a_clearly_better_one_only() {
        let radio = Radio::new(RatSet::ALL);
        let serving = cell(1, "00101", Rat::Lte, -90);
        let best = |other| radio.best_cell(&[serving, other], &serving).unwrap().cell.0;
        assert_eq!(best(cell(2, "00101", Rat::Lte, -86)), 1);
        assert_eq!(best(cell(2, "00101", Rat::Lte, -84)), 2);
        assert_eq!(best(cell(2, "00101", Rat::Nr, -90)), 2);
        assert_eq!(best(cell(2, "00102", Rat::Lte, -50)), 1);
        assert!(radio.best_cell(&[], &serving).is_none());
    }
}
