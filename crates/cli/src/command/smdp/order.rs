//! `polysim smdp order`

use super::args::OrderArgs;
use super::profiles::TRIAL;
use super::state::{StateFolder, read_token};
use crate::command::hardware::Report;
use crate::command::roots;
use crate::exit::Exit;
use crate::files::read_text;
use anyhow::{Context as _, Result, anyhow, bail};
use polysim::esim::Servers;
use polysim::esim::server::OperatorToken;
use polysim_base::{Hex, Iccid};
use polysim_hal_http::{HttpClient, HttpOptions, Roots, system_randomness};
use polysim_rsp::activation::ActivationCode;
use polysim_rsp::es2::{
    Answer, Call, ConfirmOrder, ConfirmationCode, DownloadOrder, Function, Matching, MatchingId,
    Request,
};
use polysim_rsp::es9::{Refusal, Status};
use serde_json::json;
use std::io::Read as _;
use std::path::Path;
use zeroize::Zeroizing;

const CODE_LEN_MAX: usize = 1_024;

pub(super) async fn run(args: &OrderArgs) -> Result<Report> {
    let server = Server::new(args)?;
    let code = args.confirmation_code_file.as_deref().map(confirmation_code).transpose()?;
    let needs_code = code.is_some();
    let order = DownloadOrder {
        eid: args.eid,
        iccid: args.iccid,
        profile_type: match (&args.profile_type, args.iccid) {
            (Some(name), _) => Some(name.clone()),
            (None, Some(_)) => None,
            (None, None) => Some(TRIAL.to_owned()),
        },
    };
    let answer = server.ask(args, Function::DownloadOrder(order)).await?;
    let Answer::DownloadOrder { iccid } = answer else { return Err(refused(answer)) };
    let matching_id = match (&args.matching_id, args.by_eid) {
        (_, true) => Some(Matching::ByEid),
        (Some(text), false) => {
            Some(Matching::Is(MatchingId::parse(text).context("--matching-id")?))
        }
        (None, false) => None,
    };
    let confirm = ConfirmOrder {
        iccid,
        eid: args.eid,
        matching_id,
        confirmation_code: code,
        smds_address: None,
        release: true,
    };
    let answer = server.ask(args, Function::ConfirmOrder(Box::new(confirm))).await?;
    let Answer::ConfirmOrder(confirmed) = answer else { return Err(refused(answer)) };
    let address =
        if confirmed.smdp_address.is_empty() { &server.address } else { &confirmed.smdp_address };
    report(args, iccid, address, confirmed.matching_id.as_ref(), needs_code)
}

fn report(
    args: &OrderArgs,
    iccid: Iccid,
    address: &str,
    matching_id: Option<&MatchingId>,
    needs_code: bool,
) -> Result<Report> {
    let mut json = json!({
        "iccid": iccid.to_string(), "smdp": address, "eid": args.eid.map(|eid| eid.to_string()),
        "confirmation_code": needs_code,
    });
    let token = matching_id.map(MatchingId::as_str).unwrap_or_default();
    let mut code = ActivationCode::new(address, token)?;
    if needs_code {
        code = code.with_confirmation_code();
    }
    let text = code.to_string();
    if let Some(object) = json.as_object_mut() {
        object.insert("activation_code".into(), text.as_str().into());
    }
    Ok(Report { text: format!("{text}\n"), json, exit: Exit::Held })
}

fn refused(answer: Answer) -> anyhow::Error {
    match answer {
        Answer::Refused(status) => anyhow!("the SM-DP+ refused: {}", words(&status)),
        Answer::DownloadOrder { .. }
        | Answer::ConfirmOrder(_)
        | Answer::CancelOrder
        | Answer::ReleaseProfile => anyhow!("the SM-DP+ answered another question"),
    }
}

fn words(status: &Status) -> String {
    let refusal = Refusal::from_status(status).filter(|_| status.message.is_none());
    refusal.map_or_else(|| status.to_string(), |refusal| refusal.to_string())
}

fn confirmation_code(path: &Path) -> Result<ConfirmationCode> {
    let text = if path == Path::new("-") {
        let mut text = String::new();
        std::io::stdin().lock().take(CODE_LEN_MAX as u64).read_to_string(&mut text)?;
        text
    } else {
        read_text(path, CODE_LEN_MAX)?
    };
    let text = Zeroizing::new(text);
    ConfirmationCode::parse(text.trim_ascii()).context("the confirmation code")
}

/// The server that is asked.
struct Server {
    servers: Servers,
    address: String,
    token: OperatorToken,
}

impl Server {
    fn new(args: &OrderArgs) -> Result<Self> {
        let (address, token_file, roots, plain) = match (&args.state, &args.server) {
            (Some(state), _) => {
                let contact = StateFolder::open(state).contact()?;
                let mut roots = Roots::new();
                roots.add(contact.root.as_bytes())?;
                (contact.address, contact.token_file, roots, contact.http)
            }
            (None, Some(server)) => {
                let file = args.token_file.clone().context("--token-file is missing")?;
                let roots = roots::read(args.roots.as_deref())?;
                if roots.is_empty() && !args.insecure_http {
                    bail!(
                        "whom to trust? Give --roots DIR with the root of the server's certificate"
                    );
                }
                (server.clone(), file, roots, args.insecure_http)
            }
            (None, None) => bail!("which SM-DP+? Give --state DIR or --server HOST"),
        };
        let client = HttpClient::new(&roots, HttpOptions::default())?;
        let servers = Servers::new(Box::new(client));
        let servers = if plain { servers.plain_here() } else { servers };
        Ok(Self { servers, address, token: read_token(&token_file)? })
    }

    async fn ask(&self, args: &OrderArgs, function: Function) -> Result<Answer> {
        let id = Hex(&system_randomness().bytes::<16>()).to_string();
        let call = Call { requester: args.operator.clone(), id };
        let request = Request { call, function };
        let answer = self.servers.es2(&self.address, &self.token, &request).await;
        answer.with_context(|| format!("the SM-DP+ {}", self.address))
    }
}
