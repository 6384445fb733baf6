//! One world in several kernels, run on several threads in lockstep windows.
//!
//! In a window every kernel runs alone. At its end the mail is exchanged, in order of the sending
//! shard and, within one, of sending. The split and the window belong to the world, never to the
//! machine, so the trace does not depend on the number of threads.

use crate::digest::Digest;
use crate::kernel::{Kernel, Mail, World};
use polysim_base::{Duration, Instant};
use std::sync::{Barrier, Mutex, PoisonError};

/// Kernels that exchange mail at the end of every window.
#[derive(Debug)]
pub struct Shards<W: World> {
    kernels: Vec<Kernel<W>>,
    window: Duration,
    now: Instant,
}

/// What the shards sent in a window, by sending shard.
type Post<M> = Vec<Mutex<Vec<Mail<M>>>>;

impl<W: World> Shards<W> {
    /// Returns shards with a window: the smallest latency between two of them, at least one
    /// microsecond.
    #[must_use]
    pub fn new(kernels: Vec<Kernel<W>>, window: Duration) -> Self {
        Self { kernels, window: window.max(Duration::from_micros(1)), now: Instant::ZERO }
    }

    /// Returns the kernels, in order.
    #[must_use]
    pub fn kernels(&self) -> &[Kernel<W>] {
        &self.kernels
    }

    /// Returns the kernels, to act on them between two runs.
    pub fn kernels_mut(&mut self) -> &mut [Kernel<W>] {
        &mut self.kernels
    }

    /// Returns the virtual time.
    #[must_use]
    pub const fn now(&self) -> Instant {
        self.now
    }

    /// Returns the hash over all shards, in order.
    #[must_use]
    pub fn hash(&self) -> u64 {
        match self.kernels.as_slice() {
            [only] => only.trace().hash(),
            all => all.iter().fold(Digest::new(), |d, k| d.with(k.trace().hash())).finish(),
        }
    }

    /// Returns how many events there were in all shards.
    #[must_use]
    pub fn events(&self) -> u64 {
        self.kernels.iter().map(|kernel| kernel.trace().events()).sum()
    }
}

impl<W> Shards<W>
where
    W: World + Send,
    W::Message: Send,
{
    /// Runs every shard up to `limit` on `threads` threads; more than there are shards are not
    /// used.
    pub fn run_until(&mut self, limit: Instant, threads: usize) {
        let post: Post<W::Message> = self.kernels.iter().map(|_| Mutex::default()).collect();
        let share = self.kernels.len().div_ceil(threads.max(1)).max(1);
        let workers = self.kernels.len().div_ceil(share);
        let barrier = Barrier::new(workers);
        let (from, window) = (self.now, self.window);
        std::thread::scope(|scope| {
            for (worker, own) in self.kernels.chunks_mut(share).enumerate() {
                let (post, barrier) = (&post, &barrier);
                let mut work =
                    move || run_windows(own, worker * share, from, limit, window, post, barrier);
                if worker + 1 == workers {
                    work();
                } else {
                    scope.spawn(work);
                }
            }
        });
        self.now = limit.max(self.now);
    }
}

fn run_windows<W: World>(
    own: &mut [Kernel<W>],
    first: usize,
    from: Instant,
    limit: Instant,
    window: Duration,
    post: &[Mutex<Vec<Mail<W::Message>>>],
    barrier: &Barrier,
) {
    let mut end = from;
    while end < limit {
        end = end.plus(window).min(limit);
        for (kernel, sent) in own.iter_mut().zip(post.iter().skip(first)) {
            kernel.run_until(end);
            *sent.lock().unwrap_or_else(PoisonError::into_inner) = kernel.take_mail();
        }
        barrier.wait();
        for (shard, kernel) in (first..).zip(own.iter_mut()) {
            collect(kernel, shard, end, post);
        }
        barrier.wait();
    }
}

/// Puts the mail for `shard` on its wheel, in order of sender and sending. What is due within the
/// window that has just ended arrives at its end.
fn collect<W: World>(
    kernel: &mut Kernel<W>,
    shard: usize,
    end: Instant,
    post: &[Mutex<Vec<Mail<W::Message>>>],
) {
    for sent in post {
        let mut sent = sent.lock().unwrap_or_else(PoisonError::into_inner);
        for mail in sent.extract_if(.., |mail| mail.shard as usize == shard) {
            kernel.put_mail(mail.at.max(end), mail.to, mail.message);
        }
    }
}
