//! The file set that the cards of a profile share: structure, access rules, FCPs and the contents
//! of EFs that are not of one card.

mod build;
mod contents;
mod fcp;
mod image;
mod personal;
mod rules;
mod services;
mod tree;

#[cfg(test)]
mod tests;

pub(crate) use personal::{Identity, Personal};
pub(crate) use rules::{Operation, RuleSet};
pub(crate) use services::Service;

use polysim_apdu::Sfi;

/// Where a file stands in the template.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) struct FileIndex(pub(crate) u16);

impl FileIndex {
    /// The MF is the first file.
    pub(crate) const MF: Self = Self(0);
    /// No file; never in a template.
    pub(crate) const NONE: Self = Self(u16::MAX);

    /// Returns `None` for [`Self::NONE`].
    pub(crate) fn some(self) -> Option<Self> {
        (self != Self::NONE).then_some(self)
    }

    const fn at(self) -> usize {
        self.0 as usize
    }
}

/// The MF in a path.
const MF_FID: u16 = 0x3F00;
/// The ADF of the current application in a path.
const CURRENT_ADF_FID: u16 = 0x7FFF;

/// Octets of memory that a file takes beside its contents.
const FILE_OCTETS: usize = 16;

/// A piece of [`Template::bytes`].
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Span {
    pub(crate) start: u32,
    pub(crate) len: u32,
}

/// A file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct File {
    /// File identifier.
    pub(crate) fid: u16,
    /// The DF it stands in; the MF's is the MF.
    pub(crate) parent: FileIndex,
    /// Short file identifier, 0 for none.
    pub(crate) sfi: u8,
    /// Its compiled access rules.
    pub(crate) rules: u8,
    /// The record of `arr` with its access rules.
    pub(crate) arr_record: u8,
    /// The EF.ARR with its access rules.
    pub(crate) arr: FileIndex,
    /// The FCP as it is while the file is activated and no PIN enabled.
    pub(crate) fcp: Span,
    /// Where in the FCP the life cycle status is.
    pub(crate) fcp_life_cycle: u8,
    /// Where in the FCP the PIN status is; 0 if nowhere.
    pub(crate) fcp_pins: u8,
    /// What it is.
    pub(crate) kind: Kind,
}

/// What a file is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    /// A directory: its children are `count` files from `first` on, by file identifier.
    Df { first: u16, count: u16 },
    /// A file with contents.
    Ef(Ef),
}

/// How an EF is structured.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Structure {
    Transparent,
    LinearFixed,
    Cyclic,
}

/// An EF. A transparent one is a single record of its size here.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ef {
    pub(crate) structure: Structure,
    /// Bytes of a record.
    pub(crate) record_len: u16,
    /// Number of records.
    pub(crate) records: u8,
    /// The file whose contents these are: another one's where two names show one file.
    pub(crate) body: FileIndex,
    /// What it holds at issue.
    pub(crate) source: Source,
}

impl Ef {
    /// Returns the size in bytes.
    pub(crate) fn size(&self) -> usize {
        usize::from(self.record_len) * usize::from(self.records)
    }
}

/// What an EF holds at issue.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Source {
    /// These bytes, and `FF` to the end of the file.
    Stored(Span),
    /// Each record starts with these bytes; the rest of it is `FF`.
    Repeated(Span),
    /// What follows from the identity of the card.
    Personal(Personal),
}

/// An application: its AID and its ADF.
#[derive(Clone, Debug)]
pub(crate) struct Application {
    pub(crate) aid: Box<[u8]>,
    pub(crate) adf: FileIndex,
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Template {
    files: Box<[File]>,
    bytes: Box<[u8]>,
    rules: Box<[RuleSet]>,
    applications: Box<[Application]>,
    usim: FileIndex,
    gsm: FileIndex,
    ust: FileIndex,
    imsi: FileIndex,
    iccid: FileIndex,
    /// What names a home in personal EFs: `ims.mnc001.mcc001.3gppnetwork.org`.
    domain: Box<str>,
}

impl Template {
    /// Returns a file. An index of a template is valid in it; [`FileIndex::NONE`] reads as the MF.
    pub(crate) fn file(&self, index: FileIndex) -> &File {
        match self.files.get(index.at()) {
            Some(file) => file,
            None => self.mf(),
        }
    }

    #[expect(clippy::indexing_slicing, reason = "a template is built with its MF first")]
    fn mf(&self) -> &File {
        &self.files[0]
    }

    /// Returns the EF at an index, if it is one.
    pub(crate) fn ef(&self, index: FileIndex) -> Option<&Ef> {
        match &self.files.get(index.at())?.kind {
            Kind::Ef(ef) => Some(ef),
            Kind::Df { .. } => None,
        }
    }

    /// Returns the octets of memory that the files take.
    pub(crate) fn octets(&self) -> u32 {
        let own = |(at, file): (usize, &File)| match &file.kind {
            Kind::Ef(ef) if ef.body.at() == at => ef.size() + FILE_OCTETS,
            Kind::Ef(_) | Kind::Df { .. } => FILE_OCTETS,
        };
        let octets = self.files.iter().enumerate().map(own).sum::<usize>();
        u32::try_from(octets).unwrap_or(u32::MAX)
    }

    /// Returns whether a file is a directory.
    pub(crate) fn is_df(&self, index: FileIndex) -> bool {
        matches!(self.file(index).kind, Kind::Df { .. })
    }

    /// Returns bytes of the template.
    pub(crate) fn bytes(&self, span: Span) -> &[u8] {
        let start = usize::try_from(span.start).unwrap_or(usize::MAX);
        let len = usize::try_from(span.len).unwrap_or(usize::MAX);
        self.bytes.get(start..).and_then(|rest| rest.get(..len)).unwrap_or_default()
    }

    /// Returns the FCP of a file at issue.
    pub(crate) fn fcp(&self, file: &File) -> &[u8] {
        self.bytes(file.fcp)
    }

    /// Returns the compiled access rules of a file.
    pub(crate) fn rules(&self, file: &File) -> &RuleSet {
        self.rules.get(usize::from(file.rules)).unwrap_or(&RuleSet::NEVER)
    }

    /// Returns the applications in the order of EF.DIR.
    pub(crate) const fn applications(&self) -> &[Application] {
        &self.applications
    }

    fn children(&self, df: FileIndex) -> (usize, &[File]) {
        let Kind::Df { first, count } = self.file(df).kind else {
            return (0, &[]);
        };
        let (first, count) = (usize::from(first), usize::from(count));
        let files = self.files.get(first..).and_then(|rest| rest.get(..count));
        (first, files.unwrap_or_default())
    }

    /// Returns how many DFs and EFs a DF has.
    pub(crate) fn child_counts(&self, df: FileIndex) -> (u8, u8) {
        let (_, files) = self.children(df);
        let dfs = files.iter().filter(|file| matches!(file.kind, Kind::Df { .. })).count();
        let count = |number| u8::try_from(number).unwrap_or(u8::MAX);
        (count(dfs), count(files.len() - dfs))
    }

    /// Looks a file up among the children of a DF.
    pub(crate) fn child(&self, df: FileIndex, fid: u16) -> Option<FileIndex> {
        let (first, files) = self.children(df);
        let at = files.binary_search_by_key(&fid, |file| file.fid).ok()?;
        u16::try_from(first + at).ok().map(FileIndex)
    }

    /// Looks an EF up by its short file identifier among the children of a DF.
    pub(crate) fn by_sfi(&self, df: FileIndex, sfi: Sfi) -> Option<FileIndex> {
        let (first, files) = self.children(df);
        let at = files.iter().position(|file| file.sfi == sfi.number())?;
        u16::try_from(first + at).ok().map(FileIndex)
    }

    /// Returns the application whose ADF this is.
    pub(crate) fn application(&self, adf: FileIndex) -> Option<&Application> {
        self.applications.iter().find(|application| application.adf == adf)
    }

    /// Follows a path of file identifiers down from the MF.
    pub(crate) fn by_path(&self, path: &[u16]) -> Option<FileIndex> {
        path.iter().try_fold(FileIndex::MF, |df, &fid| self.child(df, fid))
    }

    /// Follows a path as toolkit and applets write one: with or without the MF, `7FFF` being
    /// ADF.USIM.
    pub(crate) fn by_full_path(&self, path: &[u16]) -> Option<FileIndex> {
        let path = path.strip_prefix(&[MF_FID]).unwrap_or(path);
        match path.split_first() {
            Some((&CURRENT_ADF_FID, below)) => {
                below.iter().try_fold(self.usim.some()?, |df, &fid| self.child(df, fid))
            }
            Some(_) | None => self.by_path(path),
        }
    }

    /// Returns the path of a file below the MF in that form.
    pub(crate) fn path(&self, file: FileIndex) -> Option<Vec<u16>> {
        let mut path = Vec::new();
        let mut at = file.some()?;
        while at != FileIndex::MF {
            if at == self.usim {
                path.push(CURRENT_ADF_FID);
                break;
            }
            path.push(self.file(at).fid);
            at = self.file(at).parent;
        }
        path.reverse();
        Some(path)
    }

    /// Returns ADF.USIM, or [`FileIndex::NONE`].
    pub(crate) const fn usim(&self) -> FileIndex {
        self.usim
    }

    /// Returns DF.GSM, or [`FileIndex::NONE`].
    pub(crate) const fn gsm(&self) -> FileIndex {
        self.gsm
    }

    /// Returns EF.UST, or [`FileIndex::NONE`].
    pub(crate) const fn ust(&self) -> FileIndex {
        self.ust
    }

    /// Returns EF.IMSI, or [`FileIndex::NONE`].
    pub(crate) const fn imsi(&self) -> FileIndex {
        self.imsi
    }

    /// Returns EF.ICCID, or [`FileIndex::NONE`].
    pub(crate) const fn iccid(&self) -> FileIndex {
        self.iccid
    }

    /// Returns the home domain name of the operator (TS 23.003, 13.2).
    pub(crate) const fn domain(&self) -> &str {
        &self.domain
    }
}
