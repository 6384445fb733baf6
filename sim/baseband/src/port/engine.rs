//! From the bytes of a host to commands and back: one command line at a time per port.

use super::{Activity, Done, Escape, Kind, Online, Port, Writer};
use crate::BasebandOutput;
use crate::baseband::Baseband;
use crate::command::{self, Exchange, Step};
use crate::effects::Effects;
use polysim_at::{
    CmeError, Command, CommandError, CommandProblem, Commands, DeviceItem, DeviceReader,
    FinalResult, parse_line,
};
use polysim_base::Instant;

impl Baseband {
    /// Takes bytes from the host.
    pub(crate) fn port_input(&mut self, fx: &mut Effects, id: u8, bytes: &[u8]) {
        if !self.core.answers() {
            return;
        }
        let Some(port) = self.ports.get_mut(usize::from(id)) else {
            return;
        };
        port.open = true;
        let Some(activity) = port.activity.as_deref_mut() else {
            return self.read(fx, id, bytes);
        };
        match &mut activity.kind {
            Kind::Prompt(_) => self.read(fx, id, bytes),
            Kind::Online(online) => {
                // The wake-up after the silence decides.
                let (Escape::No | Escape::Begun) = online.take(fx.now, bytes);
            }
            Kind::Command { .. } | Kind::Retry(_) => {
                if let Some(rest) = activity.keep_typed(fx.now, bytes) {
                    activity.typed = rest.to_vec();
                    self.core.abort(fx, id);
                }
            }
        }
    }

    /// The host opened or closed a port.
    pub(crate) fn port_opened(&mut self, fx: &mut Effects, id: u8, open: bool) {
        let Some(port) = self.ports.get_mut(usize::from(id)) else {
            return;
        };
        port.open = open;
        // A host that is not there is shown no texts: they are stored.
        self.core.messages.route(id, open.then_some(&port.settings));
        if open {
            return;
        }
        port.reader = None;
        match port.activity.as_deref_mut() {
            Some(Activity { kind: Kind::Prompt(_), .. }) => port.activity = None,
            Some(Activity { kind: Kind::Online(_), .. }) => {
                port.activity = None;
                self.core.end_data(fx, id);
            }
            Some(activity) => {
                activity.rest = Box::default();
                activity.typed = Vec::new();
                activity.held = Vec::new();
            }
            None => {}
        }
    }

    fn read(&mut self, fx: &mut Effects, id: u8, bytes: &[u8]) {
        let Some(port) = self.ports.get_mut(usize::from(id)) else {
            return;
        };
        let fresh = port.reader.is_none();
        let mut reader = port.reader.take().map_or_else(DeviceReader::default, |reader| *reader);
        reader.set_line_end(port.settings.line_end);
        reader.set_backspace(port.settings.backspace);
        let mut input = bytes;
        while let Some(item) = reader.read(&mut input) {
            match item {
                DeviceItem::Line(line) => self.run_line(fx, id, line.text(), line.echo()),
                DeviceItem::Repeat => {
                    let last = self.port(id).map(|port| port.last.clone()).unwrap_or_default();
                    self.run_line(fx, id, last.get(), b"A/");
                }
                DeviceItem::Data(entry) => self.entry(fx, id, entry),
                DeviceItem::DataCancelled => self.finish(fx, Done::new(id, FinalResult::Ok)),
                DeviceItem::LineTooLong { .. } => {
                    let mut answer = Vec::new();
                    self.put_result(id, FinalResult::Error, &mut answer);
                    self.send(fx, id, answer);
                }
                DeviceItem::DataTooLong { .. } => {
                    let error = polysim_at::CmsError::InvalidPduParameter;
                    self.finish(fx, Done::new(id, FinalResult::Cms(error)));
                }
            }
            // What a line led to may itself end at once: only then is its port idle again.
            self.settle(fx);
            let Some(port) = self.ports.get_mut(usize::from(id)) else {
                return;
            };
            reader.set_line_end(port.settings.line_end);
            reader.set_backspace(port.settings.backspace);
            if port.expects_entry() {
                reader.expect_data();
            } else if let Some(activity) = port.activity.as_deref_mut() {
                if matches!(activity.kind, Kind::Command { .. } | Kind::Retry(_)) {
                    // None of it can abort: no time has passed.
                    activity.keep_typed(fx.now, input);
                }
                break;
            }
        }
        let Some(port) = self.ports.get_mut(usize::from(id)) else {
            return;
        };
        // After the end of a line the reader knows nothing that a new one would not.
        let consumed = bytes.get(..bytes.len() - input.len()).unwrap_or(bytes);
        let end = port.settings.line_end;
        let ended = match consumed {
            [.., last] if *last == end => true,
            [.., before, b'\n'] => *before == end,
            [b'\n'] => fresh,
            _ => false,
        };
        if !ended || reader.expects_data() {
            port.reader = Some(Box::new(reader));
        }
    }

    fn run_line(&mut self, fx: &mut Effects, id: u8, text: &[u8], echo: &[u8]) {
        let Some(port) = self.ports.get_mut(usize::from(id)) else {
            return;
        };
        let mut answer = Vec::new();
        let commands = parse_line(text);
        let addressed = commands.is_addressed();
        if addressed || port.settings.echo {
            answer.reserve(64);
        }
        if port.settings.echo {
            answer.extend_from_slice(echo);
        }
        if !addressed {
            return self.send(fx, id, answer);
        }
        if port.last.get() != text {
            port.last.set(text);
        }
        self.run(fx, id, text, commands, answer);
    }

    /// Runs the commands of a line up to the first that fails or takes time.
    fn run(
        &mut self,
        fx: &mut Effects,
        id: u8,
        line: &[u8],
        mut commands: Commands<'_>,
        mut answer: Vec<u8>,
    ) {
        let result = loop {
            let Some(parsed) = commands.next() else {
                break FinalResult::Ok;
            };
            let step = match parsed {
                Ok(command) => {
                    let step = self.execute(fx, id, &command, &mut answer);
                    if let Ok(Step::WaitForCard) = step {
                        let kind = Kind::Retry(Box::new(command));
                        return self.wait(fx, id, kind, commands.rest(), answer);
                    }
                    step
                }
                Err(error) => self.unreadable(fx, id, line, error, &mut answer),
            };
            match step {
                Ok(Step::Done) => {}
                Ok(Step::Wait { abortable }) => {
                    let kind = Kind::Command { abortable };
                    return self.wait(fx, id, kind, commands.rest(), answer);
                }
                Ok(Step::WaitForCard) => return,
                Ok(Step::Prompt(entry)) => {
                    if let Some(port) = self.port(id) {
                        port.settings.framing().prompt(&mut answer);
                    }
                    return self.wait(fx, id, Kind::Prompt(entry), commands.rest(), answer);
                }
                Ok(Step::Result(result)) => break result,
                Ok(Step::LineAfterResult(line)) => {
                    self.put_result(id, FinalResult::Ok, &mut answer);
                    self.put_text(id, line, &mut answer);
                    return self.send(fx, id, answer);
                }
                Err(refusal) => break refusal.0,
            }
        };
        self.put_result(id, result, &mut answer);
        self.send(fx, id, answer);
        self.enter_data(fx, id, result);
    }

    fn execute(
        &mut self,
        fx: &mut Effects,
        id: u8,
        command: &Command,
        answer: &mut Vec<u8>,
    ) -> command::Progress {
        let Some(port) = self.ports.get_mut(usize::from(id)) else {
            return Ok(Step::Done);
        };
        let mut exchange =
            Exchange { core: &mut self.core, fx, settings: &mut port.settings, answer, port: id };
        exchange.dispatch(command)
    }

    /// A command that cannot be read as the typed one of its name: text mode has other arguments
    /// than PDU mode.
    #[expect(clippy::wildcard_enum_match_arm, reason = "of another crate, and it grows")]
    fn unreadable(
        &mut self,
        fx: &mut Effects,
        id: u8,
        line: &[u8],
        error: CommandError,
        answer: &mut Vec<u8>,
    ) -> command::Progress {
        let Some(port) = self.ports.get_mut(usize::from(id)) else {
            return Ok(Step::Done);
        };
        let body = line.get(error.position..).unwrap_or_default();
        let mut exchange =
            Exchange { core: &mut self.core, fx, settings: &mut port.settings, answer, port: id };
        if matches!(error.problem, CommandProblem::Argument(_))
            && let Some(progress) = exchange.text_mode_command(body)
        {
            return progress;
        }
        Err(match error.problem {
            CommandProblem::Argument(_) => CmeError::IncorrectParameters.into(),
            CommandProblem::Dial(_) => CmeError::InvalidCharactersInDialString.into(),
            _ => command::Refusal(FinalResult::Error),
        })
    }

    fn wait(&mut self, fx: &mut Effects, id: u8, kind: Kind, rest: &[u8], answer: Vec<u8>) {
        if let Some(port) = self.ports.get_mut(usize::from(id)) {
            port.activity = Some(Box::new(Activity::new(kind, rest, fx.now)));
        }
        self.send(fx, id, answer);
    }

    /// What was typed at the prompt.
    fn entry(&mut self, fx: &mut Effects, id: u8, typed: &[u8]) {
        let Some(port) = self.ports.get_mut(usize::from(id)) else {
            return;
        };
        let Some(activity) = port.activity.as_deref_mut() else {
            return;
        };
        let waiting = Kind::Command { abortable: false };
        let Kind::Prompt(entry) = core::mem::replace(&mut activity.kind, waiting) else {
            return;
        };
        activity.since = fx.now;
        let mut answer = Vec::new();
        let mut exchange = Exchange {
            core: &mut self.core,
            fx,
            settings: &mut port.settings,
            answer: &mut answer,
            port: id,
        };
        let progress = exchange.entered(entry, typed);
        self.progressed(fx, id, progress, answer);
    }

    /// Goes on after a command that had waited ran again or took its entry.
    fn progressed(
        &mut self,
        fx: &mut Effects,
        id: u8,
        progress: command::Progress,
        answer: Vec<u8>,
    ) {
        let result = match progress {
            Ok(Step::Wait { abortable }) => {
                if let Some(activity) = self.activity(id) {
                    activity.kind = Kind::Command { abortable };
                }
                return self.send(fx, id, answer);
            }
            Ok(Step::WaitForCard) => return,
            Ok(Step::Prompt(entry)) => {
                if let Some(activity) = self.activity(id) {
                    activity.kind = Kind::Prompt(entry);
                }
                return self.send(fx, id, answer);
            }
            Ok(Step::Done | Step::LineAfterResult(_)) => FinalResult::Ok,
            Ok(Step::Result(result)) => result,
            Err(refusal) => refusal.0,
        };
        self.complete(fx, id, result, answer);
    }

    /// A command that took time is over.
    pub(crate) fn finish(&mut self, fx: &mut Effects, done: Done) {
        let mut answer = Vec::new();
        for line in done.lines.split(|b| *b == b'\n').filter(|line| !line.is_empty()) {
            self.put_text(done.port, line, &mut answer);
        }
        self.complete(fx, done.port, done.result, answer);
    }

    fn complete(&mut self, fx: &mut Effects, id: u8, result: FinalResult, mut answer: Vec<u8>) {
        let Some(activity) =
            self.ports.get_mut(usize::from(id)).and_then(|port| port.activity.take())
        else {
            return;
        };
        let Activity { rest, typed, held, .. } = *activity;
        if result == FinalResult::Ok && !rest.is_empty() {
            let commands = Commands::resume(&rest);
            self.run(fx, id, &rest, commands, answer);
        } else {
            self.put_result(id, result, &mut answer);
            self.send(fx, id, answer);
            self.enter_data(fx, id, result);
        }
        if let Some(activity) = self.activity(id) {
            activity.typed = typed;
            activity.held = held;
            return;
        }
        self.send(fx, id, held);
        if !typed.is_empty() {
            self.read(fx, id, &typed);
        }
    }

    fn enter_data(&mut self, fx: &Effects, id: u8, result: FinalResult) {
        if !matches!(result, FinalResult::Connect { .. }) {
            return;
        }
        if let Some(port) = self.ports.get_mut(usize::from(id)) {
            let online = Kind::Online(Online::new(fx.now));
            port.activity = Some(Box::new(Activity::new(online, &[], fx.now)));
        }
    }

    /// Leaves data mode, by escape or because the connection ended.
    pub(crate) fn leave_data(&mut self, fx: &mut Effects, id: u8, result: FinalResult) {
        if matches!(self.activity(id), Some(Activity { kind: Kind::Online(_), .. })) {
            self.complete(fx, id, result, Vec::new());
        }
    }

    /// Runs the commands again that waited for the card.
    pub(crate) fn retry_commands(&mut self, fx: &mut Effects) {
        for id in 0..u8::try_from(self.ports.len()).unwrap_or(0) {
            let Some(activity) = self.activity(id) else {
                continue;
            };
            let waiting = Kind::Command { abortable: false };
            match core::mem::replace(&mut activity.kind, waiting) {
                Kind::Retry(command) => {
                    let mut answer = Vec::new();
                    let progress = self.execute(fx, id, &command, &mut answer);
                    if matches!(progress, Ok(Step::WaitForCard)) {
                        if let Some(activity) = self.activity(id) {
                            activity.kind = Kind::Retry(command);
                        }
                        continue;
                    }
                    self.progressed(fx, id, progress, answer);
                }
                kind @ (Kind::Command { .. } | Kind::Prompt(_) | Kind::Online(_)) => {
                    activity.kind = kind;
                }
            }
        }
    }

    pub(crate) fn port_timeouts(&mut self, fx: &mut Effects) {
        for id in 0..u8::try_from(self.ports.len()).unwrap_or(0) {
            if self.port(id).and_then(Port::deadline).is_some_and(|at| at <= fx.now) {
                self.leave_data(fx, id, FinalResult::Ok);
            }
        }
    }

    fn port(&self, id: u8) -> Option<&Port> {
        self.ports.get(usize::from(id))
    }

    fn activity(&mut self, id: u8) -> Option<&mut Activity> {
        self.ports.get_mut(usize::from(id))?.activity.as_deref_mut()
    }

    fn put_result(&self, id: u8, result: FinalResult, answer: &mut Vec<u8>) {
        if let Some(port) = self.port(id)
            && !port.settings.quiet
        {
            Writer::new(&port.settings, self.core.model, answer).result(result);
        }
    }

    fn put_text(&self, id: u8, line: impl AsRef<[u8]>, answer: &mut Vec<u8>) {
        if let Some(port) = self.port(id) {
            Writer::new(&port.settings, self.core.model, answer).text(line);
        }
    }

    pub(crate) fn send(&self, fx: &mut Effects, id: u8, bytes: Vec<u8>) {
        if !bytes.is_empty() && self.port(id).is_some_and(|port| port.open) {
            fx.out.push(BasebandOutput::Port { port: id, bytes });
        }
    }
}

impl Port {
    pub(crate) fn deadline(&self) -> Option<Instant> {
        match &self.activity.as_deref()?.kind {
            Kind::Online(online) => online.deadline(),
            Kind::Command { .. } | Kind::Retry(_) | Kind::Prompt(_) => None,
        }
    }
}
