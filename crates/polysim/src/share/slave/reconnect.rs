//! Connecting again and again.

use super::{SessionEnd, SlaveDesk, Stream};
use crate::share::NodeEnded;
use polysim_base::Duration;
use polysim_hal::Clock;
use polysim_share::link::LinkEnd;
use std::future::Future;

/// After how long it is tried again at first, and at last.
const FIRST: Duration = Duration::from_millis(500);
const LAST: Duration = Duration::from_secs(15);

/// Keeps a slave connected: dials, has a session, and dials again, after a while that grows as long as
/// no session comes up. `dial` tells by itself what goes wrong; `ended` hears how each session ended.
/// Returns once that is of a kind that needs a person.
///
/// # Errors
/// [`NodeEnded`].
pub async fn stay_connected<S, F>(
    desk: &SlaveDesk,
    clock: &dyn Clock,
    mut dial: impl FnMut() -> F,
    mut ended: impl FnMut(SessionEnd),
) -> Result<SessionEnd, NodeEnded>
where
    S: Stream,
    F: Future<Output = Option<S>>,
{
    let mut pause = FIRST;
    loop {
        if let Some(stream) = dial().await {
            let session = desk.session(stream);
            let mut was_up = false;
            let end = {
                let up = desk.wait_for(|status| status.connected);
                tokio::pin!(session, up);
                loop {
                    tokio::select! {
                        biased;
                        end = &mut session => break end?,
                        _ = &mut up, if !was_up => was_up = true,
                    }
                }
            };
            if needs_person(end) {
                return Ok(end);
            }
            ended(end);
            if was_up {
                pause = FIRST;
            }
        }
        clock.sleep_until(clock.now().plus(pause)).await;
        pause = pause.times(2).min(LAST);
    }
}

/// Tells whether trying again is of no use, or of use to somebody between the devices.
fn needs_person(end: SessionEnd) -> bool {
    match end {
        SessionEnd::Link(end) => matches!(
            end,
            LinkEnd::Unequal
                | LinkEnd::UnequalAtPeer
                | LinkEnd::WrongReveal
                | LinkEnd::ComparisonTimeout
                | LinkEnd::PairingOff
        ),
        SessionEnd::Terms(_) | SessionEnd::Replaced => true,
    }
}
