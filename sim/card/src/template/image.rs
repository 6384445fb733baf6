//! A template of the files that a profile package creates.

use std::collections::VecDeque;

use polysim_rsp::saip::{self, Body, Image, ImageFile};

use super::contents::domain;
use super::fcp::Facts;
use super::rules::RuleSet;
use super::{Application, Ef, File, FileIndex, Kind, Source, Span, Structure, Template};
use crate::profile::ProfileConfig;

/// Identifiers of files that are looked for.
const GSM_FID: u16 = 0x7F20;
const UST_FID: u16 = 0x6F38;
const IMSI_FID: u16 = 0x6F07;
const ICCID_FID: u16 = 0x2FE2;
/// The life cycle of a file that is operational and deactivated (TS 102.221, 11.1.1.4.9).
const DEACTIVATED: u8 = 0x04;
const LIFE_CYCLE_MASK: u8 = 0xFD;

/// Files of an image in the order of a template: the children of a directory in a row, by their
/// identifiers.
struct Order {
    /// Where each file of the template stands in the image.
    files: Vec<saip::FileIndex>,
    /// Where each file of the image stands in the template.
    places: Vec<FileIndex>,
    /// The children of each directory of the template: where they start, and how many they are.
    children: Vec<(FileIndex, u16)>,
}

struct Builder<'a> {
    image: &'a Image,
    config: &'a ProfileConfig,
    order: Order,
    bytes: Vec<u8>,
    rules: Vec<RuleSet>,
    /// The rules of each record of an EF.ARR that was worked out.
    compiled: Vec<((FileIndex, u8), u8)>,
}

impl Template {
    /// Builds the file set of a profile; returns which files of it begin deactivated, too.
    pub(crate) fn of_image(image: &Image, config: &ProfileConfig) -> (Self, Vec<FileIndex>) {
        let order = Order::of(image);
        let (bytes, rules, compiled) = (Vec::new(), Vec::new(), Vec::new());
        let mut builder = Builder { image, config, order, bytes, rules, compiled };
        let places = 0..builder.order.files.len();
        let files: Box<[File]> = places.filter_map(|at| builder.file(at)).collect();
        let deactivated = builder.deactivated();
        (builder.finish(files), deactivated)
    }
}

impl Order {
    fn of(image: &Image) -> Self {
        let count = image.files().len();
        let mut order = Self {
            files: vec![saip::FileIndex::MF],
            places: vec![FileIndex::NONE; count],
            children: Vec::with_capacity(count),
        };
        order.place(saip::FileIndex::MF, FileIndex::MF);
        let mut waiting = VecDeque::from([saip::FileIndex::MF]);
        while let Some(file) = waiting.pop_front() {
            let mut inside = match image.file(file).map(|file| &file.body) {
                Some(Body::Directory(_)) => image.children(file).collect(),
                Some(Body::Ef(_) | Body::Link(_)) | None => Vec::new(),
            };
            inside.sort_by_key(|(_, child)| child.fid);
            let first = index(order.files.len());
            order.children.push((first, u16::try_from(inside.len()).unwrap_or(u16::MAX)));
            for (child, _) in inside {
                order.place(child, index(order.files.len()));
                order.files.push(child);
                waiting.push_back(child);
            }
        }
        order
    }

    fn place(&mut self, file: saip::FileIndex, at: FileIndex) {
        if let Some(place) = self.places.get_mut(file.at()) {
            *place = at;
        }
    }

    fn place_of(&self, file: saip::FileIndex) -> FileIndex {
        self.places.get(file.at()).copied().unwrap_or(FileIndex::NONE)
    }
}

impl Builder<'_> {
    fn file(&mut self, at: usize) -> Option<File> {
        let own = *self.order.files.get(at)?;
        let file = self.image.file(own)?;
        let target = self.image.target(own);
        let kind = self.kind(target)?;
        let arr = self.image.arr_file(own).map(|arr| self.order.place_of(arr));
        let arr = arr.unwrap_or(FileIndex::NONE);
        let ef = match &kind {
            Kind::Ef(ef) => Some(ef),
            Kind::Df { .. } => None,
        };
        let with_pins = ef.is_none() || self.config.pin_status_in_ef;
        let sfi = file.sfi.unwrap_or(0);
        let encoded = Facts {
            fid: file.fid,
            sfi,
            rules: (file.arr.file, file.arr.record),
            ef,
            aid: aid(file),
            pins: with_pins.then_some(self.config.universal_pin),
        }
        .encode();
        Some(File {
            fid: file.fid,
            parent: self.order.place_of(file.parent),
            sfi,
            rules: self.compiled(own, (arr, file.arr.record)),
            arr_record: file.arr.record,
            arr,
            fcp: self.store(&encoded.bytes),
            fcp_life_cycle: encoded.life_cycle,
            fcp_pins: encoded.pins,
            kind,
        })
    }

    fn kind(&mut self, target: saip::FileIndex) -> Option<Kind> {
        let body = self.order.place_of(target);
        match &self.image.file(target)?.body {
            Body::Directory(_) => {
                let (first, count) = *self.order.children.get(body.at())?;
                Some(Kind::Df { first: first.0, count })
            }
            Body::Ef(ef) => Some(Kind::Ef(self.ef(ef, body))),
            // A link leads to a file that is none.
            Body::Link(_) => None,
        }
    }

    fn ef(&mut self, ef: &saip::Ef, body: FileIndex) -> Ef {
        let structure = match ef.structure {
            // Its data objects are read as the octets that they are.
            saip::Structure::Transparent | saip::Structure::BerTlv => Structure::Transparent,
            saip::Structure::LinearFixed => Structure::LinearFixed,
            saip::Structure::Cyclic => Structure::Cyclic,
        };
        let (record_len, records) = match structure {
            Structure::Transparent => (ef.contents.len().max(ef.reserved), 1),
            Structure::LinearFixed | Structure::Cyclic => (ef.record_len.into(), ef.records()),
        };
        Ef {
            structure,
            record_len: u16::try_from(record_len).unwrap_or(u16::MAX),
            records: u8::try_from(records).unwrap_or(u8::MAX),
            body,
            source: self.source(&ef.contents, record_len),
        }
    }

    /// What is `FF` to the end takes no memory, and records that are all the same only once.
    fn source(&mut self, contents: &[u8], record_len: usize) -> Source {
        let mut records = contents.chunks(record_len.max(1));
        let first = records.next().unwrap_or_default();
        let same = contents.len() > record_len && records.all(|record| record == first);
        let kept = if same { first } else { contents };
        let end = kept.iter().rposition(|octet| *octet != 0xFF).map_or(0, |last| last + 1);
        let span = self.store(kept.get(..end).unwrap_or_default());
        if same { Source::Repeated(span) } else { Source::Stored(span) }
    }

    /// Returns which rule set the record of an EF.ARR comes to.
    fn compiled(&mut self, file: saip::FileIndex, reference: (FileIndex, u8)) -> u8 {
        if let Some((_, known)) = self.compiled.iter().find(|(known, _)| *known == reference) {
            return *known;
        }
        let arr = self.image.arr_file(file).and_then(|arr| self.image.ef(arr));
        let record = arr.and_then(|arr| arr.record(reference.1.into()));
        let rules = record.map_or(RuleSet::NEVER, RuleSet::compile);
        let at = self.rules.iter().position(|known| *known == rules);
        let at = at.unwrap_or_else(|| {
            self.rules.push(rules);
            self.rules.len() - 1
        });
        // What there is no number for reads as a rule that allows nothing.
        let number = u8::try_from(at).unwrap_or(u8::MAX);
        self.compiled.push((reference, number));
        number
    }

    fn store(&mut self, bytes: &[u8]) -> Span {
        let start = u32::try_from(self.bytes.len()).unwrap_or(u32::MAX);
        self.bytes.extend_from_slice(bytes);
        Span { start, len: u32::try_from(bytes.len()).unwrap_or(u32::MAX) }
    }

    fn deactivated(&self) -> Vec<FileIndex> {
        let begins = |at: &&saip::FileIndex| {
            let file = self.image.file(**at);
            file.is_some_and(|file| file.life_cycle & LIFE_CYCLE_MASK == DEACTIVATED)
        };
        let files = self.order.files.iter().filter(begins);
        files.map(|at| self.order.place_of(self.image.target(*at))).collect()
    }

    fn finish(self, files: Box<[File]>) -> Template {
        let Self { image, config, order, bytes, rules, .. } = self;
        let applications = order.files.iter().filter_map(|at| {
            Some(Application { aid: aid(image.file(*at)?)?.into(), adf: order.place_of(*at) })
        });
        let place = |file: Option<saip::FileIndex>| {
            file.map_or(FileIndex::NONE, |file| order.place_of(file))
        };
        let usim = image.usim();
        let gsm = image.child(saip::FileIndex::MF, GSM_FID);
        let in_usim = |fid| usim.and_then(|usim| image.child(usim, fid));
        let imsi = in_usim(IMSI_FID).or_else(|| image.child(gsm?, IMSI_FID));
        Template {
            usim: place(usim),
            gsm: place(gsm),
            ust: place(in_usim(UST_FID)),
            imsi: place(imsi),
            iccid: place(image.child(saip::FileIndex::MF, ICCID_FID)),
            domain: domain(config.plmn).into(),
            applications: applications.collect(),
            files,
            bytes: bytes.into(),
            rules: rules.into(),
        }
    }
}

fn aid(file: &ImageFile) -> Option<&[u8]> {
    match &file.body {
        Body::Directory(directory) => directory.aid.as_deref(),
        Body::Ef(_) | Body::Link(_) => None,
    }
}

/// The limits of an image keep every index far below `u16::MAX`.
fn index(at: usize) -> FileIndex {
    FileIndex(u16::try_from(at).unwrap_or(u16::MAX))
}
