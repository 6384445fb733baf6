//! Steps of a suite: each ends, and a failure says which it was.

use crate::HalError;
use std::fmt::{Debug, Display};
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

/// How long a step of a suite may take.
pub const STEP_PATIENCE: Duration = Duration::from_secs(20);

/// Waits for a step to end, for [`STEP_PATIENCE`] at most.
pub(super) async fn within<T>(step: &str, future: impl Future<Output = T>) -> T {
    match tokio::time::timeout(STEP_PATIENCE, future).await {
        Ok(done) => done,
        Err(_) => panic!("{step}: no end in {STEP_PATIENCE:?}"),
    }
}

/// Waits for a step that is to succeed.
pub(super) async fn succeeds<T, K: Debug + Display>(
    step: &str,
    future: impl Future<Output = Result<T, HalError<K>>>,
) -> T {
    match within(step, future).await {
        Ok(done) => done,
        Err(error) => panic!("{step}: {error} ({error:?})"),
    }
}

/// Waits for a step that is to fail, and returns the kind of error.
pub(super) async fn fails<T, K: Copy + Debug + Display>(
    step: &str,
    future: impl Future<Output = Result<T, HalError<K>>>,
) -> K {
    match within(step, future).await {
        Ok(_) => panic!("{step}: succeeded"),
        Err(error) => {
            assert!(!error.place().is_empty(), "{step}: the error does not say what it is about");
            *error.kind()
        }
    }
}

/// The round of [`for_a_moment`] that has a millisecond.
pub(super) const A_MILLISECOND: u32 = 2;
/// The round of [`for_a_moment`] that waits longest.
pub(super) const LONGEST: u32 = 3;

/// Runs a future for a moment and drops it unless it has ended. How long differs from `round` to
/// `round`: in some it is polled once, in some twice, in some it has a millisecond or two.
pub(super) async fn for_a_moment<T>(round: u32, future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    let polls = match round % 4 {
        0 => 1,
        1 => 2,
        more => {
            let moment = Duration::from_millis(u64::from(more) - 1);
            return tokio::time::timeout(moment, future).await.ok();
        }
    };
    let mut polled = 0;
    poll_fn(|cx| match future.as_mut().poll(cx) {
        Poll::Ready(done) => Poll::Ready(Some(done)),
        Poll::Pending => {
            polled += 1;
            if polled == polls {
                return Poll::Ready(None);
            }
            cx.waker().wake_by_ref();
            Poll::Pending
        }
    })
    .await
}
