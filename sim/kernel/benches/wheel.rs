//! Timers per second through the wheel, with as many nodes waiting as a large world has.

use divan::counter::ItemsCount;
use polysim_base::{Duration, Purpose, Stream};
use polysim_kernel::Wheel;

fn main() {
    divan::main();
}

#[divan::bench(args = [1_000, 1_000_000], sample_count = 10)]
fn pop_and_push_again(bencher: divan::Bencher<'_, '_>, nodes: u64) {
    const STEPS: u32 = 100_000;
    let mut stream = Stream::derive(1, 0, Purpose::Test, 0);
    let mut wheel = Wheel::new();
    for node in 0..nodes {
        wheel.push(polysim_base::Instant::from_micros(stream.below(60_000_000)), node);
    }
    bencher.counter(ItemsCount::new(STEPS)).bench_local(|| {
        for _ in 0..STEPS {
            if let Some((at, node)) = wheel.pop_until(polysim_base::Instant::MAX) {
                wheel.push(at.plus(Duration::from_micros(stream.below(60_000_000))), node);
            }
        }
    });
}
