//! Texts in PDU mode (TS 27.005).

use crate::{
    HexBytes, Text,
    wire::{coded, lines, named, params},
};

coded! {
    /// `<stat>` in PDU mode (TS 27.005, 3.1).
    pub enum MessageStatus {
        /// Received, unread.
        ReceivedUnread = 0,
        /// Received, read.
        ReceivedRead = 1,
        /// Stored, unsent.
        StoredUnsent = 2,
        /// Stored, sent.
        StoredSent = 3,
        /// All, in `+CMGL`.
        All = 4,
    }

    /// `<n>` of `+CNMA` in PDU mode (TS 27.005, 4.7).
    pub enum Acknowledgement {
        /// As in text mode: received.
        Plain = 0,
        /// Received: RP-ACK.
        Ack = 1,
        /// Not received: RP-ERROR.
        Error = 2,
    }
}

named! {
    /// A message store (TS 27.005, 3.1).
    quoted pub enum MessageStore {
        /// The card.
        Sim = "SM",
        /// The device.
        Phone = "ME",
        /// Both.
        Combined = "MT",
        /// Broadcast messages.
        Broadcast = "BM",
        /// Status reports.
        Reports = "SR",
        /// The terminal.
        Terminal = "TA",
    }
}

params! {
    /// `+CMGS=<length>` (TS 27.005, 4.3); the PDU follows at the prompt.
    pub struct CmgsSet {
        /// Octets of the TPDU, without the service centre address.
        pub length: u16,
    }

    /// `+CMGW=<length>[,<stat>]` (TS 27.005, 4.4); the PDU follows at the prompt.
    pub struct CmgwSet {
        /// Octets of the TPDU, without the service centre address.
        pub length: u16,
        /// How to store it.
        pub status: Option<MessageStatus>,
    }

    /// `+CMSS=<index>[,<da>[,<toda>]]` (TS 27.005, 3.5.2).
    pub struct CmssSet {
        /// Place in the store.
        pub index: u16,
        /// Another destination.
        pub destination: Option<Text>,
        /// Its type of address.
        pub address_type: Option<u8>,
    }

    /// `+CMGD=<index>[,<delflag>]` (TS 27.005, 3.5.4).
    pub struct CmgdSet {
        /// Place in the store.
        pub index: u16,
        /// 0 this one; 1 all read; 2 and sent; 3 and unsent; 4 all.
        pub flag: Option<u8>,
    }

    /// `+CNMA[=<n>[,<length>]]` (TS 27.005, 4.7); with a length an acknowledgement PDU follows.
    pub struct CnmaSet {
        /// What to answer the network.
        pub acknowledgement: Acknowledgement,
        /// Octets of the PDU that follows.
        pub length: Option<u16>,
    }

    /// `+CPMS=<mem1>[,<mem2>[,<mem3>]]` (TS 27.005, 3.2.2).
    pub struct CpmsSet {
        /// For reading and deleting.
        pub read: MessageStore,
        /// For writing and sending.
        pub write: Option<MessageStore>,
        /// For receiving.
        pub receive: Option<MessageStore>,
    }

    /// `+CNMI=[<mode>[,<mt>[,<bm>[,<ds>[,<bfr>]]]]]` and `+CNMI: …` (TS 27.005, 3.4.1).
    pub struct Cnmi {
        /// What to do while the line is busy: 2 buffers, then flushes.
        pub mode: Option<u8>,
        /// Deliveries: 0 store; 1 `+CMTI`; 2 `+CMT`; 3 class 3 as `+CMT`, others `+CMTI`.
        pub deliver: Option<u8>,
        /// Broadcasts: 0 store; 2 `+CBM`.
        pub broadcast: Option<u8>,
        /// Status reports: 0 none; 1 `+CDS`; 2 `+CDSI`.
        pub report: Option<u8>,
        /// What happens to what was buffered: 0 flush; 1 clear.
        pub buffer: Option<u8>,
    }

    /// `+CSCA=<sca>[,<tosca>]` and `+CSCA: …` (TS 27.005, 3.3.1).
    pub struct Csca {
        /// The service centre.
        pub number: Text,
        /// Its type of address; 145 international, 129 else.
        pub address_type: Option<u8>,
    }

    /// `+CSMP=[<fo>[,<vp>[,<pid>[,<dcs>]]]]` and `+CSMP: …` (TS 27.005, 3.3.2), for text mode.
    pub struct Csmp {
        /// First octet.
        pub first_octet: Option<u8>,
        /// Relative validity period.
        pub validity: Option<u8>,
        /// Protocol identifier.
        pub protocol: Option<u8>,
        /// Data coding scheme.
        pub coding: Option<u8>,
    }

    /// `+CSCB=[<mode>[,<mids>[,<dcss>]]]` and `+CSCB: …` (TS 27.005, 3.3.4).
    pub struct Cscb {
        /// 0 accept the listed, 1 refuse the listed.
        pub mode: Option<u8>,
        /// Message identifiers, e.g. `0,4352-4356`.
        pub identifiers: Option<Text>,
        /// Coding schemes.
        pub codings: Option<Text>,
    }

    /// `+CSMS: <mt>,<mo>,<bm>` (TS 27.005, 3.2.1), the answer to the set command.
    pub struct CsmsSupport {
        /// Deliveries.
        pub terminated: u8,
        /// Submissions.
        pub originated: u8,
        /// Broadcasts.
        pub broadcast: u8,
    }

    /// `+CSMS: <service>,<mt>,<mo>,<bm>` (TS 27.005, 3.2.1), the answer to the read command.
    pub struct CsmsInfo {
        /// 1: deliveries shown with `+CMT` must be acknowledged.
        pub service: u8,
        /// Deliveries.
        pub terminated: u8,
        /// Submissions.
        pub originated: u8,
        /// Broadcasts.
        pub broadcast: u8,
    }

    /// `+CPMS: <used1>,<total1>,<used2>,<total2>,<used3>,<total3>`, the answer to the set command.
    /// A device that has fewer stores leaves the last ones out.
    pub struct CpmsCounts {
        /// Used of the first.
        pub read_used: u16,
        /// Size of the first.
        pub read_total: u16,
        /// Used of the second.
        pub write_used: Option<u16>,
        /// Size of the second.
        pub write_total: Option<u16>,
        /// Used of the third.
        pub receive_used: Option<u16>,
        /// Size of the third.
        pub receive_total: Option<u16>,
    }

    /// One store in the answer to `+CPMS?`.
    pub struct StoreUse {
        /// Which.
        pub store: MessageStore,
        /// Messages in it.
        pub used: u16,
        /// Messages that fit.
        pub total: u16,
    }

    /// `+CPMS: <mem1>,<used1>,<total1>,<mem2>,…`, the answer to the read command.
    pub struct CpmsInfo {
        /// For reading and deleting.
        pub read: StoreUse,
        /// For writing and sending.
        pub write: StoreUse,
        /// For receiving.
        pub receive: StoreUse,
    }

    /// `+CMGS: <mr>[,<ackpdu>]` (TS 27.005, 4.3).
    pub struct CmgsInfo {
        /// The message reference.
        pub reference: u8,
        /// The SMSC's answer, with `+CSMS=1`.
        pub ack: Option<HexBytes>,
    }

    /// `+CMSS: <mr>[,<ackpdu>]` (TS 27.005, 4.7).
    pub struct CmssInfo {
        /// The message reference.
        pub reference: u8,
        /// The SMSC's answer, with `+CSMS=1`.
        pub ack: Option<HexBytes>,
    }

    /// `+CMGW: <index>` (TS 27.005, 4.4).
    pub struct CmgwInfo {
        /// Place in the store.
        pub index: u16,
    }

    /// `+CMGR: <stat>,[<alpha>],<length>` (TS 27.005, 4.2); the PDU line follows.
    pub struct CmgrInfo {
        /// Read, unread, sent or not.
        pub status: MessageStatus,
        /// Name in the phonebook.
        pub name: Option<Text>,
        /// Octets of the TPDU, without the service centre address.
        pub length: u16,
    }

    /// `+CMGL: <index>,<stat>,[<alpha>],<length>` (TS 27.005, 4.1); the PDU line follows.
    pub struct CmglInfo {
        /// Place in the store.
        pub index: u16,
        /// Read, unread, sent or not.
        pub status: MessageStatus,
        /// Name in the phonebook.
        pub name: Option<Text>,
        /// Octets of the TPDU, without the service centre address.
        pub length: u16,
    }

    /// `+CMT: [<alpha>],<length>` (TS 27.005, 3.4.1); the PDU line follows.
    pub struct CmtUrc {
        /// Name in the phonebook.
        pub name: Option<Text>,
        /// Octets of the TPDU, without the service centre address.
        pub length: u16,
    }

    /// `+CMTI: <mem>,<index>` (TS 27.005, 3.4.1).
    pub struct CmtiUrc {
        /// Which store.
        pub store: MessageStore,
        /// Place in it.
        pub index: u16,
    }

    /// `+CDS: <length>` (TS 27.005, 3.4.1); the PDU line follows.
    pub struct CdsUrc {
        /// Octets of the TPDU, without the service centre address.
        pub length: u16,
    }

    /// `+CDSI: <mem>,<index>` (TS 27.005, 3.4.1).
    pub struct CdsiUrc {
        /// Which store.
        pub store: MessageStore,
        /// Place in it.
        pub index: u16,
    }

    /// `+CBM: <length>` (TS 27.005, 3.4.1); the PDU line follows.
    pub struct CbmUrc {
        /// Octets of the page.
        pub length: u16,
    }

    /// `+CBMI: <mem>,<index>` (TS 27.005, 3.4.1).
    pub struct CbmiUrc {
        /// Which store.
        pub store: MessageStore,
        /// Place in it.
        pub index: u16,
    }
}

lines! {
    Cnmi = "+CNMI";
    Csca = "+CSCA";
    Csmp = "+CSMP";
    Cscb = "+CSCB";
    CsmsSupport = "+CSMS";
    CsmsInfo = "+CSMS";
    CpmsCounts = "+CPMS";
    CpmsInfo = "+CPMS";
    CmgsInfo = "+CMGS";
    CmssInfo = "+CMSS";
    CmgwInfo = "+CMGW";
    CmgrInfo = "+CMGR";
    CmglInfo = "+CMGL";
    CmtUrc = "+CMT";
    CmtiUrc = "+CMTI";
    CdsUrc = "+CDS";
    CdsiUrc = "+CDSI";
    CbmUrc = "+CBM";
    CbmiUrc = "+CBMI";
}
