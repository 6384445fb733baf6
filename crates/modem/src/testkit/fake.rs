//! The far end of the line, as simple as can be: it answers at once and does nothing.

use alloc::{
    collections::{BTreeMap, VecDeque},
    format,
    string::{String, ToString},
    vec::Vec,
};

/// A modem that answers each line at once. It knows texts, calls and a PIN; all else is `OK`.
///
/// What it is asked stays in [`lines`](Self::lines); what it submits to the network in
/// [`submitted`](Self::submitted).
#[derive(Clone, Debug)]
pub struct FakeModem {
    /// The command lines it got, without their ends.
    pub lines: Vec<String>,
    /// The PDUs that were typed at the prompt.
    pub submitted: Vec<String>,
    /// Texts in its store: PDU lines by place.
    pub store: BTreeMap<u16, String>,
    /// Lines of `+CLCC`, without the name.
    pub calls: Vec<String>,
    /// Answers that differ from the usual, by command line: the whole answer, framed.
    pub answers: BTreeMap<String, String>,
    /// Answers that are given once, to the next line that begins so.
    pub once: VecDeque<(String, String)>,
    /// Whether it repeats what it is sent.
    pub echo: bool,
    /// The PIN it waits for.
    pub pin: Option<String>,
    /// Attempts left to enter it.
    pub attempts: u8,
    reference: u8,
    at_prompt: bool,
    line: Vec<u8>,
}

impl Default for FakeModem {
    fn default() -> Self {
        Self {
            lines: Vec::new(),
            submitted: Vec::new(),
            store: BTreeMap::new(),
            calls: Vec::new(),
            answers: BTreeMap::new(),
            once: VecDeque::new(),
            echo: true,
            pin: None,
            attempts: 3,
            reference: 0,
            at_prompt: false,
            line: Vec::new(),
        }
    }
}

impl FakeModem {
    /// Takes what the host sent and returns what the modem answers.
    pub fn handle(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        for &byte in bytes {
            match byte {
                0x1A if self.at_prompt => out.extend(self.submit()),
                0x1B => {
                    self.at_prompt = false;
                    self.line.clear();
                }
                b'\n' => {}
                b'\r' if !self.at_prompt => {
                    let line =
                        String::from_utf8_lossy(&core::mem::take(&mut self.line)).to_string();
                    if self.echo {
                        out.extend_from_slice(line.as_bytes());
                        out.push(b'\r');
                    }
                    out.extend(self.answer(&line));
                }
                _ => self.line.push(byte),
            }
        }
        out
    }

    /// Starts anew, as after a loss of power: settings are lost, stores are kept.
    pub fn reboot(&mut self) -> Vec<u8> {
        self.echo = true;
        self.at_prompt = false;
        self.line.clear();
        self.calls.clear();
        b"\r\nRDY\r\n\r\n+CFUN: 1\r\n\r\n+CPIN: READY\r\n".to_vec()
    }

    fn submit(&mut self) -> Vec<u8> {
        self.at_prompt = false;
        let pdu = String::from_utf8_lossy(&core::mem::take(&mut self.line)).to_string();
        if let Some(answer) = self.take_once("PDU") {
            if !answer.is_empty() {
                self.submitted.push(pdu);
            }
            return answer.into_bytes();
        }
        self.submitted.push(pdu);
        self.reference = self.reference.wrapping_add(1);
        format!("\r\n+CMGS: {}\r\n\r\nOK\r\n", self.reference).into_bytes()
    }

    fn take_once(&mut self, line: &str) -> Option<String> {
        let at = self.once.iter().position(|(begin, _)| line.starts_with(begin.as_str()))?;
        self.once.remove(at).map(|(_, answer)| answer)
    }

    fn answer(&mut self, line: &str) -> Vec<u8> {
        if !line.starts_with("AT") {
            return Vec::new();
        }
        self.lines.push(line.to_string());
        if line.get(2..).is_some_and(|rest| rest.contains("AT")) {
            // The end of a line was lost on the way, and the next one came behind it.
            return b"\r\nERROR\r\n".to_vec();
        }
        if let Some(answer) = self.take_once(line) {
            return answer.into_bytes();
        }
        if let Some(answer) = self.answers.get(line) {
            return answer.clone().into_bytes();
        }
        let info = match line {
            "ATE0" => {
                self.echo = false;
                String::new()
            }
            "AT+CGMI" => "Fake".to_string(),
            "AT+CGMM" => "One".to_string(),
            "AT+CGSN" => "351234567890124".to_string(),
            "AT+CIMI" => "001010123456789".to_string(),
            "AT+CRSM=176,12258,0,0,10" => "+CRSM: 144,0,\"98103254769810325476\"".to_string(),
            "AT+CPIN?" if self.attempts == 0 => "+CPIN: SIM PUK".to_string(),
            "AT+CPIN?" if self.pin.is_some() => "+CPIN: SIM PIN".to_string(),
            "AT+CPIN?" => "+CPIN: READY".to_string(),
            "AT+CSIM=10,\"0020000100\"" => format!("+CSIM: 4,\"63C{}\"", self.attempts),
            "AT+CREG?" => "+CREG: 2,1,\"00A1\",\"0000B2C3\",7".to_string(),
            "AT+CSMS=1" => "+CSMS: 1,1,1".to_string(),
            "AT+CMGL=4" => self.listing(),
            "AT+CLCC" => {
                let lines = self.calls.iter().map(|call| format!("+CLCC: {call}"));
                lines.collect::<Vec<_>>().join("\r\n")
            }
            _ => return self.parametric(line),
        };
        answered(&info)
    }

    fn parametric(&mut self, line: &str) -> Vec<u8> {
        if line.starts_with("AT+CMGS=") {
            self.at_prompt = true;
            return b"\r\n> ".to_vec();
        }
        if let Some(pin) = line.strip_prefix("AT+CPIN=") {
            return self.enter(pin.trim_matches('"'));
        }
        if let Some(index) = line.strip_prefix("AT+CMGR=").and_then(|index| index.parse().ok()) {
            return match self.store.get(&index) {
                Some(pdu) => answered(&format!("+CMGR: 0,,{}\r\n{pdu}", tpdu_octets(pdu))),
                None => b"\r\n+CMS ERROR: 321\r\n".to_vec(),
            };
        }
        if let Some(index) = line.strip_prefix("AT+CMGD=").and_then(|index| index.parse().ok()) {
            return match self.store.remove(&index) {
                Some(_) => answered(""),
                None => b"\r\n+CMS ERROR: 321\r\n".to_vec(),
            };
        }
        answered("")
    }

    fn enter(&mut self, pin: &str) -> Vec<u8> {
        if self.attempts > 0 && self.pin.as_deref() == Some(pin) {
            self.pin = None;
            self.attempts = 3;
            return answered("");
        }
        self.attempts = self.attempts.saturating_sub(1);
        b"\r\n+CME ERROR: 16\r\n".to_vec()
    }

    fn listing(&self) -> String {
        let texts = self
            .store
            .iter()
            .map(|(index, pdu)| format!("+CMGL: {index},1,,{}\r\n{pdu}", tpdu_octets(pdu)));
        texts.collect::<Vec<_>>().join("\r\n")
    }
}

/// Frames an answer that ends well.
fn answered(info: &str) -> Vec<u8> {
    if info.is_empty() {
        return b"\r\nOK\r\n".to_vec();
    }
    format!("\r\n{info}\r\n\r\nOK\r\n").into_bytes()
}

/// Octets of a PDU line without the service centre's address.
fn tpdu_octets(pdu: &str) -> usize {
    let service_centre = pdu.get(..2).and_then(|digits| usize::from_str_radix(digits, 16).ok());
    (pdu.len() / 2).saturating_sub(service_centre.unwrap_or(0).saturating_add(1))
}
