//! Two phones text each other: `cargo run -p polysim --example text`.
//!
//! The modems are simulated, and so is the network, in virtual time. With real ones only the
//! ports are others: `polysim_hal_serial::open("/dev/ttyUSB2")`.
#![expect(clippy::print_stdout, reason = "it shows what happens")]

use polysim::{Modem, ModemOptions};
use polysim_base::Duration;
use polysim_hal::TokioClock;
use polysim_hal_sim::{LiveWorld, demo};
use polysim_modem::OutgoingText;
use polysim_sms::Address;
use std::sync::Arc;

#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() -> anyhow::Result<()> {
    let world = LiveWorld::new(&demo::two_phones(), Arc::new(TokioClock::unix()))?;
    let (alice, bob) = (modem(&world, 0)?, modem(&world, 1)?);
    for phone in [&alice, &bob] {
        let identity = phone.initialise(None).await?;
        let state = phone.wait_registered(Duration::from_secs(120)).await?;
        println!("{}: {:?}, {:?}", phone.name(), identity.imei, state.status);
    }

    // Bob listens, and Alice wants to know when the text has arrived.
    let mut texts = bob.texts();
    let mut reports = alice.reports();
    let to = Address::parse_dialled("+99070000002")?;
    let outcome = alice.send(OutgoingText::new(to, "Dinner at eight? 🍝").with_report()).await?;
    println!("sent: {:?}", outcome.verdict());

    if let Some(text) = texts.next().await {
        println!("Bob reads {:?}", text.text());
        // Written down (a program would keep text.pdus): only now it may leave the modem.
        text.confirm().await?;
    }
    if let Some(report) = reports.next().await {
        println!("Alice is told: {}", report.status);
        report.confirm().await?;
    }
    alice.close().await;
    bob.close().await;
    Ok(())
}

fn modem(world: &LiveWorld, phone: usize) -> anyhow::Result<Modem> {
    let modem = world.lend_modem(phone).ok_or_else(|| anyhow::anyhow!("no phone {phone}"))?;
    Ok(Modem::open(Box::new(modem.port(0)), ModemOptions::default()))
}
