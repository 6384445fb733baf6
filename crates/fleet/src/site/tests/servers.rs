use super::{HERE, Rig, claim};
use crate::site::{SiteInput, SiteOutput};
use crate::wire::{Directive, SiteOrder, SiteReport};
use crate::{ServerId, Term};
use polysim_base::Duration;
use std::vec::Vec;

fn servers(rig: &Rig) -> Vec<u8> {
    let server = |out: &SiteOutput| match out {
        SiteOutput::Server(server, SiteReport::Renew { .. }) => Some(server.0),
        _ => None,
    };
    rig.out.iter().filter_map(server).collect()
}

fn ids(rig: &Rig) -> Vec<u64> {
    let id = |report| match report {
        SiteReport::Keep(id, _) => Some(id.0),
        _ => None,
    };
    rig.reports().into_iter().filter_map(id).collect()
}

#[test]
fn it_renews_what_its_modems_hold_with_its_own_time() {
    let mut rig = Rig::on_standby();
    rig.advance(Duration::from_secs(30));
    let renewal = rig.reports().into_iter().find_map(|report| match report {
        SiteReport::Renew { incarnation, stamp, leases, .. } => Some((incarnation, stamp, leases)),
        _ => None,
    });
    let (incarnation, stamp, leases) = renewal.unwrap();
    assert_eq!((incarnation, leases), (1, [claim(1, 1)].into()));
    assert!(rig.now.since(stamp) < Duration::from_secs(30));
    let reports = rig.reports();
    assert!(reports.contains(&SiteReport::Attached(claim(1, 1))), "it may have been lost");
}

#[test]
fn it_speaks_to_the_server_of_the_highest_term_and_to_all_when_that_is_silent() {
    let mut rig = Rig::new(HERE);
    let order = SiteOrder::Introduce;
    rig.give(SiteInput::Server(ServerId(1), Directive { term: Term(3), order }));
    rig.out.clear();
    rig.advance(Duration::from_secs(60));
    assert_eq!(servers(&rig), [1, 1]);
    rig.out.clear();
    rig.advance(Duration::from_secs(60));
    assert_eq!(servers(&rig)[1..], [0, 1]);
    let order = SiteOrder::Introduce;
    rig.give(SiteInput::Server(ServerId(0), Directive { term: Term(4), order }));
    rig.out.clear();
    rig.advance(Duration::from_secs(30));
    assert_eq!(servers(&rig), [0]);
}

#[test]
fn report_ids_count_up_over_lives() {
    let mut rig = Rig::on_standby();
    rig.confirms = false;
    rig.event(super::upkeep::received(1, &[1]));
    rig.restart();
    rig.grant(1, 2);
    rig.event(super::upkeep::received(1, &[2]));
    let ids = ids(&rig);
    assert!(ids.is_sorted() && ids.len() == 2 && ids[0] < ids[1], "{ids:?}");
}

#[test]
fn what_is_not_confirmed_is_said_again_all_in_turn() {
    let mut rig = Rig::on_standby();
    rig.confirms = false;
    (1..=40).for_each(|text| rig.event(super::upkeep::received(u32::from(text), &[text])));
    let all = ids(&rig);
    assert_eq!(all.len(), 40);
    rig.out.clear();
    rig.advance(Duration::from_secs(30));
    assert_eq!(ids(&rig), all[..32]);
    rig.out.clear();
    rig.advance(Duration::from_secs(30));
    assert_eq!(ids(&rig), [&all[32..], &all[..24]].concat());
}
