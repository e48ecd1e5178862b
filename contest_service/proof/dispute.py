"""The dispute edition's own files: evidence, its records, and what is carried along (section 8.4).

Evidence is bound by the freeze through salted digests, so that a person can be erased and the hash
still holds. Scans, pages, overrides and correspondence are held to their form and prove nothing.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Literal, TypeVar

import msgspec

from contest_service.proof.canonical import decode, encode, lines, sha256, tag
from contest_service.proof.entries import EntryList
from contest_service.proof.errors import BundleError, CanonicalError
from contest_service.proof.shapes import Code, Count, Hash, Name, Shape, Time

_EVIDENCE_TAG = tag("evidence")
_DIGEST_SIZE = 64

S = TypeVar("S", bound=Shape)


def evidence_digest(salt: bytes, record: bytes) -> bytes:
    """Return the digest of an evidence record, given as canonical bytes: 32 bytes."""
    return sha256(_EVIDENCE_TAG + salt + record)


def evidence_line(digest: bytes) -> bytes:
    """Return a digest's line of evidence.txt, where lines ascend by digest."""
    return digest.hex().encode() + b"\n"


class EvidenceRecord(Shape, frozen=True, kw_only=True):
    """One line of records.jsonl."""

    salt: Hash
    record: dict[str, Any]


class Scan(Shape, frozen=True, kw_only=True, omit_defaults=True):
    """One line of scans.jsonl. Times in unix seconds."""

    scan: Name
    target: Name
    action: Code
    closing: bool
    started_at: Time
    finished_at: Time | None = None
    state: Code
    pages: Count
    seen: Count | None = None
    """Distinct actions."""
    claimed: Count | None = None
    """The platform's own counter."""
    hidden: Count | None = None
    """Accounts about which the platform would not say."""


class PageDigest(Shape, frozen=True, kw_only=True):
    """One line of pages.jsonl: a response body, as received."""

    scan: Name
    seq: Count
    sha256: Hash
    size: Count
    fetched_at: Time


class Override(Shape, frozen=True, kw_only=True, omit_defaults=True):
    """One line of overrides.jsonl: a person set a check aside."""

    at: Time
    kind: Code
    reason: str
    person: Name | None = None
    entrant: Name | None = None


class Message(Shape, frozen=True, kw_only=True):
    """One line of correspondence.jsonl, with a winner after the freeze."""

    at: Time
    commit: Hash
    direction: Literal["in", "out"]
    channel: Code
    text: tuple[str, ...]


def record_lines(chunks: Iterable[bytes], *, contest: str) -> set[bytes]:
    """Check records.jsonl by itself and return the line of evidence.txt that each one gives.

    Raises BundleError or CanonicalError.
    """
    known: set[bytes] = set()
    for number, kept in enumerate(_shaped(chunks, EvidenceRecord), 1):
        if kept.record.get("contest") != contest:
            raise BundleError("foreign_record", "A record is of another contest.")
        digest = evidence_digest(bytes.fromhex(kept.salt), encode(kept.record))
        known.add(evidence_line(digest))
        if len(known) != number:
            raise BundleError("record_twice", "An evidence record stands twice.")
    return known


def check_evidence(chunks: Iterable[bytes], *, expected: str, kept: set[bytes]) -> None:
    """Check evidence.txt against its hash in the freeze, and that it has all `kept` lines.

    Raises BundleError or CanonicalError.
    """
    whole = hashlib.sha256()
    last, matched = b"", 0
    for digest in lines(chunks):
        if len(digest) != _DIGEST_SIZE or digest.strip(b"0123456789abcdef"):
            raise BundleError("bad_evidence", "A line of evidence.txt is not a digest in hex.")
        if digest <= last:
            raise BundleError("evidence_order", "evidence.txt is not strictly ascending.")
        last = digest
        whole.update(digest + b"\n")
        matched += digest + b"\n" in kept
    if whole.hexdigest() != expected:
        raise BundleError("other_evidence", "evidence.txt is not the evidence that was frozen.")
    if matched != len(kept):
        raise BundleError("unknown_record", "A record is not among the frozen evidence.")


def check_scans(chunks: Iterable[bytes]) -> set[str]:
    """Check the form of scans.jsonl and return its scans. Raises BundleError or CanonicalError."""
    known: set[str] = set()
    for number, scan in enumerate(_shaped(chunks, Scan), 1):
        known.add(scan.scan)
        if len(known) != number:
            raise BundleError("scan_twice", "A scan stands twice.")
    return known


def check_pages(chunks: Iterable[bytes], *, scans: set[str]) -> None:
    """Check the form of pages.jsonl. Raises BundleError or CanonicalError."""
    seen: set[tuple[str, int]] = set()
    for number, page in enumerate(_shaped(chunks, PageDigest), 1):
        seen.add((page.scan, page.seq))
        if page.scan not in scans or len(seen) != number:
            raise BundleError("bad_page", "A page stands twice, or is of an unknown scan.")


def check_overrides(chunks: Iterable[bytes]) -> None:
    """Check the form of overrides.jsonl. Raises BundleError or CanonicalError."""
    _require_time_order(_shaped(chunks, Override), lambda override: override.at)


def check_correspondence(chunks: Iterable[bytes], entries: EntryList) -> None:
    """Check the form of correspondence.jsonl. Raises BundleError or CanonicalError."""

    def of_an_entry() -> Iterator[Message]:
        for message in _shaped(chunks, Message):
            if bytes.fromhex(message.commit) not in entries:
                raise BundleError("unknown_entry", "A message is about no frozen entry.")
            yield message

    _require_time_order(of_an_entry(), lambda message: message.at)


def _require_time_order(records: Iterable[S], at: Callable[[S], int]) -> None:
    last = 0
    for record in records:
        if at(record) < last:
            raise BundleError("time_goes_back", "The lines are not in order of time.")
        last = at(record)


def _shaped(chunks: Iterable[bytes], shape: type[S]) -> Iterator[S]:
    for number, line in enumerate(lines(chunks), 1):
        try:
            yield msgspec.convert(decode(line), shape)
        except msgspec.ValidationError as error:
            message = f"A line has another shape: {error}."
            raise BundleError("bad_line", message).at_line(number) from error
        except CanonicalError as error:
            error.at_line(number)
            raise
