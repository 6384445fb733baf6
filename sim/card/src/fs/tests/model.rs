//! Selection, reading and writing against a naive file system: paths and byte strings.

use std::collections::BTreeMap;

use polysim_apdu::{Fcp, FileStructure, Sfi};
use proptest::prelude::*;

use crate::testkit::{card_config, profile_config};
use crate::tests::send;
use crate::{Card, CardConfig, Profile, ProfileConfig};

const MF: u16 = 0x3F00;
const ADM1: &str = "0020000A083838383838383838";
const PIN2: &str = "002000810835363738FFFFFFFF";

type FilePath = Vec<u16>;

/// A file by its path from the MF (the MF is the empty path).
#[derive(Clone, Debug)]
enum File {
    Df,
    /// Records (a transparent one has one) under the name of the first path that shows them.
    Ef {
        body: FilePath,
        kind: Kind,
        len: usize,
        count: usize,
        sfi: u8,
    },
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Transparent,
    Linear,
    Cyclic,
}

/// What to do with a transparent file.
enum Binary<'a> {
    Read(u8),
    Write(&'a [u8]),
}

struct Naive {
    files: BTreeMap<FilePath, File>,
    bodies: BTreeMap<FilePath, Vec<Vec<u8>>>,
    df: FilePath,
    ef: Option<FilePath>,
    adf: Option<FilePath>,
    record: usize,
}

/// Commands over a handful of identifiers, so that they often hit.
#[derive(Clone, Debug)]
enum Step {
    Select(u16),
    SelectChild(u16),
    SelectParent,
    SelectPath(bool, Vec<u16>),
    SelectAid(usize, usize),
    Status,
    Read { sfi: u8, offset: u8, len: u8 },
    Update { sfi: u8, offset: u8, data: Vec<u8> },
    ReadRecord { sfi: u8, number: u8, mode: u8, len: u8 },
    UpdateRecord { number: u8, mode: u8, fill: u8 },
    Reset,
}

const FIDS: &[u16] = &[
    MF, 0x7FFF, 0x7F10, 0x7F20, 0x7FF0, 0x7FF1, 0x5F3A, 0x5FC0, 0x5F3B, 0x2F00, 0x2F05, 0x2FE2,
    0x6F07, 0x6F7E, 0x6F3A, 0x6F3B, 0x6F44, 0x6F39, 0x6F40, 0x6F42, 0x6FC6, 0x4F3A, 0x4F20, 0x4F01,
    0x6F04, 0x6F06, 0x6F99, 0x0000,
];
/// Files that are worth being found more often.
const PATHS: &[&[u16]] = &[
    &[0x7F10, 0x6F44],
    &[0x7F20, 0x6F39],
    &[0x7FF0, 0x6F39],
    &[0x7F10, 0x6F3A],
    &[0x7F10, 0x5F3A, 0x4F3A],
    &[0x7FF0, 0x6FC6],
    &[0x7F20, 0x6FC6],
    &[0x7FF0, 0x6F7E],
    &[0x7FF0, 0x5FC0, 0x4F01],
];
const AIDS: [&str; 3] =
    ["A0000000871002FFFFFFFF8907090000", "A0000000871004FFFFFFFF8907090000", "A000000099"];

fn fid() -> impl Strategy<Value = u16> {
    prop::sample::select(FIDS)
}

fn step() -> impl Strategy<Value = Step> {
    let path = prop::collection::vec(fid(), 1..4);
    let record_sfi = prop::sample::select(&[0_u8, 0, 0, 0, 1, 5][..]);
    prop_oneof![
        6 => fid().prop_map(Step::Select),
        1 => fid().prop_map(Step::SelectChild),
        1 => Just(Step::SelectParent),
        3 => (any::<bool>(), path).prop_map(|(mf, path)| Step::SelectPath(mf, path)),
        4 => prop::sample::select(PATHS).prop_map(|path| Step::SelectPath(true, path.to_vec())),
        2 => (0..AIDS.len(), 5_usize..=16).prop_map(|(aid, len)| Step::SelectAid(aid, len)),
        1 => Just(Step::Status),
        4 => (0_u8..12, 0_u8..12, 0_u8..20)
            .prop_map(|(sfi, offset, len)| Step::Read { sfi, offset, len }),
        4 => (0_u8..12, 0_u8..12, prop::collection::vec(any::<u8>(), 1..12))
            .prop_map(|(sfi, offset, data)| Step::Update { sfi, offset, data }),
        8 => (record_sfi, 0_u8..6, 2_u8..5, prop::sample::select(&[0_u8, 0, 0, 34, 3, 52][..]))
            .prop_map(|(sfi, number, mode, len)| Step::ReadRecord { sfi, number, mode, len }),
        8 => (0_u8..6, prop::sample::select(&[2_u8, 3, 3, 4][..]), any::<u8>())
            .prop_map(|(number, mode, fill)| Step::UpdateRecord { number, mode, fill }),
        1 => Just(Step::Reset),
    ]
}

impl Naive {
    /// Learns the tree by walking it with SELECT, and contents past the access rules.
    fn learn(card: &mut Card) -> Self {
        let mut naive = Self {
            files: BTreeMap::from([(Vec::new(), File::Df)]),
            bodies: BTreeMap::new(),
            df: Vec::new(),
            ef: None,
            adf: None,
            record: 0,
        };
        let all: Vec<u16> = (0x2F00..=0x2FFF)
            .chain(0x4F00..=0x4FFF)
            .chain(0x5F00..=0x5FFF)
            .chain(0x6F00..=0x6FFF)
            .chain(0x7F00..=0x7FFE)
            .collect();
        let mut waiting = vec![Vec::new()];
        while let Some(df) = waiting.pop() {
            for fid in &all {
                let path = [df.as_slice(), &[*fid]].concat();
                let hex: String = path.iter().map(|fid| format!("{fid:04X}")).collect();
                let fcp = send(card, &format!("00A40804{:02X}{hex}00", path.len() * 2));
                if fcp.len() == 2 {
                    continue;
                }
                let fcp = Fcp::parse(&fcp[..fcp.len() - 2]).unwrap();
                let file = naive.file(card, &path, &fcp);
                if matches!(file, File::Df) {
                    waiting.push(path.clone());
                }
                naive.files.insert(path, file);
            }
        }
        naive
    }

    fn file(&mut self, card: &Card, path: &FilePath, fcp: &Fcp<'_>) -> File {
        let Some(size) = fcp.file_size else {
            return File::Df;
        };
        let kind = match fcp.descriptor.structure {
            FileStructure::Transparent => Kind::Transparent,
            FileStructure::Cyclic => Kind::Cyclic,
            FileStructure::LinearFixed
            | FileStructure::Df
            | FileStructure::Unspecified
            | FileStructure::BerTlv => Kind::Linear,
        };
        let (len, count) = match fcp.descriptor.records {
            Some(records) => (usize::from(records.length), usize::from(records.count)),
            None => (size as usize, 1),
        };
        let sfi = fcp.sfi.of(fcp.file_id.unwrap()).map_or(0, Sfi::number);
        let body = body_of(path);
        let read = |number: usize| card.read_record(path, u8::try_from(number).unwrap()).unwrap();
        self.bodies.entry(body.clone()).or_insert_with(|| (1..=count).map(read).collect());
        File::Ef { body, kind, len, count, sfi }
    }

    fn is_df(&self, path: &FilePath) -> bool {
        matches!(self.files.get(path), Some(File::Df))
    }

    fn join(&self, df: &[u16], fid: u16) -> Option<FilePath> {
        let path = [df, &[fid]].concat();
        self.files.contains_key(&path).then_some(path)
    }

    fn find(&self, fid: u16) -> Option<FilePath> {
        let parent = self.df[..self.df.len().saturating_sub(1)].to_vec();
        match fid {
            MF => Some(Vec::new()),
            0x7FFF => self.adf.clone(),
            _ => self
                .join(&self.df, fid)
                .or_else(|| (self.df.last() == Some(&fid)).then(|| self.df.clone()))
                .or_else(|| (parent.last() == Some(&fid)).then(|| parent.clone()))
                .or_else(|| self.join(&parent, fid).filter(|path| self.is_df(path))),
        }
    }

    fn walk(&self, from_mf: bool, path: &[u16]) -> Option<FilePath> {
        let mut at = if from_mf { Vec::new() } else { self.df.clone() };
        // From the MF as the current DF, the two forms are one.
        let top = at.is_empty();
        for (depth, &fid) in path.iter().enumerate() {
            at = match (depth, fid) {
                (0, 0x7FFF) if top => self.adf.clone()?,
                (0, MF) if top => Vec::new(),
                _ => self.join(&at, fid)?,
            };
        }
        Some(at)
    }

    fn select(&mut self, path: Option<FilePath>) -> u16 {
        let Some(path) = path else {
            return 0x6A82;
        };
        self.record = 0;
        if self.is_df(&path) {
            if path.len() == 1 && (path[0] == 0x7FF0 || path[0] == 0x7FF1) {
                self.adf = Some(path.clone());
            }
            (self.df, self.ef) = (path, None);
        } else {
            (self.df, self.ef) = (path[..path.len() - 1].to_vec(), Some(path));
        }
        0x9000
    }

    fn select_sfi(&mut self, sfi: u8) -> Result<FilePath, u16> {
        if sfi == 0 {
            return self.ef.clone().ok_or(0x6986);
        }
        let here = self.df.len() + 1;
        let found = self.files.iter().find(|(path, file)| {
            path.len() == here
                && path.starts_with(&self.df)
                && matches!(file, File::Ef { sfi: its, .. } if *its == sfi)
        });
        let path = found.map(|(path, _)| path.clone()).ok_or(0x6A82_u16)?;
        (self.ef, self.record) = (Some(path.clone()), 0);
        Ok(path)
    }

    fn ef(&mut self, sfi: u8) -> Result<(FilePath, FilePath, Kind, usize, usize), u16> {
        let path = self.select_sfi(sfi)?;
        match self.files[&path].clone() {
            File::Ef { body, kind, len, count, .. } => Ok((path, body, kind, len, count)),
            File::Df => unreachable!(),
        }
    }

    fn binary(&mut self, sfi: u8, offset: u8, what: &Binary<'_>) -> Result<Vec<u8>, u16> {
        let (path, body, kind, size, _) = self.ef(sfi)?;
        if kind != Kind::Transparent {
            return Err(0x6981);
        }
        if matches!(what, Binary::Write(_)) && path.last() == Some(&0x2FE2) {
            return Err(0x6982);
        }
        let offset = usize::from(offset);
        if offset >= size {
            return Err(0x6B00);
        }
        let bytes = &mut self.bodies.get_mut(&body).unwrap()[0];
        match what {
            Binary::Read(0) => Ok(bytes[offset..].to_vec()),
            Binary::Read(len) if usize::from(*len) > size - offset => {
                Err(0x6C00 + u16::try_from(size - offset).unwrap())
            }
            Binary::Read(len) => Ok(bytes[offset..offset + usize::from(*len)].to_vec()),
            Binary::Write(data) if data.len() > size - offset => Err(0x6700),
            Binary::Write(data) => {
                bytes[offset..offset + data.len()].copy_from_slice(data);
                Ok(Vec::new())
            }
        }
    }

    fn number(&self, mode: u8, number: u8, kind: Kind, count: usize) -> Result<usize, u16> {
        let round = kind == Kind::Cyclic;
        let found = match (mode, self.record) {
            (4, current) if number == 0 => current,
            (4, _) => usize::from(number),
            (2, current) if round && current == count => 1,
            (2, current) => current + 1,
            (_, 0) => count,
            (_, 1) if round => count,
            (_, current) => current - 1,
        };
        if found == 0 || found > count { Err(0x6A83) } else { Ok(found) }
    }

    fn read_record(&mut self, sfi: u8, number: u8, mode: u8, len: u8) -> Result<Vec<u8>, u16> {
        let (_, body, kind, record_len, count) = self.ef(sfi)?;
        if kind == Kind::Transparent {
            return Err(0x6981);
        }
        let number = self.number(mode, number, kind, count)?;
        if len != 0 && usize::from(len) != record_len {
            return Err(0x6C00 + u16::try_from(record_len).unwrap());
        }
        if mode != 4 {
            self.record = number;
        }
        Ok(self.bodies[&body][number - 1].clone())
    }

    /// Returns what to write and what comes of it.
    fn update_record(&mut self, number: u8, mode: u8, data: &[u8]) -> Result<Vec<u8>, u16> {
        let (path, body, kind, record_len, count) = self.ef(0)?;
        if kind == Kind::Transparent {
            return Err(0x6981);
        }
        assert_ne!(path.last(), Some(&0x2FE2));
        if kind == Kind::Cyclic {
            if mode != 3 {
                return Err(0x6A86);
            }
            if data.len() != record_len {
                return Err(0x6700);
            }
            let records = self.bodies.get_mut(&body).unwrap();
            records.pop();
            records.insert(0, data.to_vec());
            self.record = 1;
            return Ok(Vec::new());
        }
        let number = self.number(mode, number, kind, count)?;
        if data.len() != record_len {
            return Err(0x6700);
        }
        if mode != 4 {
            self.record = number;
        }
        self.bodies.get_mut(&body).unwrap()[number - 1] = data.to_vec();
        Ok(Vec::new())
    }
}

/// Files that stand in two places: the name that sorts first stands for both.
fn body_of(path: &FilePath) -> FilePath {
    let twins: &[(&[u16], &[u16])] = &[
        (&[0x7F10, 0x6F3A], &[0x7F10, 0x5F3A, 0x4F3A]),
        (&[0x7F10, 0x6F3B], &[0x7FF0, 0x6F3B]),
        (&[0x7F10, 0x6F40], &[0x7FF0, 0x6F40]),
        (&[0x7F10, 0x6F42], &[0x7FF0, 0x6F42]),
        (&[0x7F20, 0x6F07], &[0x7FF0, 0x6F07]),
        (&[0x7F20, 0x6F7E], &[0x7FF0, 0x6F7E]),
        (&[0x7F20, 0x6F39], &[0x7FF0, 0x6F39]),
        (&[0x7F20, 0x6FC6], &[0x7FF0, 0x6FC6]),
    ];
    let twin = twins.iter().find(|(_, other)| *other == path.as_slice());
    twin.map_or_else(|| path.clone(), |(first, _)| first.to_vec())
}

/// A length and as many bytes, in digits.
fn counted(data: &[u8]) -> String {
    let digits: String = data.iter().map(|byte| format!("{byte:02X}")).collect();
    format!("{:02X}{digits}", data.len())
}

fn is_arr(path: Option<&FilePath>) -> bool {
    matches!(path.and_then(|path| path.last()), Some(0x2F06 | 0x6F06))
}

fn unlocked(card: &mut Card) {
    assert_eq!(send(card, ADM1), [0x90, 0x00]);
    assert_eq!(send(card, PIN2), [0x90, 0x00]);
}

/// Sends the command of a step and returns what the naive file system makes of it.
fn take(card: &mut Card, naive: &mut Naive, step: &Step) -> (Vec<u8>, Result<Vec<u8>, u16>) {
    let path = |path: &[u16]| path.iter().map(|fid| format!("{fid:04X}")).collect::<String>();
    let done = |word: u16| if word == 0x9000 { Ok(Vec::new()) } else { Err(word) };
    match step {
        Step::Select(fid) => {
            let found = naive.find(*fid);
            (send(card, &format!("00A4000C02{fid:04X}")), done(naive.select(found)))
        }
        Step::SelectChild(fid) => {
            let found = naive.join(&naive.df, *fid).filter(|path| naive.is_df(path));
            (send(card, &format!("00A4010C02{fid:04X}")), done(naive.select(found)))
        }
        Step::SelectParent => {
            let parent = naive.df[..naive.df.len().saturating_sub(1)].to_vec();
            (send(card, "00A4030C"), done(naive.select(Some(parent))))
        }
        Step::SelectPath(from_mf, files) => {
            let found = naive.walk(*from_mf, files);
            let (p1, len) = (if *from_mf { 8 } else { 9 }, files.len() * 2);
            let sent = send(card, &format!("00A4{p1:02X}0C{len:02X}{}", path(files)));
            (sent, done(naive.select(found)))
        }
        Step::SelectAid(aid, len) => {
            let aid = &AIDS[*aid][..(2 * len).min(AIDS[*aid].len())];
            let found = AIDS[..2].iter().position(|known| known.starts_with(aid));
            let adf = found.map(|at| vec![[0x7FF0, 0x7FF1][at]]);
            let sent = send(card, &format!("00A4040C{:02X}{aid}", aid.len() / 2));
            (sent, done(naive.select(adf)))
        }
        Step::Status => {
            let response = send(card, "80F2000000");
            let fcp = Fcp::parse(&response[..response.len() - 2]).unwrap();
            let current = naive.df.last().copied().unwrap_or(MF);
            assert_eq!(fcp.file_id.unwrap().0, current);
            (vec![0x90, 0x00], Ok(Vec::new()))
        }
        Step::Read { sfi, offset, len } => {
            let p1 = if *sfi == 0 { 0 } else { 0x80 | sfi };
            let sent = send(card, &format!("00B0{p1:02X}{offset:02X}{len:02X}"));
            (sent, naive.binary(*sfi, *offset, &Binary::Read(*len)))
        }
        Step::Update { sfi, offset, data } => {
            let p1 = if *sfi == 0 { 0 } else { 0x80 | sfi };
            let sent = send(card, &format!("00D6{p1:02X}{offset:02X}{}", counted(data)));
            (sent, naive.binary(*sfi, *offset, &Binary::Write(data)))
        }
        Step::ReadRecord { sfi, number, mode, len } => {
            let p2 = sfi << 3 | mode;
            let sent = send(card, &format!("00B2{number:02X}{p2:02X}{len:02X}"));
            (sent, naive.read_record(*sfi, *number, *mode, *len))
        }
        // Access rules are for another test.
        Step::UpdateRecord { .. } if is_arr(naive.ef.as_ref()) => {
            (vec![0x90, 0x00], Ok(Vec::new()))
        }
        Step::UpdateRecord { number, mode, fill } => {
            let len = match naive.ef.as_ref().map(|path| &naive.files[path]) {
                Some(File::Ef { len, .. }) if fill % 8 != 0 => *len,
                _ => 5,
            };
            let data = vec![*fill; len];
            let sent = send(card, &format!("00DC{number:02X}{mode:02X}{}", counted(&data)));
            (sent, naive.update_record(*number, *mode, &data))
        }
        Step::Reset => {
            card.reset().unwrap();
            unlocked(card);
            (naive.df, naive.ef, naive.adf) = (Vec::new(), None, None);
            naive.record = 0;
            (vec![0x90, 0x00], Ok(Vec::new()))
        }
    }
}

fn fresh() -> (Card, Naive) {
    let small = ProfileConfig { phonebook: 12, texts: 5, ..profile_config() };
    let mut card = Card::new(card_config(Profile::new(small).unwrap()));
    card.power_on().unwrap();
    let naive = Naive::learn(&mut card);
    card.power_on().unwrap();
    unlocked(&mut card);
    (card, naive)
}

#[test]
fn ts_102_221_8_4_selection_and_contents_are_those_of_a_naive_file_system() {
    let (card, naive) = fresh();
    assert!(naive.files.len() > 80, "{}", naive.files.len());
    let CardConfig { profile, .. } = card_config(card.profile().clone());
    let files = naive.files;
    let bodies = naive.bodies;
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(256)
    });
    let steps = prop::collection::vec(step(), 0..200);
    let result = runner.run(&steps, |steps| {
        let mut card = Card::new(card_config(profile.clone()));
        card.power_on().unwrap();
        unlocked(&mut card);
        let mut naive = Naive {
            files: files.clone(),
            bodies: bodies.clone(),
            df: Vec::new(),
            ef: None,
            adf: None,
            record: 0,
        };
        for (at, step) in steps.iter().enumerate() {
            let (ours, theirs) = take(&mut card, &mut naive, step);
            let expected = match theirs {
                Ok(data) => [data.as_slice(), &[0x90, 0x00]].concat(),
                Err(word) => word.to_be_bytes().to_vec(),
            };
            prop_assert_eq!(ours, expected, "step {} {:?} in {:04X?}", at, step, naive.df);
        }
        Ok(())
    });
    result.unwrap();
}

#[test]
fn the_naive_tree_knows_the_needed_files() {
    let (_, naive) = fresh();
    let needed: &[(u16, &[u16])] = &[
        (0, &[0x2F00, 0x2F05, 0x2F06, 0x2FE2, 0x2F08, 0x7F10, 0x7F20, 0x7FF0, 0x7FF1]),
        (
            0x7FF0,
            &[
                0x6F05, 0x6F06, 0x6F07, 0x6F08, 0x6F09, 0x6F31, 0x6F38, 0x6F3B, 0x6F3C, 0x6F40,
                0x6F42, 0x6F43, 0x6F46, 0x6F56, 0x6F5B, 0x6F5C, 0x6F60, 0x6F61, 0x6F62, 0x6F73,
                0x6F78, 0x6F7B, 0x6F7E, 0x6FAD, 0x6FB7, 0x6FC4, 0x6FC5, 0x6FC6, 0x6FD9, 0x6FE3,
                0x6FE4, 0x6FEC, 0x5FC0,
            ],
        ),
        (0x7FF1, &[0x6F02, 0x6F03, 0x6F04, 0x6F07, 0x6FAD]),
        (0x7F20, &[0x6F07, 0x6F20, 0x6F30, 0x6F38, 0x6F74, 0x6F78, 0x6F7B, 0x6F7E, 0x6FAD, 0x6FAE]),
    ];
    for (df, fids) in needed {
        for fid in *fids {
            let path = if *df == 0 { vec![*fid] } else { vec![*df, *fid] };
            assert!(naive.files.contains_key(&path), "{path:04X?}");
        }
    }
}
