"""`contest-service verify`: trust and receipts as files, and what is said to a person."""

import json
from pathlib import Path
from typing import Any

import pytest

from contest_service.cli import main
from contest_service.cli.verify import in_words, verify
from contest_service.proof.check import Verdict
from contest_service.proof.grade import WORDS, Grade
from contest_service.proof.held import Held
from proof.bundles import zipped
from proof.generated import Made, write_folder
from proof.witnessed import Witnessed, promise, receipt, trust_file

MADE = Made()
BUNDLE = Witnessed(MADE.files())
FILES = BUNDLE.files()


@pytest.fixture
def trust(tmp_path: Path) -> Path:
    path = tmp_path / "trust.json"
    path.write_bytes(trust_file())
    return path


@pytest.fixture
def held(tmp_path: Path) -> Path:
    path = tmp_path / "receipt.json"
    path.write_bytes(receipt(BUNDLE, MADE.openings[0]))
    return path


@pytest.fixture(params=["zip", "folder"])
def bundle(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    if request.param == "folder":
        return write_folder(tmp_path / "bundle", FILES)
    path = tmp_path / "bundle.zip"
    path.write_bytes(zipped(FILES))
    return path


def test_trust_gives_the_grade_and_its_words(bundle: Path, trust: Path) -> None:
    with_trust, without = verify(bundle, trust=trust), verify(bundle)
    assert (with_trust.grade, without.grade) == (Grade.A, Grade.D)
    said = list(in_words(with_trust))
    assert "grade: A" in said
    assert f"note: {WORDS[Grade.A]}" in said


def test_a_receipt_is_told_with_its_places(bundle: Path, trust: Path, held: Path) -> None:
    report = verify(bundle, trust=trust, receipt=held)
    assert report.receipt is not None
    [draw] = report.receipt.draws or ()
    said = list(in_words(report))
    assert said[-3:] == [
        "receipt: HOLDS, tickets: 1",
        f"draw 1: your ticket {draw.ticket}, place {draw.place}",
        f"draw 1: the last ticket that won {draw.cut_off}",
    ]


def test_a_receipt_that_does_not_hold_changes_no_verdict(bundle: Path, held: Path) -> None:
    held.write_bytes(promise(MADE.openings[0], 9, 5))
    report = verify(bundle, receipt=held)
    assert report.verdict is Verdict.VERIFIED
    said = list(in_words(report))
    assert said[-1] == "receipt: DOES NOT HOLD (other_weight)"
    assert any("another weight" in line for line in said)


@pytest.mark.parametrize("content", [b"", b"{}", b"x" * (2 << 20)])
def test_with_a_trust_file_that_is_none_nothing_is_said(
    bundle: Path, trust: Path, held: Path, content: bytes
) -> None:
    trust.write_bytes(content)
    report = verify(bundle, trust=trust, receipt=held)
    assert (report.verdict, report.reason) == (Verdict.UNREADABLE, "bad_trust")
    assert (report.where, report.contest) == (str(trust), None)
    assert report.receipt == Held(holds=False, reason="bundle_refused")


@pytest.mark.parametrize("option", ["trust", "receipt"])
def test_a_file_that_is_not_there_is_named(bundle: Path, tmp_path: Path, option: str) -> None:
    missing = tmp_path / "missing"
    for path in (missing, tmp_path):
        given: dict[str, Any] = {option: path}
        report = verify(bundle, **given)
        assert (report.verdict, report.where) == (Verdict.UNREADABLE, str(path))


def test_the_command_takes_both_as_options(
    bundle: Path, trust: Path, held: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--trust", str(trust), "--receipt", str(held), "--json"]
    assert main(["verify", *options, str(bundle)]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["grade"] == "A"
    assert said["receipt"]["holds"] is True
    assert main(["verify", "--trust", str(held), str(bundle)]) == 2
