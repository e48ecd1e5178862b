"""Terms: what a contest promised, for people and for machines (section 8.3).

The bytes of a terms file are what `terms_sha256` of a rules or amend event hashes. The rule set
inside is the domain's; here it is only an object.
"""

from typing import Annotated, Any

import msgspec

from contest_service.proof.canonical import decode, encode, sha256
from contest_service.proof.errors import BundleError
from contest_service.proof.events import Rules
from contest_service.proof.shapes import Code, Hash, Name, Positive, Shape, Time, Version

MAX_TERMS = 1 << 20
"""Bytes of a terms file."""

VERIFIERS = ("verify.html", "verify.py")


class TermsSchedule(Shape, frozen=True, kw_only=True):
    """When things happen, in unix seconds."""

    opens_at: Time
    closes_at: Time
    freeze_at: Time
    draw_at: Time


class VerifierFile(Shape, frozen=True, kw_only=True):
    """A verifier that is kept by its hash for ever."""

    name: str
    """`verify.py` or `verify.html`."""
    sha256: Hash


class QuizCommitment(Shape, frozen=True, kw_only=True):
    """A quiz of the rules, and what its accepted answers are held to (section 8.10)."""

    quiz: Code
    commitment: Hash


class Terms(Shape, frozen=True, kw_only=True, omit_defaults=True):
    """One version of the terms; version 1 belongs to the rules event, each next one to an amend."""

    v: Version
    contest: Name
    version: Positive
    reason: str
    """Why this version exists and what changed; empty in version 1 only."""
    rules: dict[str, Any]
    schedule: TermsSchedule
    zone: Name
    """IANA."""
    texts: dict[str, tuple[str, ...]]
    """The published rules by language, as paragraphs."""
    verifiers: tuple[VerifierFile, ...]
    """Ascending by name."""
    quizzes: Annotated[tuple[QuizCommitment, ...], msgspec.Meta(min_length=1)] | None = None
    """Ascending by quiz; None if the rules have none."""


def terms_bytes(terms: Terms) -> bytes:
    """Return the bytes of a terms file. Raises CanonicalError or BundleError outside the limits."""
    data = encode(terms)
    _require_size(data)
    return data


def terms_hash(data: bytes) -> str:
    """Return `terms_sha256` of a terms file, in hex."""
    return sha256(data).hex()


def parse_terms(data: bytes) -> Terms:
    """Read a terms file. Raises CanonicalError or BundleError."""
    _require_size(data)
    plain = decode(data)
    try:
        terms = msgspec.convert(plain, Terms)
    except msgspec.ValidationError as error:
        raise BundleError("bad_terms", f"The terms have another shape: {error}.") from error
    names = [verifier.name for verifier in terms.verifiers]
    if names != sorted(set(names)) or not set(names) <= set(VERIFIERS):
        raise BundleError("bad_terms", "The terms do not list verifiers by name, each once.")
    quizzes = [each.quiz for each in terms.quizzes or ()]
    if quizzes != sorted(set(quizzes)):
        raise BundleError("bad_terms", "The terms do not list quizzes in order, each once.")
    return terms


def require_terms(terms: Terms, *, contest: str, version: int, rules: Rules) -> None:
    """Check terms against the event that names them. Raises BundleError."""
    if terms.contest != contest or terms.version != version:
        raise BundleError("foreign_terms", "The terms are of another contest or version.")
    if (version == 1) != (terms.reason == ""):
        raise BundleError("no_reason", "Version 1 has no reason, and every later one has.")
    schedule = terms.schedule
    if (schedule.opens_at, schedule.closes_at, schedule.draw_at) != (
        rules.opens_at,
        rules.closes_at,
        rules.draw_at,
    ):
        raise BundleError("other_schedule", "The terms have another schedule than the event.")
    if not schedule.closes_at <= schedule.freeze_at <= schedule.draw_at - rules.min_lead:
        raise BundleError("bad_freeze_at", "freeze_at does not lie between close and draw.")


def _require_size(data: bytes) -> None:
    if len(data) > MAX_TERMS:
        raise BundleError("long_terms", f"The terms are longer than {MAX_TERMS} bytes.")
