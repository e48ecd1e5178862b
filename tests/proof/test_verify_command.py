"""verify.py as it is run: arguments, exit status, words, and what it never lets through."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from proof.generated import VERIFIER, Made, dispute, jcs, load_verifier, tagged, write_folder
from proof.given import Case, case_named
from proof.packed import members, zipped
from proof.witnessed import Witnessed, trust_file

verifier = load_verifier()
NASTY = "\x1b[2J\r\n\x07 \u202e \u2066 \u200b \u2028 \u00ad \ue000 \U000e0041 \x7f \x9b \\u{1b}"


def run(*arguments: object, environment: dict[str, str] | None = None) -> tuple[int, bytes, bytes]:
    """Run it as a stranger would: isolated, and with nothing of ours on the path."""
    command = [sys.executable, "-I", str(VERIFIER), *map(str, arguments)]
    answer = subprocess.run(command, capture_output=True, env=environment, check=False)
    return answer.returncode, answer.stdout, answer.stderr


def spoken(*arguments: object) -> tuple[int, str]:
    status, out, err = run(*arguments)
    assert err == b""
    return status, out.decode()


def facts_of(*arguments: object) -> tuple[int, dict[str, Any]]:
    status, out = spoken("--json", *arguments)
    assert out.count("\n") == 1
    facts: dict[str, Any] = json.loads(out)
    return status, facts


def case(tmp_path: Path, given: Case) -> Path:
    return write_folder(tmp_path / "given", given.files)


def test_it_says_what_holds_in_words_and_in_json(tmp_path: Path) -> None:
    made = Made()
    freeze_hash = tagged("event", jcs(made.events()[1])).hex()
    order = [made.commits.index(commit) for _, commit in made.ranking(freeze_hash, 0)]
    made.dq_after = tuple(order[:5])
    path = tmp_path / "bundle.zip"
    path.write_bytes(zipped(members(made.files())))
    status, words = spoken(path)
    assert status == 0
    assert words.startswith("VERIFIED")
    assert words.splitlines()[2].startswith("Grade D")
    for number in range(6):
        assert f'"Ann {number}" (vk:{number})' in words  # whoever held a prize at any time
    for expected in ("a car (gold)", "a bike (silver)", "disqualified: no-reply"):
        assert expected in words
    status, facts = facts_of(path)
    assert (status, facts["verdict"], facts["outcome"]) == (0, "verified", "result")
    assert facts["contest"] == "c-2026"
    required = "verdict reason where practice grade outcome contest freeze_hash round randomness"
    assert set(facts) >= {*required.split(), "initial", "final", "findings"}
    assert [finding.keys() for finding in facts["findings"]] == [{"code", "text"}] * len(
        facts["findings"]
    )


def test_a_refusal_names_its_reason_and_its_place(tmp_path: Path) -> None:
    given = case_named("winners swapped")
    status, facts = facts_of(case(tmp_path, given))
    assert (status, facts["verdict"], facts["reason"]) == (1, "refused", "winners")
    assert facts["where"] == "events.jsonl:3"
    assert facts["contest"] == "unweighted-12"
    for name in ("grade", "outcome", "freeze_hash", "round", "randomness", "initial", "final"):
        assert facts[name] is None
    status, words = spoken(case(tmp_path, given))
    assert status == 1
    assert words.startswith("REFUSED")
    assert "The winners are not those that the draw gives." in words


@pytest.mark.parametrize("content", [b"", b"PK", b"hello", b"PK\5\6" + bytes(18)])
def test_what_is_no_zip_is_unreadable(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "bundle.zip"
    path.write_bytes(content)
    assert facts_of(path)[0] == 2
    assert facts_of(path)[1]["verdict"] == "unreadable"


def test_what_is_not_there_is_unreadable(tmp_path: Path) -> None:
    status, facts = facts_of(tmp_path / "nothing")
    assert (status, facts["reason"], facts["contest"]) == (2, "no-such-file", None)
    assert facts_of(tmp_path)[1]["reason"] == "missing"


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert facts_of(tmp_path / "pipe")[0] == 2


@pytest.mark.parametrize("arguments", [(), ("--unknown", "x"), ("a", "b"), ("--prac", "x")])
def test_wrong_arguments_end_with_2(arguments: tuple[str, ...]) -> None:
    status, out, err = run(*arguments)
    assert (status, out) == (2, b"")
    assert b"usage" in err
    assert b"Traceback" not in err


# --- practice ---


def test_practice_is_refused_unless_asked_for(tmp_path: Path) -> None:
    path = case(tmp_path, case_named("practice bundle"))
    status, facts = facts_of(path)
    assert (status, facts["verdict"], facts["practice"]) == (1, "refused", False)
    assert "--practice" in facts["message"]


def test_practice_says_first_of_all_that_it_proves_nothing(tmp_path: Path) -> None:
    path = case(tmp_path, case_named("practice bundle"))
    status, words = spoken("--practice", path)
    assert status == 3
    assert words.splitlines()[0] == "PRACTICE: this draw proves nothing about chance."
    status, facts = facts_of("--practice", path)
    assert (status, facts["verdict"], facts["practice"]) == (3, "practice", True)
    assert facts["grade"] is None
    assert facts["findings"][0]["text"] == "PRACTICE: this draw proves nothing about chance."


def test_practice_that_is_not_drawn_yet_is_pending_and_says_so(tmp_path: Path) -> None:
    given = case_named("practice bundle")
    events = b"".join(given.events.splitlines(keepends=True)[:2])
    path = write_folder(tmp_path, given.files | {"events.jsonl": events})
    status, facts = facts_of("--practice", path)
    assert (status, facts["verdict"], facts["practice"]) == (4, "pending", True)
    assert spoken("--practice", path)[1].startswith("PRACTICE")


def test_a_refused_practice_bundle_says_practice_too(tmp_path: Path) -> None:
    given = case_named("practice bundle")
    path = write_folder(tmp_path, given.files | {"openings.jsonl": b"{}\n"})
    assert spoken("--practice", path)[1].startswith("PRACTICE")


# --- trust ---


def test_a_trust_file_gives_the_log_its_grade(tmp_path: Path) -> None:
    trust = tmp_path / "trust.json"
    trust.write_bytes(trust_file())
    path = write_folder(tmp_path / "bundle", Witnessed(Made().files()).files())
    status, facts = facts_of("--trust", trust, path)
    assert (status, facts["grade"]) == (0, "A")
    assert spoken("--trust", trust, path)[1].splitlines()[2].startswith("Grade A")
    status, facts = facts_of(path)
    assert (status, facts["grade"]) == (0, "D")
    assert "no-trust" in [finding["code"] for finding in facts["findings"]]


@pytest.mark.parametrize("content", [None, b"", b"{", b"\xff\xff", b"[" * 100_000, b"{}"])
def test_a_trust_file_that_cannot_be_read_is_unreadable(
    content: bytes | None, tmp_path: Path
) -> None:
    trust = tmp_path / "trust.json"
    if content is not None:
        trust.write_bytes(content)
    path = write_folder(tmp_path / "bundle", Made().files())
    status, facts = facts_of("--trust", trust, path)
    assert (status, facts["reason"]) == (2, "trust")


# --- what may steer a terminal ---


def nasty() -> Made:
    made = Made()
    made.rules["title"] = f"title {NASTY}"
    made.rules["organiser"] = f"organiser {NASTY}"
    for tier in made.draws[0]["tiers"]:
        tier["prize"] = f"prize {NASTY}"
        tier["id"] += NASTY
    return made


def test_nothing_in_a_bundle_steers_a_terminal(tmp_path: Path) -> None:
    path = write_folder(tmp_path, nasty().files())
    status, words = spoken(path)
    assert status == 0
    for char in set(NASTY) - set(" [2J\\u{1b}"):
        assert char not in words.replace("\n", ""), f"U+{ord(char):04X}"
    assert "prize \\u{1b}[2J\\u{d}\\u{a}" in words
    assert "\\\\u{1b}" in words  # an escape that the bundle spells itself is told apart


def test_machine_output_is_plain_ascii_and_exact(tmp_path: Path) -> None:
    made = nasty()
    status, out, _ = run("--json", write_folder(tmp_path, made.files()))
    assert status == 0
    assert all(32 <= byte < 127 for byte in out.rstrip(b"\n"))
    assert json.loads(out)["final"][0][0]["tier"] == "gold" + NASTY


def test_a_file_name_in_a_refusal_is_escaped(tmp_path: Path) -> None:
    write_folder(tmp_path, Made().files())
    (tmp_path / "\x1b[2J.txt").write_bytes(b"")
    status, words = spoken(tmp_path)
    assert status == 1
    assert "\\u{1b}[2J.txt" in words


def test_a_name_that_is_no_text_is_escaped(tmp_path: Path) -> None:
    write_folder(tmp_path, Made().files())
    (tmp_path / os.fsdecode(b"\xff.txt")).write_bytes(b"")
    assert spoken(tmp_path)[0] == 1
    assert facts_of(tmp_path)[1]["reason"] == "name"


def test_a_terminal_without_the_letters_gets_escapes(tmp_path: Path) -> None:
    made = Made()
    made.rules["title"] = "Розыгрыш"
    path = write_folder(tmp_path, made.files())
    command = [sys.executable, str(VERIFIER), str(path)]
    environment = {"PYTHONIOENCODING": "ascii", "PATH": os.environ["PATH"]}
    answer = subprocess.run(command, capture_output=True, env=environment, check=False)
    assert (answer.returncode, answer.stderr) == (0, b"")
    assert b"\\u0420" in answer.stdout


def test_nobody_who_reads_is_no_error(tmp_path: Path) -> None:
    path = write_folder(tmp_path, Made().files())
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, str(VERIFIER), str(path)]
    with os.fdopen(writer, "wb") as gone:
        answer = subprocess.run(command, stdout=gone, stderr=subprocess.PIPE, check=False)
    assert (answer.returncode, answer.stderr) == (0, b"")


# --- never a traceback ---


def test_a_deeply_nested_file_is_refused(tmp_path: Path) -> None:
    for text in (b"[" * 500_000 + b"\n", b'{"a":' * 150_000 + b"\n"):
        path = write_folder(tmp_path, {"events.jsonl": text, "entries.bin": b""})
        status, facts = facts_of(path)
        assert (status, facts["reason"]) == (1, "json")


def test_a_line_of_more_than_a_mebibyte_is_refused(tmp_path: Path) -> None:
    text = b'"' + b"x" * 2**20 + b'"\n'
    path = write_folder(tmp_path, {"events.jsonl": text, "entries.bin": b""})
    assert facts_of(path)[1]["reason"] == "line-too-long"


def test_an_error_of_the_verifier_itself_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(verifier, "check_chain", broken)
    report = verifier.verify(str(write_folder(tmp_path, Made().files())))
    assert (report.verdict, report.problem.code) == ("unreadable", "internal-error")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_unreadable(tmp_path: Path) -> None:
    path = write_folder(tmp_path, Made().files())
    (path / "entries.bin").chmod(0)
    assert facts_of(path)[1]["reason"] == "io"


def test_every_file_cut_or_flipped_anywhere_is_refused_in_a_sentence(tmp_path: Path) -> None:
    """Whatever is changed after sealing: a refusal with one of the known reasons."""
    files = dispute().files()
    for number, (name, data) in enumerate(sorted(files.items())):
        for place in range(0, len(data), max(1, len(data) // 9)):
            flipped = data[:place] + bytes([data[place] ^ 0x20]) + data[place + 1 :]
            for changed in (flipped, data[:place]):
                folder = tmp_path / f"{number}-{place}-{len(changed)}"
                facts = verifier.verify(str(write_folder(folder, files | {name: changed}))).facts()
                assert facts["verdict"] == "refused", (name, place)
                assert facts["reason"] in verifier.REASONS
