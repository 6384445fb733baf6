//! A cable with a loose contact, and a text that is not lost: `cargo run -p polysim --example
//! recovery`.
#![expect(clippy::print_stdout, reason = "it shows what happens")]

use polysim::{Event, Modem, ModemOptions};
use polysim_base::{Duration, Purpose, Stream};
use polysim_hal::{Direction, Faulty, PlannedPortFault, PortFault, PortFaults, TokioClock};
use polysim_hal_sim::{LiveWorld, demo};
use std::sync::Arc;

#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() -> anyhow::Result<()> {
    let world = LiveWorld::new(&demo::two_phones(), Arc::new(TokioClock::unix()))?;
    let alice = world.lend_modem(0).ok_or_else(|| anyhow::anyhow!("no phone"))?;
    let bob = world.lend_modem(1).ok_or_else(|| anyhow::anyhow!("no phone"))?;
    let alice = Modem::open(Box::new(alice.port(0)), ModemOptions::default());

    // What comes from Bob's modem is garbled, then silent for a while, and then the plug is out.
    let fault = |after, fault| PlannedPortFault { direction: Direction::In, after, fault };
    let plan = vec![
        fault(100, PortFault::Garbage(500)),
        fault(300, PortFault::Silence { for_us: 20_000_000 }),
        fault(600, PortFault::Gone),
        fault(1_200, PortFault::Gone),
    ];
    let stream = Stream::derive(1, 0, Purpose::Fault, 0);
    let faults = PortFaults::new(plan, &stream, TokioClock::unix());
    let bob = Modem::open(Box::new(Faulty::new(bob.port(0), faults)), ModemOptions::default());

    let mut events = bob.events();
    tokio::spawn(async move {
        while let Some(event) = events.next().await {
            if matches!(event, Event::PortLost(_) | Event::PortOpened) {
                println!("Bob's port: {event:?}");
            }
        }
    });

    alice.initialise(None).await?;
    alice.wait_registered(Duration::from_secs(120)).await?;
    // The first try may be in vain; from then on the modem is set up again by itself.
    println!("Bob's first try: {:?}", bob.initialise(None).await.map(|_| "ready"));
    bob.ready().await?;
    println!("Bob is ready");

    let mut texts = bob.texts();
    println!("sent: {:?}", alice.send_text("+99070000002", "still there?").await?.verdict());
    if let Some(text) = texts.next().await {
        println!("Bob reads {:?}", text.text());
        text.confirm().await?;
    }
    bob.close().await;
    Ok(())
}
