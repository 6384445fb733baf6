//! Commands and attach through a device.
#![expect(clippy::expect_used, reason = "a bench that cannot be set up is to stop")]

use polysim_aka::{Algorithm, Key, Milenage, Opc};
use polysim_base::{Imei, Instant, Machine, Out, Purpose, Stream};
use polysim_baseband::{
    Baseband, BasebandConfig, BasebandInput, BasebandOutput, CardToTerminal, TerminalToCard,
};
use polysim_card::{Card, CardConfig, Profile, ProfileConfig};
use polysim_radio::air::{CellId, CellView, Downlink, Rat, Registration, Uplink};
use std::sync::Arc;

fn main() {
    divan::main();
}

fn cells() -> Arc<[CellView]> {
    Arc::from([CellView {
        cell: CellId(1),
        plmn: "00101".parse().expect("digits"),
        rat: Rat::Lte,
        level_dbm: -80,
        area: 1,
        barred: false,
    }])
}

fn profile() -> Arc<Profile> {
    Profile::new(ProfileConfig::new("00101".parse().expect("digits"), "Polynet")).expect("fits")
}

fn device() -> Baseband {
    let imei = Imei::parse("35000000000001").expect("digits");
    Baseband::new(BasebandConfig::new(imei, Stream::derive(1, 1, Purpose::Timing, 0)))
}

fn card(profile: &Arc<Profile>) -> Card {
    let algorithm: Algorithm = Milenage::new(Key::from([1; 16]), Opc::from([2; 16])).into();
    Card::new(CardConfig::new(
        profile.clone(),
        "8944000000000000002".parse().expect("digits"),
        "001010000000123".parse().expect("digits"),
        algorithm,
        Stream::derive(1, 1, Purpose::Keys, 0),
    ))
}

/// Serves card and network until the device is quiet; returns the bytes it wrote.
fn drain(device: &mut Baseband, card: &mut Card, cells: &Arc<[CellView]>) -> usize {
    let now = Instant::ZERO;
    let mut written = 0;
    while let Some(Out::Do(output)) = device.poll_output() {
        match output {
            BasebandOutput::Card(TerminalToCard::Command(apdu)) => {
                let mut response = Vec::with_capacity(64);
                card.transmit(now, &apdu, &mut response);
                device.handle(now, BasebandInput::Card(CardToTerminal::Response(response)));
            }
            BasebandOutput::Card(TerminalToCard::PowerOn) => {
                let atr = card.power_on().expect("no fault");
                device.handle(now, BasebandInput::Card(CardToTerminal::Atr(atr)));
            }
            BasebandOutput::Air(Uplink::Scan) => {
                device.handle(now, BasebandInput::Air(Downlink::Cells(cells.clone())));
            }
            BasebandOutput::Air(Uplink::Attach { .. }) => {
                let granted =
                    Registration { tmsi: 7, packet: true, periodic_s: 0, equivalent: None };
                device.handle(now, BasebandInput::Air(Downlink::Accept(granted)));
            }
            BasebandOutput::Port { bytes, .. } => written += bytes.len(),
            BasebandOutput::Card(_)
            | BasebandOutput::Air(_)
            | BasebandOutput::Speech(_)
            | BasebandOutput::Event(_) => {}
        }
    }
    written
}

#[divan::bench]
fn attach_without_aka(bencher: divan::Bencher<'_, '_>) {
    let (profile, cells) = (profile(), cells());
    bencher.with_inputs(|| (device(), card(&profile))).bench_local_refs(|(device, card)| {
        device.handle(Instant::ZERO, BasebandInput::Power(true));
        drain(device, card, &cells)
    });
}

#[divan::bench(args = [
    "AT\r", "AT+CSQ\r", "AT+CREG?\r", "AT+COPS?\r", "AT+CPMS?\r", "AT+CIMI\r", "AT+CNMI=2,1,0,2,0\r",
    "AT+CMEE=1;+CREG=2\r",
])]
fn command(bencher: divan::Bencher<'_, '_>, line: &str) {
    let (profile, cells) = (profile(), cells());
    let (mut device, mut card) = (device(), card(&profile));
    device.handle(Instant::ZERO, BasebandInput::Power(true));
    drain(&mut device, &mut card, &cells);
    bencher
        .counter(divan::counter::ItemsCount::new(1_u32))
        .with_inputs(|| line.as_bytes().to_vec())
        .bench_local_values(|bytes| {
            device.handle(Instant::ZERO, BasebandInput::Port { port: 0, bytes });
            let answer = device.poll_output();
            assert!(device.poll_output().is_none());
            answer
        });
}
