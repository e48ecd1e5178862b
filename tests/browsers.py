"""The browser that pages are tested in: this machine's Chromium or Chrome, or the one that
Playwright fetched."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

_PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_NONE = (
    "Pages are tested in Chromium, and there is none here: apt-get install chromium, "
    "or .venv/bin/playwright install chromium."
)


def chromium() -> str:
    """The program. A test without one fails, and says how to get one."""
    program = _find()
    if program is None:
        pytest.fail(_NONE)
    return program


def described() -> str:
    """Which browser it is, in a line for whoever runs the tests."""
    program = _find()
    if program is None:
        return _NONE
    told = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    return f"pages are tested in {told.stdout.strip() or 'a browser'} ({program})"


def _find() -> str | None:
    on_path = (shutil.which(name) for name in _PROGRAMS)
    return next((program for program in on_path if program), None) or _fetched()


def _fetched() -> str | None:
    usual = Path.home() / ".cache" / "ms-playwright"
    folder = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH", usual))
    return max(map(str, folder.glob("chromium-*/chrome-linux*/chrome")), default=None)
