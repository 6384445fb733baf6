//! One phone calls another, which answers: `cargo run -p polysim --example call`.
#![expect(clippy::print_stdout, reason = "it shows what happens")]

use polysim::{Modem, ModemOptions};
use polysim_base::Duration;
use polysim_hal::TokioClock;
use polysim_hal_sim::{LiveWorld, demo};
use std::sync::Arc;

#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() -> anyhow::Result<()> {
    let world = LiveWorld::new(&demo::two_phones(), Arc::new(TokioClock::unix()))?;
    let (alice, bob) = (modem(&world, 0)?, modem(&world, 1)?);
    for phone in [&alice, &bob] {
        phone.initialise(None).await?;
        phone.wait_registered(Duration::from_secs(120)).await?;
    }

    let mut incoming = bob.incoming_calls();
    let answering = tokio::spawn(async move {
        let Some(mut call) = incoming.next().await else { return Ok(()) };
        println!("Bob's phone rings: {:?}", call.progress().info.number);
        call.answer().await?;
        println!("Bob is told the call is over: {:?}", call.ended().await);
        Ok::<_, polysim::ModemFault>(())
    });

    let mut call = alice.dial("+99070000002").await?;
    println!("Alice hears: {:?}", call.progress().info.state);
    call.answered().await?;
    println!("Alice hears Bob: {:?}", call.progress().info.state);
    call.dtmf("123#").await?;
    tokio::time::sleep(std::time::Duration::from_secs(10)).await;
    call.hang_up().await?;
    println!("Alice hung up: {:?}", call.ended().await);
    answering.await??;
    Ok(())
}

fn modem(world: &LiveWorld, phone: usize) -> anyhow::Result<Modem> {
    let modem = world.lend_modem(phone).ok_or_else(|| anyhow::anyhow!("no phone {phone}"))?;
    Ok(Modem::open(Box::new(modem.port(0)), ModemOptions::default()))
}
