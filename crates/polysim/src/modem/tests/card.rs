use super::*;
use crate::{Card, CardFault, ChannelInClass, ModemCard};
use polysim_apdu::FileId;
use polysim_hal::testkit::{CardHarness, card_link_conformance};
use polysim_hal::{CardChannel, CardErrorKind, CardLink, Reset};
use polysim_hal_sim::{LiveWorld, demo};

const AID: [u8; 7] = [0xA0, 0x00, 0x00, 0x00, 0x87, 0x10, 0x02];

fn answers(far: &Far, answers: &[(&str, &str)]) {
    for (line, answer) in answers {
        far.fake().answers.insert((*line).into(), format!("\r\n{answer}\r\n\r\nOK\r\n"));
    }
}

/// STATUS for the name of the application, by class byte.
fn named(class: &str, handle: &str) -> (String, String) {
    let asked = format!("AT+CGLA={handle},10,\"{class}F2000100\"");
    (asked, "+CGLA: 22,\"8407A00000008710029000\"".into())
}

async fn opened_with(handle: &str, class: Option<&str>) -> (ModemCard, Far, CardChannel) {
    let (modem, far) = ready().await;
    answers(&far, &[("AT+CCHO=\"A0000000871002\"", &format!("+CCHO: {handle}"))]);
    for tried in ["80", "82"] {
        let (asked, name) = named(tried, handle);
        let answer = if class == Some(tried) { name } else { "+CGLA: 4,\"6A86\"".into() };
        answers(&far, &[(&asked, &answer)]);
    }
    let mut card = modem.card();
    let (channel, answer) = card.open_channel(&AID).await.unwrap();
    assert!(answer.is_empty());
    far.lines();
    (card, far, channel)
}

async fn sent_on(handle: &str, class: Option<&str>) -> String {
    let (mut card, far, channel) = opened_with(handle, class).await;
    for sent in ["00B0000001", "02B0000001"] {
        let line = format!("AT+CGLA={handle},10,\"{sent}\"");
        answers(&far, &[(&line, "+CGLA: 6,\"AB9000\"")]);
    }
    let answer = card.transmit(channel, &[0x00, 0xB0, 0, 0, 1]).await.unwrap();
    assert_eq!(answer, [0xAB, 0x90, 0x00]);
    far.lines().remove(0)
}

#[tokio::test(start_paused = true)]
async fn who_names_the_channel_in_the_class_byte_is_found_out() {
    assert_eq!(sent_on("2", Some("80")).await, "AT+CGLA=2,10,\"00B0000001\"");
    assert_eq!(sent_on("2", Some("82")).await, "AT+CGLA=2,10,\"02B0000001\"");
    assert_eq!(sent_on("2", None).await, "AT+CGLA=2,10,\"02B0000001\"");
    assert_eq!(sent_on("4294967295", None).await, "AT+CGLA=4294967295,10,\"00B0000001\"");
    assert_eq!(sent_on("1A", None).await, "AT+CGLA=1A,10,\"00B0000001\"");
}

#[tokio::test(start_paused = true)]
async fn who_names_the_channel_can_be_said() {
    let (modem, far) = ready().await;
    answers(&far, &[("AT+CCHO=\"A0000000871002\"", "2")]);
    let mut card = ModemCard::new(modem, ChannelInClass::Modem);
    card.open_channel(&AID).await.unwrap();
    assert_eq!(far.lines(), ["AT+CCHO=\"A0000000871002\""]);
}

#[tokio::test(start_paused = true)]
async fn a_channel_does_not_outlive_a_reset_of_the_modem() {
    let (mut card, far, channel) = opened_with("2", Some("80")).await;
    let epoch = card.epoch();
    let reboot = far.fake().reboot();
    far.say_bytes(reboot);
    secs(5).await;
    assert!(card.epoch() > epoch);
    let stale = card.transmit(channel, &[0x00, 0xB0, 0, 0, 1]).await.unwrap_err();
    assert_eq!(*stale.kind(), CardErrorKind::Stale);
    assert_eq!(*card.close_channel(channel).await.unwrap_err().kind(), CardErrorKind::Stale);
    let (channel, _) = card.open_channel(&AID).await.unwrap();
    card.close_channel(channel).await.unwrap();
    assert!(far.lines().contains(&"AT+CCHC=2".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn the_basic_channel_goes_by_csim_and_a_reset_behind_ones_back_is_told_once() {
    let (modem, far) = ready().await;
    answers(
        &far,
        &[
            ("AT+CSIM=16,\"00A40804022FE200\"", "+CSIM: 4,\"610A\""),
            ("AT+CSIM=10,\"00C000000A\"", "+CSIM: 24,\"6208820241218002000A9000\""),
            ("AT+CSIM=10,\"00B000000A\"", "+CSIM: 24,\"981032547698103254769000\""),
        ],
    );
    let mut card = Card::new(Box::new(modem.card()));
    assert_eq!(card.iccid().await.unwrap().wire()[0], 0x98);
    let reboot = far.fake().reboot();
    far.say_bytes(reboot);
    secs(5).await;
    let reset = card.select(&[FileId(0x2FE2)]).await;
    assert!(matches!(reset, Err(CardFault::Reset)), "{reset:?}");
    card.select(&[FileId(0x2FE2)]).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn what_a_modem_cannot_do_is_said_so() {
    let (modem, far) = ready().await;
    let mut card = modem.card();
    for kind in [Reset::Cold, Reset::Warm] {
        let refused = card.reset(kind).await.unwrap_err();
        assert_eq!(*refused.kind(), CardErrorKind::Unsupported);
    }
    let basic = CardChannel::basic(card.epoch());
    assert_eq!(*card.transmit(basic, &[0]).await.unwrap_err().kind(), CardErrorKind::BadCommand);
    far.fake().answers.insert("AT+CSIM=10,\"00B0000001\"".into(), "\r\n+CME ERROR: 10\r\n".into());
    let gone = card.transmit(basic, &[0x00, 0xB0, 0, 0, 1]).await.unwrap_err();
    assert_eq!(*gone.kind(), CardErrorKind::CardGone);
    assert!(card.epoch() > basic.epoch);
}

/// A simulated phone, and its card.
struct Phone {
    world: LiveWorld,
    modem: Modem,
    iccid: [u8; 10],
    pulled: Option<polysim_card::Card>,
}

#[async_trait::async_trait]
impl CardHarness for Phone {
    async fn link(&mut self) -> Box<dyn CardLink> {
        // While it registers, the modem itself moves about on the basic channel.
        let patience = polysim_base::Duration::from_secs(600);
        self.modem.ready().await.unwrap();
        self.modem.wait_registered(patience).await.unwrap();
        Box::new(self.modem.card())
    }

    fn iccid(&self) -> [u8; 10] {
        self.iccid
    }

    fn aid(&self) -> Vec<u8> {
        AID.to_vec()
    }

    async fn pull(&mut self) {
        self.pulled = self.world.within(|simulation| simulation.take_card(0));
    }

    async fn insert(&mut self) {
        let card = self.pulled.take().unwrap();
        assert!(self.world.within(|simulation| simulation.put_card(0, card)).is_none());
    }
}

#[tokio::test(start_paused = true)]
async fn the_card_in_a_simulated_modem_keeps_the_contract_of_links() {
    let clock = Arc::new(TokioClock::starting_at(Instant::ZERO));
    let world = LiveWorld::new(&demo::two_phones(), clock).unwrap();
    let lent = world.lend_modem(0).unwrap();
    let modem = Modem::open(Box::new(lent.port(0)), ModemOptions::default());
    modem.initialise(None).await.unwrap();
    let iccid = *Card::new(Box::new(modem.card())).iccid().await.unwrap().wire();
    let mut phone = Phone { world, modem, iccid, pulled: None };
    card_link_conformance(&mut phone).await;
}
