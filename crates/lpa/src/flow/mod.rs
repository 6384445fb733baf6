//! What an assistant does, as prose: each command is a flow over a [`Link`].

mod cancel;
mod consent;
mod discover;
mod download;
mod info;
mod install;
mod link;
mod manage;
mod notify;
mod package;
mod rules;
mod session;

use alloc::boxed::Box;

use crate::{CommandId, LpaCommand, LpaDone, LpaEvent};

pub(crate) use download::recover;
pub(crate) use link::{Answer, Ask, Link, LpaPort, Reply};
pub(crate) use notify::round;

/// What came of a flow.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Ended {
    /// A command is over.
    Command,
    /// Notifications were delivered; whether none is left.
    Round { clear: bool },
}

/// Carries out a command, and tells what came of it.
pub(crate) async fn carry_out(mut link: Link, id: CommandId, command: LpaCommand) -> Ended {
    let link = &mut link;
    let result = match command {
        LpaCommand::Download(order) => {
            // It tells by itself, for what came of it is written down before.
            Box::pin(download::download(link, id, *order)).await;
            return Ended::Command;
        }
        LpaCommand::Discover(discover) => Box::pin(discover::discover(link, *discover)).await,
        LpaCommand::List => link.profiles().await.map(LpaDone::Listed),
        LpaCommand::Enable { profile, refresh } => manage::enable(link, profile, refresh).await,
        LpaCommand::Disable { profile, refresh } => manage::disable(link, profile, refresh).await,
        LpaCommand::Delete(profile) => manage::delete(link, profile).await,
        LpaCommand::Nickname { iccid, nickname } => manage::nickname(link, iccid, nickname).await,
        LpaCommand::MemoryReset(options) => manage::memory_reset(link, options).await,
        LpaCommand::ListNotifications => notify::list(link).await.map(LpaDone::Notifications),
        LpaCommand::ProcessNotifications => notify::deliver(link).await.map(LpaDone::Processed),
        LpaCommand::RemoveNotification { seq_number } => {
            notify::remove(link, seq_number).await.map(LpaDone::NotificationRemoved)
        }
        LpaCommand::Info => info::info(link).await,
        LpaCommand::SetDefaultSmdp(address) => manage::set_default(link, address).await,
        LpaCommand::LoadCrl(crl) => manage::load_crl(link, crl).await,
    };
    link.tell(LpaEvent::Finished { id, result }).await;
    Ended::Command
}
