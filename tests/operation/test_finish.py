"""Finishing a draw with the service down: from what was published, and the beacon's answer."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from beacon.relays import ROUNDS, Behaviour, relay, serving
from operation.program import run, surroundings
from ports import free_ports
from proof import bundles
from proof.contests import ROUND as PRACTICE_ROUND
from proof.contests import sign
from proof.generated import ROUND, SIGNATURES, VERIFIER, Made, write_folder

NOWHERE = "http://127.0.0.1:" + free_ports("beacon")["beacon"]


def finish(path: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return run("finish", str(path), *arguments, environment=surroundings())


def frozen(folder: Path, **changes: Any) -> Path:
    """Write the bundle of a real contest whose round is still awaited."""
    return write_folder(folder, Made(upto="freeze", **changes).files())


def whole(**changes: Any) -> dict[str, Any]:
    """The body of the result that the same contest came to."""
    (result,) = [each for each in Made(**changes).events() if each["type"] == "result"]
    body: dict[str, Any] = result["body"]
    return body


@pytest.mark.parametrize("changes", [{}, {"dq_before": (0, 3)}, {"weights": ()}, {"weights": (9,)}])
def test_the_winners_are_those_of_the_service(tmp_path: Path, changes: dict[str, Any]) -> None:
    done = finish(frozen(tmp_path / "it", **changes), "--signature", SIGNATURES[ROUND], "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == whole(**changes)


def test_a_relay_of_the_beacon_is_asked(tmp_path: Path) -> None:
    path = frozen(tmp_path / "it")

    async def ask(behaviour: Behaviour) -> "subprocess.CompletedProcess[str]":
        async with relay(behaviour) as it:
            arguments = ("--relay", NOWHERE, "--relay", it.url, "--json")
            return await asyncio.to_thread(finish, path, *arguments)

    done = asyncio.run(ask(serving(SIGNATURES | ROUNDS)))
    assert json.loads(done.stdout) == whole()


def test_the_finished_proof_holds_for_a_verifier_that_shares_no_code(tmp_path: Path) -> None:
    path, out = frozen(tmp_path / "it"), tmp_path / "new" / "folder"
    done = finish(path, "--signature", SIGNATURES[ROUND], "--out", str(out))
    assert done.returncode == 0, done.stderr
    command = [sys.executable, "-I", "-S", str(VERIFIER), "--json", str(out)]
    checked = subprocess.run(command, capture_output=True, timeout=60, check=True)
    assert json.loads(checked.stdout)["initial"] == whole()["draws"]


def test_winners_are_named_where_their_entries_are_open(tmp_path: Path) -> None:
    made = Made(weights=(1,))
    done = finish(frozen(tmp_path / "it", weights=(1,)), "--signature", SIGNATURES[ROUND])
    assert f"a car: {made.openings[0]['label']} ({made.openings[0]['subject']})" in done.stdout
    assert "a bike: nobody is left" in done.stdout


def test_a_bundle_in_a_zip_is_finished_too_and_practice_is_said_first(tmp_path: Path) -> None:
    files = bundles.public()
    line_ends = files["events.jsonl"].splitlines(keepends=True)
    (at,) = [place for place, line in enumerate(line_ends) if b'"type":"result"' in line]
    files["events.jsonl"] = b"".join(line_ends[:at])
    path = tmp_path / "bundle.zip"
    path.write_bytes(bundles.zipped(bundles.sealed(files)))
    refused = finish(path, "--signature", sign(PRACTICE_ROUND))
    assert refused.returncode == 1
    done = finish(path, "--signature", sign(PRACTICE_ROUND), "--practice")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("THIS IS A PRACTICE DRAW.")


def explained(done: "subprocess.CompletedProcess[str]", *words: str) -> None:
    """It failed, with one sentence and no traceback."""
    assert done.returncode == 1
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    for word in words:
        assert word in done.stderr


def test_a_round_that_no_relay_has_is_told_with_the_time_when_it_is_due(tmp_path: Path) -> None:
    done = finish(frozen(tmp_path / "it"), "--relay", NOWHERE)
    explained(done, str(ROUND), "due at 20", "--signature")


def test_another_round_s_signature_is_refused(tmp_path: Path) -> None:
    other = next(signature for round_, signature in SIGNATURES.items() if round_ != ROUND)
    explained(finish(frozen(tmp_path / "it"), "--signature", other))


@pytest.mark.parametrize(
    ("upto", "word"), [("rules", "frozen yet"), ("close", "drawn already"), ("void", "void")]
)
def test_where_there_is_nothing_to_finish_it_says_why(tmp_path: Path, upto: str, word: str) -> None:
    path = write_folder(tmp_path / "it", Made(upto=upto).files())
    explained(finish(path, "--signature", SIGNATURES[ROUND]), word)


def test_a_list_that_was_changed_is_refused(tmp_path: Path) -> None:
    path = write_folder(tmp_path / "it", Made(upto="freeze").bare())
    entries = (path / "entries.bin").read_bytes()
    (path / "entries.bin").write_bytes(entries[:-36])
    explained(finish(path, "--signature", SIGNATURES[ROUND]), "entries.bin")


def test_nothing_that_is_there_is_written_over(tmp_path: Path) -> None:
    path = frozen(tmp_path / "it")
    explained(finish(path, "--signature", SIGNATURES[ROUND], "--out", str(path)), "exists")
