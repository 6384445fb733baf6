//! Servers of remote SIM provisioning, asked by HTTP.

use polysim_hal::{Http, HttpAddress, HttpError, HttpErrorKind, HttpRequest};
use polysim_rsp::{es2, es9};
use std::fmt;

use super::server::OperatorToken;

/// How a profile assistant names itself (SGP.22, 6.2).
const USER_AGENT: &str = "gsma-rsp-lpad";

/// The way to servers: SM-DP+ and SM-DS, as a profile assistant or an operator asks them.
pub struct Servers {
    http: Box<dyn Http>,
    plain_here: bool,
}

impl Servers {
    /// Asks servers by TLS.
    #[must_use]
    pub fn new(http: Box<dyn Http>) -> Self {
        Self { http, plain_here: false }
    }

    /// Asks those on this machine (127.0.0.1, `[::1]`, localhost) without TLS, for trials.
    #[must_use]
    pub const fn plain_here(mut self) -> Self {
        self.plain_here = true;
        self
    }

    /// Asks a server for a function of ES9+ or ES11.
    ///
    /// # Errors
    /// [`es9::Failure`] where there is no answer, or none that can be read.
    pub async fn es9(
        &self,
        address: &str,
        request: &es9::Request,
    ) -> Result<es9::Answer, es9::Failure> {
        let function = request.function();
        let headers = vec![("User-Agent", USER_AGENT.to_owned())];
        let answer = self.post(address, function.path(), headers, request.body()).await?;
        function.read_answer(answer.0, &answer.1)
    }

    /// Asks an SM-DP+ for a function of ES2+.
    ///
    /// # Errors
    /// [`es9::Failure`] where there is no answer, or none that can be read.
    pub async fn es2(
        &self,
        address: &str,
        token: &OperatorToken,
        request: &es2::Request,
    ) -> Result<es2::Answer, es9::Failure> {
        let function = request.function_name();
        let headers = vec![("Authorization", token.header())];
        let answer = self.post(address, function.path(), headers, request.body()).await?;
        function.read_answer(answer.0, &answer.1)
    }

    async fn post(
        &self,
        address: &str,
        path: &str,
        mut headers: Vec<(&'static str, String)>,
        body: Vec<u8>,
    ) -> Result<(u16, Vec<u8>), es9::Failure> {
        headers.push(("Content-Type", es9::CONTENT_TYPE.to_owned()));
        headers.push(("X-Admin-Protocol", es9::ADMIN_PROTOCOL.to_owned()));
        let address = self.address(address).map_err(|error| failure(&error))?;
        let request = HttpRequest { address, path: path.to_owned(), headers, body };
        let answer = self.http.post(request).await.map_err(|error| failure(&error))?;
        Ok((answer.status, answer.body))
    }

    fn address(&self, address: &str) -> Result<HttpAddress, HttpError> {
        match HttpAddress::plain_here(address) {
            Ok(here) if self.plain_here => Ok(here),
            Ok(_) | Err(_) => HttpAddress::secure(address),
        }
    }
}

impl fmt::Debug for Servers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Servers").field("plain_here", &self.plain_here).finish_non_exhaustive()
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "all other kinds are about what was answered")]
fn failure(error: &HttpError) -> es9::Failure {
    match *error.kind() {
        HttpErrorKind::BadAddress | HttpErrorKind::NotHere | HttpErrorKind::Unreachable => {
            es9::Failure::Unreachable
        }
        HttpErrorKind::Timeout => es9::Failure::Timeout,
        HttpErrorKind::Untrusted(why) => {
            es9::Failure::TlsBadCertificate { reason: why.to_string() }
        }
        kind => es9::Failure::Garbled { reason: kind.to_string() },
    }
}
