//! The suites that every backend passes.

use crate::service::{FIRST_PORT, Service};
use crate::virtual_card::VirtualCard;
use crate::{READER, USIM, connect};
use async_trait::async_trait;
use polysim_hal::testkit::{
    CardHarness, ReaderHarness, card_link_conformance, card_reader_conformance,
};
use polysim_hal::{CardLink, CardReader};
use polysim_hal_pcsc::{PcscReaders, Sharing};

/// The first reader, with the test card in it.
struct Seat {
    sharing: Sharing,
    card: Option<VirtualCard>,
}

impl Seat {
    fn new(sharing: Sharing) -> Self {
        Self { sharing, card: Some(VirtualCard::insert(FIRST_PORT)) }
    }
}

#[async_trait]
impl CardHarness for Seat {
    async fn link(&mut self) -> Box<dyn CardLink> {
        connect(&mut PcscReaders::sharing(self.sharing)).await
    }

    /// 8944000000000000003, two digits an octet, the first one low (TS 102.221, 13.2).
    fn iccid(&self) -> [u8; 10] {
        [0x98, 0x44, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xF3]
    }

    fn aid(&self) -> Vec<u8> {
        USIM.to_vec()
    }

    async fn pull(&mut self) {
        self.card = None;
    }

    async fn insert(&mut self) {
        self.card = Some(VirtualCard::insert(FIRST_PORT));
    }
}

#[async_trait]
impl ReaderHarness for Seat {
    async fn readers(&mut self) -> Box<dyn CardReader> {
        let mut readers = PcscReaders::sharing(self.sharing);
        drop(connect(&mut readers).await);
        Box::new(readers)
    }

    fn name(&self) -> String {
        READER.to_owned()
    }

    async fn pull(&mut self) {
        self.card = None;
    }

    async fn insert(&mut self) {
        self.card = Some(VirtualCard::insert(FIRST_PORT));
    }
}

#[tokio::test]
async fn a_card_passes_the_suite_of_its_trait() {
    let Some(_service) = Service::start() else { return };
    card_link_conformance(&mut Seat::new(Sharing::Exclusive)).await;
}

#[tokio::test]
async fn a_card_that_is_shared_passes_the_suite_as_well() {
    let Some(_service) = Service::start() else { return };
    card_link_conformance(&mut Seat::new(Sharing::Shared)).await;
}

#[tokio::test]
async fn readers_pass_the_suite_of_their_trait() {
    let Some(_service) = Service::start() else { return };
    card_reader_conformance(&mut Seat::new(Sharing::Exclusive)).await;
}
