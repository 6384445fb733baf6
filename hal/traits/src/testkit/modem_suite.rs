//! The contract of [`ModemPort`] where a modem is behind it that cannot be told what to send.

use super::port_suite::{PortHarness, is_gone, reopens};
use super::step::{A_MILLISECOND, for_a_moment, succeeds, within};
use crate::ModemPort;

/// Checks the contract of [`ModemPort`] on a port with a modem behind it, real or simulated: one
/// that answers `AT` with `OK`.
///
/// # Panics
/// When the contract does not hold.
pub async fn modem_conformance(harness: &mut dyn PortHarness) {
    let mut port = harness.port().await;
    let port = port.as_mut();
    assert!(!port.name().is_empty(), "a port has a name");
    assert_eq!(succeeds("a read into nothing", port.read(&mut [])).await, 0);
    answers(port, 64).await;
    answers(port, 1).await;
    a_dropped_read_loses_nothing(port).await;
    nonsense_is_survived(port).await;
    within("unplugging", harness.unplug()).await;
    is_gone(port).await;
    within("plugging", harness.plug()).await;
    reopens(port).await;
    answers(port, 64).await;
}

/// Sends `AT` and reads until `OK`, so many bytes at a time.
async fn answers(port: &mut dyn ModemPort, room: usize) {
    succeeds("writing AT", port.write(b"AT\r")).await;
    until_ok(port, room, Vec::new()).await;
}

async fn until_ok(port: &mut dyn ModemPort, room: usize, mut got: Vec<u8>) {
    const OK: &[u8] = b"\r\nOK\r\n";
    let mut buffer = vec![0; room];
    while !got.windows(OK.len()).any(|window| window == OK) {
        let read = succeeds("waiting for OK", port.read(&mut buffer)).await;
        assert!((1..=room).contains(&read), "read {read} bytes into {room}");
        got.extend_from_slice(&buffer[..read]);
    }
}

async fn a_dropped_read_loses_nothing(port: &mut dyn ModemPort) {
    for round in 0..50 {
        succeeds("writing AT", port.write(b"AT\r")).await;
        let (mut got, mut buffer) = (Vec::new(), [0; 1]);
        for moment in 0..4 {
            if let Some(read) = for_a_moment(round + moment, port.read(&mut buffer)).await {
                got.extend_from_slice(&buffer[..read.expect("a read that may be dropped")]);
            }
        }
        until_ok(port, 64, got).await;
    }
}

/// Sends what no modem understands; it answers with an error or not at all, and then goes on.
async fn nonsense_is_survived(port: &mut dyn ModemPort) {
    let long = [b"AT+CGMI=".as_slice(), &[b'x'; 1 << 20], b"\r"].concat();
    let mut buffer = [0; 4096];
    for nonsense in [b"AT\0\0+\0\r".as_slice(), &[0xFF; 300], b"\r", &long] {
        for piece in nonsense.chunks(4096) {
            succeeds("writing nonsense", port.write(piece)).await;
            // An echo must have somewhere to go.
            while let Some(read) = for_a_moment(A_MILLISECOND, port.read(&mut buffer)).await {
                read.expect("reading the echo of nonsense");
            }
        }
    }
    answers(port, 64).await;
}
