use super::{Answer, Directive};
use crate::{MailId, RequestId, SiteId, UserId};
use serde::{Deserialize, Serialize};

/// What leaves the exchange.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub enum Output {
    /// To a site.
    ToSite(SiteId, Directive),
    /// To the terminal of a user that asked: [`RequestId::terminal`].
    ToUser {
        /// Whose.
        user: UserId,
        /// Which of their requests it is about.
        request: RequestId,
        /// What to say.
        answer: Answer,
    },
    /// To all terminals of a user: something has come, up to this.
    Mail(UserId, MailId),
}
