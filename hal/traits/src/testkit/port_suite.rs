//! The contract of [`ModemPort`].

use super::step::{fails, for_a_moment, succeeds, within};
use crate::{ModemPort, OutputLines, PortErrorKind};
use async_trait::async_trait;
use std::time::Duration;

/// As long as the longest line that a port must carry unharmed.
const LONG_LINE: usize = 1 << 20;

/// Makes ports, and takes the device behind them away and gives it back.
#[async_trait]
pub trait PortHarness: Send {
    /// Returns a port to the device, open. A suite asks once.
    async fn port(&mut self) -> Box<dyn ModemPort>;

    /// Takes the device away, as pulling a plug does.
    async fn unplug(&mut self);

    /// Gives the device back, so that the port can be reopened.
    async fn plug(&mut self);
}

/// A harness whose far side is this test itself: what the port writes, it receives.
///
/// Near and far side are waited for in one task: no method may block its thread. When the port
/// was closed and opened again, the far side goes on with the new connection.
#[async_trait]
pub trait WireHarness: PortHarness {
    /// Sends all of `bytes` to the port.
    async fn send(&mut self, bytes: &[u8]);

    /// Waits until the port has written something and returns it: one byte or more.
    async fn receive(&mut self) -> Vec<u8>;
}

/// Checks the contract of [`ModemPort`] on the port of a harness.
///
/// # Panics
/// When the contract does not hold.
pub async fn modem_port_conformance(harness: &mut dyn WireHarness) {
    let mut port = harness.port().await;
    let port = port.as_mut();
    assert!(!port.name().is_empty(), "a port has a name");
    an_empty_buffer_is_answered_at_once(port).await;
    bytes_pass_both_ways(port, harness).await;
    reads_are_as_small_as_the_buffer(port, harness).await;
    a_dropped_read_loses_nothing(port, harness).await;
    small_chunks_keep_their_order(port, harness).await;
    long_lines_pass_both_ways(port, harness).await;
    control_lines_work_or_are_unsupported(port).await;
    a_port_opens_anew(port, harness).await;
    a_port_that_is_gone_stays_so_until_reopened(port, harness).await;
}

/// Checks that a write to a far side that takes nothing fails with
/// [`Stalled`](PortErrorKind::Stalled), and that the port goes on when it takes bytes again. It
/// lasts [`WRITE_PATIENCE`](crate::WRITE_PATIENCE), so it stands apart.
///
/// # Panics
/// When the contract does not hold.
pub async fn stalled_write_conformance(harness: &mut dyn WireHarness) {
    const BLOCK: usize = 1 << 20;
    const BLOCKS_MAX: usize = 64;
    let mut port = harness.port().await;
    let block = vec![b'x'; BLOCK];
    let mut stalled = false;
    for _ in 0..BLOCKS_MAX {
        let step = "a write to a far side that does not read";
        match within(step, port.write(&block)).await {
            Ok(()) => {}
            Err(error) => {
                assert_eq!(*error.kind(), PortErrorKind::Stalled, "{step}");
                stalled = true;
                break;
            }
        }
    }
    assert!(stalled, "a far side that reads nothing took {BLOCKS_MAX} MiB");
    let last = b"<the last of it>";
    let mut taken = Vec::new();
    let drain = async {
        while !taken.ends_with(last) {
            taken.extend_from_slice(&harness.receive().await);
        }
    };
    let step = "a write after the far side has begun to read again";
    let ((), ()) = within(step, async {
        tokio::join!(async { succeeds(step, port.write(last)).await }, drain)
    })
    .await;
}

async fn an_empty_buffer_is_answered_at_once(port: &mut dyn ModemPort) {
    assert_eq!(succeeds("a read into nothing", port.read(&mut [])).await, 0);
}

async fn bytes_pass_both_ways(port: &mut dyn ModemPort, far: &mut dyn WireHarness) {
    let all: Vec<u8> = (0..=u8::MAX).collect();
    to_far("every byte, NUL among them, to the far side", port, far, &all).await;
    to_near("every byte, NUL among them, from the far side", port, far, &all, 4096).await;
}

async fn reads_are_as_small_as_the_buffer(port: &mut dyn ModemPort, far: &mut dyn WireHarness) {
    to_near("reads of one byte", port, far, b"\r\nRING\r\n\r\nOK\r\n", 1).await;
    to_near("reads of three bytes", port, far, b"\r\nRING\r\n\r\nOK\r\n", 3).await;
}

async fn a_dropped_read_loses_nothing(port: &mut dyn ModemPort, far: &mut dyn WireHarness) {
    const ROUNDS: u32 = 200;
    let sent: Vec<u8> = (0..ROUNDS).flat_map(|round| round.to_le_bytes()).collect();
    let mut got = Vec::new();
    for (round, piece) in (0..ROUNDS).zip(sent.chunks(4)) {
        let mut buffer = [0; 3];
        if let Some(read) = for_a_moment(round, port.read(&mut buffer)).await {
            let read = read.expect("a read that may be dropped");
            got.extend_from_slice(&buffer[..read]);
        }
        within("sending between dropped reads", far.send(piece)).await;
    }
    read_until(port, &mut got, sent.len()).await;
    assert_eq!(got, sent, "dropped reads lost or changed bytes");
}

async fn small_chunks_keep_their_order(port: &mut dyn ModemPort, far: &mut dyn WireHarness) {
    let step = "a thousand small chunks";
    let chunks: Vec<String> = (0..1000).map(|index| format!("+CMTI: \"ME\",{index}\r\n")).collect();
    let expected = chunks.concat().into_bytes();
    let mut got = Vec::new();
    within(step, async {
        let write = async {
            for chunk in &chunks {
                succeeds(step, port.write(chunk.as_bytes())).await;
            }
        };
        let receive = async {
            while got.len() < expected.len() {
                got.extend_from_slice(&far.receive().await);
            }
        };
        tokio::join!(write, receive)
    })
    .await;
    assert_eq!(got, expected, "{step}: the far side got something else");
}

async fn long_lines_pass_both_ways(port: &mut dyn ModemPort, far: &mut dyn WireHarness) {
    let line: Vec<u8> = (0..LONG_LINE).map(|at| at.to_le_bytes()[at % 3]).collect();
    to_far("a line of 1 MiB to the far side", port, far, &line).await;
    to_near("a line of 1 MiB from the far side", port, far, &line, 4096).await;
}

async fn control_lines_work_or_are_unsupported(port: &mut dyn ModemPort) {
    for dtr in [false, true] {
        let lines = OutputLines { dtr, rts: true };
        if let Err(error) = within("setting lines", port.set_lines(lines)).await {
            assert_eq!(*error.kind(), PortErrorKind::Unsupported, "setting lines");
        }
    }
    if let Err(error) = within("reading lines", port.lines()).await {
        assert_eq!(*error.kind(), PortErrorKind::Unsupported, "reading lines");
    }
}

async fn a_port_opens_anew(port: &mut dyn ModemPort, far: &mut dyn WireHarness) {
    succeeds("reopening a port that is open", port.reopen()).await;
    echo("after reopening", port, far).await;
}

async fn a_port_that_is_gone_stays_so_until_reopened(
    port: &mut dyn ModemPort,
    far: &mut dyn WireHarness,
) {
    for round in ["the first time", "again"] {
        within("unplugging", far.unplug()).await;
        is_gone(port).await;
        let kind = fails("reopening while the device is away", port.reopen()).await;
        assert_eq!(kind, PortErrorKind::NotFound, "reopening while the device is away, {round}");
        let kind = fails("a read after reopening has failed", port.read(&mut [0; 8])).await;
        assert_eq!(kind, PortErrorKind::Gone, "a read after reopening has failed");
        within("plugging", far.plug()).await;
        let kind = fails("a read before reopening", port.read(&mut [0; 8])).await;
        assert_eq!(kind, PortErrorKind::Gone, "a read before reopening");
        reopens(port).await;
        echo("after the device is back", port, far).await;
    }
}

/// Sees that everything fails with [`Gone`](PortErrorKind::Gone).
pub(super) async fn is_gone(port: &mut dyn ModemPort) {
    let mut buffer = [0; 64];
    let step = "reading from a device that was unplugged";
    let kind = loop {
        // What was on its way may still come.
        match within(step, port.read(&mut buffer)).await {
            Ok(read) => assert!(read > 0, "{step}: no bytes and no error"),
            Err(error) => break *error.kind(),
        }
    };
    assert_eq!(kind, PortErrorKind::Gone, "{step}");
    assert_eq!(fails("reading again", port.read(&mut buffer)).await, PortErrorKind::Gone);
    assert_eq!(fails("writing", port.write(b"AT\r")).await, PortErrorKind::Gone);
    assert_eq!(fails("reading lines", port.lines()).await, PortErrorKind::Gone);
    let lines = OutputLines { dtr: true, rts: true };
    assert_eq!(fails("setting lines", port.set_lines(lines)).await, PortErrorKind::Gone);
}

/// Reopens a port whose device is on its way back.
pub(super) async fn reopens(port: &mut dyn ModemPort) {
    let step = "reopening when the device is back";
    within(step, async {
        while let Err(error) = port.reopen().await {
            let kind = *error.kind();
            let waits = matches!(kind, PortErrorKind::NotFound | PortErrorKind::Busy);
            assert!(waits, "{step}: {error}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await;
}

async fn echo(when: &str, port: &mut dyn ModemPort, far: &mut dyn WireHarness) {
    to_far(&format!("writing {when}"), port, far, b"AT\r").await;
    to_near(&format!("reading {when}"), port, far, b"\r\nOK\r\n", 64).await;
}

async fn to_far(step: &str, port: &mut dyn ModemPort, far: &mut dyn WireHarness, bytes: &[u8]) {
    let mut got = Vec::new();
    let receive = async {
        while got.len() < bytes.len() {
            let piece = far.receive().await;
            assert!(!piece.is_empty(), "{step}: the harness received nothing");
            got.extend_from_slice(&piece);
        }
    };
    let write = async { succeeds(step, port.write(bytes)).await };
    within(step, async { tokio::join!(write, receive) }).await;
    assert!(got == bytes, "{step}: {}", difference(&got, bytes));
}

async fn to_near(
    step: &str,
    port: &mut dyn ModemPort,
    far: &mut dyn WireHarness,
    bytes: &[u8],
    room: usize,
) {
    let mut got = Vec::new();
    let mut buffer = vec![0xEE; room];
    let read = async {
        while got.len() < bytes.len() {
            let read = succeeds(step, port.read(&mut buffer)).await;
            assert!((1..=room).contains(&read), "{step}: read {read} bytes into {room}");
            got.extend_from_slice(&buffer[..read]);
        }
    };
    within(step, async { tokio::join!(far.send(bytes), read) }).await;
    assert!(got == bytes, "{step}: {}", difference(&got, bytes));
}

async fn read_until(port: &mut dyn ModemPort, got: &mut Vec<u8>, len: usize) {
    let mut buffer = [0; 64];
    while got.len() < len {
        let read = succeeds("reading the rest", port.read(&mut buffer)).await;
        got.extend_from_slice(&buffer[..read]);
    }
}

/// Says where two long texts differ.
fn difference(got: &[u8], expected: &[u8]) -> String {
    let at = got.iter().zip(expected).take_while(|(a, b)| a == b).count();
    let (got_len, len) = (got.len(), expected.len());
    format!("{got_len} bytes came and {len} were sent; they differ from byte {at} on")
}
