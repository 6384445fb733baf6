//! A journal in a file, through torn writes and damage.

use super::{FileJournal, Journal, JournalError, MemoryJournal};
use std::path::PathBuf;

/// A folder that is removed again.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("polysim-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self) -> PathBuf {
        self.0.join("journal")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

async fn replayed(journal: &mut dyn Journal<String>) -> Result<Vec<String>, JournalError> {
    let mut all = Vec::new();
    journal.replay(&mut |record| all.push(record)).await?;
    Ok(all)
}

/// Writes three commits; returns the journal's octets and where each commit ends.
async fn written(folder: &Folder) -> (Vec<u8>, Vec<usize>) {
    let mut journal = FileJournal::open(folder.file()).await.unwrap();
    assert_eq!(replayed(&mut journal).await.unwrap(), Vec::<String>::new());
    let mut ends = Vec::new();
    for commit in [&["a", "b"][..], &["c"], &["d", "e"]] {
        journal.append(commit.iter().map(|it| (*it).to_owned()).collect()).await.unwrap();
        ends.push(std::fs::metadata(folder.file()).unwrap().len().try_into().unwrap());
    }
    (std::fs::read(folder.file()).unwrap(), ends)
}

#[tokio::test]
async fn a_torn_write_is_cut_at_the_last_whole_commit_wherever_it_is_torn() {
    let folder = Folder::new("torn");
    let (whole, ends) = written(&folder).await;
    let after = ["", "ab", "abc", "abcde"];
    for length in 0..=whole.len() {
        for zeros in [0, 9] {
            let mut torn = whole[..length].to_vec();
            torn.resize(length + zeros, 0);
            std::fs::write(folder.file(), &torn).unwrap();
            let mut journal = FileJournal::open(folder.file()).await.unwrap();
            let kept = ends.iter().filter(|end| **end <= length).count();
            let seen = FileJournal::<String>::look(folder.file()).await.unwrap();
            assert_eq!(seen.concat(), after[kept], "also by who only looks, meanwhile");
            assert_eq!(std::fs::read(folder.file()).unwrap(), torn);
            let found = replayed(&mut journal).await.unwrap();
            assert_eq!(found.concat(), after[kept], "{length}");
            journal.append(vec!["z".to_owned()]).await.unwrap();
            drop(journal);
            let mut again = FileJournal::open(folder.file()).await.unwrap();
            assert_eq!(replayed(&mut again).await.unwrap().concat(), format!("{}z", after[kept]));
            assert_eq!(again.torn(), 0);
        }
    }
}

#[tokio::test]
async fn damage_before_whole_commits_is_told_and_cuts_nothing() {
    let folder = Folder::new("damaged");
    let (mut octets, ends) = written(&folder).await;
    octets[ends[0] + 12] ^= 1;
    std::fs::write(folder.file(), &octets).unwrap();
    let mut journal = FileJournal::open(folder.file()).await.unwrap();
    let told = replayed(&mut journal).await;
    assert!(matches!(told, Err(JournalError::Damaged { at, .. }) if at == ends[0] as u64));
    drop(journal);
    let told = FileJournal::<String>::look(folder.file()).await;
    assert!(matches!(told, Err(JournalError::Damaged { at, .. }) if at == ends[0] as u64));
    assert_eq!(std::fs::read(folder.file()).unwrap(), octets);
}

#[tokio::test]
async fn a_journal_is_open_once_and_replayed_before_it_is_written_to() {
    let folder = Folder::new("once");
    let mut journal = FileJournal::<String>::open(folder.file()).await.unwrap();
    let second = FileJournal::<String>::open(folder.file()).await;
    assert!(matches!(second, Err(JournalError::InUse { .. })));
    let early = journal.append(vec!["a".to_owned()]).await;
    assert!(matches!(early, Err(JournalError::NotAtEnd)));
}

#[tokio::test]
async fn records_of_another_machine_or_release_are_refused() {
    let folder = Folder::new("foreign");
    written(&folder).await;
    let mut journal = FileJournal::<u32>::open(folder.file()).await.unwrap();
    let told = journal.replay(&mut |_| {}).await;
    assert!(matches!(told, Err(JournalError::Foreign { at: 0, .. })), "{told:?}");
    drop(journal);

    let json = br#"{"version":999,"body":[1]}"#;
    let body = [&super::file::crc32(json).to_be_bytes()[..], json].concat();
    std::fs::write(folder.file(), polysim_fleet::wire::frame(&body).unwrap()).unwrap();
    let mut journal = FileJournal::open(folder.file()).await.unwrap();
    let told = replayed(&mut journal).await;
    assert!(matches!(told, Err(JournalError::Version { .. })), "{told:?}");
}

#[tokio::test]
async fn a_journal_in_memory_outlives_whoever_writes_to_it() {
    let kept = MemoryJournal::new();
    let mut journal = kept.clone();
    journal.append(vec!["a".to_owned(), "b".to_owned()]).await.unwrap();
    drop(journal);
    assert_eq!(kept.len(), 2);
    assert_eq!(replayed(&mut kept.clone()).await.unwrap().concat(), "ab");
}
