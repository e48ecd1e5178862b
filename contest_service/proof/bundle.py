"""The audit bundle: which files it has, the manifest, and checking all of it (section 8).

Reads files through whatever the caller gives (`archive.ZipArchive` over a zip, or any other
`Files`) and writes a zip as a stream. Opening and walking files is the caller's business.
"""

import enum
import hashlib
import re
from collections.abc import Container, Iterator, Mapping, Sequence
from typing import Literal

import msgspec

from contest_service.proof import check, dispute, log_files
from contest_service.proof.archive import MAX_EXPANDED, MAX_FILES, ZipWriter
from contest_service.proof.canonical import VERSION, decode, encode
from contest_service.proof.chain import Chain
from contest_service.proof.check import ENTRIES, EVENTS, OPENINGS, Finding, Report, locate
from contest_service.proof.entries import LEAF_SIZE, MAX_TICKETS
from contest_service.proof.errors import BundleError, UnreadableError
from contest_service.proof.events import Event, EventType
from contest_service.proof.files import Files, content
from contest_service.proof.quiz import MAX_QUIZ, check_quiz, promised_quizzes, require_opened
from contest_service.proof.receipts import checkpoint_size
from contest_service.proof.shapes import Count, Hash, Name, Shape, Version
from contest_service.proof.terms import (
    MAX_TERMS,
    VERIFIERS,
    Terms,
    parse_terms,
    require_terms,
)
from contest_service.proof.trust import NOBODY, Trust

FORMAT: Literal[2] = 2
MANIFEST = "manifest.json"
README = "README.txt"
EVIDENCE, RECORDS = "dispute/evidence.txt", "dispute/records.jsonl"
SCANS, PAGES = "dispute/scans.jsonl", "dispute/pages.jsonl"
OVERRIDES, CORRESPONDENCE = "dispute/overrides.jsonl", "dispute/correspondence.jsonl"
MAX_MANIFEST = 1 << 20

_COMMON = frozenset({MANIFEST, EVENTS, ENTRIES, OPENINGS, README, *VERIFIERS})
_DISPUTE = frozenset({EVIDENCE, RECORDS, SCANS, PAGES, OVERRIDES, CORRESPONDENCE})
_TERMS_NAME = re.compile(r"terms/([0-9a-f]{64})\.json")
_QUIZ_NAME = re.compile(r"quiz/([0-9a-f]{64})\.json")
_REQUIRED = (MANIFEST, EVENTS, ENTRIES)
_PROVES_NOTHING = (README, SCANS, PAGES, OVERRIDES, CORRESPONDENCE)


class Edition(enum.StrEnum):
    """Who a bundle is for."""

    PUBLIC = "public"
    DISPUTE = "dispute"


class FileEntry(Shape, frozen=True, kw_only=True):
    """A file as the manifest lists it."""

    name: str
    size: Count
    sha256: Hash


class Manifest(Shape, frozen=True, kw_only=True):
    """What the bundle holds, apart from the manifest itself."""

    v: Version
    format: Literal[1, 2]
    """1 has no log and no evidence."""
    edition: Edition
    contest: Name
    files: tuple[FileEntry, ...]
    """Strictly ascending by name."""


def terms_name(sha256: str) -> str:
    """Return the name of the terms file with this hash."""
    return f"terms/{sha256}.json"


def quiz_name(commitment: str) -> str:
    """Return the name of the file that opens the quiz with this commitment."""
    return f"quiz/{commitment}.json"


def check_folder(
    files: Files, *, practice: bool = False, trust: Trust = NOBODY, receipt: bytes | None = None
) -> Report:
    """Check the files of a folder: a bundle if there is a manifest, a bare proof otherwise."""
    names = set(files.names())
    if MANIFEST in names:
        return check_bundle(files, practice=practice, trust=trust, receipt=receipt)
    try:
        for name in (EVENTS, ENTRIES):
            _require_present(name, names)
        for name in sorted(names - {EVENTS, ENTRIES, OPENINGS}):
            with locate(name):
                raise BundleError("unknown_file", "A bare proof has no such file.")
        with locate(None):
            _require_limits(files)
        events, entries = content(files, EVENTS), content(files, ENTRIES)
    except check.Refusal as refusal:
        report = check.refused(refusal, None)
        return check.with_receipt(report, None, receipt=receipt, trust=trust)
    openings = files.chunks(OPENINGS) if OPENINGS in names else None
    return check.check(events, entries, openings, practice=practice, trust=trust, receipt=receipt)


def check_bundle(
    files: Files, *, practice: bool = False, trust: Trust = NOBODY, receipt: bytes | None = None
) -> Report:
    """Check a whole bundle, and a promise or a receipt beside it if one is given.

    `practice` allows a practice beacon; `trust` says whose evidence counts.
    """
    also = None if receipt is None else checkpoint_size(receipt)
    chain, report, root = _checked(files, practice=practice, trust=trust, also=also)
    return check.with_receipt(report, chain, receipt=receipt, trust=trust, root=root)


def _checked(
    files: Files, *, practice: bool, trust: Trust, also: int | None
) -> tuple[Chain | None, Report, bytes | None]:
    """Return the report, the chain if all of it holds, and the log's root at the size `also`."""
    chain = None
    try:
        manifest = _manifest(files)
        listed = check.parse_events(content(files, EVENTS))
        chain = check.begin(listed, practice=practice)
        with locate(MANIFEST):
            if manifest.contest != chain.contest:
                raise BundleError("foreign_manifest", "The manifest is of another contest.")
        check.fold(chain, listed, content(files, ENTRIES))
        names = set(files.names())
        if OPENINGS in names:
            check.open_entries(chain, files.chunks(OPENINGS))
        versions = _check_terms(files, chain, listed)
        verified = _check_verifiers(files, versions[-1])
        opened = _check_quizzes(files, chain, versions)
        _check_dispute(files, chain, manifest.edition)
        outside = log_files.check_log(files, chain, listed, trust=trust, also=also)
    except check.Refusal as refusal:
        return None, check.refused(refusal, chain), None
    unverified = [*_PROVES_NOTHING, *(name for name in VERIFIERS if name not in verified)]
    findings = [_unverified(name) for name in sorted(names & {*unverified})]
    said = [*outside.findings, *opened, *findings]
    report = check.report(chain, said, grade=outside.grade)
    return chain, report, outside.root


def _unverified(name: str) -> Finding:
    return Finding(
        code="unverified_file", text=f"{name} is carried along and is no part of the proof."
    )


def _manifest(files: Files) -> Manifest:
    """Read the manifest and check that the files are exactly the ones that it lists."""
    names = files.names()
    for name in _REQUIRED:
        _require_present(name, names)
    with locate(MANIFEST):
        _require_limits(files)
        try:
            manifest = msgspec.convert(decode(content(files, MANIFEST)), Manifest)
        except msgspec.ValidationError as error:
            raise BundleError("bad_manifest", f"The manifest is malformed: {error}.") from error
        named = [file.name for file in manifest.files]
        if named != sorted(set(named)):
            raise BundleError("bad_manifest", "The manifest does not list names once, in order.")
        if set(named) != set(names) - {MANIFEST} or MANIFEST in named:
            raise BundleError("other_files", "The bundle's files are not the listed ones.")
    for file in manifest.files:
        with locate(file.name):
            _require_known(file.name, manifest.edition)
            if manifest.format == 1 and log_files.size_limit(file.name) is not None:
                raise BundleError("unknown_file", "A bundle of format 1 has no such file.")
            _require_content(files, file)
    return manifest


def _require_present(name: str, names: Container[str]) -> None:
    with locate(name):
        if name not in names:
            raise UnreadableError("missing_file", f"There is no {name}.")


def _require_limits(files: Files) -> None:
    names = files.names()
    if len(names) > MAX_FILES or sum(files.size(name) for name in names) > MAX_EXPANDED:
        raise BundleError("too_large", "The bundle has too many files or bytes.")
    limits = {MANIFEST: MAX_MANIFEST, ENTRIES: MAX_TICKETS * LEAF_SIZE}
    for name in names:
        limit = log_files.size_limit(name) or limits.get(name, MAX_EXPANDED)
        if name.startswith("terms/"):
            limit = MAX_TERMS
        if name.startswith("quiz/"):
            limit = MAX_QUIZ
        if files.size(name) > limit:
            raise BundleError("too_large", f"{name} has more than {limit} bytes.")


def _require_known(name: str, edition: Edition) -> None:
    named = _TERMS_NAME.fullmatch(name) or _QUIZ_NAME.fullmatch(name)
    is_known = name in _COMMON or named or log_files.size_limit(name)
    if not is_known and not (edition is Edition.DISPUTE and name in _DISPUTE):
        raise BundleError("unknown_file", f"The {edition} edition has no such file.")


def _require_content(files: Files, file: FileEntry) -> None:
    digest, size = hashlib.sha256(), 0
    for chunk in files.chunks(file.name):
        digest.update(chunk)
        size += len(chunk)
    if (size, digest.hexdigest()) != (file.size, file.sha256):
        raise BundleError("other_content", "The file is not the one that the manifest lists.")


def _check_terms(files: Files, chain: Chain, listed: list[tuple[Event, bytes]]) -> list[Terms]:
    """Check every version of the terms; return them, at least one, in order."""
    names = files.names()
    promised = [event.body for event, _ in listed if event.type in _RULES]
    versions: list[Terms] = []
    for version, rules in enumerate(promised, 1):
        name = terms_name(rules.terms_sha256)
        with locate(name):
            if name not in names:
                raise BundleError("missing_terms", "The terms that an event names are missing.")
            data = content(files, name)
            if hashlib.sha256(data).hexdigest() != rules.terms_sha256:
                raise BundleError("other_terms", "The file's name does not hold its hash.")
            terms = parse_terms(data)
            require_terms(terms, contest=chain.contest, version=version, rules=rules)
        versions.append(terms)
    if sum(name.startswith("terms/") for name in names) != len(promised):
        with locate("terms"):
            raise BundleError("unknown_file", "There are terms that no event names.")
    return versions


def _check_verifiers(files: Files, terms: Terms) -> set[str]:
    """Check the verifiers that are there; return those that the terms in force vouch for."""
    names = files.names()
    vouched = {verifier.name: verifier.sha256 for verifier in terms.verifiers}
    for name in vouched.keys() & set(names):
        with locate(name):
            if hashlib.sha256(content(files, name)).hexdigest() != vouched[name]:
                raise BundleError("other_verifier", "This is not the verifier of the terms.")
    return set(vouched)


_RULES = frozenset({EventType.RULES, EventType.AMEND})


def _check_quizzes(files: Files, chain: Chain, versions: Sequence[Terms]) -> list[Finding]:
    """Check that opened answers are the ones that were promised, and say which are still sealed."""
    with locate("terms"):
        promised = promised_quizzes(versions)
    found = (_QUIZ_NAME.fullmatch(name) for name in files.names())
    present = frozenset(each[1] for each in found if each)
    with locate("quiz"):
        require_opened(promised, present, frozen=chain.freeze is not None)
    findings = []
    for quiz, commitment in promised.items():
        if commitment not in present:
            findings.append(_sealed(quiz, is_void=chain.void is not None))
            continue
        name = quiz_name(commitment)
        with locate(name):
            data = content(files, name)
            opened = check_quiz(data, contest=chain.contest, quiz=quiz, commitment=commitment)
        answers = "; ".join(opened.answers)
        said = f"The answers to the quiz {quiz} are the ones that the terms fixed in advance: "
        findings.append(Finding(code="quiz_opened", text=said + answers))
    return findings


def _sealed(quiz: str, *, is_void: bool) -> Finding:
    why = "the contest ended before" if is_void else "they are opened after the close"
    return Finding(
        code="quiz_sealed", text=f"The answers to the quiz {quiz} are still sealed: {why}."
    )


def _check_dispute(files: Files, chain: Chain, edition: Edition) -> None:
    chunks = {name: files.chunks(name) for name in _DISPUTE & set(files.names())}
    frozen = chain.freeze.evidence if chain.freeze else None
    if edition is Edition.PUBLIC:
        return
    with locate(EVIDENCE):
        if (EVIDENCE in chunks) != (frozen is not None):
            raise BundleError("other_evidence", "The evidence is missing, or was never frozen.")
    with locate(RECORDS):
        kept = dispute.record_lines(chunks.get(RECORDS, ()), contest=chain.contest)
    with locate(EVIDENCE):
        if frozen is not None:
            dispute.check_evidence(chunks[EVIDENCE], expected=frozen.sha256, kept=kept)
        elif kept:
            raise BundleError("unknown_record", "There are records, and no frozen evidence.")
    _check_carried(chunks, chain)


def _check_carried(chunks: Mapping[str, Iterator[bytes]], chain: Chain) -> None:
    with locate(SCANS):
        scans = dispute.check_scans(chunks.get(SCANS, ()))
    with locate(PAGES):
        dispute.check_pages(chunks.get(PAGES, ()), scans=scans)
    with locate(OVERRIDES):
        dispute.check_overrides(chunks.get(OVERRIDES, ()))
    with locate(CORRESPONDENCE):
        dispute.check_correspondence(chunks.get(CORRESPONDENCE, ()), chain.entries)


class BundleWriter:
    """Writes a bundle's zip as a stream: every call returns the bytes that come next.

    Files may come in any order; the manifest is written last.
    """

    def __init__(self, *, edition: Edition, contest: str) -> None:
        self._edition = edition
        self._contest = contest
        self._zip = ZipWriter()
        self._files: list[FileEntry] = []
        self._name = ""
        self._size = 0
        self._digest = hashlib.sha256()

    def begin(self, name: str) -> bytes:
        """Begin a file. Raises BundleError for a name that the edition does not have."""
        _require_known(name, self._edition)
        self._name, self._size, self._digest = name, 0, hashlib.sha256()
        return self._zip.begin(name)

    def write(self, chunk: bytes) -> bytes:
        """Add content to the file."""
        self._size += len(chunk)
        self._digest.update(chunk)
        return self._zip.write(chunk)

    def end(self) -> bytes:
        """End the file."""
        digest = self._digest.hexdigest()
        self._files.append(FileEntry(name=self._name, size=self._size, sha256=digest))
        return self._zip.end()

    def add(self, name: str, content: bytes) -> bytes:
        """Write a whole file."""
        return self.begin(name) + self.write(content) + self.end()

    def finish(self) -> bytes:
        """Write the manifest and end the zip."""
        manifest = Manifest(
            v=VERSION,
            format=FORMAT,
            edition=self._edition,
            contest=self._contest,
            files=tuple(sorted(self._files, key=lambda file: file.name)),
        )
        head = self._zip.begin(MANIFEST) + self._zip.write(encode(manifest))
        return head + self._zip.end() + self._zip.finish()
