"""A profile assistant's first request, by the standard library of Python and the description alone.

Arguments: address of the SM-DP+ (HOST:PORT), the root certificate that is trusted (PEM). Prints the
checks that held, one a line; ends with an error at the first that did not.
"""

import base64
import json
import os
import ssl
import sys
import urllib.error
import urllib.request

address, root = sys.argv[1:]
context = ssl.create_default_context(cafile=root)
FUNCTIONS = f"https://{address}/gsma/rsp2/es9plus/"


def values(octets):
    """The objects of a DER value: tag, value, and the object as a whole."""
    found = []
    while octets:
        at = 1
        if octets[0] & 0x1F == 0x1F:
            at = 2
        length, head = octets[at], at + 1
        if length & 0x80:
            head += length & 0x7F
            length = int.from_bytes(octets[at + 1 : head], "big")
        found.append((octets[:at], octets[head : head + length], octets[: head + length]))
        octets = octets[head + length :]
    return found


def tlv(tag, value):
    assert len(value) < 0x80
    return bytes.fromhex(tag) + bytes([len(value)]) + value


def key_identifier(pem):
    """The subject key identifier of a root (RFC 5280, 4.2.1.2)."""
    signed = values(values(values(ssl.PEM_cert_to_DER_cert(pem))[0][1])[0][1])
    extensions = values(values(signed[-1][1])[0][1])
    wanted = bytes.fromhex("0603551D0E")
    found = next(one for _, one, _ in extensions if one.startswith(wanted))
    return values(values(found)[-1][1])[0][1]


def post(function, body, kind="application/json"):
    headers = {
        "Content-Type": kind,
        "X-Admin-Protocol": "gsma/rsp/v2.2.2",
        "User-Agent": "gsma-rsp-lpad",
    }
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    request = urllib.request.Request(FUNCTIONS + function, data, headers)
    try:
        answer = urllib.request.urlopen(request, context=context, timeout=20)
    except urllib.error.HTTPError as error:
        answer = error
    return answer.status, answer.headers, answer.read()


def held(what, condition, seen=None):
    if not condition:
        sys.exit(f"{what}: it did not hold; {seen!r}")
    print(what)


with open(root) as file:
    ci = key_identifier(file.read())
listed = tlv("04", ci)
info = tlv("BF20", tlv("82", b"\x02\x05\x00") + tlv("A9", listed) + tlv("AA", listed))
challenge = os.urandom(16)
ask = {
    "smdpAddress": address,
    "euiccChallenge": base64.b64encode(challenge).decode(),
    "euiccInfo1": base64.b64encode(info).decode(),
}

status, headers, body = post("initiateAuthentication", ask)
held("initiateAuthentication is answered 200", status == 200, (status, body))
held("the answer is JSON", headers["Content-Type"].split(";")[0] == "application/json")
held("the protocol is named", headers["X-Admin-Protocol"].startswith("gsma/rsp/v2."))
answer = json.loads(body)
executed = answer["header"]["functionExecutionStatus"]["status"]
held("it was executed", executed == "Executed-Success", answer)
signed = values(base64.b64decode(answer["serverSigned1"]))[0][1]
fields = {tag.hex(): value for tag, value, _ in values(signed)}
held("the transaction is the one signed", fields["80"].hex().upper() == answer["transactionId"].upper())
held("the challenge is the one signed", fields["81"] == challenge)
held("the address is the one signed", fields["83"].decode() == address)
held("the server has a challenge of its own", len(fields["84"]) == 16)
signature = base64.b64decode(answer["serverSignature1"])
held("the signature is 64 octets in 5F37", signature[:3] == bytes.fromhex("5F3740") and len(signature) == 67)
chosen = base64.b64decode(answer["euiccCiPKIdToBeUsed"])
held("the root is the one offered", chosen == listed)
held("the certificate is one", base64.b64decode(answer["serverCertificate"])[0] == 0x30)

status, _, body = post("initiateAuthentication", {**ask, "smdpAddress": "other.example"})
reason = json.loads(body)["header"]["functionExecutionStatus"]
code = reason.get("statusCodeData", {})
held(
    "another's address is refused with 8.8.1, 3.8",
    (status, code.get("subjectCode"), code.get("reasonCode")) == (200, "8.8.1", "3.8"),
    (status, reason),
)
status, _, _ = post("handleNotification", {"pendingNotification": "MAA="})
held("what is no notification is refused 400", status == 400, status)
status, _, _ = post("initiateAuthentication", ask, "text/plain")
held("what is not said to be JSON is refused 415", status == 415, status)
status, _, _ = post("initiateAuthentication", b"no JSON")
held("what is no JSON is refused 400", status == 400, status)
status, _, _ = post("nothing", {})
held("what is no function is not found", status == 404, status)
