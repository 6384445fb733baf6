//! What a shared SIM goes through.

use super::rig::*;
use crate::share::*;
use polysim_apdu::{CardReply, CardSignal};
use polysim_base::{Duration, Instant};
use polysim_share::InvalidTiming;
use polysim_share::link::{LinkEnd, LinkEvent, LinkInput};
use polysim_share::master::{
    Consent, Ended, Holder, How, MasterCommand, MasterEvent, MasterRecord, Mode,
};
use polysim_share::slave::{Left, SlaveCommand, SlaveEvent, SlaveRecord, Why};
use polysim_share::wire::HeldBy;

const IMSI: &[u8] = b"001010000000123\x90\x00";

fn seconds(count: u64) -> std::time::Duration {
    std::time::Duration::from_secs(count)
}

async fn granted(master: &mut Master) -> How {
    let granted = master.event(|event| matches!(event, MasterEvent::Granted { .. })).await;
    let MasterEvent::Granted { how, .. } = granted else { panic!("{granted:?}") };
    how
}

#[tokio::test(start_paused = true)]
async fn a_paired_slave_gets_the_parameters_once_and_the_command_only_the_second_time() {
    let (air, disk, tablet) = (Air::default(), MasterDisk::default(), SlaveDisk::new("tablet", 2));
    let mut master = disk.start(None).await;
    let mut slave = tablet.start(&air).await;
    pair(&mut slave, &mut master).await;
    assert_eq!(granted(&mut master).await, How::None);
    slave.is_active().await;
    assert_eq!(air.on(), ["tablet"]);
    let answer = slave.contacts.ask(CardSignal::Command(vec![0x00])).await;
    assert_eq!(answer, CardReply::Response(IMSI.to_vec()));

    slave.desk.command(SlaveCommand::Release).await.unwrap();
    slave.is_idle().await;
    assert!(slave.desk.status().stored, "it stays stored");
    assert!(air.on().is_empty());
    slave.desk.command(SlaveCommand::Want).await.unwrap();
    assert_eq!(granted(&mut master).await, How::Equal);
    slave.is_active().await;
}

#[tokio::test(start_paused = true)]
async fn a_card_answers_once_its_sequence_number_is_written_down_and_the_next_slave_has_it() {
    let (air, disk, tablet) = (Air::default(), MasterDisk::default(), SlaveDisk::new("tablet", 2));
    let mut master = disk.start(None).await;
    let mut slave = tablet.start(&air).await;
    pair(&mut slave, &mut master).await;
    slave.is_active().await;
    slave.contacts.ask(CardSignal::Command(AUTHENTICATE.to_vec())).await;
    let written = async || {
        let newest = |Dated { entry, .. }: &Dated<SlaveEntry>| {
            let SlaveEntry::Record(SlaveRecord::Sequence(sequence)) = entry else { return None };
            Some(sequence.highest().seq())
        };
        entries(&tablet.journal).await.iter().rev().find_map(newest)
    };
    assert_eq!(written().await, Some(1));
    let mut second = SlaveDisk::new("car", 3).start(&air).await;
    pair(&mut second, &mut master).await;
    master.pick(Holder::Slave(master.id("car"))).await;
    second.is_active().await;
    second.contacts.ask(CardSignal::Command(AUTHENTICATE.to_vec())).await;
    slave.is_idle().await;
    master.pick(Holder::Slave(master.id("tablet"))).await;
    slave.is_active().await;
    slave.contacts.ask(CardSignal::Command(AUTHENTICATE.to_vec())).await;
    assert_eq!(written().await, Some(3), "each card goes on where the last one was");
    assert_eq!(air.most(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_second_slave_is_told_who_has_it_and_is_served_when_the_first_ones_timer_has_passed() {
    let (air, disk) = (Air::default(), MasterDisk::default());
    let mut master = disk.start(None).await;
    let mut first = SlaveDisk::new("tablet", 2).start(&air).await;
    let wire = pair(&mut first, &mut master).await;
    first.is_active().await;
    let mut second = SlaveDisk::new("car", 3).start(&air).await;
    pair(&mut second, &mut master).await;
    let busy = second
        .hears(|told| {
            let SlaveTold::Event(SlaveEvent::Busy(by)) = told else { return None };
            Some(by.clone())
        })
        .await;
    assert!(matches!(busy, HeldBy::Slave(name) if name.as_str() == "tablet"));

    wire.cut();
    let lost = tokio::time::Instant::now();
    let left = first
        .hears(|told| {
            let SlaveTold::Event(SlaveEvent::Left { why, left }) = told else { return None };
            Some((*why, *left))
        })
        .await;
    // At its start it had its modem leave, too.
    let left = if left.0 == Why::Started { next_left(&mut first).await } else { left };
    assert_eq!(left, (Why::Timer, Left::Detached));
    let after = lost.elapsed().as_secs();
    assert!(after < TIMER.as_secs(), "{after} s");
    let free = master.event(|event| matches!(event, MasterEvent::Free { .. })).await;
    assert!(matches!(free, MasterEvent::Free { ended: Ended::Guard, .. }), "{free:?}");
    second.is_active().await;
    assert!(lost.elapsed() >= seconds(SUPERVISION.as_secs() + TIMER.as_secs()));
    assert_eq!((air.on(), air.most()), (vec!["car"], 1));
}

async fn next_left(slave: &mut Slave) -> (Why, Left) {
    slave
        .hears(|told| {
            let SlaveTold::Event(SlaveEvent::Left { why, left }) = told else { return None };
            Some((*why, *left))
        })
        .await
}

#[tokio::test(start_paused = true)]
async fn a_link_that_is_back_in_time_changes_nothing() {
    let (air, disk) = (Air::default(), MasterDisk::default());
    let mut master = disk.start(None).await;
    let mut slave = SlaveDisk::new("tablet", 2).start(&air).await;
    let wire = pair(&mut slave, &mut master).await;
    slave.is_active().await;
    let before = slave.desk.status().active;
    wire.cut();
    tokio::time::sleep(seconds(10)).await;
    connect(&slave, &master, usize::MAX).await;
    master.event(|event| matches!(event, MasterEvent::Resumed(_))).await;
    tokio::time::sleep(seconds(200)).await;
    assert_eq!(slave.desk.status().active, before);
    assert_eq!(air.on(), ["tablet"]);
}

#[tokio::test(start_paused = true)]
async fn a_new_connection_of_the_same_device_ends_the_older_one() {
    let (air, disk) = (Air::default(), MasterDisk::default());
    let mut master = disk.start(None).await;
    let mut slave = SlaveDisk::new("tablet", 2).start(&air).await;
    let first = pair(&mut slave, &mut master).await;
    slave.is_active().await;
    connect(&slave, &master, usize::MAX).await;
    master.event(|event| matches!(event, MasterEvent::Resumed(_))).await;
    assert_eq!(soon(first.session).await.unwrap(), SessionEnd::Replaced);
    tokio::time::sleep(seconds(100)).await;
    assert_eq!(air.on(), ["tablet"]);
    assert!(slave.desk.status().connected);
}

#[tokio::test(start_paused = true)]
async fn an_unknown_device_is_heard_for_one_attempt_that_was_asked_for() {
    let (air, disk) = (Air::default(), MasterDisk::default());
    let mut master = disk.start(None).await;
    let mut slave = SlaveDisk::new("tablet", 2).start(&air).await;
    let wire = connect(&slave, &master, usize::MAX).await;
    assert_eq!(soon(wire.session).await.unwrap(), LinkEnd::PairingOffAtPeer.into());

    master.desk.pair(true).await.unwrap();
    let wire = connect(&slave, &master, usize::MAX).await;
    let connection = master
        .hears(|told| {
            let MasterTold::Compare { connection, .. } = told else { return None };
            Some(*connection)
        })
        .await;
    slave.hears(|told| matches!(told, SlaveTold::Compare { .. }).then_some(())).await;
    master.desk.compared(connection, false).await.unwrap();
    assert_eq!(soon(wire.session).await.unwrap(), LinkEnd::UnequalAtPeer.into());
    assert!(!master.desk.status().pairing);
    let wire = connect(&slave, &master, usize::MAX).await;
    assert_eq!(soon(wire.session).await.unwrap(), LinkEnd::PairingOffAtPeer.into());
    assert!(disk.journal.is_empty());
}

#[tokio::test(start_paused = true)]
async fn peers_that_show_no_key_are_few_and_are_gone_soon() {
    let (air, disk) = (Air::default(), MasterDisk::default());
    let mut master = disk.start(None).await;
    let mut held = Vec::new();
    for _ in 0..20 {
        let (near, far) = tokio::io::duplex(64);
        master.desk.accept(far).await.unwrap();
        held.push(near);
    }
    master.hears(|told| (*told == MasterTold::Crowded).then_some(())).await;
    let why = master
        .hears(|told| {
            let MasterTold::NotConnected { why, .. } = told else { return None };
            Some(*why)
        })
        .await;
    assert_eq!(why, LinkEnd::HandshakeTimeout);
    tokio::time::sleep(seconds(1)).await;
    let mut slave = SlaveDisk::new("tablet", 2).start(&air).await;
    pair(&mut slave, &mut master).await;
    slave.is_active().await;
    drop(held);
}

#[tokio::test(start_paused = true)]
async fn consent_is_asked_for_each_activation_and_written_down() {
    let air = Air::default();
    let disk = MasterDisk { consent: Consent::EachTime, ..MasterDisk::default() };
    let mut master = disk.start(None).await;
    let mut slave = SlaveDisk::new("tablet", 2).start(&air).await;
    pair(&mut slave, &mut master).await;
    let asks = master.event(|event| matches!(event, MasterEvent::Asks(_))).await;
    let MasterEvent::Asks(id) = asks else { panic!("{asks:?}") };
    tokio::time::sleep(seconds(30)).await;
    assert!(air.on().is_empty());
    let yes = MasterCommand::Consent { slave: id, allow: true };
    master.desk.command(yes).await.unwrap();
    slave.is_active().await;
    let entries = entries(&disk.journal).await;
    let consented = entries.iter().find(|it| {
        matches!(&it.entry, MasterEntry(MasterRecord::Consented { slave, allow: true }) if *slave == id)
    });
    let at = Instant::from_micros(consented.unwrap().at_us);
    assert!(at.since(Instant::ZERO.plus(Duration::from_secs(1_000))).as_secs() >= 30);
}

#[tokio::test(start_paused = true)]
async fn a_card_that_stays_with_the_master_is_used_over_the_link_and_lost_with_it() {
    let air = Air::default();
    let disk = MasterDisk { mode: Mode::Remote, ..MasterDisk::default() };
    let mut master = disk.start(None).await;
    let mut slave = SlaveDisk::new("tablet", 2).start(&air).await;
    let wire = pair(&mut slave, &mut master).await;
    assert_eq!(granted(&mut master).await, How::Lent);
    slave.is_active().await;
    tokio::time::sleep(seconds(1)).await;
    let atr = slave.contacts.ask(CardSignal::PowerOn).await;
    assert!(matches!(atr, CardReply::Atr(_)), "{atr:?}");
    let answer = slave.contacts.ask(CardSignal::Command(vec![0, 1, 2, 3])).await;
    assert_eq!(answer, CardReply::Response(IMSI.to_vec()));
    slave.contacts.ask(CardSignal::Command(AUTHENTICATE.to_vec())).await;
    assert_eq!(slave.desk.status().commands, 2);
    let is_written = |Dated { entry: MasterEntry(record), .. }: &Dated<MasterEntry>| matches!(record, MasterRecord::Sequence(sequence) if sequence.highest().seq() == 1);
    assert!(entries(&disk.journal).await.iter().any(is_written), "of the card that is lent");
    assert!(!slave.desk.status().stored, "nothing is copied");
    while slave.contacts.replies.try_recv().is_ok() {}
    wire.cut();
    assert_eq!(slave.contacts.replies.recv().await, Some(CardReply::Removed));
    slave.is_idle().await;
    assert!(air.on().is_empty());
}

#[tokio::test(start_paused = true)]
async fn the_master_uses_it_itself_and_a_slave_waits() {
    let (air, disk) = (Air::default(), MasterDisk::default());
    let (own, mut contacts) = modem("phone", &air);
    let mut master = disk.start(Some(own)).await;
    master.pick(Holder::Own).await;
    soon(master.desk.wait_for(|status| status.holder == Some(Holder::Own))).await.unwrap();
    let answer = contacts.ask(CardSignal::Command(AUTHENTICATE.to_vec())).await;
    assert_eq!(answer, CardReply::Response(IMSI.to_vec()));
    let mut slave = SlaveDisk::new("tablet", 2).start(&air).await;
    pair(&mut slave, &mut master).await;
    slave
        .hears(|told| (*told == SlaveTold::Event(SlaveEvent::Busy(HeldBy::Master))).then_some(()))
        .await;
    assert_eq!(air.on(), ["phone"]);
    master.pick(Holder::Slave(master.id("tablet"))).await;
    slave.is_active().await;
    assert_eq!((air.on(), air.most()), (vec!["tablet"], 1));
}

#[tokio::test(start_paused = true)]
async fn what_was_unpaired_is_erased_and_is_unknown_at_both_ends() {
    let (air, disk, tablet) = (Air::default(), MasterDisk::default(), SlaveDisk::new("tablet", 2));
    let mut master = disk.start(None).await;
    let mut slave = tablet.start(&air).await;
    pair(&mut slave, &mut master).await;
    slave.is_active().await;
    master.desk.command(MasterCommand::Unpair(master.id("tablet"))).await.unwrap();
    slave.hears(|told| (*told == SlaveTold::Unpaired).then_some(())).await;
    let status = slave.desk.status();
    assert_eq!((status.stored, status.master, status.active), (false, None, None));
    soon(master.desk.wait_for(|status| status.slaves.is_empty())).await.unwrap();
    let again = tablet.start(&air).await;
    assert_eq!(again.desk.status().master, None, "also after a restart");
}

#[tokio::test(start_paused = true)]
async fn both_restart_and_go_on_with_other_times() {
    let (air, disk, tablet) = (Air::default(), MasterDisk::default(), SlaveDisk::new("tablet", 2));
    let mut master = disk.start(None).await;
    let mut slave = tablet.start(&air).await;
    pair(&mut slave, &mut master).await;
    slave.is_active().await;
    slave.desk.command(SlaveCommand::Release).await.unwrap();
    slave.is_idle().await;
    soon(master.desk.wait_for(|status| status.holder.is_none())).await.unwrap();
    drop((master, slave));
    tokio::time::sleep(seconds(5)).await;

    let other =
        MasterDisk { timer: Duration::from_secs(40), journal: disk.journal.clone(), ..disk };
    let mut master = other.start(None).await;
    let slave = tablet.start(&air).await;
    slave.desk.command(SlaveCommand::Want).await.unwrap();
    let wire = connect(&slave, &master, usize::MAX).await;
    assert_eq!(granted(&mut master).await, How::Equal);
    slave.is_active().await;
    wire.cut();
    tokio::time::sleep(seconds(25)).await;
    assert_eq!(air.on(), ["tablet"], "the old timer has passed, the new one has not");
    tokio::time::sleep(seconds(15)).await;
    assert!(air.on().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_timer_in_which_a_slave_cannot_leave_is_refused() {
    let air = Air::default();
    let disk = MasterDisk { timer: Duration::from_secs(8), ..MasterDisk::default() };
    let mut master = disk.start(None).await;
    let slow = SlaveDisk { detach: Duration::from_secs(10), ..SlaveDisk::new("tablet", 2) };
    let mut slave = slow.start(&air).await;
    let wire = pair(&mut slave, &mut master).await;
    let end = soon(wire.session).await.unwrap();
    assert_eq!(end, TermsRefusal::Timer(InvalidTiming::TimerTooShort).into());
    tokio::time::sleep(seconds(60)).await;
    assert!(air.on().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_known_device_that_speaks_another_language_is_cut_off() {
    let (air, disk, tablet) = (Air::default(), MasterDisk::default(), SlaveDisk::new("tablet", 2));
    let mut master = disk.start(None).await;
    let mut slave = tablet.start(&air).await;
    pair(&mut slave, &mut master).await.cut();
    slave.is_idle().await;
    for nonsense in [vec![], vec![9], vec![0; 17], vec![1, 0xFF, 0xFF]] {
        let (handle, mut told) = raw(&master, &tablet).await;
        let up = soon(told.recv()).await.unwrap().1;
        assert!(matches!(up, LinkEvent::Up { paired_now: false, .. }), "{up:?}");
        let terms = soon(told.recv()).await.unwrap().1;
        assert!(matches!(terms, LinkEvent::Received(_)), "{terms:?}");
        assert!(handle.tell(LinkInput::Send(nonsense.clone())));
        let down = LinkEvent::Down(LinkEnd::ClosedByPeer);
        while soon(told.recv()).await.unwrap().1 != down {}
        soon(master.desk.wait_for(|status| !status.slaves[0].connected)).await.unwrap();
    }
}
