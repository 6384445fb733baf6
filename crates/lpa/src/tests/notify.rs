use std::vec::Vec;

use polysim_rsp::data::NotificationEvent;

use super::world::World;
use super::{HOST, profile};
use crate::{LpaCommand, LpaConfig, LpaDone, LpaEvent, LpaRecord, Taken};

const OTHER: &str = "other.example.com";

/// Two servers are told of the same profile.
fn world(notify: bool) -> World {
    let mut world = World::new(LpaConfig { notify, ..LpaConfig::default() });
    world.card = super::card::FakeCard::with_profiles(2);
    for profile in &mut world.card.profiles {
        profile.also_tell(OTHER, NotificationEvent::ENABLE.with(NotificationEvent::DISABLE));
    }
    world
}

fn enable(world: &mut World, n: u8) {
    let done = world.run(LpaCommand::Enable { profile: profile(n), refresh: false });
    assert_eq!(done, Ok(LpaDone::Enabled));
}

fn process(world: &mut World) -> Vec<Taken> {
    match world.run(LpaCommand::ProcessNotifications) {
        Ok(LpaDone::Processed(reports)) => reports.into_iter().map(|r| r.taken).collect(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn nothing_is_delivered_by_itself_where_that_is_not_wanted() {
    let mut world = world(false);
    enable(&mut world, 101);
    assert!(world.server.taken.is_empty());
    let Ok(LpaDone::Notifications(list)) = world.run(LpaCommand::ListNotifications) else {
        panic!()
    };
    assert_eq!(list.len(), 4);
    assert_eq!(process(&mut world), [Taken::Yes, Taken::Yes, Taken::Yes, Taken::Yes]);
    world.check();
}

#[test]
fn a_server_that_is_down_does_not_hold_up_others() {
    let mut world = world(false);
    enable(&mut world, 101);
    world.down = [HOST].into();
    let taken = process(&mut world);
    assert_eq!(taken[..2], [Taken::Yes, Taken::Yes]);
    assert!(matches!(taken[2..], [Taken::Failed(_), Taken::Behind]), "{taken:?}");
    assert_eq!(world.card.notifications.len(), 2);
    world.down.clear();
    assert_eq!(process(&mut world), [Taken::Yes, Taken::Yes]);
    world.check();
}

#[test]
fn a_notification_that_is_refused_stays_and_is_told() {
    let mut world = world(true);
    world.server.refuses_notifications = [OTHER.into()].into();
    enable(&mut world, 101);
    assert_eq!(world.card.notifications.len(), 2);
    let refused = world.events.iter().filter(|event| {
        matches!(event, LpaEvent::Notified(report) if matches!(report.taken, Taken::Refused(_)))
    });
    let rounds = usize::from(LpaConfig::default().notification_rounds);
    assert_eq!(refused.count(), 2 * rounds, "it is tried so often, and not for ever");
    assert_eq!(world.lpa.checkpoint(), [LpaRecord::Owed(true)]);
    world.check();
}

#[test]
fn a_notification_is_removed_by_hand() {
    let mut world = world(false);
    enable(&mut world, 101);
    let remove = LpaCommand::RemoveNotification { seq_number: 1 };
    assert_eq!(world.run(remove.clone()), Ok(LpaDone::NotificationRemoved(true)));
    assert_eq!(world.run(remove), Ok(LpaDone::NotificationRemoved(false)));
    assert_eq!(world.card.notifications.len(), 3);
}
