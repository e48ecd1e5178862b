"""Timestamps byte by byte: what is no reply at all, and what its signed attributes may be."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contest_service.proof import timestamps
from contest_service.proof.certificates import parse_certificate
from contest_service.proof.errors import ProofError
from contest_service.proof.trust import TrustedRoot
from proof import authorities
from proof.authorities import (
    CONTENT_TYPE,
    DIGESTS,
    MESSAGE_DIGEST,
    RSA_SIGNATURES,
    SIGNED_DATA,
    TST_INFO,
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

TEXT = b"log.example/x\n7\nAAAA\n"
CLOCK = authority("Clock")
ROOT = TrustedRoot(operator="Clock", certificate=parse_certificate(CLOCK.root.der))
STAMP = Stamp(time=1_790_000_000)
GOOD = timestamp(CLOCK, TEXT, STAMP)

CONTENT = authorities.tst_info(TEXT, STAMP)
KIND = sequence(oid(CONTENT_TYPE), set_of(oid(TST_INFO)))
DIGEST_VALUE = octets(sha256(CONTENT).digest())
DIGEST = sequence(oid(MESSAGE_DIGEST), set_of(DIGEST_VALUE))
OTHER_DIGEST = octets(bytes(32))


def crafted(
    *attributes: bytes, digest: str = "sha256", signature: str = "sha256", carried: bytes = b""
) -> bytes:
    """Return a reply of CLOCK with these signed attributes and further certificates."""
    signed = der(0x31, *attributes)
    signer = sequence(
        integer(1),
        authorities.signer_identifier(CLOCK.signer.certificate, by_key=False),
        algorithm(DIGESTS[digest]),
        b"\xa0" + signed[1:],
        algorithm(RSA_SIGNATURES[signature]),
        octets(authorities.sign(CLOCK.signer.key, signed, signature)),
    )
    data = sequence(
        integer(3),
        set_of(algorithm(DIGESTS[digest])),
        sequence(oid(TST_INFO), der(0xA0, octets(CONTENT))),
        der(0xA0, carried, CLOCK.signer.der, CLOCK.path[0].der),
        der(0x31, signer),
    )
    return sequence(sequence(integer(0)), sequence(oid(SIGNED_DATA), der(0xA0, data)))


CRAFTED: dict[str, tuple[bytes, str | None]] = {
    "nothing wrong": (crafted(KIND, DIGEST), None),
    "a further attribute": (crafted(KIND, DIGEST, sequence(oid("1.2.3"), set_of())), None),
    "a certificate that cannot be read": (crafted(KIND, DIGEST, carried=sequence(der(5))), None),
    "a certificate of another kind": (crafted(KIND, DIGEST, carried=der(0xA1, der(5))), None),
    "no content type": (crafted(DIGEST), "other_signed_attributes"),
    "no digest": (crafted(KIND), "other_signed_attributes"),
    "digest of other content": (
        crafted(KIND, sequence(oid(MESSAGE_DIGEST), set_of(OTHER_DIGEST))),
        "other_signed_attributes",
    ),
    "digest twice": (crafted(KIND, DIGEST, DIGEST), "other_signed_attributes"),
    "digest with two values": (
        crafted(KIND, sequence(oid(MESSAGE_DIGEST), der(0x31, DIGEST_VALUE, OTHER_DIGEST))),
        "other_signed_attributes",
    ),
    "digest of another type": (
        crafted(KIND, sequence(oid(MESSAGE_DIGEST), set_of(der(0x0C, sha256(CONTENT).digest())))),
        "other_signed_attributes",
    ),
    "signature with another hash than the digest": (
        crafted(KIND, DIGEST, signature="sha512"),
        "unsupported_algorithm",
    ),
}


@pytest.mark.parametrize("case", CRAFTED)
def test_signed_attributes_are_about_the_content(case: str) -> None:
    reply, reason = CRAFTED[case]
    found = timestamps.standing(timestamps.read(reply, TEXT), [ROOT])
    assert found.reason == reason
    assert found.operator == ("Clock" if reason is None else None)


def deep(levels: int) -> bytes:
    """Return a reply of the longest size that opens a value at every turn."""
    data = b""
    while len(data) < timestamps.MAX_TIMESTAMP - 10:
        levels -= 1
        data = sequence(data)
        if not levels:
            break
    return data


BYTES: dict[str, bytes] = {
    "empty": b"",
    "cut off": GOOD[:-1],
    "a byte too many": GOOD + b"\0",
    "two replies": GOOD + GOOD,
    "indefinite length": b"\x30\x80" + GOOD[4:] + b"\0\0",
    "length not in its shortest form": b"\x30\x83\0" + GOOD[2:],
    "the token alone": GOOD[9:],
    "too long": GOOD[:2] + b"\0" * 70_000,
    "no token": bytes.fromhex("30053003020100"),
    "another tag": b"\x31" + GOOD[1:],
    "a certificate that is cut off": crafted(KIND, DIGEST, carried=sequence(b"\x30\x05\0")),
    "a value cut off in an attribute": crafted(
        KIND, DIGEST, sequence(oid("1.2.3"), set_of(sequence(b"\2\3\0")))
    ),
    "an attribute without values": crafted(KIND, DIGEST, sequence(oid("1.2.3"))),
    "an attribute without a type": crafted(KIND, DIGEST, sequence(set_of())),
    "an imprint whose algorithm has parameters": GOOD.replace(
        algorithm(DIGESTS["sha256"]) + octets(sha256(TEXT).digest()),
        algorithm(DIGESTS["sha256"])[:-2] + der(4) + octets(sha256(TEXT).digest()),
    ),
    "nested without end": deep(20_000),
}


@pytest.mark.parametrize("defect", BYTES)
def test_refuses_bytes_with_a_defect(defect: str) -> None:
    with pytest.raises(ProofError):
        timestamps.read(BYTES[defect], TEXT)


@given(st.binary(max_size=200))
def test_no_bytes_crash_it(data: bytes) -> None:
    for candidate in (data, b"\x30" + bytes([len(data) % 128]) + data[: len(data) % 128]):
        with pytest.raises(ProofError):
            timestamps.read(candidate, TEXT)
