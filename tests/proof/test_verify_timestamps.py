"""verify.py and RFC 3161: which timestamps count, and why others do not."""

from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from cryptography.x509.oid import ExtendedKeyUsageOID as Usage

from proof.authorities import (
    TIME_STAMPING,
    Authority,
    Certified,
    Stamp,
    authority,
    octets,
    oid,
    sequence,
    set_of,
)
from proof.generated import ROUND_TIME, Made
from proof.standalone import facts_of, texts_of, verifier
from proof.witnessed import Checkpoint, Witnessed, trust_file

BUNDLE = Made().files()
SEEN = ROUND_TIME - 3000
STAMP = Stamp(time=SEEN)
CLOCK = authority("Clock")


def stamped(clock: Authority, stamp: Stamp = STAMP) -> dict[str, bytes]:
    """The bundle whose only evidence is this timestamp after the freeze."""
    points = [Checkpoint(covers=2, stamped=[(clock, stamp)]), Checkpoint()]
    return Witnessed(BUNDLE, points).files()


def verdict(
    tmp_path: Path, clock: Authority, stamp: Stamp = STAMP, *, trusted: Sequence[Authority] = ()
) -> tuple[str, str]:
    """The grade, and what is said about the timestamp."""
    trust = trust_file(witnesses=(), authorities=trusted or (clock,))
    facts = facts_of(tmp_path, stamped(clock, stamp), trust=trust)
    said = texts_of(facts, "timestamp-uncounted") + texts_of(facts, "timestamp-unchecked")
    assert facts["verdict"] == "verified"
    assert len(said) <= 1
    return facts["grade"], said[0] if said else ""


# --- what counts ---

SIGNER = Certified(subject="", kind="p256", usage=TIME_STAMPING)
CLOCKS: dict[str, Callable[[], Authority]] = {
    "RSA of 2048 bits": lambda: authority("R2", "rsa2048"),
    "RSA of 3072 bits": lambda: authority("R3", "rsa3072"),
    "P-256": lambda: authority("P2", "p256"),
    "P-384": lambda: authority("P3", "p384"),
    "certificates signed with SHA-384 by P-384": lambda: authority(
        "P33",
        "p384",
        root=Certified(subject="", kind="p384", ca=True),
        issuer=Certified(subject="", kind="p384", ca=True, digest="sha384"),
        signer=Certified(subject="", kind="p384", usage=TIME_STAMPING, digest="sha384"),
    ),
    "certificates signed with SHA-512 by RSA": lambda: authority(
        "R5",
        issuer=Certified(subject="", ca=True, digest="sha512"),
        signer=Certified(subject="", usage=TIME_STAMPING, digest="sha512"),
    ),
    "a root that signed itself with SHA-1": lambda: authority(
        "Old", root=Certified(subject="", ca=True, digest="sha1")
    ),
    "no certificate between": lambda: authority("Short", between=0),
    "eight certificates": lambda: authority("Long", between=6),
}


@pytest.mark.parametrize("kind", CLOCKS)
@pytest.mark.parametrize("digest", ["sha256", "sha384", "sha512"])
def test_a_good_timestamp_counts(kind: str, digest: str, tmp_path: Path) -> None:
    stamp = Stamp(time=SEEN, digest=digest)
    assert verdict(tmp_path, CLOCKS[kind](), stamp) == ("C", "")


@pytest.mark.parametrize(
    "stamp",
    [
        Stamp(time=SEEN, by_key=True),
        Stamp(time=SEEN, plain_rsa=True),
        Stamp(time=SEEN, with_root=True),
        Stamp(time=SEEN, status=1),
        Stamp(time=SEEN, accuracy=None),
        Stamp(time=SEEN, unsigned=sequence(oid("1.2.3"), set_of(octets(b"x")))),
        Stamp(time=SEEN, accuracy=(0, 0, 0)),
        Stamp(time=SEEN, fraction="123456789"),
    ],
    ids=str,
)
def test_every_form_of_a_good_timestamp_counts(stamp: Stamp, tmp_path: Path) -> None:
    assert verdict(tmp_path, CLOCK, stamp) == ("C", "")


def test_a_trusted_signer_needs_no_issuer(tmp_path: Path) -> None:
    pinned = Authority("Clock", CLOCK.signer, (CLOCK.signer,))
    assert verdict(tmp_path, CLOCK, trusted=[pinned]) == ("C", "")


def test_a_root_of_somebody_else_beside_it_changes_nothing(tmp_path: Path) -> None:
    others = [authority("Other"), authority("Third", "p256", between=0)]
    assert verdict(tmp_path, CLOCK, trusted=[*others, CLOCK]) == ("C", "")


# --- its time ---

TIMES: dict[str, tuple[Stamp, str]] = {
    "late by its accuracy only": (Stamp(time=ROUND_TIME - 2, accuracy=(2, 0, 0)), "D"),
    "in time with its accuracy": (Stamp(time=ROUND_TIME - 2, accuracy=(1, 0, 0)), "C"),
    "late by a second that no accuracy gives": (Stamp(time=ROUND_TIME - 1, accuracy=None), "D"),
    "in time without accuracy": (Stamp(time=ROUND_TIME - 2, accuracy=None), "C"),
    "exact": (Stamp(time=ROUND_TIME - 1, accuracy=(0, 0, 0)), "C"),
    "late by a millisecond": (Stamp(time=ROUND_TIME - 1, accuracy=(0, 1, 0)), "D"),
    "late by a microsecond": (Stamp(time=ROUND_TIME - 1, accuracy=(0, 0, 1)), "D"),
    "in time by milliseconds and microseconds": (
        Stamp(time=ROUND_TIME - 3, accuracy=(1, 999, 999)),
        "C",
    ),
    "late by its fraction": (
        Stamp(time=ROUND_TIME - 1, fraction="000001", accuracy=(0, 0, 0)),
        "D",
    ),
    "late by its fraction and its accuracy": (
        Stamp(time=ROUND_TIME - 3, fraction="9", accuracy=(1, 1, 0)),
        "D",
    ),
    "at the round": (Stamp(time=ROUND_TIME, accuracy=(0, 0, 0)), "D"),
    "long after the round": (Stamp(time=ROUND_TIME + 10**6), "D"),
}


@pytest.mark.parametrize("case", TIMES)
def test_a_timestamp_has_to_be_from_before_the_round(case: str, tmp_path: Path) -> None:
    stamp, grade = TIMES[case]
    assert verdict(tmp_path, CLOCK, stamp) == (grade, "")


# --- what does not count ---


def named(part: str, changes: dict[str, object]) -> str:
    return f"{part} {sha256(repr(sorted(changes.items())).encode()).hexdigest()[:12]}"


def signed_by(**changes: Any) -> Authority:
    said = Certified(**({"subject": "", "usage": TIME_STAMPING} | changes))
    return authority(named("Signer", changes), signer=said)


def issued_by(**changes: Any) -> Authority:
    said = Certified(**({"subject": "", "ca": True} | changes))
    return authority(named("Issuer", changes), issuer=said)


def rooted_in(**changes: Any) -> Authority:
    said = Certified(**({"subject": "", "ca": True} | changes))
    return authority(named("Root", changes), root=said)


BOTH = (Usage.TIME_STAMPING, Usage.CODE_SIGNING)
UNTIL = (1_500_000_000, SEEN - 1)
SINCE = (SEEN + 1, 2_500_000_000)
UNCOUNTED: dict[str, tuple[Callable[[], Authority], Stamp, str]] = {
    "no certificate of its signer": (
        lambda: CLOCK,
        Stamp(time=SEEN, with_certificates=False),
        "no-signer",
    ),
    "a signer without a use": (lambda: signed_by(usage=()), STAMP, "usage"),
    "a signer for something else": (
        lambda: signed_by(usage=(Usage.CODE_SIGNING,)),
        STAMP,
        "usage",
    ),
    "a signer for something else too": (lambda: signed_by(usage=BOTH), STAMP, "usage"),
    "a signer that does not insist": (lambda: signed_by(critical=False), STAMP, "usage"),
    "no signed attributes": (
        lambda: CLOCK,
        Stamp(time=SEEN, with_attributes=False),
        "no-attributes",
    ),
    "attributes of another kind of content": (
        lambda: CLOCK,
        Stamp(time=SEEN, content_type="1.2.840.113549.1.7.1"),
        "attributes",
    ),
    "a false signature by RSA": (
        lambda: CLOCK,
        Stamp(time=SEEN, spoil_signature=True),
        "signature",
    ),
    "a false signature by P-256": (
        lambda: signed_by(kind="p256"),
        Stamp(time=SEEN, spoil_signature=True),
        "signature",
    ),
    "an issuer that may not issue": (lambda: issued_by(ca=False), STAMP, "not-an-issuer"),
    "an issuer that says nothing of it": (lambda: issued_by(ca=None), STAMP, "not-an-issuer"),
    "a root that may not issue": (lambda: rooted_in(ca=False), STAMP, "not-an-issuer"),
    "nine certificates": (lambda: authority("Longer", between=7), STAMP, "path-length"),
    "a crowd of certificates": (
        lambda: authority("Crowd", between=40),
        STAMP,
        "too-many-looks",
    ),
    "an expired root": (lambda: rooted_in(valid=UNTIL), STAMP, "validity"),
    "a root of the future": (lambda: rooted_in(valid=SINCE), STAMP, "validity"),
    "an expired issuer": (lambda: issued_by(valid=UNTIL), STAMP, "validity"),
    "an expired signer": (lambda: signed_by(valid=UNTIL), STAMP, "validity"),
    "a signer that expires within the second": (
        lambda: signed_by(valid=(1_500_000_000, SEEN)),
        Stamp(time=SEEN, fraction="5"),
        "validity",
    ),
    "a signer with RSA of 1024 bits": (lambda: signed_by(kind="rsa1024"), STAMP, "algorithm"),
    "an issuer with RSA of 1024 bits": (lambda: issued_by(kind="rsa1024"), STAMP, "algorithm"),
    "a root with RSA of 1024 bits": (lambda: rooted_in(kind="rsa1024"), STAMP, "algorithm"),
    "a signer with Ed25519": (lambda: signed_by(kind="ed25519"), STAMP, "algorithm"),
    "an issuer with Ed25519": (lambda: issued_by(kind="ed25519"), STAMP, "algorithm"),
    "a signer with P-521": (lambda: signed_by(kind="p521"), STAMP, "algorithm"),
    "another hash in its signature than for its content": (
        lambda: CLOCK,
        Stamp(time=SEEN, signed_with="sha512"),
        "algorithm",
    ),
    "SHA-1 in its signature": (lambda: CLOCK, Stamp(time=SEEN, digest="sha1"), "algorithm"),
    "SHA-1 in a certificate": (
        lambda: authority(
            "Weak", between=0, signer=Certified(subject="", usage=TIME_STAMPING, digest="sha1")
        ),
        STAMP,
        "algorithm",
    ),
}


@pytest.mark.parametrize("defect", UNCOUNTED)
def test_a_timestamp_with_a_defect_counts_for_nothing(defect: str, tmp_path: Path) -> None:
    make, stamp, reason = UNCOUNTED[defect]
    grade, said = verdict(tmp_path, make(), stamp)
    assert grade == "D"
    assert said.startswith("evidence/checkpoint-10.1.tsr counts for nothing")
    assert verifier.UNCOUNTED[reason] in said


def test_what_cannot_be_checked_is_told_apart(tmp_path: Path) -> None:
    clock = signed_by(kind="ed25519")
    facts = facts_of(tmp_path, stamped(clock), trust=trust_file(authorities=[clock]))
    assert texts_of(facts, "timestamp-unchecked")
    assert not texts_of(facts, "timestamp-uncounted")


def test_a_root_that_is_not_trusted_counts_for_nothing(tmp_path: Path) -> None:
    namesake = authority("Clock", root=Certified(subject="", kind="p256", ca=True))
    assert namesake.root.certificate.subject == CLOCK.root.certificate.subject
    grade, said = verdict(tmp_path, CLOCK, Stamp(time=SEEN, with_root=True), trusted=[namesake])
    assert grade == "D"
    assert verifier.UNCOUNTED["no-path"] in said


def test_a_changed_time_is_noticed(tmp_path: Path) -> None:
    """The content is changed after it was signed."""
    found = Witnessed(BUNDLE, [Checkpoint(covers=2, stamped=[(CLOCK, STAMP)]), Checkpoint()])
    name = "evidence/checkpoint-10.1.tsr"
    files = found.files(**{name: found.log_files()[name].replace(b"20260908", b"20250908")})
    facts = facts_of(tmp_path, files, trust=trust_file(witnesses=(), authorities=[CLOCK]))
    assert facts["grade"] == "D"
    assert verifier.UNCOUNTED["attributes"] in str(facts["findings"])
