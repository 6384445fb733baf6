//! Connecting again and again.

use super::{DeviceDesk, LinkEnd, NodeEnded, Stream};
use polysim_base::Duration;
use polysim_hal::Clock;
use std::future::Future;

/// After how long it is tried again at first, and at last.
const FIRST: Duration = Duration::from_millis(250);
const LAST: Duration = Duration::from_secs(15);
/// A session that lasted so long was a good one.
const GOOD: Duration = Duration::from_secs(5);

/// Keeps a device connected: dials, has a session, and dials again, after a while that grows as long as
/// sessions do not last. `dial` tells by itself what goes wrong; `ended` hears how each session ended.
/// Returns when the device has ended.
pub async fn stay_connected<S, F>(
    desk: &DeviceDesk,
    clock: &dyn Clock,
    mut dial: impl FnMut() -> F,
    mut ended: impl FnMut(LinkEnd),
) -> NodeEnded
where
    S: Stream,
    F: Future<Output = Option<S>>,
{
    let mut pause = FIRST;
    loop {
        if let Some(stream) = dial().await {
            let begun = clock.now();
            let Ok(end) = desk.session(stream).await else { return NodeEnded };
            ended(end);
            if clock.now().since(begun) >= GOOD {
                pause = FIRST;
            }
        }
        clock.sleep_until(clock.now().plus(pause)).await;
        pause = pause.times(2).min(LAST);
    }
}
