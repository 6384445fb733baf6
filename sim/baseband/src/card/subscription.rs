//! What the card says about the subscription.

use crate::RatSet;
use polysim_base::{Imsi, Plmn};
use polysim_radio::air::Rat;

/// Most entries kept of all network lists together.
const LISTED_MAX: usize = 400;

/// What was read from the card at start.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Subscription {
    pub(crate) imsi: Imsi,
    /// Digits of the network code of the home network (EF.AD).
    pub(crate) mnc_len: u8,
    /// EF.HPPLMN: pause between searches for a better network, in units of six minutes; 0: none.
    pub(crate) search_period: u8,
    /// How many networks EF.FPLMN can hold.
    pub(crate) forbidden_room: u8,
    /// The network registered with last.
    pub(crate) last: Option<Plmn>,
    /// Network lists, each in its order.
    networks: Box<[Listed]>,
}

/// One entry of a network list.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Listed {
    pub(crate) list: List,
    pub(crate) plmn: Plmn,
    pub(crate) rats: RatSet,
}

/// Technologies and their bits in a list (TS 31.102, 4.2.5).
const TECHNOLOGIES: [(Rat, u16); 4] =
    [(Rat::Umts, 0x8000), (Rat::Lte, 0x4000), (Rat::Nr, 0x0800), (Rat::Gsm, 0x0080)];

impl Listed {
    /// The two bytes of technologies.
    pub(super) fn technologies(&self) -> u16 {
        let mine = TECHNOLOGIES.iter().filter(|(rat, _)| self.rats.contains(*rat));
        mine.fold(0, |bits, (_, bit)| bits | bit)
    }
}

/// The network lists of a card.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum List {
    /// EF.EHPLMN.
    EquivalentHome,
    /// EF.PLMNwAcT.
    User,
    /// EF.OPLMNwAcT.
    Operator,
    /// EF.FPLMN.
    Forbidden,
}

impl Subscription {
    pub(crate) fn new(imsi: Imsi, mnc_len: u8) -> Self {
        Self {
            imsi,
            mnc_len,
            search_period: 0,
            forbidden_room: 0,
            last: None,
            networks: Box::default(),
        }
    }

    pub(crate) fn heap_bytes(&self) -> usize {
        size_of_val(&*self.networks)
    }

    pub(crate) fn list(&self, list: List) -> impl Iterator<Item = Listed> + '_ {
        self.networks.iter().filter(move |entry| entry.list == list).copied()
    }

    /// Whether a network counts as home (TS 23.122, 1.2).
    pub(crate) fn is_home(&self, plmn: Plmn) -> bool {
        let mut equivalent = self.list(List::EquivalentHome).peekable();
        if equivalent.peek().is_some() {
            equivalent.any(|entry| entry.plmn == plmn)
        } else {
            self.imsi.home(self.mnc_len) == Some(plmn)
        }
    }

    pub(crate) fn is_forbidden(&self, plmn: Plmn) -> bool {
        self.list(List::Forbidden).any(|entry| entry.plmn == plmn)
    }

    pub(crate) fn add(&mut self, entries: impl IntoIterator<Item = Listed>) {
        let mut networks = core::mem::take(&mut self.networks).into_vec();
        let room = LISTED_MAX.saturating_sub(networks.len());
        networks.extend(entries.into_iter().take(room));
        self.networks = networks.into();
    }

    /// Puts networks before the operator's own, and none of them stays forbidden.
    pub(crate) fn steer(&mut self, wanted: impl Iterator<Item = (Plmn, u16)>) {
        let list = List::Operator;
        let entry = |(plmn, bits)| Listed { list, plmn, rats: rats_of(bits) };
        let mut networks: Vec<Listed> = wanted.map(entry).collect();
        for entry in &networks {
            self.allow(entry.plmn);
        }
        networks.extend(core::mem::take(&mut self.networks));
        networks.truncate(LISTED_MAX);
        self.networks = networks.into();
    }

    /// Puts other entries in place of the user's list.
    pub(crate) fn replace_user_list(&mut self, entries: Vec<Listed>) {
        let mut networks = core::mem::take(&mut self.networks).into_vec();
        networks.retain(|entry| entry.list != List::User);
        self.networks = networks.into();
        self.add(entries);
    }

    /// Puts a network on the forbidden list, in place of the oldest if it is full.
    pub(crate) fn forbid(&mut self, plmn: Plmn) {
        if self.is_forbidden(plmn) {
            return;
        }
        let room = usize::from(self.forbidden_room.max(4));
        let mut networks = core::mem::take(&mut self.networks).into_vec();
        if networks.iter().filter(|entry| entry.list == List::Forbidden).count() >= room {
            let oldest = networks.iter().position(|entry| entry.list == List::Forbidden);
            if let Some(oldest) = oldest {
                networks.remove(oldest);
            }
        }
        networks.push(Listed { list: List::Forbidden, plmn, rats: RatSet::ALL });
        self.networks = networks.into();
    }

    /// Takes a network off the forbidden list. Returns whether it was there.
    pub(crate) fn allow(&mut self, plmn: Plmn) -> bool {
        let before = self.networks.len();
        let mut networks = core::mem::take(&mut self.networks).into_vec();
        networks.retain(|entry| entry.list != List::Forbidden || entry.plmn != plmn);
        self.networks = networks.into();
        self.networks.len() < before
    }

    /// The content of EF.FPLMN.
    pub(crate) fn forbidden_file(&self) -> Vec<u8> {
        let mut file: Vec<u8> = self.list(List::Forbidden).flat_map(|e| e.plmn.wire()).collect();
        file.resize(usize::from(self.forbidden_room) * 3, 0xFF);
        file
    }
}

/// Reads a list of three bytes an entry.
pub(super) fn plain_list(list: List, file: &[u8]) -> impl Iterator<Item = Listed> + '_ {
    file.as_chunks::<3>().0.iter().filter_map(move |wire| {
        let plmn = Plmn::from_wire(*wire).ok().flatten()?;
        Some(Listed { list, plmn, rats: RatSet::ALL })
    })
}

/// Reads a list with access technologies, five bytes an entry (TS 31.102, 4.2.5).
pub(super) fn list_with_technologies(list: List, file: &[u8]) -> impl Iterator<Item = Listed> + '_ {
    file.as_chunks::<5>().0.iter().filter_map(move |[a, b, c, high, low]| {
        let plmn = Plmn::from_wire([*a, *b, *c]).ok().flatten()?;
        let bits = u16::from_be_bytes([*high, *low]);
        Some(Listed { list, plmn, rats: rats_of(bits) })
    })
}

/// The technologies of an entry; all of them where none is set.
fn rats_of(bits: u16) -> RatSet {
    let set = TECHNOLOGIES.into_iter().filter(|(_, bit)| bits & bit != 0);
    let rats = set.fold(RatSet::NONE, |set, (rat, _)| set.with(rat));
    if rats == RatSet::NONE { RatSet::ALL } else { rats }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subscription() -> Subscription {
        Subscription::new(Imsi::parse("001010000000123").unwrap(), 2)
    }

    #[test]
    fn home_is_what_the_imsi_says_unless_the_card_lists_equivalents() {
        let mut sub = subscription();
        let home = Plmn::parse("00101").unwrap();
        let other = Plmn::parse("00102").unwrap();
        assert!(sub.is_home(home) && !sub.is_home(other));
        sub.add(plain_list(List::EquivalentHome, &other.wire()));
        assert!(!sub.is_home(home) && sub.is_home(other));
    }

    #[test]
    fn the_oldest_forbidden_network_makes_room() {
        let mut sub = subscription();
        sub.forbidden_room = 4;
        let plmn = |n: u8| Plmn::from_digits([2, 6, 2], 0, n, None).unwrap();
        for n in 1..=5 {
            sub.forbid(plmn(n));
        }
        assert!(!sub.is_forbidden(plmn(1)) && sub.is_forbidden(plmn(5)));
        assert_eq!(sub.forbidden_file().len(), 12);
        assert!(sub.allow(plmn(5)) && !sub.allow(plmn(5)));
        assert_eq!(sub.forbidden_file().get(9..), Some(&[0xFF; 3][..]));
    }

    #[test]
    fn access_technologies_are_read() {
        let file = [0x62, 0xF2, 0x10, 0x40, 0x00, 0xFF, 0xFF, 0xFF, 0, 0];
        let listed: Vec<_> = list_with_technologies(List::User, &file).collect();
        assert_eq!(listed.len(), 1);
        assert!(listed[0].rats.contains(Rat::Lte) && !listed[0].rats.contains(Rat::Gsm));
    }
}
