"""The given cases and facts (tests/data/README.md)."""

import json
from pathlib import Path
from typing import Any

import msgspec

_DATA = Path(__file__).parent.parent / "data"

VECTORS: dict[str, Any] = json.loads((_DATA / "drawproof-vectors.json").read_bytes())
QUICKNET: dict[str, Any] = json.loads((_DATA / "drand.json").read_bytes())["quicknet"]


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """One given case: whole files, and what a verifier has to come to."""

    name: str
    practice: bool
    exit: int
    files: dict[str, bytes]
    expected: dict[str, Any]

    @property
    def events(self) -> bytes:
        return self.files["events.jsonl"]

    @property
    def entries(self) -> bytes:
        return self.files["entries.bin"]

    @property
    def openings(self) -> list[bytes] | None:
        return [self.files["openings.jsonl"]] if "openings.jsonl" in self.files else None


CASES = [
    Case(
        name=case["name"],
        practice=case["practice"],
        exit=case["exit"],
        files={name: bytes.fromhex(content) for name, content in case["files"].items()},
        expected=case.get("expected", {}),
    )
    for case in VECTORS["cases"]
]
WHOLE = [case for case in CASES if case.expected]


def case_named(name: str) -> Case:
    """Return the case of this name."""
    return next(case for case in CASES if case.name == name)
