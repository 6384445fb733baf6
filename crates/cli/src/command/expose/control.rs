//! The control socket: verbs and questions while the world runs, one JSON object a line.

use super::{TellArgs, leftover, timeline};
use crate::exit::Exit;
use anyhow::{Context as _, Result, anyhow, bail, ensure};
use polysim_base::Hex;
use polysim_card::Card;
use polysim_hal_sim::{LiveWorld, Slot};
use polysim_scenario::{Mistake, Mistakes, Plan};
use polysim_world::{Action, Event, Value};
use serde_json::{Map, Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader as StdBufReader, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::io::{AsyncBufRead, AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::mpsc;

/// The longest line that is taken, in octets.
const LINE_LEN_MAX: usize = 65_536;
/// How long to wait where no connection could be taken.
const AGAIN: std::time::Duration = std::time::Duration::from_millis(100);

/// Answers what is said on the control socket.
pub(super) struct Desk {
    world: LiveWorld,
    plan: Arc<Plan>,
    /// Phones whose modems are driven from outside.
    modems: BTreeSet<usize>,
    slots: BTreeMap<usize, Slot>,
    /// Cards that were pulled, by phone.
    pulled: Mutex<BTreeMap<usize, Card>>,
    stop: mpsc::Sender<()>,
}

/// The control socket; its file is removed when this is dropped.
pub(super) struct Listener {
    socket: UnixListener,
    path: PathBuf,
}

/// Listens on a socket that only its owner may use.
pub(super) fn listen(path: &Path) -> Result<Listener> {
    use std::os::unix::fs::PermissionsExt as _;
    let name = path.display();
    let taken = std::os::unix::net::UnixStream::connect(path).is_ok();
    ensure!(!taken, "another program listens on {name}: name another path for --control");
    leftover::clear(path)?;
    let there = std::fs::symlink_metadata(path).is_ok();
    ensure!(!there, "{name} is there already: name another path for --control");
    let failed = || format!("cannot listen on {name}");
    let socket = UnixListener::bind(path).with_context(failed)?;
    let listener = Listener { socket, path: path.to_owned() };
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).with_context(failed)?;
    Ok(listener)
}

impl Listener {
    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        // Somebody may have removed it already.
        std::fs::remove_file(&self.path).unwrap_or_default();
    }
}

/// Takes connections for ever.
pub(super) async fn serve(listener: Listener, desk: Arc<Desk>) {
    loop {
        let Ok((stream, _)) = listener.socket.accept().await else {
            // Too many files are open: it is tried again.
            tokio::time::sleep(AGAIN).await;
            continue;
        };
        let desk = desk.clone();
        tokio::spawn(async move { converse(stream, &desk).await.unwrap_or_default() });
    }
}

async fn converse(mut stream: UnixStream, desk: &Desk) -> std::io::Result<()> {
    let (reader, mut writer) = stream.split();
    let mut reader = BufReader::new(reader);
    let mut line = Vec::new();
    loop {
        if !read_line(&mut reader, &mut line).await? {
            return Ok(());
        }
        if line.trim_ascii().is_empty() {
            continue;
        }
        let answer = match desk.answer(&line) {
            Ok(Answer::Once(answer)) => answer,
            Ok(Answer::Events) => break,
            Err(error) => refusal(&error),
        };
        writer.write_all(format!("{answer}\n").as_bytes()).await?;
    }
    let mut events = desk.world.events();
    writer.write_all(format!("{}\n", json!({ "ok": true })).as_bytes()).await?;
    loop {
        let told = tokio::select! {
            told = events.recv() => told,
            // A program that has gone is not kept until something happens in the world.
            there = read_line(&mut reader, &mut line) => {
                if there? { continue } else { return Ok(()) }
            }
        };
        let line = match told {
            Ok(told) => event(&told),
            Err(tokio::sync::broadcast::error::RecvError::Lagged(lost)) => json!({ "lost": lost }),
            Err(tokio::sync::broadcast::error::RecvError::Closed) => return Ok(()),
        };
        writer.write_all(format!("{line}\n").as_bytes()).await?;
    }
}

/// Reads the next line; returns whether there is one. Of a line that is too long only the beginning
/// is kept, which is too long as well.
async fn read_line(
    reader: &mut (impl AsyncBufRead + Unpin),
    line: &mut Vec<u8>,
) -> std::io::Result<bool> {
    line.clear();
    loop {
        let buffer = reader.fill_buf().await?;
        if buffer.is_empty() {
            return Ok(!line.is_empty());
        }
        let end = buffer.iter().position(|octet| *octet == b'\n');
        let piece = buffer.get(..end.unwrap_or(buffer.len())).unwrap_or_default();
        let room = (LINE_LEN_MAX + 1).saturating_sub(line.len());
        line.extend_from_slice(piece.get(..room).unwrap_or(piece));
        let used = piece.len() + usize::from(end.is_some());
        reader.consume(used);
        if end.is_some() {
            return Ok(true);
        }
    }
}

enum Answer {
    Once(Json),
    Events,
}

impl Desk {
    pub(super) fn new(
        world: LiveWorld,
        plan: Arc<Plan>,
        modems: BTreeSet<usize>,
        slots: BTreeMap<usize, Slot>,
        stop: mpsc::Sender<()>,
    ) -> Self {
        Self { world, plan, modems, slots, pulled: Mutex::default(), stop }
    }

    fn answer(&self, line: &[u8]) -> Result<Answer> {
        ensure!(line.len() <= LINE_LEN_MAX, "a line has at most {LINE_LEN_MAX} octets");
        let request: Map<String, Json> =
            serde_json::from_slice(line).context("expected one JSON object a line")?;
        let mut keys = request.iter();
        let (Some((verb, argument)), None) = (keys.next(), keys.next()) else {
            bail!("expected an object with one key: a verb or a question");
        };
        let ok = json!({ "ok": true });
        Ok(Answer::Once(match verb.as_str() {
            "events" => return Ok(Answer::Events),
            "state" => self.state(self.phone(argument)?),
            "challenge" => self.challenge(self.phone(argument)?)?,
            "pull" => self.pull(self.phone(argument)?).map(|()| ok)?,
            "insert" => self.insert(self.phone(argument)?).map(|()| ok)?,
            "stop" => {
                // If it is full, the world ends already.
                self.stop.try_send(()).unwrap_or_default();
                ok
            }
            _ => {
                let actions = self.plan.verbs(&format!("[{}]", inline(&Json::Object(request))?))?;
                for (_, action) in &actions {
                    self.check(action)?;
                }
                tokio::spawn(timeline::later(self.world.clone(), actions));
                ok
            }
        }))
    }

    /// The user of an exposed phone is whoever drives its modem.
    fn check(&self, action: &Action) -> Result<()> {
        match action.user() {
            Some(phone) if self.modems.contains(&phone) => {
                let name = self.plan.world.phones.get(phone).map_or("?", |phone| &phone.name);
                bail!("the modem of {name} is exposed: its program has to do that")
            }
            Some(_) | None => Ok(()),
        }
    }

    fn phone(&self, name: &Json) -> Result<usize> {
        let name = name.as_str().context("expected the name of a phone")?;
        let found = self.plan.phones(name)?;
        let [phone] = *found.as_slice() else { bail!("expected one phone, not {}", found.len()) };
        Ok(phone)
    }

    fn state(&self, phone: usize) -> Json {
        let state = self.world.within(|simulation| simulation.phone_state(phone));
        state.into_iter().map(|(name, value)| (name.to_owned(), of_value(&value))).collect()
    }

    fn challenge(&self, phone: usize) -> Result<Json> {
        let config = self.plan.world.phones.get(phone).context("the phone is gone")?;
        let (operator, imsi) = (config.operator, config.imsi);
        let vector = self.world.within(|simulation| simulation.challenge(operator, &imsi));
        let vector = vector.context("the operator does not know this subscription")?;
        let hex = |bytes: &[u8]| Hex(bytes).to_string();
        Ok(json!({
            "rand": hex(vector.rand.as_bytes()), "autn": hex(vector.autn.as_bytes()),
            "res": hex(vector.xres.as_bytes()), "ck": hex(vector.ck.as_bytes()),
            "ik": hex(vector.ik.as_bytes()),
        }))
    }

    fn slot(&self, phone: usize) -> Result<&Slot> {
        self.slots.get(&phone).context("the card of this phone is not exposed; see --card")
    }

    fn pull(&self, phone: usize) -> Result<()> {
        let card = self.slot(phone)?.pull().context("there is no card in its reader")?;
        self.pulled.lock().unwrap_or_else(PoisonError::into_inner).insert(phone, card);
        Ok(())
    }

    fn insert(&self, phone: usize) -> Result<()> {
        let slot = self.slot(phone)?;
        let card = self.pulled.lock().unwrap_or_else(PoisonError::into_inner).remove(&phone);
        slot.insert(card.context("the card is in its reader already")?);
        Ok(())
    }
}

/// Returns an event as an object: time, name, fields.
pub(super) fn event(event: &Event) -> Json {
    let fields = event.fields.iter().map(|(name, value)| ((*name).to_owned(), of_value(value)));
    json!({
        "at_us": event.at.as_micros(), "event": event.name,
        "fields": fields.collect::<Map<_, _>>(),
    })
}

fn of_value(value: &Value) -> Json {
    match value {
        Value::Flag(flag) => (*flag).into(),
        Value::Number(number) => (*number).into(),
        Value::Text(text) => text.as_str().into(),
    }
}

/// Returns what was refused and why, in the words that a mistake in a file has; `mistake` tells a
/// request that can never be right from one that cannot be done now.
fn refusal(error: &anyhow::Error) -> Json {
    let Some(Mistakes(mistakes)) = error.downcast_ref::<Mistakes>() else {
        return json!({ "error": format!("{error:#}") });
    };
    let messages: Vec<_> = mistakes.iter().map(|mistake| mistake.message.as_str()).collect();
    let help = mistakes.iter().find_map(|Mistake { help, .. }| help.as_deref());
    let mut refusal = json!({ "error": messages.join("; "), "mistake": true });
    if let (Some(help), Some(fields)) = (help, refusal.as_object_mut()) {
        fields.insert("help".into(), help.into());
    }
    refusal
}

/// Returns JSON as an inline value of TOML, which files of scenarios are made of.
fn inline(json: &Json) -> Result<String> {
    Ok(match json {
        Json::Null => bail!("null means nothing here; leave the key out"),
        Json::Bool(flag) => flag.to_string(),
        Json::Number(number) => number.to_string(),
        Json::String(text) => quoted(text),
        Json::Array(items) => {
            let items = items.iter().map(inline).collect::<Result<Vec<_>>>()?;
            format!("[{}]", items.join(", "))
        }
        Json::Object(fields) => {
            let field = |(name, value): (&String, &Json)| -> Result<String> {
                Ok(format!("{} = {}", quoted(name), inline(value)?))
            };
            let fields = fields.iter().map(field).collect::<Result<Vec<_>>>()?;
            format!("{{ {} }}", fields.join(", "))
        }
    })
}

/// Returns a text as a basic string of TOML: the one of JSON, but that DEL is escaped, too.
fn quoted(text: &str) -> String {
    Json::from(text).to_string().replace('\u{7f}', "\\u007f")
}

/// `polysim tell`: says something on a control socket and prints the answers.
pub(crate) fn tell(args: &TellArgs) -> Result<Exit> {
    let failed = || format!("nobody listens on {}", args.socket.display());
    let mut stream = std::os::unix::net::UnixStream::connect(&args.socket).with_context(failed)?;
    let mut answers = StdBufReader::new(stream.try_clone()?);
    let mut out = std::io::stdout().lock();
    let mut exit = Exit::Held;
    for request in &args.requests {
        let request: Json = serde_json::from_str(request)
            .with_context(|| format!("expected a JSON object, not {request:?}"))?;
        writeln!(stream, "{request}")?;
        let follows = request.get("events").is_some();
        loop {
            let mut answer = String::new();
            if answers.read_line(&mut answer)? == 0 {
                return if follows { Ok(exit) } else { Err(anyhow!("the world has ended")) };
            }
            out.write_all(answer.as_bytes())?;
            out.flush()?;
            let answer: Json = serde_json::from_str(&answer)?;
            exit = match (answer.get("error"), answer.get("mistake")) {
                (None, _) => exit,
                (Some(_), None) => Exit::Failed,
                (Some(_), Some(_)) => Exit::BadInput,
            };
            if !follows {
                break;
            }
        }
    }
    Ok(exit)
}

#[cfg(test)]
mod tests {
    use super::{Json, inline};

    #[test]
    fn every_text_and_name_comes_through_as_it_is() {
        let controls: String = ('\0'..='\u{a0}').collect();
        let quotes = ["'''", "\"\"\"", "\\", "x\"}, {y=\"1"];
        let texts = ["", "a\r\nb\n", "\n", "\u{2028}日本😀", controls.as_str()];
        for text in quotes.into_iter().chain(texts) {
            let value = format!("a = {}", inline(&Json::from(text)).unwrap());
            let table: toml::Table = toml::from_str(&value).unwrap();
            assert_eq!(table["a"].as_str(), Some(text));
            let named = Json::Object([(text.to_owned(), Json::from(1))].into_iter().collect());
            let table: toml::Table =
                toml::from_str(&format!("a = {}", inline(&named).unwrap())).unwrap();
            assert_eq!(table["a"][text].as_integer(), Some(1));
        }
    }
}
