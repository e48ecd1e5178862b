"""A whole bundle made for tests, its files open to any change."""

import hashlib
import io
import zipfile
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from contest_service.proof.bundle import terms_name
from contest_service.proof.canonical import VERSION, encode
from contest_service.proof.chain import Chain
from contest_service.proof.dispute import evidence_digest, evidence_line
from contest_service.proof.events import EventType, Rules, line
from contest_service.proof.terms import (
    Terms,
    TermsSchedule,
    VerifierFile,
    terms_bytes,
    terms_hash,
)
from proof import contests
from proof.contests import CLOSES, CONTEST, DRAWS, GENESIS, OPENS, ROUND, sign

VERIFIER = b"print('a verifier')\n"
SALTS = {number: hashlib.sha256(f"record {number}".encode()).digest() for number in range(4)}


def record(number: int) -> dict[str, Any]:
    """Return an evidence record."""
    return {"contest": CONTEST, "entry": f"e{number}", "state": "valid", "tickets": 1}


def digest(number: int) -> bytes:
    """Return the digest of that record."""
    return evidence_digest(SALTS[number], encode(record(number)))


EVIDENCE = b"".join(sorted(evidence_line(digest(number)) for number in SALTS))


def terms(version: int = 1, **changes: Any) -> Terms:
    """Return terms that suit `contests.rules()`."""
    made = Terms(
        v=VERSION,
        contest=CONTEST,
        version=version,
        reason="" if version == 1 else "the prize changed",
        rules={"kind": "liked", "version": 1},
        schedule=TermsSchedule(
            opens_at=OPENS, closes_at=CLOSES, freeze_at=CLOSES + 100, draw_at=DRAWS
        ),
        zone="Europe/Berlin",
        texts={"en": ("Like the post.", "A mug is drawn."), "ru": ("Лайк.",)},
        verifiers=(VerifierFile(name="verify.py", sha256=hashlib.sha256(VERIFIER).hexdigest()),),
    )
    return msgspec.structs.replace(made, **changes)


def rules_of(made: Terms, **changes: Any) -> Rules:
    """Return rules that name these terms."""
    return contests.rules(terms_sha256=terms_hash(terms_bytes(made)), **changes)


def lines_of(*objects: Any) -> bytes:
    """Return a `.jsonl` file."""
    return b"".join(encode(one) + b"\n" for one in objects)


def sealed(files: Mapping[str, bytes], **changes: Any) -> dict[str, bytes]:
    """Return the files with a manifest that suits them, then changed."""
    plain = {name: content for name, content in files.items() if name != "manifest.json"}
    manifest: dict[str, Any] = {
        "v": VERSION,
        "format": 1,
        "edition": "public",
        "contest": CONTEST,
        "files": [
            {"name": name, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
            for name, content in sorted(plain.items())
        ],
    }
    return {**plain, "manifest.json": encode(manifest | changes)}


def public(made: Terms | None = None) -> dict[str, bytes]:
    """Return the files of a public edition, sealed."""
    made = made or terms()
    chain = Chain(CONTEST, contests.entry_list([1] * 4), practice=True)
    events = [contests.append(chain, EventType.RULES, GENESIS, rules_of(made))]
    evidence = hashlib.sha256(EVIDENCE).hexdigest()
    freeze = chain.freeze_body(evidence=evidence)
    events.append(contests.append(chain, EventType.FREEZE, CLOSES + 100, freeze))
    result = chain.result_body(sign(ROUND))
    events.append(contests.append(chain, EventType.RESULT, chain.round_time, result))
    return sealed(
        {
            "events.jsonl": b"".join(line(event) + b"\n" for event in events),
            "entries.bin": bytes(chain.entries.data),
            terms_name(terms_hash(terms_bytes(made))): terms_bytes(made),
            "openings.jsonl": lines_of(contests.opening(1)),
            "README.txt": b"Read me.\n",
            "verify.py": VERIFIER,
        }
    )


def dispute() -> dict[str, bytes]:
    """Return the files of a dispute edition, sealed."""
    commit = contests.opening(1).commitment.hex()
    files = public() | {
        "dispute/evidence.txt": EVIDENCE,
        "dispute/records.jsonl": lines_of(
            *({"record": record(number), "salt": SALTS[number].hex()} for number in (2, 0))
        ),
        "dispute/scans.jsonl": lines_of(SCAN, SCAN | {"scan": "s2", "state": "running"}),
        "dispute/pages.jsonl": lines_of(PAGE),
        "dispute/overrides.jsonl": lines_of(
            {"at": 5, "kind": "coverage", "reason": "counter-is-wrong", "person": "p1"}
        ),
        "dispute/correspondence.jsonl": lines_of(MESSAGE | {"commit": commit}),
    }
    return sealed(files, edition="dispute")


SCAN: dict[str, Any] = {
    "scan": "s1",
    "target": "at://post",
    "action": "like",
    "closing": True,
    "started_at": 1,
    "finished_at": 2,
    "state": "complete",
    "pages": 1,
    "seen": 4,
    "claimed": 4,
    "hidden": 0,
}
PAGE: dict[str, Any] = {
    "scan": "s1",
    "seq": 0,
    "sha256": "00" * 32,
    "size": 9,
    "fetched_at": 2,
}
MESSAGE: dict[str, Any] = {
    "at": 9,
    "direction": "out",
    "channel": "bluesky",
    "text": ["You won.", "Answer here."],
}


class Folder:
    """A bundle's files in memory."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._files = files

    def names(self) -> list[str]:
        return list(self._files)

    def size(self, name: str) -> int:
        return len(self._files[name])

    def chunks(self, name: str) -> Iterator[bytes]:
        content = self._files[name]
        return (content[at : at + 1000] for at in range(0, len(content), 1000))


def zipped(files: Mapping[str, bytes], *, deflate: bool = True) -> bytes:
    """Zip files as the standard library does."""
    out = io.BytesIO()
    method = zipfile.ZIP_DEFLATED if deflate else zipfile.ZIP_STORED
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()
