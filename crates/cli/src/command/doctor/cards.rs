//! Checks of what stands between polysim and cards.

use super::finding::Finding;
use super::places::listens;
use super::system::System;

/// Where pcscd takes clients.
const SOCKET: &str = "run/pcscd/pcscd.comm";
/// Where the driver of virtual readers takes cards.
const VPCD_PORT: u16 = 35_963;

const INSTALL_SERVICE: &str =
    "sudo apt-get install pcscd && sudo systemctl enable --now pcscd.socket";
const START_SERVICE: &str = "sudo systemctl enable --now pcscd.socket";
const INSTALL_VPCD: &str = "sudo apt-get install vsmartcard-vpcd && sudo systemctl restart pcscd";
const RESTART_SERVICE: &str = "sudo systemctl restart pcscd";

/// Whether this build can speak to card readers.
pub(crate) fn built_in() -> Finding {
    const NAME: &str = "card readers";
    if cfg!(feature = "pcsc") {
        return Finding::ok(NAME, "this polysim can use them");
    }
    Finding::hint(NAME, "this polysim was built without the feature pcsc and cannot use them")
        .fixed_by(
            "sudo apt-get install libpcsclite-dev pkg-config && \
             cargo install --path crates/cli --features pcsc",
        )
}

/// Whether the card service runs.
pub(crate) fn service(system: &System) -> Finding {
    const NAME: &str = "pcscd";
    let has_socket = system.exists(SOCKET);
    match (has_socket, system.program("pcscd")) {
        (true, _) => Finding::ok(NAME, "it runs, or starts when it is asked"),
        (false, Some(_)) => {
            Finding::hint(NAME, "the card service does not run").fixed_by(START_SERVICE)
        }
        (false, None) => {
            Finding::hint(NAME, "the card service is not installed").fixed_by(INSTALL_SERVICE)
        }
    }
}

/// Whether simulated cards can be put into a virtual reader.
pub(crate) fn virtual_reader(system: &System) -> Finding {
    const NAME: &str = "virtual reader";
    let is_installed = system.exists("etc/reader.conf.d/vpcd");
    let tables = ["proc/net/tcp", "proc/net/tcp6"];
    let waits = tables.into_iter().any(|table| listens(&system.read(table), VPCD_PORT));
    match (is_installed, waits) {
        (_, true) => Finding::ok(NAME, format!("it takes cards at port {VPCD_PORT}")),
        (true, false) => Finding::hint(
            NAME,
            format!("vpcd is installed; nothing takes cards at port {VPCD_PORT}: pcscd is not up"),
        )
        .fixed_by(RESTART_SERVICE),
        (false, false) => {
            Finding::hint(NAME, "without vpcd, simulated cards can be seen by polysim only")
                .fixed_by(INSTALL_VPCD)
        }
    }
}

/// Which readers there are; nothing in a build that cannot ask.
#[cfg(not(feature = "pcsc"))]
pub(crate) const fn readers() -> Vec<Finding> {
    Vec::new()
}

/// Which readers there are, and what is in them.
#[cfg(feature = "pcsc")]
pub(crate) fn readers() -> Vec<Finding> {
    match list() {
        Ok(readers) if readers.is_empty() => {
            vec![Finding::hint("readers", "no card reader is plugged in")]
        }
        Ok(readers) => readers.into_iter().map(reader).collect(),
        // The check of the service says what to do about it.
        Err(error) => vec![Finding::hint("readers", format!("{error:#}"))],
    }
}

#[cfg(feature = "pcsc")]
fn list() -> anyhow::Result<Vec<polysim_hal::ReaderStatus>> {
    use polysim_hal::CardReader as _;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    Ok(runtime.block_on(polysim_hal_pcsc::PcscReaders::new().list())?)
}

#[cfg(feature = "pcsc")]
fn reader(status: polysim_hal::ReaderStatus) -> Finding {
    let detail = match &status.atr {
        Some(atr) => {
            let hex: Vec<_> = atr.iter().map(|octet| format!("{octet:02X}")).collect();
            format!("a card, ATR {}", hex.join(" "))
        }
        None => "no card in it".to_owned(),
    };
    Finding::ok(format!("reader {}", status.name), detail)
}
