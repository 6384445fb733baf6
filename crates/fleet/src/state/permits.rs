//! Who may do what with a SIM.

use crate::{Permissions, UserId};
use alloc::sync::Arc;
use core::slice;

/// Each user once, with something that is allowed. Most SIMs have one user: that one lies with the
/// SIM, as every request asks for it.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Permits {
    One((UserId, Permissions)),
    Several(Arc<[(UserId, Permissions)]>),
}

impl Permits {
    pub(crate) fn all(&self) -> &[(UserId, Permissions)] {
        match self {
            Self::One(only) => slice::from_ref(only),
            Self::Several(all) => all,
        }
    }

    pub(crate) fn shared(&self) -> Arc<[(UserId, Permissions)]> {
        match self {
            Self::One(only) => [*only].into(),
            Self::Several(all) => all.clone(),
        }
    }

    pub(crate) fn of(&self, user: UserId) -> Permissions {
        let its = self.all().iter().find(|(who, _)| *who == user);
        its.map_or(Permissions::NONE, |(_, set)| *set)
    }

    /// Sets what a user may do, in place of what was said before.
    pub(crate) fn set(&mut self, user: UserId, set: Permissions) {
        let others = self.all().iter().copied().filter(|(who, _)| *who != user);
        let all: Arc<[_]> = others.chain((!set.is_empty()).then_some((user, set))).collect();
        *self = match *all {
            [only] => Self::One(only),
            _ => Self::Several(all),
        };
    }
}

impl Default for Permits {
    fn default() -> Self {
        Self::Several(Arc::default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    proptest! {
        #[test]
        fn the_last_word_about_a_user_counts(
            said in prop::collection::vec((0_u32..4, any::<bool>()), 0..20),
        ) {
            let (mut permits, mut naive) = (Permits::default(), BTreeMap::new());
            for (user, may) in said {
                let set = if may { Permissions::CALL } else { Permissions::NONE };
                permits.set(UserId(user), set);
                naive.insert(UserId(user), set);
            }
            for user in (0..4).map(UserId) {
                prop_assert_eq!(permits.of(user), naive.get(&user).copied().unwrap_or_default());
            }
            prop_assert_eq!(&*permits.shared(), permits.all());
            let some = naive.values().filter(|set| !set.is_empty()).count();
            prop_assert_eq!(permits.all().len(), some);
            prop_assert_eq!(some == 1, matches!(permits, Permits::One(_)));
        }
    }
}
