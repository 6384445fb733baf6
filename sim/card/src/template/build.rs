//! Builds a template of the tables and the operator's values.

use super::contents::{ISIM_AID, USIM_AID, domain, item};
use super::fcp::Facts;
use super::rules::{RuleSet, record};
use super::tree::{
    ADF_ISIM, ADF_USIM, BARE_FILES, DF_GSM, DF_TELECOM, Directory, Entry, Fill, GSM, ISIM,
    MF_FILES, Shape, USIM,
};
use super::{Application, Ef, File, FileIndex, Kind, Source, Span, Structure, Template};
use crate::profile::{ProfileConfig, ProfileError};

/// EF.ARR of the MF and of a DF.
const ARR_FIDS: [u16; 2] = [0x2F06, 0x6F06];
const MF_FID: u16 = 0x3F00;

/// A file before its rules and its FCP are known.
struct Node {
    fid: u16,
    parent: usize,
    /// A DF's children: where they start and how many they are.
    children: (usize, usize),
    entry: Option<Entry>,
}

struct Builder<'a> {
    config: &'a ProfileConfig,
    nodes: Vec<Node>,
    bytes: Vec<u8>,
    rules: Vec<RuleSet>,
}

impl Template {
    /// Builds the file set with an operator's values.
    pub(crate) fn build(config: &ProfileConfig) -> Result<Self, ProfileError> {
        let views = config.applications;
        let mut directories = vec![DF_TELECOM];
        directories.extend(views.gsm.then_some(DF_GSM));
        directories.extend(views.usim.then_some(ADF_USIM));
        directories.extend(views.isim.then_some(ADF_ISIM));
        Self::of_files(config, MF_FILES, directories)
    }

    /// Builds the few files that an eUICC shows while no profile is enabled.
    pub(crate) fn bare(config: &ProfileConfig) -> Result<Self, ProfileError> {
        Self::of_files(config, BARE_FILES, Vec::new())
    }

    fn of_files(
        config: &ProfileConfig,
        files: &'static [Entry],
        directories: Vec<Directory>,
    ) -> Result<Self, ProfileError> {
        let mut builder =
            Builder { config, nodes: Vec::new(), bytes: Vec::new(), rules: Vec::new() };
        builder.lay_out(files, directories);
        builder.finish()
    }
}

impl Builder<'_> {
    /// Lists every file, directory by directory, each directory's children in a row by their
    /// identifiers.
    fn lay_out(&mut self, files: &'static [Entry], directories: Vec<Directory>) {
        self.nodes.push(Node { fid: MF_FID, parent: 0, children: (0, 0), entry: None });
        let mut waiting = std::collections::VecDeque::from([(0, files, directories)]);
        while let Some((parent, files, directories)) = waiting.pop_front() {
            let mut children: Vec<(u16, Option<Entry>, Option<Directory>)> = files
                .iter()
                .map(|entry| (entry.fid, Some(*entry), None))
                .chain(directories.into_iter().map(|df| (df.fid, None, Some(df))))
                .collect();
            children.sort_unstable_by_key(|child| child.0);
            let first = self.nodes.len();
            if let Some(node) = self.nodes.get_mut(parent) {
                node.children = (first, children.len());
            }
            for (fid, entry, directory) in children {
                if let Some(directory) = directory {
                    let below = directory.directories.to_vec();
                    waiting.push_back((self.nodes.len(), directory.files, below));
                }
                self.nodes.push(Node { fid, parent, children: (0, 0), entry });
            }
        }
    }

    fn finish(mut self) -> Result<Template, ProfileError> {
        self.rules = (0..=record::COUNT)
            .map(|number| RuleSet::compile(&super::rules::arr_record(number)))
            .collect();
        let mut files = Vec::with_capacity(self.nodes.len());
        for at in 0..self.nodes.len() {
            files.push(self.file(at)?);
        }
        let adf = |fid| self.find(&[fid]);
        let applications = [(&USIM_AID, USIM), (&ISIM_AID, ISIM)]
            .into_iter()
            .filter_map(|(aid, fid)| {
                Some(Application { aid: aid.as_slice().into(), adf: index(adf(fid)?) })
            })
            .collect();
        let named = |path: &[u16]| self.find(path).map_or(FileIndex::NONE, index);
        let imsi = named(&[USIM, 0x6F07]).some().unwrap_or_else(|| named(&[GSM, 0x6F07]));
        Ok(Template {
            usim: named(&[USIM]),
            gsm: named(&[GSM]),
            ust: named(&[USIM, 0x6F38]),
            imsi,
            iccid: named(&[0x2FE2]),
            domain: domain(self.config.plmn).into(),
            files: files.into(),
            bytes: self.bytes.into(),
            rules: self.rules.into(),
            applications,
        })
    }

    fn file(&mut self, at: usize) -> Result<File, ProfileError> {
        let Some(&Node { fid, parent, children: (first, count), entry }) = self.nodes.get(at)
        else {
            return Err(ProfileError::NoApplication);
        };
        let ef = entry.map(|entry| self.ef(at, &entry)).transpose()?;
        let arr_record = entry.map_or(record::DIRECTORY, |entry| entry.arr);
        let (arr, arr_fid) = self.arr_for(parent);
        let aid = match fid {
            USIM => Some(USIM_AID),
            ISIM => Some(ISIM_AID),
            _ => None,
        };
        let sfi = entry.map_or(0, |entry| entry.sfi);
        let with_pins = ef.is_none() || self.config.pin_status_in_ef;
        let encoded = Facts {
            fid,
            sfi,
            rules: (arr_fid, arr_record),
            ef: ef.as_ref(),
            aid: aid.as_ref().map(|aid| aid.as_slice()),
            pins: with_pins.then_some(self.config.universal_pin),
        }
        .encode();
        let kind = match ef {
            Some(ef) => Kind::Ef(ef),
            None => Kind::Df { first: index(first).0, count: index(count).0 },
        };
        Ok(File {
            fid,
            parent: index(parent),
            sfi,
            rules: arr_record,
            arr_record,
            arr: index(arr),
            fcp: self.store(&encoded.bytes),
            fcp_life_cycle: encoded.life_cycle,
            fcp_pins: encoded.pins,
            kind,
        })
    }

    fn ef(&mut self, at: usize, entry: &Entry) -> Result<Ef, ProfileError> {
        let (structure, record_len, least) = match entry.shape {
            Shape::Binary(size) => (Structure::Transparent, size, 1),
            Shape::Linear(len, records) => (Structure::LinearFixed, len.into(), records),
            Shape::Phonebook(len) => (Structure::LinearFixed, len.into(), self.config.phonebook),
            Shape::Texts(len) => (Structure::LinearFixed, len.into(), self.config.texts),
            Shape::Cyclic(len, records) => (Structure::Cyclic, len.into(), records),
        };
        let contents = match entry.fill {
            Fill::Blank | Fill::Own(_) => Vec::new(),
            Fill::Bytes(bytes) | Fill::Each(bytes) => bytes.to_vec(),
            Fill::Value(value) => item(self.config, value, usize::from(record_len))?,
        };
        let needed = contents.len();
        let (record_len, records) = match structure {
            Structure::Transparent => (record_len.max(index(needed).0), 1),
            Structure::LinearFixed | Structure::Cyclic => {
                let needed = needed.div_ceil(usize::from(record_len.max(1)));
                (record_len, least.max(u8::try_from(needed).unwrap_or(u8::MAX)))
            }
        };
        let body = match entry.twin {
            [] => at,
            twin => self.find(twin).unwrap_or(at),
        };
        let source = match entry.fill {
            Fill::Own(personal) => Source::Personal(personal),
            Fill::Each(_) => Source::Repeated(self.store(&contents)),
            Fill::Blank | Fill::Bytes(_) | Fill::Value(_) => Source::Stored(self.store(&contents)),
        };
        Ok(Ef { structure, record_len, records, body: index(body), source })
    }

    /// Returns the EF.ARR that the files of a DF refer to: its own, or that of a DF above.
    fn arr_for(&self, mut df: usize) -> (usize, u16) {
        loop {
            for fid in ARR_FIDS {
                if let Some(arr) = self.child(df, fid) {
                    return (arr, fid);
                }
            }
            match self.nodes.get(df) {
                Some(node) if node.parent != df => df = node.parent,
                Some(_) | None => return (0, MF_FID),
            }
        }
    }

    fn find(&self, path: &[u16]) -> Option<usize> {
        path.iter().try_fold(0, |df, &fid| self.child(df, fid))
    }

    fn child(&self, df: usize, fid: u16) -> Option<usize> {
        let (first, count) = self.nodes.get(df)?.children;
        let children = self.nodes.get(first..first + count)?;
        Some(first + children.iter().position(|node| node.fid == fid)?)
    }

    fn store(&mut self, bytes: &[u8]) -> Span {
        let start = u32::try_from(self.bytes.len()).unwrap_or(u32::MAX);
        self.bytes.extend_from_slice(bytes);
        Span { start, len: u32::try_from(bytes.len()).unwrap_or(u32::MAX) }
    }
}

/// The tables and limits of a profile keep every index far below `u16::MAX`.
fn index(at: usize) -> FileIndex {
    FileIndex(u16::try_from(at).unwrap_or(u16::MAX))
}
