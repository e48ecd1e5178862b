"""Timestamps: each rule of section 7.3 has a token that breaks it, and real tools agree."""

from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest
from cryptography.x509.oid import ExtendedKeyUsageOID as Usage
from hypothesis import given
from hypothesis import strategies as st

from contest_service.proof import timestamps
from contest_service.proof.certificates import parse_certificate
from contest_service.proof.errors import ProofError
from contest_service.proof.timestamps import Standing, Timestamp
from contest_service.proof.trust import TrustedRoot
from proof import authorities
from proof.authorities import (
    TIME_STAMPING,
    VALID,
    Authority,
    Certified,
    Holder,
    Stamp,
    authority,
    certify,
    timestamp,
)

TEXT = b"log.example/x\n7\nAAAA\n"
NOW = 1_790_000_000
CLOCK = authority("Clock")
STAMP = Stamp(time=NOW)


def root(clock: Authority, operator: str = "") -> TrustedRoot:
    certificate = parse_certificate(clock.root.der)
    return TrustedRoot(operator=operator or clock.operator, certificate=certificate)


def stamped(clock: Authority = CLOCK, stamp: Stamp = STAMP) -> Timestamp:
    return timestamps.read(timestamp(clock, TEXT, stamp), TEXT)


def standing(clock: Authority, stamp: Stamp = STAMP, *more: TrustedRoot) -> Standing:
    return timestamps.standing(stamped(clock, stamp), [root(clock), *more])


# --- what counts ---------------------------------------------------------------------------

CLOCKS = {
    "one certificate between": CLOCK,
    "none between": authority("Direct", between=0),
    "six between": authority("Long", between=6),
    "RSA of 3072 bits": authority("Big", "rsa3072"),
    "P-256": authority("P256", "p256"),
    "P-384": authority("P384", "p384"),
    "a root of P-384": authority("Root384", root=Certified(subject="", kind="p384", ca=True)),
    "certificates with SHA-512": authority(
        "Hash512", issuer=Certified(subject="", ca=True, digest="sha512")
    ),
}
STAMPS = {
    "as usual": STAMP,
    "with SHA-384": replace(STAMP, digest="sha384"),
    "with SHA-512": replace(STAMP, digest="sha512"),
    "granted with modifications": replace(STAMP, status=1),
    "signer by its key": replace(STAMP, by_key=True),
    "RSA without a hash in its name": replace(STAMP, plain_rsa=True, digest="sha384"),
    "the root in the token": replace(STAMP, with_root=True),
}


@pytest.mark.parametrize("kind", CLOCKS)
@pytest.mark.parametrize("how", STAMPS)
def test_counts_for_the_operator_of_the_root(kind: str, how: str) -> None:
    clock = CLOCKS[kind]
    assert standing(clock, STAMPS[how]) == Standing(operator=clock.operator)


def test_counts_once_for_the_first_root_that_it_leads_to() -> None:
    issuer = TrustedRoot(operator="Issuer", certificate=parse_certificate(CLOCK.path[0].der))
    other = root(authority("Other"))
    for roots, operator in (
        ((other, issuer, root(CLOCK)), "Issuer"),
        ((root(CLOCK), issuer, other), "Clock"),
    ):
        assert timestamps.standing(stamped(), roots).operator == operator


def test_the_signers_own_certificate_may_be_the_trusted_one() -> None:
    pinned = TrustedRoot(operator="Pin", certificate=parse_certificate(CLOCK.signer.der))
    assert timestamps.standing(stamped(), [pinned]).operator == "Pin"


@pytest.mark.parametrize("edge", VALID)
def test_both_ends_of_the_validity_are_within_it(edge: int) -> None:
    assert standing(CLOCK, replace(STAMP, time=edge)).operator == "Clock"


TIMES = {
    "accuracy of half a second": (replace(STAMP), NOW + 1),
    "no accuracy": (replace(STAMP, accuracy=None), NOW + 1),
    "accuracy of nothing": (replace(STAMP, accuracy=(0, 0, 0)), NOW),
    "a whole minute": (replace(STAMP, accuracy=(60, 0, 0)), NOW + 60),
    "a minute and a microsecond": (replace(STAMP, accuracy=(60, 0, 1)), NOW + 61),
    "just below a second": (replace(STAMP, accuracy=(0, 999, 999)), NOW + 1),
    "a fraction of the time": (replace(STAMP, fraction="001", accuracy=(1, 0, 0)), NOW + 2),
    "both fractions": (replace(STAMP, fraction="5", accuracy=(0, 500, 0)), NOW + 2),
}


@pytest.mark.parametrize("case", TIMES)
def test_the_time_is_the_latest_that_it_can_have_been(case: str) -> None:
    stamp, expected = TIMES[case]
    assert stamped(stamp=stamp).time == expected


# --- what does not count -------------------------------------------------------------------


def named(who: str, said: dict[str, object]) -> str:
    """Return a name of its own for each that says something else."""
    return f"{who} {sha256(repr(said).encode()).hexdigest()[:16]}"


def signed_by(**said: Any) -> Authority:
    fields: dict[str, Any] = {"subject": "", "usage": TIME_STAMPING} | said
    return authority(named("Signer", said), signer=Certified(**fields))


def issued_by(**said: Any) -> Authority:
    fields: dict[str, Any] = {"subject": "", "ca": True} | said
    return authority(named("Issuer", said), issuer=Certified(**fields))


def rooted_in(**said: Any) -> Authority:
    fields: dict[str, Any] = {"subject": "", "ca": True} | said
    return authority(named("Root", said), root=Certified(**fields))


def impostor() -> Authority:
    """An authority whose root has the names of CLOCK's certificates, and other keys."""
    top = certify(replace(Certified(subject="", ca=True), subject="Clock root", kind="rsa3072"))
    below = certify(Certified(subject="Clock issuer 0", kind="p384", ca=True), top)
    signer = certify(Certified(subject="Clock clock", usage=TIME_STAMPING, kind="p384"), below)
    return Authority("Clock", signer, (below, top))


def stranger() -> Authority:
    """A token that carries CLOCK's signer's certificate, signed by somebody else."""
    other = Holder(CLOCK.signer.certificate, authorities.key_of("nobody", "rsa2048"))
    return replace(CLOCK, signer=other)


NOT_COUNTED: dict[str, tuple[Callable[[], Authority], Stamp, str]] = {
    "no certificate in the token": (
        lambda: CLOCK,
        replace(STAMP, with_certificates=False),
        "no_signer",
    ),
    "no extended key usage": (lambda: signed_by(usage=()), STAMP, "not_for_timestamps"),
    "usage not critical": (lambda: signed_by(critical=False), STAMP, "not_for_timestamps"),
    "another usage": (
        lambda: signed_by(usage=(Usage.CODE_SIGNING,)),
        STAMP,
        "not_for_timestamps",
    ),
    "a second usage": (
        lambda: signed_by(usage=(Usage.TIME_STAMPING, Usage.CODE_SIGNING)),
        STAMP,
        "not_for_timestamps",
    ),
    "no signed attributes": (
        lambda: CLOCK,
        replace(STAMP, with_attributes=False),
        "no_signed_attributes",
    ),
    "attributes about other content": (
        lambda: CLOCK,
        replace(STAMP, content_type="1.2.840.113549.1.7.1"),
        "other_signed_attributes",
    ),
    "signature spoilt": (lambda: CLOCK, replace(STAMP, spoil_signature=True), "bad_signature"),
    "signed by a stranger": (stranger, STAMP, "bad_signature"),
    "SHA-1 in the signature": (
        lambda: CLOCK,
        replace(STAMP, digest="sha1"),
        "unsupported_algorithm",
    ),
    "RSA of 1024 bits": (lambda: signed_by(kind="rsa1024"), STAMP, "unsupported_algorithm"),
    "P-521": (lambda: signed_by(kind="p521"), STAMP, "unsupported_algorithm"),
    "Ed25519": (lambda: signed_by(kind="ed25519"), STAMP, "unsupported_algorithm"),
    "an issuer's RSA of 1024 bits": (
        lambda: issued_by(kind="rsa1024"),
        STAMP,
        "unsupported_algorithm",
    ),
    "an issuer's Ed25519": (lambda: issued_by(kind="ed25519"), STAMP, "unsupported_algorithm"),
    "an issuer without basic constraints": (lambda: issued_by(ca=None), STAMP, "no_authority"),
    "an issuer that is no authority": (lambda: issued_by(ca=False), STAMP, "no_authority"),
    "a root that is no authority": (lambda: rooted_in(ca=False), STAMP, "no_authority"),
    "before the signer's certificate": (
        lambda: signed_by(valid=(NOW + 1, VALID[1])),
        STAMP,
        "not_valid_then",
    ),
    "after the signer's certificate": (
        lambda: signed_by(valid=(VALID[0], NOW - 1)),
        STAMP,
        "not_valid_then",
    ),
    "a fraction of a second after the signer's certificate": (
        lambda: signed_by(valid=(VALID[0], NOW)),
        replace(STAMP, fraction="001"),
        "not_valid_then",
    ),
    "after the issuer's certificate": (
        lambda: issued_by(valid=(VALID[0], NOW - 1)),
        STAMP,
        "not_valid_then",
    ),
    "after the root's certificate": (
        lambda: rooted_in(valid=(VALID[0], NOW - 1)),
        STAMP,
        "not_valid_then",
    ),
    "nine certificates to the root": (lambda: authority("Far", between=7), STAMP, "no_path"),
}


@pytest.mark.parametrize("defect", NOT_COUNTED)
def test_does_not_count_with_a_defect(defect: str) -> None:
    clock, stamp, reason = NOT_COUNTED[defect]
    found = standing(clock(), stamp)
    assert (found.operator, found.reason) == (None, reason)
    assert found.message


def test_does_not_count_without_a_root_that_is_trusted() -> None:
    for roots in ([], [root(authority("Other"))]):
        assert timestamps.standing(stamped(), roots).reason == "no_path"


def test_a_name_alone_leads_nowhere() -> None:
    found = timestamps.standing(stamped(impostor()), [root(CLOCK)])
    assert (found.operator, found.reason) == (None, "bad_signature")


def test_many_certificates_of_one_name_are_not_all_tried() -> None:
    top = Certified(subject="Same", kind="p256", ca=True)
    crowd = [
        certify(replace(top, valid=(VALID[0], VALID[1] + number)), certify(top))
        for number in range(80)
    ]
    signer = certify(Certified(subject="Same", usage=TIME_STAMPING), certify(top))
    clock = Authority("Crowd", signer, (*crowd, certify(top)))
    found = timestamps.standing(stamped(clock), [root(CLOCK)])
    assert (found.operator, found.reason) == (None, "many_paths")


# --- what is no timestamp of the text -------------------------------------------------------

GOOD = timestamp(CLOCK, TEXT, STAMP)
REFUSED = {
    "rejected": replace(STAMP, status=2),
    "waiting": replace(STAMP, status=3),
    "other version": replace(STAMP, version=2),
    "imprint of another text": replace(STAMP, imprint=sha256(b"another").digest()),
    "imprint by SHA-512": replace(STAMP, imprint_digest="sha512"),
    "imprint by SHA-1": replace(STAMP, imprint_digest="sha1"),
    "no signer": replace(STAMP, signers=0),
    "two signers": replace(STAMP, signers=2),
    "accuracy of 1000 milliseconds": replace(STAMP, accuracy=(0, 1000, 0)),
    "negative accuracy": replace(STAMP, accuracy=(-1, 0, 0)),
    "zeros at the end of a fraction": replace(STAMP, fraction="50"),
}


@pytest.mark.parametrize("defect", REFUSED)
def test_refuses_a_reply_with_a_defect(defect: str) -> None:
    with pytest.raises(ProofError):
        timestamps.read(timestamp(CLOCK, TEXT, REFUSED[defect]), TEXT)


@given(st.integers(0, 8 * len(GOOD) - 1))
def test_a_flipped_bit_never_counts_for_more(place: int) -> None:
    data = bytearray(GOOD)
    data[place // 8] ^= 1 << place % 8
    try:
        made = timestamps.read(bytes(data), TEXT)
    except ProofError:
        return
    found = timestamps.standing(made, [root(CLOCK)])
    # What is not signed (versions, the list of digests) may change and mean nothing.
    assert not found.operator or made.time == NOW + 1
