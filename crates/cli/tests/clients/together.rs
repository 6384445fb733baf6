//! Different programs on two simulated phones.

use crate::cast::{slow_world, texts, world_of};
use crate::modem_manager::{ModemManager, ModemManagerPrograms};
use crate::ofono::{Ofono, OfonoPrograms};

#[test]
fn ofono_and_modem_manager_text_each_other() {
    let Some(ofono) = OfonoPrograms::find() else { return };
    let Some(manager) = ModemManagerPrograms::find() else { return };
    let arguments = ["--tcp", "p1", "--unix", "p2"];
    let world = slow_world("ofono-and-mm", &["p1", "p2"], &arguments);
    let manager = ModemManager::on(manager, &world, "p2");
    manager.enable(&world);
    let ofono = Ofono::on(ofono, &world, "p1");
    ofono.feature(&world, "org.ofono.MessageManager");
    texts().iter().for_each(|text| ofono.send(&world.number("p2"), text));
    world.until("ModemManager has all texts", || manager.texts().len() >= texts().len());
    texts().iter().for_each(|text| manager.send(&world.number("p1"), text));
    world.until("ofono has all texts", || ofono.texts().len() >= texts().len());
    let from = |phone: &str| -> Vec<_> {
        texts().into_iter().map(|text| (world.number(phone), text)).collect()
    };
    assert_eq!(ofono.texts(), from("p2"));
    assert_eq!(manager.texts(), from("p1"));
}

#[test]
fn ofono_and_modem_manager_talk_through_ec25() {
    talk_through("ec25");
}

#[test]
fn ofono_and_modem_manager_talk_through_sim7600() {
    talk_through("sim7600");
}

#[test]
fn ofono_and_modem_manager_talk_through_huawei() {
    talk_through("huawei");
}

/// One text each way, through modems that have their own ideas.
fn talk_through(model: &str) {
    let Some(ofono) = OfonoPrograms::find() else { return };
    let Some(manager) = ModemManagerPrograms::find() else { return };
    let arguments = ["--tcp", "p1", "--unix", "p2"];
    let world = world_of(model, &format!("through-{model}"), &["p1", "p2"], &arguments);
    let manager = ModemManager::on(manager, &world, "p2");
    manager.enable(&world);
    let ofono = Ofono::on(ofono, &world, "p1");
    ofono.feature(&world, "org.ofono.MessageManager");
    ofono.send(&world.number("p2"), "from ofono");
    world.until("ModemManager has it", || !manager.texts().is_empty());
    manager.send(&world.number("p1"), "Привет");
    world.until("ofono has it", || !ofono.texts().is_empty());
    assert_eq!(manager.texts(), [(world.number("p1"), "from ofono".to_owned())]);
    assert_eq!(ofono.texts(), [(world.number("p2"), "Привет".to_owned())]);
}
