//! Requests to servers.

use crate::{HttpError, HttpErrorKind};
use async_trait::async_trait;
use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;

/// Most octets of a body, of a request or of an answer: a bound profile package in base64 stays
/// below it.
pub const HTTP_BODY_MAX: usize = 2 << 20;

/// Longest host name (RFC 1035, 2.3.4).
const HOST_LEN_MAX: usize = 253;

/// A server, and how it is spoken to: by TLS, or in plain on this machine alone.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct HttpAddress {
    secure: bool,
    host: String,
    port: Option<u16>,
}

impl HttpAddress {
    /// Returns the address of a server that is spoken to by TLS: `host`, `host:port`, or an IP
    /// address in the place of the host.
    ///
    /// # Errors
    /// [`BadAddress`](HttpErrorKind::BadAddress).
    pub fn secure(address: &str) -> Result<Self, HttpError> {
        let (host, port) = split(address).ok_or_else(|| bad(address))?;
        Ok(Self { secure: true, host, port })
    }

    /// Returns the address of a server on this machine that is spoken to without TLS: `127.0.0.1`,
    /// `[::1]` or `localhost`, with a port or without.
    ///
    /// # Errors
    /// [`BadAddress`](HttpErrorKind::BadAddress);
    /// [`NotHere`](HttpErrorKind::NotHere) for any other machine.
    pub fn plain_here(address: &str) -> Result<Self, HttpError> {
        let (mut host, port) = split(address).ok_or_else(|| bad(address))?;
        if host.eq_ignore_ascii_case("localhost") {
            // Whatever a resolver makes of the name, this is here.
            "127.0.0.1".clone_into(&mut host);
        }
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        if !bare.parse().is_ok_and(|ip: IpAddr| ip.is_loopback()) {
            return Err(HttpError::new(HttpErrorKind::NotHere, address));
        }
        Ok(Self { secure: false, host, port })
    }

    /// Returns whether TLS is spoken.
    #[must_use]
    pub const fn is_secure(&self) -> bool {
        self.secure
    }

    /// Returns the host without the port: a name or an IP address, one of version 6 in brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }
}

impl fmt::Display for HttpAddress {
    /// Writes the beginning of a URL, up to the path.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", if self.secure { "https" } else { "http" }, self.host)?;
        self.port.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

fn bad(address: &str) -> HttpError {
    let shown: String = address.chars().filter(|c| !c.is_control()).take(HOST_LEN_MAX).collect();
    HttpError::new(HttpErrorKind::BadAddress, format!("{shown:?}"))
}

/// Parts host and port; `None` where what is left could be anything but a host.
fn split(address: &str) -> Option<(String, Option<u16>)> {
    let (host, port) = match address.strip_prefix('[') {
        Some(rest) => {
            let (inner, after) = rest.split_once(']')?;
            inner.parse::<Ipv6Addr>().ok()?;
            let port = if after.is_empty() { None } else { Some(after.strip_prefix(':')?) };
            (format!("[{inner}]"), port)
        }
        None => match address.split_once(':') {
            Some((host, port)) => (name(host)?, Some(port)),
            None => (name(address)?, None),
        },
    };
    let port = match port {
        Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
            Some(digits.parse().ok().filter(|port| *port != 0)?)
        }
        Some(_) => return None,
        None => None,
    };
    Some((host, port))
}

fn name(host: &str) -> Option<String> {
    let fits = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let labels = host.strip_suffix('.').unwrap_or(host);
    (host.len() <= HOST_LEN_MAX && labels.split('.').all(fits)).then(|| host.to_owned())
}

/// What is posted.
#[derive(Clone, Eq, PartialEq)]
pub struct HttpRequest {
    /// To whom.
    pub address: HttpAddress,
    /// What of it: begins with a slash.
    pub path: String,
    /// Names and values beside those that any request has.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl HttpRequest {
    /// Checks what holds for every request, before anything is sent.
    ///
    /// # Errors
    /// [`TooLong`](HttpErrorKind::TooLong) for the body, [`BadRequest`](HttpErrorKind::BadRequest)
    /// for what a path or the value of a header cannot hold.
    pub fn check(&self) -> Result<(), HttpErrorKind> {
        let in_path = |byte: u8| byte.is_ascii_graphic() && byte != b'?' && byte != b'#';
        let in_value = |byte: u8| byte.is_ascii_graphic() || byte == b' ';
        if self.body.len() > HTTP_BODY_MAX {
            Err(HttpErrorKind::TooLong { limit: HTTP_BODY_MAX })
        } else if !self.path.starts_with('/')
            || !self.path.bytes().all(in_path)
            || !self.headers.iter().all(|(_, value)| value.bytes().all(in_value))
        {
            Err(HttpErrorKind::BadRequest)
        } else {
            Ok(())
        }
    }
}

impl fmt::Debug for HttpRequest {
    /// Leaves out what may hold secrets: the values of headers, and the body.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.headers.iter().map(|(name, _)| name).collect();
        write!(f, "POST {}{} {names:?}, {} octets", self.address, self.path, self.body.len())
    }
}

/// What a server answered.
#[derive(Clone, Eq, PartialEq)]
pub struct HttpResponse {
    /// The status code.
    pub status: u16,
    /// The body.
    pub body: Vec<u8>,
}

impl fmt::Debug for HttpResponse {
    /// Leaves the body out, which may hold secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "status {}, {} octets", self.status, self.body.len())
    }
}

/// A client of servers.
///
/// # Contract
/// - What is answered is what the server said, whatever the status; nobody is followed elsewhere.
/// - A request is sent once. Where an error is told, the server may have served it all the same.
/// - Nothing waits for ever: each backend has a patience, and reaching it is
///   [`Timeout`](HttpErrorKind::Timeout).
/// - Bodies of more than [`HTTP_BODY_MAX`] octets are neither sent nor taken.
/// - Dropping the future gives the request up; the client can be used on.
#[cfg_attr(any(test, feature = "testkit"), mockall::automock)]
#[async_trait]
pub trait Http: Send + Sync {
    /// Posts a request and returns the answer.
    ///
    /// # Errors
    /// [`Unreachable`](HttpErrorKind::Unreachable), [`Timeout`](HttpErrorKind::Timeout),
    /// [`Untrusted`](HttpErrorKind::Untrusted), [`TooLong`](HttpErrorKind::TooLong),
    /// [`Garbled`](HttpErrorKind::Garbled) and others.
    async fn post(&self, request: HttpRequest) -> Result<HttpResponse, HttpError>;
}

#[async_trait]
impl<H: Http + ?Sized> Http for Box<H> {
    async fn post(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        (**self).post(request).await
    }
}

#[async_trait]
impl<H: Http + ?Sized> Http for Arc<H> {
    async fn post(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        (**self).post(request).await
    }
}

/// What reached a server.
#[derive(Clone, Eq, PartialEq)]
pub struct HttpReceived {
    /// What of the server is asked, without what may follow a question mark.
    pub path: String,
    /// Names, in small letters, and values. A header whose value is not ASCII is left out.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl HttpReceived {
    /// Returns the value of a header, by its name in small letters; the first, where there are
    /// several.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }
}

impl fmt::Debug for HttpReceived {
    /// Leaves out what may hold secrets: the values of headers, and the body.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "POST {}, {} octets", self.path, self.body.len())
    }
}

/// What a server says.
#[derive(Clone, Eq, PartialEq)]
pub struct HttpAnswer {
    /// The status code.
    pub status: u16,
    /// Names and values beside those that any answer has.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl fmt::Debug for HttpAnswer {
    /// Leaves the body out, which may hold secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "status {}, {} octets", self.status, self.body.len())
    }
}

/// What a server does. Whoever carries requests to it has checked nothing but their form, and that
/// no body is longer than [`HTTP_BODY_MAX`].
#[async_trait]
pub trait HttpService: Send + Sync {
    /// Answers a request. Dropping the future is what a client does that gives up.
    async fn answer(&self, request: HttpReceived) -> HttpAnswer;
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn kind(result: Result<HttpAddress, HttpError>) -> HttpErrorKind {
        *result.unwrap_err().kind()
    }

    #[test]
    fn an_address_is_a_host_with_a_port_or_without() {
        for (address, url) in [
            ("smdp.example.com", "https://smdp.example.com"),
            ("smdp.example.com.", "https://smdp.example.com."),
            ("smdp.example.com:8443", "https://smdp.example.com:8443"),
            ("192.0.2.7:1", "https://192.0.2.7:1"),
            ("[2001:db8::1]:8443", "https://[2001:db8::1]:8443"),
            ("[2001:db8::1]", "https://[2001:db8::1]"),
        ] {
            assert_eq!(HttpAddress::secure(address).unwrap().to_string(), url);
        }
    }

    #[test]
    fn what_could_lead_elsewhere_is_no_address() {
        for address in [
            "",
            ".",
            "a..b",
            "a b",
            "a/b",
            "a@b",
            "a?b",
            "a#b",
            "https://a",
            "a:",
            "a:0",
            "a:+1",
            "a:65536",
            "a:1:2",
            "-a",
            "a-",
            "[::1",
            "[::1]x",
            "[a]",
            "::1",
            "a\r\nb",
            "ä.example",
        ] {
            assert_eq!(
                kind(HttpAddress::secure(address)),
                HttpErrorKind::BadAddress,
                "{address:?}"
            );
        }
        assert_eq!(kind(HttpAddress::secure(&"a".repeat(64))), HttpErrorKind::BadAddress);
        let long = vec!["a"; 127].join(".") + "a";
        assert_eq!(kind(HttpAddress::secure(&long)), HttpErrorKind::BadAddress);
    }

    #[test]
    fn plain_http_is_for_this_machine_alone() {
        for (address, url) in [
            ("127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("LocalHost:8080", "http://127.0.0.1:8080"),
            ("[::1]", "http://[::1]"),
        ] {
            assert_eq!(HttpAddress::plain_here(address).unwrap().to_string(), url);
        }
        for address in
            ["192.0.2.7", "example.com", "localhost.example.com", "[2001:db8::1]", "0.0.0.0"]
        {
            assert_eq!(kind(HttpAddress::plain_here(address)), HttpErrorKind::NotHere, "{address}");
        }
    }

    #[test]
    fn neither_bodies_nor_tokens_are_shown() {
        let request = HttpRequest {
            address: HttpAddress::secure("a").unwrap(),
            path: "/b".to_owned(),
            headers: vec![("Authorization", "Bearer secret".to_owned())],
            body: b"secret".to_vec(),
        };
        assert_eq!(format!("{request:?}"), r#"POST https://a/b ["Authorization"], 6 octets"#);
        let response = HttpResponse { status: 200, body: b"secret".to_vec() };
        assert_eq!(format!("{response:?}"), "status 200, 6 octets");
    }

    proptest! {
        #[test]
        fn no_text_is_taken_for_more_than_host_and_port(text in ".{0,40}") {
            if let Ok(address) = HttpAddress::secure(&text) {
                prop_assert_eq!(address.to_string(), format!("https://{text}"));
                prop_assert!(!text.contains(['/', '@', '?', '#', ' ', '\\']));
            }
        }
    }
}
