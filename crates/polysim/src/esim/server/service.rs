//! ES9+ and ES2+ by HTTP (SGP.22, 6).

use super::{OperatorToken, SmdpEnded, SmdpServer};
use async_trait::async_trait;
use polysim_hal::{HttpAnswer, HttpReceived, HttpService};
use polysim_rsp::{es2, es9};

/// What the header of the protocol begins with, where there is one (SGP.22, 6.2).
const PROTOCOL: &str = "gsma/rsp/v2.";
/// The type of bodies, without what may follow a semicolon.
const JSON: &str = "application/json";

/// Carries requests of HTTP to an SM-DP+.
///
/// Profile assistants are known by what their eUICCs sign. Operators are known by a token, in the
/// header `Authorization: Bearer`; without a token there is no ES2+.
#[derive(Clone, Debug)]
pub struct SmdpService {
    server: SmdpServer,
    operators: Option<OperatorToken>,
}

/// Why a request is refused before the server hears of it.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
enum Refused {
    #[error("there is no such function")]
    NoFunction,
    #[error("Content-Type: {JSON} is expected")]
    ContentType,
    #[error("X-Admin-Protocol: gsma/rsp/v2.x.y is expected")]
    Protocol,
    #[error("Authorization: Bearer with the token of this server is expected")]
    Unauthorised,
    #[error("{0}")]
    Body(String),
    #[error(transparent)]
    Ended(#[from] SmdpEnded),
}

impl SmdpService {
    /// Serves a server; operators show `operators`.
    #[must_use]
    pub const fn new(server: SmdpServer, operators: Option<OperatorToken>) -> Self {
        Self { server, operators }
    }

    async fn serve(&self, request: &HttpReceived) -> Result<HttpAnswer, Refused> {
        if let Some(function) = es9::Function::from_path(&request.path) {
            check(request)?;
            let asked = function.read_request(&request.body).map_err(body)?;
            let (status, body) = self.server.es9(asked).await?.body();
            return Ok(answer(status, body));
        }
        let function = es2::FunctionName::from_path(&request.path).ok_or(Refused::NoFunction)?;
        self.authorise(request)?;
        check(request)?;
        let asked = function.read_request(&request.body).map_err(body)?;
        Ok(answer(200, self.server.es2(asked).await?.body()))
    }

    fn authorise(&self, request: &HttpReceived) -> Result<(), Refused> {
        let header = request.header("authorization").unwrap_or_default();
        match &self.operators {
            Some(token) if token.is_shown_by(header) => Ok(()),
            Some(_) | None => Err(Refused::Unauthorised),
        }
    }
}

fn check(request: &HttpReceived) -> Result<(), Refused> {
    let kind = request.header("content-type").unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim_ascii();
    if !kind.eq_ignore_ascii_case(JSON) {
        return Err(Refused::ContentType);
    }
    match request.header("x-admin-protocol") {
        Some(protocol) if !protocol.starts_with(PROTOCOL) => Err(Refused::Protocol),
        Some(_) | None => Ok(()),
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it stands in map_err")]
fn body(error: es9::BodyError) -> Refused {
    Refused::Body(error.to_string())
}

fn answer(status: u16, body: Vec<u8>) -> HttpAnswer {
    let mut headers = vec![("x-admin-protocol", es9::ADMIN_PROTOCOL.to_owned())];
    if !body.is_empty() {
        headers.push(("content-type", es9::CONTENT_TYPE.to_owned()));
    }
    HttpAnswer { status, headers, body }
}

impl Refused {
    fn answer(&self) -> HttpAnswer {
        let status = match self {
            Self::NoFunction => 404,
            Self::ContentType => 415,
            Self::Protocol | Self::Body(_) => 400,
            Self::Unauthorised => 401,
            Self::Ended(_) => 503,
        };
        let mut headers = vec![("content-type", "text/plain;charset=UTF-8".to_owned())];
        if *self == Self::Unauthorised {
            headers.push(("www-authenticate", "Bearer".to_owned()));
        }
        HttpAnswer { status, headers, body: self.to_string().into_bytes() }
    }
}

#[async_trait]
impl HttpService for SmdpService {
    async fn answer(&self, request: HttpReceived) -> HttpAnswer {
        self.serve(&request).await.unwrap_or_else(|refused| refused.answer())
    }
}
