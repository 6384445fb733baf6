//! Whoever sits at the terminal: sees how far it is, and decides.

use anyhow::{Result, bail};
use async_trait::async_trait;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use polysim::esim::EsimUser;
use polysim_lpa::{Decision, LpaEvent, Question, Stage, Withdrawal};
use polysim_rsp::activation::ConfirmationCode;
use polysim_rsp::data::{PprIds, StoreMetadataRequest};
use std::io::{BufRead as _, IsTerminal as _, Write as _};
use zeroize::Zeroizing;

/// A user at the terminal, or nobody.
pub(super) struct User {
    bar: ProgressBar,
    /// Nobody is asked whether the profile is wanted.
    pub(super) agrees: bool,
}

impl User {
    /// `json` leaves standard error without a bar, too.
    pub(super) fn new(json: bool) -> Self {
        let target = if json { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
        let bar = ProgressBar::with_draw_target(Some(0), target);
        if let Ok(style) = ProgressStyle::with_template("{bar:30} {msg}") {
            bar.set_style(style);
        }
        Self { bar, agrees: false }
    }

    fn stage(&self, stage: &Stage) {
        match stage {
            Stage::Resumed => self.bar.set_message("going on with it"),
            Stage::Authenticating { address } => {
                self.bar.set_message(format!("authenticating with {address}"));
            }
            Stage::Described(profile) => self.bar.set_message(profile.profile_name.clone()),
            Stage::Preparing => self.bar.set_message("preparing"),
            Stage::Fetching => self.bar.set_message("fetching the package"),
            Stage::Loading { segment, of } => {
                self.bar.set_length(u64::try_from(*of).unwrap_or_default());
                self.bar.set_position(u64::try_from(*segment).unwrap_or_default());
                self.bar.set_message(format!("loading, {segment} of {of}"));
            }
            Stage::Again { attempt, why } => {
                self.bar.set_message(format!("try {attempt}: {why}"));
            }
        }
    }

    fn consent(&self, profile: &StoreMetadataRequest, rules: PprIds) -> Decision {
        let (provider, name) = (&profile.service_provider_name, &profile.profile_name);
        let rules = rules_in_words(rules);
        if self.agrees {
            return Decision::Agree;
        }
        let question = format!("install {name} of {provider} ({}){rules}?", profile.iccid);
        match self.bar.suspend(|| ask(&question)) {
            Some(true) => Decision::Agree,
            Some(false) => Decision::Withdraw(Withdrawal::Rejected),
            None => Decision::Withdraw(Withdrawal::Postponed),
        }
    }

    fn code(&self, refused: bool) -> Decision {
        let question = if refused {
            "that was not the confirmation code; try again:"
        } else {
            "the confirmation code of the operator:"
        };
        let typed = self.bar.suspend(|| line(question));
        let code = typed.map(|text| ConfirmationCode::new(text.trim()));
        match code {
            Some(Ok(code)) => Decision::ConfirmationCode(code),
            Some(Err(_)) | None => Decision::Withdraw(Withdrawal::Postponed),
        }
    }
}

fn rules_in_words(rules: PprIds) -> String {
    let mut words = String::new();
    if rules.has(PprIds::PPR1) {
        words.push_str("; it CANNOT be disabled");
    }
    if rules.has(PprIds::PPR2) {
        words.push_str("; it CANNOT be deleted");
    }
    words
}

#[async_trait]
impl EsimUser for User {
    fn hear(&mut self, event: &LpaEvent) {
        match event {
            LpaEvent::Progressed { stage, .. } => self.stage(stage),
            LpaEvent::Finished { .. } => self.bar.finish_and_clear(),
            LpaEvent::Asked { .. } | LpaEvent::Notified(_) => {}
        }
    }

    async fn decide(&mut self, question: Question) -> Decision {
        match question {
            Question::Consent { profile, rules } => self.consent(&profile, rules),
            Question::ConfirmationCode { refused } => self.code(refused),
        }
    }

    async fn withdraws(&mut self) -> Withdrawal {
        match tokio::signal::ctrl_c().await {
            Ok(()) => Withdrawal::Postponed,
            Err(_) => std::future::pending().await,
        }
    }
}

/// Has the user agree to what cannot be undone.
pub(super) fn agree(yes: bool, question: &str) -> Result<()> {
    if yes {
        return Ok(());
    }
    match ask(question) {
        Some(true) => Ok(()),
        Some(false) => bail!("nothing was done, as you wish"),
        None => bail!("nothing was done: add --yes to agree"),
    }
}

/// Asks; `None` where nobody is there.
fn ask(question: &str) -> Option<bool> {
    let answer = line(&format!("{question} y or n:"))?;
    Some(matches!(answer.trim(), "y" | "Y" | "yes"))
}

/// Reads a line of the terminal; `None` where nobody is there.
fn line(question: &str) -> Option<Zeroizing<String>> {
    let stdin = std::io::stdin();
    if !stdin.is_terminal() {
        return None;
    }
    let mut err = std::io::stderr().lock();
    // Where nothing can be shown, nobody answers either.
    write!(err, "{question} ").and_then(|()| err.flush()).ok()?;
    let mut answer = Zeroizing::new(String::new());
    stdin.lock().read_line(&mut answer).ok()?;
    Some(answer)
}
