//! Lines on standard input, and what is asked.

use std::collections::VecDeque;
use std::io::BufRead as _;
use tokio::sync::mpsc;

/// Lines that wait.
const LINES_MAX: usize = 64;
/// The longest line that is looked at.
const LINE_LEN_MAX: u64 = 1_024;

/// The console of a command that goes on. `Q` is what can be asked.
#[derive(Debug)]
pub(super) struct Console<Q> {
    lines: Option<mpsc::Receiver<String>>,
    asked: VecDeque<Q>,
    /// Everything is answered with yes.
    yes: bool,
}

/// What a line is.
#[derive(Debug, Eq, PartialEq)]
pub(super) enum Typed<Q> {
    /// The answer to the oldest question.
    Answer(Q, bool),
    /// Words.
    Words(Vec<String>),
    /// Nobody types any more; these questions are open.
    Ended(Vec<Q>),
}

impl<Q> Console<Q> {
    /// Returns that of this process.
    pub(super) fn new(yes: bool) -> Self {
        let (sender, lines) = mpsc::channel(LINES_MAX);
        // A thread of its own: what waits for a terminal must not keep the process from ending.
        std::thread::spawn(move || read(&sender));
        Self { lines: Some(lines), asked: VecDeque::new(), yes }
    }

    /// Asks. Returns the question with its answer where nobody is there, or it is always the same.
    pub(super) fn ask(&mut self, question: Q) -> Option<(Q, bool)> {
        if self.yes || self.lines.is_none() {
            return Some((question, self.yes));
        }
        self.asked.push_back(question);
        None
    }

    /// Forgets questions that are no more.
    pub(super) fn forget(&mut self, is_over: impl Fn(&Q) -> bool) {
        self.asked.retain(|question| !is_over(question));
    }

    /// Waits for a line. Dropping the future loses nothing.
    pub(super) async fn next(&mut self) -> Typed<Q> {
        let line = match &mut self.lines {
            Some(lines) => lines.recv().await,
            None => std::future::pending().await,
        };
        let Some(line) = line else {
            self.lines = None;
            return Typed::Ended(self.asked.drain(..).collect());
        };
        let words: Vec<_> = line.split_whitespace().map(str::to_owned).collect();
        let answer = match words.first().map(|word| word.to_ascii_lowercase()).as_deref() {
            Some("y" | "yes") if words.len() == 1 => Some(true),
            Some("n" | "no") if words.len() == 1 => Some(false),
            _ => None,
        };
        match answer.and_then(|answer| Some((self.asked.pop_front()?, answer))) {
            Some((question, answer)) => Typed::Answer(question, answer),
            None => Typed::Words(words),
        }
    }
}

fn read(lines: &mpsc::Sender<String>) {
    let mut input = std::io::stdin().lock();
    loop {
        let mut line = Vec::new();
        let read = std::io::Read::take(&mut input, LINE_LEN_MAX).read_until(b'\n', &mut line);
        if !read.is_ok_and(|count| count > 0) {
            return;
        }
        if lines.blocking_send(String::from_utf8_lossy(&line).into_owned()).is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn console(yes: bool, text: &[&str]) -> Console<u8> {
        let (sender, lines) = mpsc::channel(LINES_MAX);
        text.iter().for_each(|line| sender.try_send((*line).to_owned()).unwrap());
        Console { lines: Some(lines), asked: VecDeque::new(), yes }
    }

    #[tokio::test]
    async fn answers_go_to_the_oldest_question_and_other_lines_are_words() {
        let mut console = console(false, &["pick  car\n", "y\n", "N\n", "y\n"]);
        assert_eq!((console.ask(1), console.ask(2), console.ask(3)), (None, None, None));
        console.forget(|question| *question == 2);
        assert_eq!(console.next().await, Typed::Words(vec!["pick".into(), "car".into()]));
        assert_eq!(console.next().await, Typed::Answer(1, true));
        assert_eq!(console.next().await, Typed::Answer(3, false));
        assert_eq!(console.next().await, Typed::Words(vec!["y".into()]), "nothing is asked");
        assert_eq!(console.ask(4), None);
        assert_eq!(console.next().await, Typed::Ended(vec![4]));
        assert_eq!(console.ask(5), Some((5, false)), "nobody is there");
    }

    #[tokio::test]
    async fn who_says_yes_to_everything_is_not_asked() {
        assert_eq!(console(true, &[]).ask(1), Some((1, true)));
    }
}
