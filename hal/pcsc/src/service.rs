//! The card service: contexts, and readers as they are now.

use crate::error::{SERVICE, card_error};
use pcsc::{Context, ReaderState, Scope, State};
use polysim_hal::{CardError, CardErrorKind, ReaderStatus};
use std::ffi::CString;
use std::thread;
use std::time::Duration;
use tokio::sync::oneshot;

/// Stands for a call that does not wait.
const AT_ONCE: Duration = Duration::ZERO;

/// Returns a context of its own: the library lets one call at a time into a context.
pub(crate) fn establish() -> Result<Context, pcsc::Error> {
    Context::establish(Scope::User)
}

/// Lists the readers with what is in them.
pub(crate) fn list() -> Result<Vec<ReaderStatus>, pcsc::Error> {
    let context = establish()?;
    let mut states = unaware(&context)?;
    if states.is_empty() {
        return Ok(Vec::new());
    }
    match context.get_status_change(AT_ONCE, &mut states) {
        // A reader went between the two calls: its state says so.
        Ok(()) | Err(pcsc::Error::Timeout | pcsc::Error::UnknownReader) => {}
        Err(error) => return Err(error),
    }
    Ok(states
        .iter()
        .filter(|state| !is_gone(state))
        .map(|state| ReaderStatus { name: name(state), atr: atr(state) })
        .collect())
}

/// Returns a state that knows nothing yet, for each reader.
pub(crate) fn unaware(context: &Context) -> Result<Vec<ReaderState>, pcsc::Error> {
    let names: Vec<CString> = context.list_readers_owned()?;
    Ok(names.into_iter().map(|name| ReaderState::new(name, State::UNAWARE)).collect())
}

/// Returns the name of a reader. A name is for people and comes back as it was told: what is no
/// UTF-8 in it is replaced, and such a reader cannot be connected to.
pub(crate) fn name(state: &ReaderState) -> String {
    state.name().to_string_lossy().into_owned()
}

/// Tells whether the reader itself is no more.
pub(crate) fn is_gone(state: &ReaderState) -> bool {
    state.event_state().intersects(State::UNKNOWN | State::IGNORE)
}

/// Returns the answer to reset of the card in a reader; `None` if there is no card, or a mute one.
pub(crate) fn atr(state: &ReaderState) -> Option<Vec<u8>> {
    let present = state.event_state().contains(State::PRESENT);
    (present && !state.atr().is_empty()).then(|| state.atr().to_vec())
}

/// Runs a call that blocks on a thread of its own. Dropping the future lets the call end alone.
pub(crate) async fn on_a_thread<T: Send + 'static>(
    what: &'static str,
    call: impl FnOnce() -> Result<T, pcsc::Error> + Send + 'static,
) -> Result<T, CardError> {
    let (reply, answer) = oneshot::channel();
    thread::Builder::new()
        .name(what.to_owned())
        .spawn(move || {
            // Nobody waits for it any more: then nobody needs it.
            drop(reply.send(call()));
        })
        .map_err(|error| CardError::new(CardErrorKind::Io, SERVICE).caused_by(error))?;
    match answer.await {
        Ok(result) => result.map_err(|error| card_error(SERVICE, error)),
        Err(error) => Err(CardError::new(CardErrorKind::Io, SERVICE).caused_by(error)),
    }
}
