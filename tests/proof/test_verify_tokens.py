"""verify.py and the bytes of RFC 3161: what is refused, what a flipped bit does, other programs."""

import re
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from proof.authorities import (
    DIGESTS,
    TST_INFO,
    Authority,
    Holder,
    Stamp,
    algorithm,
    authority,
    der,
    integer,
    octets,
    oid,
    sequence,
    set_of,
    timestamp,
)
from proof.generated import ROUND_TIME, Made
from proof.standalone import verdict_of, verifier
from proof.witnessed import Checkpoint, Witnessed

SEEN = ROUND_TIME - 3000
STAMP = Stamp(time=SEEN)
CLOCK = authority("Clock")
TEXT = b"log.example\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"

# --- what is refused ---


def answer(**changes: Any) -> bytes:
    return timestamp(CLOCK, TEXT, Stamp(**({"time": SEEN} | changes)))


def longer(data: bytes) -> bytes:
    """The outermost length in three bytes where two are enough."""
    return data[:1] + b"\x83\x00" + data[2:]


GOOD = answer()
IMPRINT = algorithm(DIGESTS["sha256"])
CONTENT_TYPE_VALUE = set_of(oid(TST_INFO))
REFUSED: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "timestamp-form"),
    "text": (b"hello", "timestamp-form"),
    "a byte behind it": (GOOD + b"\0", "timestamp-form"),
    "a byte less": (GOOD[:-1], "timestamp-form"),
    "a length that is longer than needed": (longer(GOOD), "timestamp-form"),
    "an indefinite length": (b"\x30\x80" + GOOD[4:] + b"\0\0", "timestamp-form"),
    "no token": (sequence(sequence(integer(0))), "timestamp-form"),
    "a token alone": (GOOD[9:], "timestamp-form"),
    "a rejection": (answer(status=2), "timestamp-status"),
    "a status below zero": (answer(status=-1), "timestamp-status"),
    "another version": (answer(version=2), "timestamp-form"),
    "two signers": (answer(signers=2), "timestamp-form"),
    "no signer": (answer(signers=0), "timestamp-form"),
    "another imprint": (answer(imprint=bytes(32)), "timestamp-imprint"),
    "an imprint with parameters": (GOOD.replace(IMPRINT, IMPRINT[:-2] + b"\4\0"), "timestamp-form"),
    "an attribute that is none": (
        GOOD.replace(CONTENT_TYPE_VALUE, b"\x30" + CONTENT_TYPE_VALUE[1:]),
        "timestamp-form",
    ),
    "an unsigned attribute that is none": (answer(unsigned=octets(b"x")), "timestamp-form"),
    "an imprint of SHA-512": (answer(imprint_digest="sha512"), "timestamp-imprint"),
    "another checkpoint's": (timestamp(CLOCK, TEXT + b"x", STAMP), "timestamp-imprint"),
    "a fraction that ends in zero": (answer(fraction="50"), "timestamp-form"),
    "an accuracy of a thousand milliseconds": (answer(accuracy=(0, 1000, 0)), "timestamp-form"),
    "an accuracy below zero": (answer(accuracy=(-1, 0, 0)), "timestamp-form"),
    "a thirteenth month": (GOOD.replace(b"20260908", b"20261308"), "timestamp-form"),
    "a time elsewhere": (re.sub(rb"(202609\d{8})Z", rb"\1+", GOOD), "timestamp-form"),
    "another content": (
        GOOD.replace(
            bytes.fromhex("060b2a864886f70d0109100104a0"), b"\6\x0b" + b"*" * 11 + b"\xa0"
        ),
        "timestamp-form",
    ),
}


def refused_for(data: bytes) -> str:
    with pytest.raises(verifier.Refused) as refusal:
        verifier.Token(data, TEXT, "x.tsr")
    return str(refusal.value.code)


@pytest.mark.parametrize("defect", REFUSED)
def test_what_is_no_timestamp_of_this_checkpoint_is_refused(defect: str) -> None:
    data, code = REFUSED[defect]
    assert data != GOOD
    assert refused_for(data) == code


def test_a_bundle_with_a_refused_timestamp_is_refused(tmp_path: Path) -> None:
    stamp = Stamp(time=SEEN, imprint=bytes(32))
    points = [Checkpoint(covers=2, stamped=[(CLOCK, stamp)]), Checkpoint()]
    files = Witnessed(Made().files(), points).files()
    assert verdict_of(tmp_path / "a", files) == ("refused", "timestamp-imprint")
    assert verdict_of(tmp_path / "b", files, trust=None) == ("refused", "timestamp-imprint")


def test_nesting_without_end_is_refused() -> None:
    nested = b""
    for _ in range(15_000):
        nested = der(0x30, nested)
    assert refused_for(nested) == "timestamp-form"
    assert refused_for(sequence(sequence(integer(0)), nested)) == "timestamp-form"


@pytest.mark.parametrize("clock", [CLOCK, authority("Flip", "p256", between=0)], ids=["rsa", "ec"])
def test_no_flipped_bit_makes_another_time_or_another_operator(clock: Authority) -> None:
    data = timestamp(clock, TEXT, STAMP)
    roots = [verifier.Certificate(clock.root.der)]
    honest = verifier.Token(data, TEXT, "x")
    assert honest.root_of(roots) == 0
    for place in range(0, 8 * len(data), 11):
        flipped = bytearray(data)
        flipped[place // 8] ^= 1 << place % 8
        try:
            token = verifier.Token(bytes(flipped), TEXT, "x")
            token.root_of(roots)
        except (verifier.Refused, verifier.Uncounted):
            continue
        assert token.time == honest.time, place


# --- other programs ---


@pytest.mark.parametrize("kind", ["p256", "p384"])
def test_ecdsa_agrees_with_another_implementation(kind: str) -> None:
    key = authority(f"Curve {kind}", kind).signer.key
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    numbers = key.public_key().public_numbers()
    curve = {"p256": verifier.P256, "p384": verifier.P384}[kind]
    public = (numbers.x, numbers.y)
    assert curve.has(*public)
    assert not curve.has(public[0], public[1] ^ 1)
    for digest in (hashes.SHA256(), hashes.SHA384(), hashes.SHA512()):
        hasher = hashes.Hash(digest)
        hasher.update(TEXT)
        hashed = hasher.finalize()
        r, s = decode_dss_signature(key.sign(TEXT, ec.ECDSA(digest)))
        assert curve.verify(public, hashed, r, s)
        assert curve.verify(public, hashed, r, curve.n - s)  # ECDSA has two forms of each
        for false in ((r ^ 1, s), (r, s ^ 1), (0, s), (r, 0), (r + curve.n, s), (r, curve.n)):
            assert not curve.verify(public, hashed, *false)


def pem(holder: Holder) -> bytes:
    return holder.certificate.public_bytes(serialization.Encoding.PEM)


CONFIG = """
[tsa]
default_tsa = here
[here]
serial = serial
default_policy = 1.2.3.4.1
digests = sha256
signer_digest = sha256
accuracy = secs:1
ess_cert_id_alg = sha256
"""


@pytest.mark.parametrize("clock", [CLOCK, authority("Dial", "p256", between=0)], ids=["rsa", "ec"])
def test_what_openssl_answers_counts(clock: Authority, tmp_path: Path) -> None:
    (tmp_path / "text").write_bytes(TEXT)
    (tmp_path / "config").write_text(CONFIG)
    (tmp_path / "serial").write_text("01\n")
    (tmp_path / "signer").write_bytes(pem(clock.signer))
    (tmp_path / "chain").write_bytes(b"".join(map(pem, clock.path)))
    private = clock.signer.key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    (tmp_path / "key").write_bytes(private)
    query = "openssl ts -query -data text -sha256 -cert -out query"
    reply = (
        "openssl ts -reply -config config -section here -queryfile query "
        "-signer signer -inkey key -chain chain -out reply"
    )
    for command in (query, reply):
        subprocess.run(command.split(), cwd=tmp_path, check=True, capture_output=True)
    token = verifier.Token((tmp_path / "reply").read_bytes(), TEXT, "reply")
    assert token.root_of([verifier.Certificate(clock.root.der)]) == 0
    assert abs(token.time - time.time()) < 60
    assert refused_for_text(tmp_path / "reply", TEXT + b"x") == "timestamp-imprint"


def refused_for_text(path: Path, text: bytes) -> str:
    with pytest.raises(verifier.Refused) as refusal:
        verifier.Token(path.read_bytes(), text, "reply")
    return str(refusal.value.code)
