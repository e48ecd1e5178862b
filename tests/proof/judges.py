"""Three verifiers that share no code, asked about the same bundle: what they say has to agree."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec

from contest_service.cli.verify import verify
from proof.browser import BrowserVerifier
from proof.standalone import verifier

FACTS = (
    "verdict",
    "grade",
    "outcome",
    "freeze_hash",
    "round",
    "randomness",
    "initial",
    "final",
    "receipt",
)
_OF_WHAT_WAS_READ = ("contest", "practice")

# Few keys occur, and each takes long in pure Python.
_decompress = verifier.decompress
_point = lru_cache(lambda data, a, b: _decompress(data, verifier.Fp2(a, b)))
verifier.decompress = lambda data, b: _point(data, b.a, b.b)


class Judges:
    """The service, `verify.py` and the page's core."""

    def __init__(self, browser: BrowserVerifier) -> None:
        self._browser = browser

    def agreed(
        self,
        path: Path,
        *,
        about: object,
        practice: bool = False,
        trust: Path | None = None,
        receipt: Path | None = None,
    ) -> dict[str, Any]:
        """Let all look, compare what they say, and return what `verify.py` said."""
        given = {"practice": practice, "trust": trust, "receipt": receipt}
        ours = msgspec.json.decode(msgspec.json.encode(verify(path, **given)))
        files = [each and str(each) for each in (trust, receipt)]
        standalone: dict[str, Any] = verifier.verify(str(path), practice, *files).facts()
        page = self._browser.verify(path, **given)
        for other in (ours, page):
            _require_alike(standalone, other, about)
        return standalone


@contextmanager
def gathered() -> Iterator[Judges]:
    """All three, for as long as the page's core runs."""
    with BrowserVerifier() as browser:
        yield Judges(browser)


def _require_alike(one: dict[str, Any], other: dict[str, Any], about: object) -> None:
    assert "internal-error" not in (one["reason"], other["reason"]), (about, one, other)
    for name in FACTS:
        assert _compared(one, name) == _compared(other, name), (about, name, one, other)
    if one["verdict"] in ("refused", "unreadable"):
        return
    for name in _OF_WHAT_WAS_READ:
        assert one[name] == other[name], (about, name, one, other)
    assert _unverified(one) == _unverified(other), (about, one, other)


def _compared(facts: dict[str, Any], name: str) -> Any:
    """A fact as far as its words are the specification's: reasons are each verifier's own."""
    value = facts[name]
    if name == "receipt" and value is not None:
        return {key: value[key] for key in ("holds", "weight", "draws")}
    return value


def _unverified(facts: dict[str, Any]) -> list[str]:
    return sorted(
        finding["text"].split()[0]
        for finding in facts["findings"]
        if finding["code"].replace("-", "_") == "unverified_file"
    )
