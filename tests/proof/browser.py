"""The browser verifier without a browser: its core, run by Node as one process for many bundles."""

import json
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import hatch_build

ROOT = Path(__file__).parents[2]
SOURCES = ROOT / hatch_build.VERIFIER.sources
_ENTRY = Path(__file__).parent / "browser_lines.mjs"
_PROGRAM = ROOT / ".cache" / "verifier" / _ENTRY.name


class BrowserVerifierError(Exception):
    """The process failed, which no bundle may bring about."""


class BrowserVerifier:
    """The JavaScript verifier as a context manager. Not for several threads at once."""

    def __enter__(self) -> Self:
        hatch_build.build_program(ROOT, _ENTRY, _PROGRAM)
        self._process = subprocess.Popen(
            [hatch_build.node_program(), _PROGRAM],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        return self

    def __exit__(
        self,
        type_: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._process.communicate()

    def verify(
        self,
        path: Path,
        *,
        practice: bool = False,
        trust: Path | None = None,
        receipt: Path | None = None,
    ) -> dict[str, Any]:
        """Return the machine output about a zip or folder (specification, section 8.8)."""
        facts: dict[str, Any] = self.look(path, practice=practice, trust=trust, receipt=receipt)[
            "facts"
        ]
        return facts

    def look(
        self,
        path: Path,
        *,
        practice: bool = False,
        trust: Path | None = None,
        receipt: Path | None = None,
    ) -> dict[str, Any]:
        """Return `facts`, the step that `failed`, and the `states` that steps went through."""
        given = {"trust": trust and str(trust), "receipt": receipt and str(receipt)}
        found: dict[str, Any] = self.ask("check", path=str(path), practice=practice, **given)
        return found

    def ask(self, question: str, **facts: Any) -> Any:
        """Ask one question and return the answer. Raises BrowserVerifierError."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"ask": question} | facts) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise BrowserVerifierError("The process ended.")
        answer = json.loads(line)
        if "error" in answer:
            raise BrowserVerifierError(answer["error"])
        return answer["answer"]
