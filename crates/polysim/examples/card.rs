//! A card read twice, in a reader and in a modem: `cargo run -p polysim --example card`.
#![expect(clippy::print_stdout, reason = "it shows what happens")]

use polysim::card::USIM_AID;
use polysim::{Card, Modem, ModemOptions};
use polysim_apdu::FileId;
use polysim_hal::{CardReader as _, TokioClock};
use polysim_hal_sim::{LiveWorld, SimulatedReader, demo};
use std::sync::Arc;

/// EF.IMSI.
const IMSI: FileId = FileId(0x6F07);

#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() -> anyhow::Result<()> {
    let world = LiveWorld::new(&demo::two_phones(), Arc::new(TokioClock::unix()))?;
    let none = || anyhow::anyhow!("no such phone");
    // One phone keeps its card, and is asked by AT; the other's card goes into a reader.
    let lent = world.lend_modem(0).ok_or_else(none)?;
    let slot = world.lend_card(1).ok_or_else(none)?;

    let mut reader = SimulatedReader::new([("Reader 0".to_owned(), slot)]);
    let mut card = Card::new(reader.connect("Reader 0").await?);
    println!("in the reader: ICCID {}, IMSI {}", card.iccid().await?, card.imsi().await?);
    card.select_usim().await?;
    // Nobody but the operator can answer for the network: the card finds that out.
    println!("a made-up challenge: {:?}", card.authenticate(&[1; 16], &[2; 16]).await?);

    let modem = Modem::open(Box::new(lent.port(0)), ModemOptions::default());
    modem.initialise(None).await?;
    let mut card = Card::new(Box::new(modem.card()));
    // A channel of its own, so that the modem's work with the card is not disturbed.
    card.open_channel(&USIM_AID).await?;
    let file = card.select(&[FileId::CURRENT_ADF, IMSI]).await?;
    println!("in the modem: EF.IMSI {:02X?}", card.read(&file).await?);
    card.close_channel().await?;
    modem.close().await;
    Ok(())
}
