//! A connection that is cut after each piece of octets.

use super::rig::*;
use polysim_share::master::{Holder, Mode, Way};
use polysim_share::slave::SlaveCommand;

fn seconds(count: u64) -> std::time::Duration {
    std::time::Duration::from_secs(count)
}

/// Pieces after which a session with an activation has surely come to rest.
const PIECES: usize = 40;

async fn wherever_it_is_cut_it_goes_on(mode: Mode, way: Way) {
    for pieces in 0..PIECES {
        let air = Air::default();
        let disk = MasterDisk { mode, way, ..MasterDisk::default() };
        let tablet = SlaveDisk::new("tablet", 2);
        let mut master = disk.start(None).await;
        let mut slave = tablet.start(&air).await;
        pair(&mut slave, &mut master).await.cut();
        slave.is_idle().await;
        connect(&slave, &master, pieces).await;
        tokio::time::sleep(seconds(3)).await;
        connect(&slave, &master, usize::MAX).await;
        slave.is_active().await;
        tokio::time::sleep(seconds(60)).await;
        assert_eq!((air.on(), air.most()), (vec!["tablet"], 1), "cut after {pieces} pieces");
        slave.desk.command(SlaveCommand::Release).await.unwrap();
        soon(master.desk.wait_for(|status| status.holder.is_none())).await.unwrap();
        assert!(air.on().is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn a_slave_is_served_wherever_its_connection_was_cut() {
    wherever_it_is_cut_it_goes_on(Mode::Provisioned, Way::Compare).await;
    wherever_it_is_cut_it_goes_on(Mode::Provisioned, Way::Push).await;
}

#[tokio::test(start_paused = true)]
async fn a_card_is_lent_wherever_the_connection_was_cut() {
    wherever_it_is_cut_it_goes_on(Mode::Remote, Way::Compare).await;
}

#[tokio::test(start_paused = true)]
async fn two_slaves_are_never_on_the_network_wherever_their_connections_are_cut() {
    for pieces in 0..PIECES {
        let (air, disk) = (Air::default(), MasterDisk::default());
        let mut master = disk.start(None).await;
        let mut first = SlaveDisk::new("tablet", 2).start(&air).await;
        let mut second = SlaveDisk::new("car", 3).start(&air).await;
        pair(&mut first, &mut master).await.cut();
        pair(&mut second, &mut master).await.cut();
        tokio::time::sleep(seconds(120)).await;
        connect(&first, &master, pieces).await;
        connect(&second, &master, PIECES - pieces).await;
        tokio::time::sleep(seconds(2)).await;
        if let Some(Holder::Slave(holder)) = master.desk.status().holder {
            let other = if holder == master.id("car") { "tablet" } else { "car" };
            master.pick(Holder::Slave(master.id(other))).await;
        }
        tokio::time::sleep(seconds(2)).await;
        connect(&first, &master, usize::MAX).await;
        connect(&second, &master, usize::MAX).await;
        tokio::time::sleep(seconds(120)).await;
        assert_eq!((air.on().len(), air.most()), (1, 1), "cut after {pieces} pieces");
    }
}
