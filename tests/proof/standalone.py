"""What verify.py says about a bundle with a log, asked in one line.

The beacon's few signatures, and those of the log's keys, are looked at once each: in pure Python
they take long.
"""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from proof.generated import load_verifier, write_folder
from proof.witnessed import trust_file

verifier = load_verifier()
verifier.signature_problem = lru_cache(verifier.signature_problem)
verifier.ed25519_holds = lru_cache(verifier.ed25519_holds)

TRUST = trust_file()


def facts_of(
    folder: Path,
    files: Mapping[str, bytes],
    *,
    trust: bytes | None = TRUST,
    receipt: bytes | None = None,
    practice: bool = False,
) -> dict[str, Any]:
    """Return the machine output about these files; `folder` must be new."""
    return dict(report_of(folder, files, trust=trust, receipt=receipt, practice=practice).facts())


def report_of(
    folder: Path,
    files: Mapping[str, bytes],
    *,
    trust: bytes | None = TRUST,
    receipt: bytes | None = None,
    practice: bool = False,
) -> Any:
    """Return the whole report."""
    path = write_folder(folder / "bundle", dict(files))
    given: list[str | None] = [None, None]
    for place, (name, data) in enumerate((("trust.json", trust), ("receipt.json", receipt))):
        if data is not None:
            (folder / name).write_bytes(data)
            given[place] = str(folder / name)
    return verifier.verify(str(path), practice, *given)


def verdict_of(folder: Path, files: Mapping[str, bytes], **given: Any) -> tuple[str, str | None]:
    """Return the verdict and its reason."""
    facts = facts_of(folder, files, **given)
    return facts["verdict"], facts["reason"]


def texts_of(facts: Mapping[str, Any], code: str) -> list[str]:
    """Return the texts of all findings with this code."""
    return [finding["text"] for finding in facts["findings"] if finding["code"] == code]
