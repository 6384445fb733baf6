use super::*;
use crate::testkit::{
    CardHarness, MemoryPort, Pull, ScriptedCard, card_link_conformance, memory_port, tiny_uicc,
};
use crate::trace::Direction;
use crate::{CardChannel, CardErrorKind, CardLink, ModemPort, PortErrorKind, Reset, TokioClock};
use async_trait::async_trait;
use polysim_base::{Instant, Purpose, Stream};
use proptest::prelude::*;
use std::time::Duration;

fn planned(direction: Direction, after: u64, fault: PortFault) -> PlannedPortFault {
    PlannedPortFault { direction, after, fault }
}

fn faulty(plan: Vec<PlannedPortFault>) -> (Faulty<MemoryPort, PortFaults>, MemoryPort) {
    let (near, far) = memory_port();
    let stream = Stream::derive(1, 2, Purpose::Fault, 0);
    let clock = TokioClock::starting_at(Instant::ZERO);
    (Faulty::new(near, PortFaults::new(plan, &stream, clock)), far)
}

/// Reads what there is until the port is silent or gone.
async fn drain(port: &mut dyn ModemPort) -> Vec<u8> {
    let (mut all, mut buffer) = (Vec::new(), [0; 7]);
    while let Ok(Ok(read)) =
        tokio::time::timeout(Duration::from_millis(1), port.read(&mut buffer)).await
    {
        all.extend_from_slice(&buffer[..read]);
    }
    all
}

/// What is read of `sent` with one fault on the way in.
async fn read_with(after: u64, fault: PortFault, sent: &[u8]) -> Vec<u8> {
    let (mut port, mut far) = faulty(vec![planned(Direction::In, after, fault)]);
    far.write(sent).await.unwrap();
    drain(&mut port).await
}

#[tokio::test(start_paused = true)]
async fn garbage_comes_in_between_and_is_the_same_again() {
    let got = read_with(3, PortFault::Garbage(5), b"abcdef").await;
    assert_eq!((&got[..3], &got[8..]), (&b"abc"[..], &b"def"[..]));
    assert_eq!(got, read_with(3, PortFault::Garbage(5), b"abcdef").await);
}

#[tokio::test(start_paused = true)]
async fn one_bit_of_one_byte_flips() {
    let got = read_with(2, PortFault::BitFlip, b"abcdef").await;
    let flipped: Vec<u32> = got.iter().zip(b"abcdef").map(|(a, b)| (a ^ b).count_ones()).collect();
    assert_eq!(flipped, [0, 0, 1, 0, 0, 0]);
}

#[tokio::test(start_paused = true)]
async fn a_line_is_truncated_with_its_end() {
    let got = read_with(5, PortFault::Truncation, b"+CMT: 12\r\nOK\r\n").await;
    assert_eq!(got, b"+CMT:\nOK\r\n");
}

#[tokio::test(start_paused = true)]
async fn a_storm_needs_no_byte_to_begin() {
    let storm = PortFault::Storm { line: "\r\nRING\r\n".to_owned(), count: 10_000 };
    assert_eq!(read_with(0, storm.clone(), b"").await, b"\r\nRING\r\n".repeat(10_000));
    let got = read_with(1, storm, b"ab").await;
    assert_eq!((got[0], got.len(), got[80_001]), (b'a', 80_002, b'b'));
}

#[tokio::test(start_paused = true)]
async fn silence_ends_after_its_time_and_muteness_with_reopening() {
    let silence = planned(Direction::In, 1, PortFault::Silence { for_us: 5_000_000 });
    let mute = planned(Direction::In, 4, PortFault::Mute);
    let (mut port, mut far) = faulty(vec![silence, mute]);
    far.write(b"ab").await.unwrap();
    assert_eq!(drain(&mut port).await, b"a");
    tokio::time::sleep(Duration::from_secs(5)).await;
    far.write(b"cdef").await.unwrap();
    assert_eq!(drain(&mut port).await, b"cd");
    tokio::time::sleep(Duration::from_secs(500)).await;
    far.write(b"g").await.unwrap();
    assert_eq!(drain(&mut port).await, b"");
    port.reopen().await.unwrap();
    far.reopen().await.unwrap();
    far.write(b"h").await.unwrap();
    assert_eq!(drain(&mut port).await, b"h");
}

#[tokio::test(start_paused = true)]
async fn a_port_goes_in_the_middle_of_a_write_and_of_a_read() {
    for direction in [Direction::Out, Direction::In] {
        let (mut port, mut far) = faulty(vec![planned(direction, 2, PortFault::Gone)]);
        far.write(b"efgh").await.unwrap();
        if direction == Direction::Out {
            let kind = *port.write(b"abcd").await.unwrap_err().kind();
            assert_eq!(kind, PortErrorKind::Gone);
            assert_eq!(drain(&mut far).await, b"ab");
        } else {
            assert_eq!(drain(&mut port).await, b"ef", "and then it is gone");
        }
        for _ in 0..2 {
            let kind = *port.read(&mut [0; 9]).await.unwrap_err().kind();
            assert_eq!(kind, PortErrorKind::Gone);
            assert_eq!(*port.write(b"x").await.unwrap_err().kind(), PortErrorKind::Gone);
            assert_eq!(*port.lines().await.unwrap_err().kind(), PortErrorKind::Gone);
        }
        port.reopen().await.unwrap();
        port.write(b"back").await.unwrap();
    }
}

#[test]
fn a_plan_is_data() {
    let plan = r#"[{"direction":"in","after":9,"fault":{"storm":{"line":"RING","count":3}}},
        {"direction":"out","after":0,"fault":"gone"},
        {"direction":"in","after":1,"fault":{"silence":{"for_us":7}}}]"#;
    let plan: Vec<PlannedPortFault> = serde_json::from_str(plan).unwrap();
    assert_eq!(plan[1], planned(Direction::Out, 0, PortFault::Gone));
    assert_eq!(plan[2].fault, PortFault::Silence { for_us: 7 });
    let card: PlannedCardFault =
        serde_json::from_str(r#"{"at":3,"fault":{"status":[111,0]}}"#).unwrap();
    assert_eq!(card.fault, CardFault::Status([0x6F, 0]));
}

fn in_pieces(bytes: &[u8], cuts: &[prop::sample::Index]) -> Vec<Vec<u8>> {
    let mut cuts: Vec<_> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
    cuts.extend([0, bytes.len()]);
    cuts.sort_unstable();
    cuts.windows(2).map(|cut| bytes[cut[0]..cut[1]].to_vec()).collect()
}

fn run<T>(future: impl Future<Output = T>) -> T {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    runtime.unwrap().block_on(future)
}

fn any_fault() -> impl Strategy<Value = PortFault> {
    prop_oneof![
        (0_u16..20).prop_map(PortFault::Garbage),
        Just(PortFault::BitFlip),
        Just(PortFault::Truncation),
        Just(PortFault::Mute),
        (0_u32..3).prop_map(|count| PortFault::Storm { line: "RING\r".to_owned(), count }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn without_faults_a_port_is_as_it_is(
        bytes in prop::collection::vec(any::<u8>(), 1..200), cuts: Vec<prop::sample::Index>,
    ) {
        run(async {
            let (mut port, mut far) = faulty(Vec::new());
            for piece in in_pieces(&bytes, &cuts) {
                port.write(&piece).await.unwrap();
                far.write(&piece).await.unwrap();
            }
            prop_assert_eq!(&drain(&mut port).await, &bytes);
            prop_assert_eq!(&drain(&mut far).await, &bytes);
            Ok(())
        })?;
    }

    #[test]
    fn how_bytes_are_cut_changes_no_fault(
        bytes in prop::collection::vec(any::<u8>(), 1..100),
        cuts: Vec<prop::sample::Index>,
        plan in prop::collection::vec((0_u64..100, any_fault()), 0..5),
    ) {
        run(async {
            let plan: Vec<_> = plan
                .into_iter()
                .map(|(after, fault)| planned(Direction::Out, after, fault))
                .collect();
            let (mut whole, mut far_whole) = faulty(plan.clone());
            whole.write(&bytes).await.unwrap();
            let (mut cut, mut far_cut) = faulty(plan);
            for piece in in_pieces(&bytes, &cuts) {
                cut.write(&piece).await.unwrap();
            }
            prop_assert_eq!(drain(&mut far_cut).await, drain(&mut far_whole).await);
            Ok(())
        })?;
    }
}

const AID: [u8; 7] = [0xA0, 0, 0, 0, 0x87, 0x10, 0x02];
const SELECT_MF: [u8; 8] = [0x00, 0xA4, 0x00, 0x04, 0x02, 0x3F, 0x00, 0x00];

fn card(plan: &[(u64, CardFault)]) -> Faulty<ScriptedCard, CardFaults> {
    let plan = plan.iter().map(|(at, fault)| PlannedCardFault { at: *at, fault: *fault });
    let card = ScriptedCard::new(&[0x3B, 0], || tiny_uicc([1; 10], [8; 9], AID.to_vec()));
    Faulty::new(card, CardFaults::new(plan.collect()))
}

async fn select(link: &mut dyn CardLink, channel: CardChannel) -> Result<Vec<u8>, CardErrorKind> {
    link.transmit(channel, &SELECT_MF).await.map_err(|error| *error.kind())
}

#[tokio::test]
async fn a_card_is_removed_at_its_command() {
    let mut link = card(&[(2, CardFault::Removed)]);
    let basic = CardChannel::basic(link.epoch());
    assert_eq!(select(&mut link, basic).await, Ok(vec![0x61, 5]));
    assert_eq!(select(&mut link, basic).await, Err(CardErrorKind::CardGone));
    assert!(link.epoch() > basic.epoch);
    let later = CardChannel::basic(link.epoch());
    assert_eq!(select(&mut link, later).await, Err(CardErrorKind::CardGone));
    assert_eq!(*link.reset(Reset::Cold).await.unwrap_err().kind(), CardErrorKind::CardGone);
    assert_eq!(*link.begin().await.unwrap_err().kind(), CardErrorKind::CardGone);
}

#[tokio::test]
async fn a_mute_card_answers_after_a_reset() {
    let mut link = card(&[(1, CardFault::Mute)]);
    let basic = CardChannel::basic(link.epoch());
    assert_eq!(select(&mut link, basic).await, Err(CardErrorKind::Mute));
    assert_eq!(select(&mut link, basic).await, Err(CardErrorKind::Mute));
    let epoch = link.reset(Reset::Cold).await.unwrap();
    assert_eq!(select(&mut link, CardChannel::basic(epoch)).await, Ok(vec![0x61, 5]));
}

#[tokio::test]
async fn a_status_word_comes_in_place_of_the_answer() {
    let mut link = card(&[(1, CardFault::Status([0x6F, 0])), (3, CardFault::Status([0x6A, 0x84]))]);
    let basic = CardChannel::basic(link.epoch());
    assert_eq!(select(&mut link, basic).await, Ok(vec![0x6F, 0]));
    assert_eq!(select(&mut link, basic).await, Ok(vec![0x61, 5]));
    let kind = *link.open_channel(&AID).await.unwrap_err().kind();
    assert_eq!(kind, CardErrorKind::Refused([0x6A, 0x84]));
}

#[tokio::test]
async fn a_reset_behind_the_back_makes_channels_stale() {
    let mut link = card(&[(3, CardFault::Reset)]);
    let basic = CardChannel::basic(link.epoch());
    let (channel, _) = link.open_channel(&AID).await.unwrap();
    assert_eq!(select(&mut link, basic).await, Ok(vec![0x61, 5]));
    assert_eq!(select(&mut link, channel).await, Err(CardErrorKind::Stale));
    assert_eq!(select(&mut link, basic).await, Err(CardErrorKind::Stale));
    let now = CardChannel::basic(link.epoch());
    assert_eq!(select(&mut link, now).await, Ok(vec![0x61, 5]));
}

#[tokio::test]
async fn a_link_that_cannot_reset_loses_its_channels_all_the_same() {
    let mut mock = crate::testkit::MockCardLink::new();
    let inner = crate::CardEpoch(3);
    mock.expect_epoch().return_const(inner);
    mock.expect_reset()
        .return_once(|_| Err(crate::CardError::new(CardErrorKind::Unsupported, "modem")));
    mock.expect_transmit()
        .once()
        .withf(move |channel, _| channel.epoch == inner)
        .returning(|_, _| Ok(vec![0x90, 0]));
    let plan = vec![PlannedCardFault { at: 1, fault: CardFault::Reset }];
    let mut link = Faulty::new(mock, CardFaults::new(plan));
    assert_eq!(select(&mut link, CardChannel::basic(inner)).await, Err(CardErrorKind::Stale));
    let now = CardChannel::basic(link.epoch());
    assert_eq!(select(&mut link, now).await, Ok(vec![0x90, 0]));
}

struct Hand(Option<Pull>);

#[async_trait]
impl CardHarness for Hand {
    async fn link(&mut self) -> Box<dyn CardLink> {
        let link = card(&[]);
        self.0 = Some(link.inner.pull());
        Box::new(link)
    }

    fn iccid(&self) -> [u8; 10] {
        [1; 10]
    }

    fn aid(&self) -> Vec<u8> {
        AID.to_vec()
    }

    async fn pull(&mut self) {
        self.0.take().unwrap().pull();
    }

    async fn insert(&mut self) {}
}

#[tokio::test]
async fn without_faults_a_link_conforms_as_before() {
    card_link_conformance(&mut Hand(None)).await;
}

#[tokio::test]
async fn the_plan_goes_on_over_the_links_of_a_reader() {
    let mut reader = crate::testkit::MockCardReader::new();
    reader.expect_connect().returning(|_| {
        let card = ScriptedCard::new(&[], || tiny_uicc([1; 10], [8; 9], AID.to_vec()));
        Ok(Box::new(card))
    });
    let plan = vec![PlannedCardFault { at: 2, fault: CardFault::Removed }];
    let mut reader = Faulty::new(reader, CardFaults::new(plan));
    for expected in [Ok(vec![0x61, 5]), Err(CardErrorKind::CardGone), Ok(vec![0x61, 5])] {
        let mut link = crate::CardReader::connect(&mut reader, "one").await.unwrap();
        let basic = CardChannel::basic(link.epoch());
        assert_eq!(select(link.as_mut(), basic).await, expected);
    }
}
