//! What a server's status means for a person (SGP.22, 5.2.6 and the tables of 5.6).

use polysim_rsp::es9::Status;

/// Says why a server refuses, and what to do next.
#[must_use]
pub fn explain(status: &Status) -> &'static str {
    match (status.subject.as_ref(), status.reason.as_ref()) {
        ("8.8.1", "3.8") => "the server's address is another one: check the activation code",
        ("8.8.2", "3.1") => "the server's certificate issuer is none that this eUICC knows",
        ("8.8.3", "3.1") => "the server does not serve this version of the eUICC",
        ("8.8.4", "3.7") => "the server has no certificate that this eUICC would accept",
        ("8.8.5" | "8.9.5", "4.10") => {
            "the time for this download is over: ask the operator for a new activation code"
        }
        ("8.8.5", "6.4") => "this download failed too often: ask the operator for a new order",
        ("8.8.5", "4.3") => "the download order is not confirmed yet: ask the operator",
        ("8.1.1", "3.8") => "the profile is meant for another eUICC: check the EID",
        ("8.1.2", "6.1") => "the certificate of the eUICC's maker is not valid",
        ("8.1.2", "6.3") => "the certificate of the eUICC's maker has expired",
        ("8.1.3", "6.1") => "the eUICC's certificate is not valid",
        ("8.1.3", "6.3") => "the eUICC's certificate has expired",
        ("8.1", "6.1") => "the eUICC's signature is not valid",
        ("8.1", "4.8") => "the eUICC has not enough memory: delete a profile and try again",
        ("8.11.1", "3.9") => "the server does not know the issuer of the eUICC's certificates",
        ("8.2", "1.2") => "the profile is not released yet: try again later, or ask the operator",
        ("8.2.5", "4.3") => "the operator has no profile that fits this eUICC",
        ("8.2.6", "3.8") => "the server does not know this activation code, or it has been used",
        ("8.2.7", "2.2") => "a confirmation code is needed",
        ("8.2.7", "3.8") => "the confirmation code is wrong",
        ("8.2.7", "6.4") => "too many wrong confirmation codes: ask the operator for a new code",
        ("8.9.1", "3.8") => "the discovery server's address is another one",
        ("8.9.2", "3.1") => "the discovery server's certificate issuer is none this eUICC knows",
        ("8.9.3", "3.1") => "the discovery server does not serve this version of the eUICC",
        ("8.9.4", "3.7") => "the discovery server has no certificate that this eUICC would accept",
        ("8.9.5", "3.9") => "the discovery server does not know this event",
        ("8.10.1", "3.9") => "the server does not know this session any more: try again",
        ("8.10.1" | "8.8", _) => "the server cannot go on with this session: try again",
        (_, "1.1") => "the server does not know who asks",
        (_, "1.2") => "the server does not allow this",
        (_, "2.1" | "2.2" | "2.3") => "the server misses something in what it was asked",
        (_, "4.2" | "5.1") => "the server has a problem of its own: try again later",
        _ => "the server gives a reason that the standard does not name",
    }
}
