//! What has come for a user, a page at a time.

use super::Context;
use crate::state::Shelf;
use crate::wire::{Answer, Mail, MailItem, MailPage};
use crate::{MailId, RequestId, UserId};
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

/// The most items of a page.
const PAGE_ITEMS_MAX: usize = 100;
/// A page that has more octets of text than this gets no further item.
const PAGE_OCTETS_MAX: usize = 65_536;

impl Context<'_> {
    pub(super) fn mail(&mut self, (user, request): (UserId, RequestId), after: MailId) {
        let page = self.page(user, after);
        self.answer(user, request, Answer::Mail(page));
    }

    /// Merges the shelves of a user in the order of their items.
    fn page(&self, user: UserId, after: MailId) -> MailPage {
        let first = |shelf: &'_ Shelf| shelf.after(after).map(|item| item.id);
        let shelves = self.state.shelves(user);
        let mut heads: BTreeMap<MailId, &Shelf> =
            shelves.filter_map(|shelf| Some((first(shelf)?, shelf))).collect();
        let (mut items, mut octets) = (Vec::new(), 0_usize);
        while let Some((id, shelf)) = heads.pop_first() {
            let before = MailId(id.0.saturating_sub(1));
            let Some(item) = shelf.after(before) else { continue };
            if items.len() == PAGE_ITEMS_MAX || octets > PAGE_OCTETS_MAX {
                return MailPage { after, items, more: true };
            }
            octets = octets.saturating_add(size(item));
            items.push(item.clone());
            if let Some(next) = shelf.after(id) {
                heads.insert(next.id, shelf);
            }
        }
        MailPage { after, items, more: false }
    }
}

fn size(item: &MailItem) -> usize {
    match &item.mail {
        Mail::Text { from, body, .. } | Mail::Incomplete { from, body } => from.len() + body.len(),
        Mail::MissedCall { from, .. } => from.as_ref().map_or(0, |from| from.len()),
        Mail::TextState { to, .. } => to.len(),
    }
}
