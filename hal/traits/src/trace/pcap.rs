//! A trace of APDUs as a pcap file that Wireshark decodes: GSMTAP (version 2, type SIM) in UDP in
//! IPv4.

use super::{TraceEvent, TraceSink};
use polysim_apdu::{CommandApdu, Ins, Le};
use polysim_base::Instant;
use std::io::{self, Write};

/// Raw IPv4 packets.
const LINKTYPE_IPV4: u32 = 228;
/// Magic number of a pcap file whose time is in microseconds.
const MAGIC: u32 = 0xA1B2_C3D4;
/// The longest packet.
const PACKET_LEN_MAX: u16 = u16::MAX;
const IPV4_LEN: u16 = 20;
const UDP_LEN: u16 = 8;
const UDP: u8 = 17;
/// The port that GSMTAP is known by.
const GSMTAP_PORT: u16 = 4729;
/// Version 2, four words long, type 4: the interface between SIM and terminal.
const GSMTAP: [u8; 16] = [2, 4, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
const LOOPBACK: [u8; 4] = [127, 0, 0, 1];

/// Writes exchanges with cards as packets; bytes of ports and notes are left out.
///
/// The dissector wants what goes over a T=0 interface: header, P3, data one way, status word.
/// Therefore a response with data to a command with data is written as T=0 carries it: the command
/// with status word `61xx`, and a GET RESPONSE that fetches the data. Secret octets are `FF`.
#[derive(Debug)]
pub struct Pcap<W> {
    out: W,
    is_started: bool,
}

impl<W: Write + Send> Pcap<W> {
    /// Writes a file to `out`.
    pub const fn new(out: W) -> Self {
        Self { out, is_started: false }
    }

    fn packet(&mut self, at: Instant, payload: &[u8]) -> io::Result<()> {
        let room = PACKET_LEN_MAX - IPV4_LEN - UDP_LEN - 16;
        let Some(len) = u16::try_from(payload.len()).ok().filter(|len| *len <= room) else {
            // An extended response of nearly 64 KiB fits into no packet.
            return Ok(());
        };
        let udp_len = UDP_LEN + 16 + len;
        let len = IPV4_LEN + udp_len;
        let (seconds, micros) = (at.as_micros() / 1_000_000, at.as_micros() % 1_000_000);
        // The file format has 32 bits for each.
        let low = |value: u64| u32::try_from(value).unwrap_or(u32::MAX).to_le_bytes();
        let mut packet = Vec::new();
        packet.extend(low(seconds));
        packet.extend(low(micros));
        packet.extend(u32::from(len).to_le_bytes());
        packet.extend(u32::from(len).to_le_bytes());
        packet.extend(ipv4_header(len));
        packet.extend(GSMTAP_PORT.to_be_bytes());
        packet.extend(GSMTAP_PORT.to_be_bytes());
        packet.extend(udp_len.to_be_bytes());
        packet.extend([0; 2]); // no checksum
        packet.extend(GSMTAP);
        packet.extend(payload);
        self.out.write_all(&packet)
    }

    fn start(&mut self) -> io::Result<()> {
        let mut header = MAGIC.to_le_bytes().to_vec();
        header.extend(2_u16.to_le_bytes()); // version 2.4
        header.extend(4_u16.to_le_bytes());
        header.extend([0; 8]); // time zone and accuracy
        header.extend(u32::from(PACKET_LEN_MAX).to_le_bytes());
        header.extend(LINKTYPE_IPV4.to_le_bytes());
        self.is_started = true;
        self.out.write_all(&header)
    }
}

impl<W: Write + Send> TraceSink for Pcap<W> {
    fn write(&mut self, at: Instant, _: &str, event: &TraceEvent<'_>) -> io::Result<()> {
        if !self.is_started {
            self.start()?;
        }
        match event {
            TraceEvent::Exchange { command, response } => {
                for payload in as_over_t0(&command.to_vec(), &response.to_vec()) {
                    self.packet(at, &payload)?;
                }
            }
            TraceEvent::Bytes { .. } | TraceEvent::Note(_) => {}
        }
        self.out.flush()
    }
}

/// Returns an exchange as T=0 carries it (TS 102.221, 7.3.1.1); as it is if T=0 cannot.
pub(super) fn as_over_t0(command: &[u8], response: &[u8]) -> Vec<Vec<u8>> {
    let apdu = match CommandApdu::parse(command) {
        Ok(apdu) if apdu.is_short() => apdu,
        Ok(_) | Err(_) => return vec![[command, response].concat()],
    };
    let header = apdu.header().bytes();
    let Ok(data_len) = u8::try_from(apdu.data().len()) else {
        return vec![[command, response].concat()];
    };
    let answer_len = response.len().saturating_sub(2);
    if data_len == 0 {
        let p3 = apdu.le().map_or(0, Le::p3);
        return vec![[header.as_slice(), &[p3], response].concat()];
    }
    let sent = |status: &[u8]| [header.as_slice(), &[data_len], apdu.data(), status].concat();
    match (answer_len, Le::new(answer_len).filter(|len| len.is_short())) {
        (1.., Some(len)) => {
            let [cla, ..] = header;
            let get_response = [cla, Ins::GetResponse.byte(), 0, 0, len.p3()];
            vec![sent(&[0x61, len.p3()]), [&get_response, response].concat()]
        }
        _ => vec![sent(response)],
    }
}

/// RFC 791, 3.1.
fn ipv4_header(len: u16) -> [u8; 20] {
    let [len_high, len_low] = len.to_be_bytes();
    let [a, b, c, d] = LOOPBACK;
    let sum: u32 = 0x4500 + u32::from(len) + 0x4000 + 2 * 0x7F00 + 2 + u32::from(UDP);
    let folded = (sum & 0xFFFF) + (sum >> 16);
    let [.., high, low] = (!folded).to_be_bytes();
    let front = [0x45, 0, len_high, len_low, 0, 0, 0, 0, 64, UDP, high, low];
    let [f0, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11] = front;
    [f0, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, a, b, c, d, a, b, c, d]
}
