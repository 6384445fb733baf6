//! What users of a fleet see.

use super::*;
use polysim_fleet::MailId;
use polysim_fleet::terminal::WishError;
use polysim_fleet::wire::{CallEnding, Mail, Refusal, TextState};
use polysim_hal::{AudioPort as _, FRAME_SAMPLES};
use tokio::sync::broadcast::Receiver;

fn bodies(desk: &Desk) -> Vec<String> {
    let body = |item: &polysim_fleet::wire::MailItem| match &item.mail {
        Mail::Text { body, .. } => Some(body.clone()),
        Mail::Incomplete { .. } | Mail::MissedCall { .. } | Mail::TextState { .. } => None,
    };
    desk.inbox().iter().filter_map(body).collect()
}

fn states(desk: &Desk) -> Vec<TextState> {
    let state = |item: &polysim_fleet::wire::MailItem| match item.mail {
        Mail::TextState { state, .. } => Some(state),
        Mail::Incomplete { .. } | Mail::MissedCall { .. } | Mail::Text { .. } => None,
    };
    desk.inbox().iter().filter_map(state).collect()
}

async fn delivered(desk: &Desk) {
    let mut seen = MailId::default();
    while !states(desk).contains(&TextState::Delivered) {
        seen = desk.mail_after(seen).await.unwrap().last().unwrap().id;
    }
}

/// Returns what Bob has read so far.
fn bob_read(events: &mut Receiver<polysim_world::Event>) -> Vec<Value> {
    let mut read = Vec::new();
    while let Ok(event) = events.try_recv() {
        if event.name == "text.received" {
            read.push(event.field("text").unwrap().clone());
        }
    }
    read
}

#[tokio::test(start_paused = true)]
async fn a_desk_calls_and_texts_and_finds_its_mail_again_after_a_restart() {
    in_time(async {
        let office = Office::new();
        let mut events = office.world.events();
        let open = office.open().await;
        open.permit().await;
        let sim = open.assign().await;

        let mut told = open.desk.events();
        office.bob_calls();
        let rings = |event| matches!(event, TerminalEvent::Rings { .. }).then_some(());
        told.find(rings).await.unwrap();
        open.desk.answer().await.unwrap();
        secs(5).await;
        open.desk.hang_up().await.unwrap();
        let ended = |event| {
            let TerminalEvent::Call { phase: CallPhase::Ended(why), .. } = event else {
                return None;
            };
            Some(why)
        };
        assert_eq!(told.find(ended).await, Some(CallEnding::HungUp));

        office.bob_texts("Dinner at eight?");
        open.desk.mail_after(MailId::default()).await.unwrap();
        let to = Msisdn::parse(BOBS_NUMBER).unwrap();
        open.desk.text_with_report(Target::Sim(sim), to, "Gladly.").await.unwrap();
        delivered(&open.desk).await;
        let seen = open.desk.inbox();
        open.fleet.stop().await.unwrap();

        let open = office.open().await;
        assert_eq!(open.desk.inbox(), seen);
        open.assign().await;
        office.bob_texts("Still there?");
        open.desk.text(Target::Sim(sim), to, "Yes.").await.unwrap();
        open.desk.mail_after(seen.last().unwrap().id).await.unwrap();
        secs(120).await;
        assert_eq!(bodies(&open.desk), ["Dinner at eight?", "Still there?"]);
        assert_eq!(bob_read(&mut events), [Value::from("Gladly."), Value::from("Yes.")]);
        open.fleet.stop().await.unwrap();
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_crash_at_any_moment_loses_no_text_and_doubles_none() {
    // From before the modem has it to after the report came.
    for millis in [0, 5, 50, 200, 500, 1_000, 3_000] {
        in_time(crash_after(StdDuration::from_millis(millis))).await;
    }
}

/// Lets a fleet crash so long after it has taken a text, and looks what becomes of that.
async fn crash_after(wait: StdDuration) {
    let office = Office::new();
    let mut events = office.world.events();
    let open = office.open().await;
    open.permit().await;
    let sim = open.assign().await;
    office.bob_texts("in");
    let to = Msisdn::parse(BOBS_NUMBER).unwrap();
    open.desk.text(Target::Sim(sim), to, "out").await.unwrap();
    tokio::time::sleep(wait).await;
    open.fleet.crash().await;
    // A site that is back at once turns the radio off before the modem has acknowledged the text,
    // and the service centre sends that again.
    secs(2).await;

    let open = office.open().await;
    open.assign().await;
    secs(180).await;
    assert_eq!(bodies(&open.desk), ["in"], "{wait:?}");
    let read = bob_read(&mut events);
    match states(&open.desk).last() {
        Some(TextState::Sent | TextState::Delivered) => {
            assert_eq!(read, [Value::from("out")], "{wait:?}");
        }
        // A crash while a modem had it: nobody knows, and nobody sends it again.
        Some(TextState::Unknown) => assert!(read.len() <= 1, "{wait:?}: {read:?}"),
        other => panic!("{wait:?}: the text is {other:?}"),
    }
    open.fleet.stop().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn speech_passes_both_ways_between_a_desk_and_who_it_calls() {
    in_time(async {
        let office = Office::new();
        let bob = office.world.lend_modem(2).unwrap();
        let modem = crate::Modem::open(Box::new(bob.port(0)), crate::ModemOptions::default());
        modem.initialise(None).await.unwrap();
        modem.wait_registered(Duration::from_secs(120)).await.unwrap();
        let open = office.open().await;
        open.permit().await;
        let sim = open.assign().await;

        let mut told = open.desk.events();
        let to = Msisdn::parse(BOBS_NUMBER).unwrap();
        open.desk.dial(Target::Sim(sim), to).await.unwrap();
        modem.incoming_calls().next().await.unwrap().answer().await.unwrap();
        let active = |event| {
            matches!(event, TerminalEvent::Call { phase: CallPhase::Active, .. }).then_some(())
        };
        told.find(active).await.unwrap();

        let (mut near, mut far) = (open.desk.audio(), bob.speech());
        let loud = [8_000; FRAME_SAMPLES];
        for _ in 0..20 {
            near.write_frame(&loud).await.unwrap();
            far.write_frame(&loud).await.unwrap();
            tokio::time::sleep(StdDuration::from_millis(20)).await;
        }
        let is_loud = |frame: [i16; FRAME_SAMPLES]| frame.iter().all(|sample| *sample > 7_000);
        while !is_loud(near.read_frame().await.unwrap()) {}
        while !is_loud(far.read_frame().await.unwrap()) {}
        open.fleet.stop().await.unwrap();
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_modem_with_its_own_card_serves_no_other_sim() {
    in_time(async {
        let office = Office::new();
        let open = office.open().await;
        open.permit().await;
        let sim = open.sims[0];
        let other = open.site.modem_of(open.sims[1]).unwrap();
        let refused = Refusal::OutOfReach(other);
        let assigned = open.desk.assign(sim, on(other)).await;
        assert_eq!(assigned, Err(DeskError::Wish(WishError::Exchange(refused))));
        let at =
            crate::Modem::open(Box::new(office.lent[1].port(1)), crate::ModemOptions::default());
        let on_air = radio(&at).await;
        assert_eq!(on_air, "+CFUN: 4");
        open.assign().await;
        open.fleet.stop().await.unwrap();
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_card_that_was_put_into_a_modem_is_not_used_for_the_one_before() {
    in_time(async {
        let office = Office::new();
        let open = office.open().await;
        open.permit().await;
        let sim = open.sims[0];
        let own = open.site.modem_of(sim).unwrap();
        office.world.within(|world| {
            let bobs = world.take_card(2).unwrap();
            assert!(world.take_card(0).is_some() && world.put_card(0, bobs).is_none());
        });
        open.desk.assign(sim, on(own)).await.unwrap();
        let standby = open.desk.on_standby(sim, Duration::from_secs(170)).await;
        assert_eq!(standby, Err(DeskError::NotOnStandby));
        assert_eq!(open.site.modem_of(sim), None);
        let cards = open.site.cards(2).await.unwrap();
        assert!(cards[&0] != sim && cards[&1] == open.sims[1], "{cards:?}");
        open.fleet.stop().await.unwrap();
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_fleet_that_stops_takes_its_modems_off_the_air() {
    in_time(async {
        let office = Office::new();
        let open = office.open().await;
        open.permit().await;
        open.assign().await;
        let at =
            crate::Modem::open(Box::new(office.lent[0].port(1)), crate::ModemOptions::default());
        assert_eq!(radio(&at).await, "+CFUN: 1");
        open.fleet.stop().await.unwrap();
        assert_eq!(radio(&at).await, "+CFUN: 4");
    })
    .await;
}

/// Asks a modem, by another port, how much of it is on.
async fn radio(modem: &crate::Modem) -> String {
    let ask = polysim_at::Command::Cfun(polysim_at::Form::Read);
    let lines = modem.raw(ask).await.unwrap();
    String::from_utf8(lines[0].to_vec()).unwrap()
}
