"""The dispute edition: evidence that the freeze binds, and files that at least have their form."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from proof.generated import Made, dispute, jsonl, load_verifier, write_folder

verifier = load_verifier()
EVIDENCE, RECORDS = "dispute/evidence.txt", "dispute/records.jsonl"
SCANS, PAGES = "dispute/scans.jsonl", "dispute/pages.jsonl"
OVERRIDES, MESSAGES = "dispute/overrides.jsonl", "dispute/correspondence.jsonl"
HONEST = dispute().files()


def verdict_of(tmp_path: Path, files: dict[str, bytes]) -> tuple[str, str | None]:
    facts = verifier.verify(str(write_folder(tmp_path, files))).facts()
    return facts["verdict"], facts["reason"]


def sealed(
    change: Callable[[dict[str, bytes]], None], edition: str = "dispute"
) -> dict[str, bytes]:
    made = dispute()
    files = {name: data for name, data in HONEST.items() if name != "manifest.json"}
    change(files)
    made.edition = edition
    return made.sealed(files)


def line(name: str, **changes: Any) -> dict[str, bytes]:
    """The honest bundle with the one line of a file changed; a value of ... takes the key away."""
    value = verifier.parse_canonical(HONEST[name].split(b"\n")[0], name) | changes
    value = {key: item for key, item in value.items() if item is not ...}
    return sealed(lambda files: files.update({name: jsonl([value])}))


def second(name: str, **changes: Any) -> dict[str, bytes]:
    """The honest bundle with a second line, like the first but for the changes."""
    value = verifier.parse_canonical(HONEST[name].split(b"\n")[0], name) | changes
    return sealed(lambda files: files.update({name: files[name] + jsonl([value])}))


def rewritten(change: Callable[[list[bytes]], list[bytes]]) -> dict[str, bytes]:
    """Evidence that is bound by the freeze, but wrong in itself."""
    made = dispute()
    lines = change(made.evidence_txt().splitlines(keepends=True))
    made.evidence_txt = lambda: b"".join(lines)  # type: ignore[method-assign] # the one defect
    return made.files()


def with_record(record: Any) -> dict[str, bytes]:
    made = dispute()
    made.records[0]["record"] = record
    return made.files()


HOLDS: dict[str, Callable[[], dict[str, bytes]]] = {
    "no records": lambda: sealed(lambda files: files.pop(RECORDS) and None),
    "empty files": lambda: sealed(lambda files: files.update({PAGES: b"", MESSAGES: b""})),
    "pages without scans, but none": lambda: sealed(
        lambda files: files.update({PAGES: b""}) or (files.pop(SCANS) and None)
    ),
    "a scan that still runs": lambda: line(SCANS, finished_at=..., claimed=...),
    "a scan that was broken off": lambda: line(SCANS, state="aborted", seen=..., hidden=...),
    "an override by the service": lambda: line(OVERRIDES, person=..., entrant=..., reason=""),
    "a second scan": lambda: second(SCANS, scan="s2"),
    "a second page": lambda: second(PAGES, seq=1),
    "a second override at the same time": lambda: second(OVERRIDES),
    "an answer of the winner": lambda: second(MESSAGES, direction="in", text=[]),
}


@pytest.mark.parametrize("name", HOLDS)
def test_what_may_be_is_accepted(name: str, tmp_path: Path) -> None:
    assert verdict_of(tmp_path, HOLDS[name]()) == ("verified", None)


DEFECTS: dict[str, tuple[Callable[[], dict[str, bytes]], str]] = {
    "evidence in the public edition": (
        lambda: sealed(lambda files: None, edition="public"),
        "name",
    ),
    "evidence missing": (
        lambda: sealed(lambda files: files.pop(EVIDENCE) and None),
        "evidence-presence",
    ),
    "evidence that no freeze binds": (
        lambda: Made(edition="dispute").sealed(
            {k: v for k, v in Made().files().items() if k != "manifest.json"}
            | {EVIDENCE: HONEST[EVIDENCE]}
        ),
        "evidence-presence",
    ),
    "records without evidence": (
        lambda: Made(edition="dispute").sealed(
            {k: v for k, v in Made().files().items() if k != "manifest.json"}
            | {RECORDS: HONEST[RECORDS]}
        ),
        "records-presence",
    ),
    "evidence rewritten after the draw": (
        lambda: sealed(lambda files: files.update({EVIDENCE: files[EVIDENCE][65:]})),
        "evidence-changed",
    ),
    "lines out of order": (lambda: rewritten(lambda lines: lines[::-1]), "evidence-lines"),
    "a line twice": (lambda: rewritten(lambda lines: [lines[0], *lines]), "evidence-lines"),
    "a line in capitals": (
        lambda: rewritten(lambda lines: sorted(item.upper() for item in lines)),
        "evidence-lines",
    ),
    "no line feed at the end": (
        lambda: rewritten(lambda lines: [*lines[:-1], lines[-1][:-1]]),
        "evidence-lines",
    ),
    "a carriage return": (
        lambda: rewritten(lambda lines: [lines[0][:-1] + b"\r\n", *lines[1:]]),
        "evidence-lines",
    ),
    "a record that the evidence does not hold": (
        lambda: rewritten(lambda lines: lines[1:]),
        "record-unknown",
    ),
    "a record altered": (
        lambda: sealed(
            lambda files: files.update({RECORDS: files[RECORDS].replace(b"valid", b"bot", 1)})
        ),
        "record-unknown",
    ),
    "a record twice": (
        lambda: sealed(
            lambda files: files.update(
                {RECORDS: files[RECORDS] + files[RECORDS].split(b"\n")[0] + b"\n"}
            )
        ),
        "record-twice",
    ),
    "a record of another contest": (lambda: with_record({"contest": "x"}), "record-contest"),
    "a record of no contest": (lambda: with_record({}), "record-contest"),
    "a record that is a list": (lambda: with_record([]), "form"),
    "a scan twice": (lambda: second(SCANS), "scan-twice"),
    "a scan with another key": (lambda: line(SCANS, note="x"), "form"),
    "a scan without its state": (lambda: line(SCANS, state=...), "form"),
    "a scan whose action is free text": (lambda: line(SCANS, action="Like it"), "form"),
    "a scan that is closing 1": (lambda: line(SCANS, closing=1), "form"),
    "a page of an unknown scan": (lambda: line(PAGES, scan="s2"), "page-scan"),
    "a page twice": (lambda: second(PAGES, size=5), "page-twice"),
    "pages without scans": (lambda: sealed(lambda files: files.pop(SCANS) and None), "page-scan"),
    "an override by nobody": (lambda: line(OVERRIDES, person=""), "form"),
    "an override whose kind is free text": (lambda: line(OVERRIDES, kind="By hand"), "form"),
    "an override without a reason": (lambda: line(OVERRIDES, reason=...), "form"),
    "overrides out of order": (lambda: second(OVERRIDES, at=1), "time"),
    "a message to a stranger": (lambda: line(MESSAGES, commit="0" * 64), "message-unknown"),
    "a message sideways": (lambda: line(MESSAGES, direction="sideways"), "form"),
    "a message that is no list": (lambda: line(MESSAGES, text="hello"), "form"),
    "messages out of order": (lambda: second(MESSAGES, at=1), "time"),
    "a message with a null": (lambda: line(MESSAGES, channel=None), "json"),
    "an unknown file": (
        lambda: sealed(lambda files: files.update({"dispute/notes.txt": b""})),
        "name",
    ),
}


@pytest.mark.parametrize("defect", DEFECTS)
def test_a_dispute_bundle_with_a_defect_is_refused(defect: str, tmp_path: Path) -> None:
    make, code = DEFECTS[defect]
    assert verdict_of(tmp_path, make()) == ("refused", code)
