//! The deterministic kernel of simulated worlds: virtual time, timer wheel, slabs, links, disk,
//! trace, and shards on several threads.
//!
//! A [`World`] owns machines and says what a message does to one of them; the [`Kernel`] owns the
//! time and the order. Within one instant events happen first in, first out; an event that is due
//! at once still goes through the wheel. Same seed and same build give the same trace, on any
//! machine and with any number of threads.
//!
//! ```
//! use polysim_base::{Duration, Instant};
//! use polysim_kernel::{Context, Kernel, NodeId, Summary, World};
//!
//! /// Two nodes throw a ball ten times.
//! struct PingPong(u32);
//! impl World for PingPong {
//!     type Message = u32;
//!     fn deliver(&mut self, ctx: &mut Context<'_, u32>, to: NodeId, throws: u32) {
//!         self.0 = throws;
//!         if throws < 10 {
//!             ctx.send(Duration::from_millis(1), NodeId(1 - to.0), throws + 1);
//!         }
//!     }
//!     fn wake(&mut self, _: &mut Context<'_, u32>, _: NodeId) {}
//!     fn summarise(&self, message: &u32) -> Summary {
//!         Summary { kind: 0, digest: u64::from(*message) }
//!     }
//! }
//! let mut kernel = Kernel::new(PingPong(0));
//! kernel.inject(Duration::ZERO, NodeId(0), 1);
//! kernel.run_until(Instant::from_micros(1_000_000));
//! assert_eq!((kernel.world().0, kernel.trace().events()), (10, 10));
//! ```

mod digest;
mod disk;
mod kernel;
mod link;
mod shards;
mod slab;
mod trace;
mod wheel;

pub use digest::Digest;
pub use disk::{Disk, DiskError};
pub use kernel::{Armed, Context, Kernel, NodeId, Tap, World};
pub use link::{Link, LinkConfig, Transit};
pub use shards::Shards;
pub use slab::Slab;
pub use trace::{Checkpoint, Summary, Trace, TraceRecord};
pub use wheel::Wheel;
