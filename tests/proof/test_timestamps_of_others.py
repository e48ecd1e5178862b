"""Timestamps of others: what `openssl ts` answers and what another library says of it."""

import re
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    VerifierBuilder,
    decode_timestamp_response,
)

from contest_service.proof import timestamps
from contest_service.proof.certificates import parse_certificate
from contest_service.proof.errors import ProofError
from contest_service.proof.trust import TrustedRoot
from proof.authorities import Authority, authority

TEXT = b"log.example/x\n7\nAAAA\n"


def root(clock: Authority) -> TrustedRoot:
    return TrustedRoot(operator=clock.operator, certificate=parse_certificate(clock.root.der))


OPENSSL = """
[tsa]
serial = serial
signer_cert = signer.pem
certs = others.pem
signer_key = signer.key
signer_digest = {digest}
default_policy = 1.2.3.4.1
digests = sha256
accuracy = {accuracy}
clock_precision_digits = {digits}
ess_cert_id_alg = sha256
"""


def openssl(folder: Path, clock: Authority, request: bytes, **settings: str) -> bytes:
    """Return the reply of `openssl ts` to a request, signed with an authority's key."""
    chosen = {"digest": "sha256", "accuracy": "secs:1, millisecs:500", "digits": "3"} | settings
    (folder / "tsa.cnf").write_text(OPENSSL.format(**chosen))
    (folder / "serial").write_text("01\n")
    (folder / "request.tsq").write_bytes(request)
    others = b"".join(one.certificate.public_bytes(Encoding.PEM) for one in clock.path[:-1])
    (folder / "others.pem").write_bytes(others)
    (folder / "signer.pem").write_bytes(clock.signer.certificate.public_bytes(Encoding.PEM))
    key = clock.signer.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "signer.key").write_bytes(key)
    reply = ["-reply", "-queryfile", "request.tsq", "-out", "reply.tsr"]
    command = ["openssl", "ts", *reply, "-config", "tsa.cnf", "-section", "tsa"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return (folder / "reply.tsr").read_bytes()


@pytest.mark.parametrize("kind", ["rsa2048", "p256", "p384"])
@pytest.mark.parametrize("digest", ["sha256", "sha512"])
def test_the_reply_of_a_real_authority_counts(tmp_path: Path, kind: str, digest: str) -> None:
    clock = authority("Real", kind)
    reply = openssl(tmp_path, clock, timestamps.request(TEXT, 2**63 + 5), digest=digest)
    made = timestamps.read(reply, TEXT)
    assert made.nonce == 2**63 + 5
    assert made.accuracy == 2
    assert abs(made.time - datetime.now(UTC).timestamp()) < 60
    assert timestamps.standing(made, [root(clock)]).operator == "Real"
    with pytest.raises(ProofError):
        timestamps.read(reply, TEXT + b"more")


@pytest.mark.parametrize("nonce", [0, 1, 127, 128, 255, 2**32, 2**64 - 1])
def test_a_request_asks_what_was_meant(tmp_path: Path, nonce: int) -> None:
    (tmp_path / "request.tsq").write_bytes(timestamps.request(TEXT, nonce))
    command = ["openssl", "ts", "-query", "-in", "request.tsq", "-text"]
    said = subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, text=True).stdout
    assert "Hash Algorithm: sha256" in said
    assert "Certificate required: yes" in said
    found = re.search("Nonce: (0x[0-9A-F]+)", said)
    assert found is not None
    assert int(found[1], 16) == nonce


def test_a_request_is_what_another_library_writes() -> None:
    builder = TimestampRequestBuilder(TEXT, HashAlgorithm.SHA256).cert_request(cert_request=True)
    theirs = builder.nonce(nonce=True).build()
    assert theirs.nonce is not None
    assert timestamps.request(TEXT, theirs.nonce) == theirs.as_bytes()


@pytest.mark.parametrize("accuracy", ["secs:1", "secs:2, millisecs:5, microsecs:7", "secs:0"])
def test_another_library_reads_and_accepts_the_same(tmp_path: Path, accuracy: str) -> None:
    # It refuses some replies of openssl when it is given the certificates between.
    clock = authority("Library", between=0)
    reply = openssl(tmp_path, clock, timestamps.request(TEXT, 77), accuracy=accuracy, digits="0")
    ours, theirs = timestamps.read(reply, TEXT), decode_timestamp_response(reply)
    assert theirs.tst_info.gen_time == datetime.fromtimestamp(ours.generated.seconds, UTC)
    assert theirs.tst_info.message_imprint.message == timestamps.imprint(TEXT)
    assert theirs.tst_info.nonce == ours.nonce == 77
    certificate = x509.load_der_x509_certificate(clock.root.der)
    verifier = VerifierBuilder().add_root_certificate(certificate).nonce(77).build()
    assert verifier.verify_message(theirs, TEXT)
    assert timestamps.standing(ours, [root(clock)]).operator == "Library"
