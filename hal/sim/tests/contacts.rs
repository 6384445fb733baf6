//! A card that is not in its modem.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use polysim_aka::{Algorithm, Key, Milenage, Opc};
use polysim_apdu::{CardReply, CardSignal};
use polysim_base::{Instant, Purpose, Stream};
use polysim_card::{Card, CardConfig, Profile, ProfileConfig};
use polysim_hal::{ModemPort as _, TokioClock};
use polysim_hal_sim::{Contacts, LiveWorld, demo};
use std::sync::Arc;
use std::time::Duration;

/// Is the card of a modem, as long as it is not dropped.
async fn be(mut card: Card, mut contacts: Contacts) {
    contacts.reply(CardReply::Inserted);
    loop {
        let reply = match contacts.signal().await {
            CardSignal::PowerOn => CardReply::Atr(card.power_on().unwrap().to_vec()),
            CardSignal::Reset => CardReply::Atr(card.reset().unwrap().to_vec()),
            CardSignal::PowerOff => {
                card.power_off();
                continue;
            }
            CardSignal::Command(command) => {
                let mut response = Vec::new();
                card.transmit(Instant::ZERO, &command, &mut response);
                CardReply::Response(response)
            }
        };
        contacts.reply(reply);
    }
}

#[tokio::test(start_paused = true)]
async fn a_modem_registers_with_a_card_that_is_elsewhere() {
    let clock = Arc::new(TokioClock::starting_at(Instant::ZERO));
    let world = LiveWorld::new(&demo::phones(1), clock).unwrap();
    let modem = world.lend_modem(0).unwrap();
    let algorithm: Algorithm = Milenage::new(Key::from([1; 16]), Opc::from([2; 16])).into();
    let imsi = "001010000000999".parse().unwrap();
    let number = "+99070000999".parse().unwrap();
    world.within(|world| world.subscribe(0, (imsi, Some(number)), algorithm.clone())).unwrap();
    let profile = Profile::new(ProfileConfig::new("00101".parse().unwrap(), "North")).unwrap();
    let iccid = "8900000000000000007".parse().unwrap();
    let stream = Stream::derive(1, 1, Purpose::Keys, 0);
    let card = Card::new(CardConfig::new(profile, iccid, imsi, algorithm, stream));
    let serving = tokio::spawn(be(card, modem.contacts()));
    let mut port = modem.port(0);
    let mut heard = String::new();
    for command in ["AT+CFUN=1\r", "AT+CREG?\r", "AT+CIMI\r"] {
        port.write(command.as_bytes()).await.unwrap();
        tokio::time::sleep(Duration::from_secs(10)).await;
        let mut answer = [0; 512];
        let read = port.read(&mut answer).await.unwrap();
        heard.push_str(std::str::from_utf8(&answer[..read]).unwrap());
    }
    assert!(heard.contains("+CREG: 0,1"), "{heard}");
    assert!(heard.contains("001010000000999"), "{heard}");
    serving.abort();
}
