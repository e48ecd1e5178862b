"""The standalone verifier on all given cases."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from proof.generated import VERIFIER, load_verifier, write_folder
from proof.given import CASES, VECTORS, Case

verifier = load_verifier()
REFUSED_FOR = {
    "winners swapped": "winners",
    "entry added": "entries-count",
    "re-frozen after the round": "winners",
    "frozen too late": "frozen-late",
    "rules amended after the freeze": "amended-after-freeze",
    "signature of another round": "signature",
    "bundle brings its own beacon key": "beacon-not-pinned",
    "result after void": "after-void",
    "disqualified between the round and the result": "dq-late",
    "closes after the draw": "schedule",
    "amend changes the beacon": "beacon-changed",
    "amend lowers min_lead": "min-lead",
    "freeze names the old rules": "freeze-rules",
    "second rules event": "rules-first",
    "second close": "after-close",
    "dq before the freeze": "dq-early",
    "dq between round and result": "dq-late",
    "dq before and after the result": "dq-twice",
    "second result": "drawn-twice",
    "entries without a freeze": "not-frozen",
    "result without a freeze": "result-unfrozen",
    "void after the result": "void-after-result",
    "time goes back": "time",
    "other version": "version",
    "event with an extra key": "form",
    "anchor with a false signature": "signature",
    "slot missing": "winners-count",
    "close body nested 90 deep": "json",
    "no newline at the end": "line-end",
    "empty line at the end": "empty-line",
    "byte order mark": "json",
    "minus zero": "not-canonical",
    "float in an event": "json",
    "null": "json",
    "key twice": "not-canonical",
    "lone surrogate": "json",
    "no events": "no-events",
    "opening twice": "opened-twice",
    "weight 0, sealed": "entry-weight",
    "more than 10^7 tickets": "too-many-tickets",
    "entries out of order, sealed": "entries-order",
    "practice bundle without asking for practice": "beacon-not-pinned",
    "practice with a chain hash that is not derived": "practice-chain",
}


def facts_of(case: Case, folder: Path) -> dict[str, Any]:
    report = verifier.verify(str(write_folder(folder, case.files)), case.practice)
    facts: dict[str, Any] = report.facts()
    assert verifier.EXIT_STATUS[facts["verdict"]] == case.exit
    return facts


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_a_given_case_has_its_exit_status_and_its_facts(case: Case, tmp_path: Path) -> None:
    facts = facts_of(case, tmp_path)
    for name in facts.keys() & case.expected.keys():
        assert facts[name] == case.expected[name], name
    if case.exit == 1:
        assert facts["reason"] is not None
        assert facts["reason"] == REFUSED_FOR.get(case.name, facts["reason"])
    else:
        assert facts["reason"] is None


def test_the_back_dated_lie_earns_no_more_than_d(tmp_path: Path) -> None:
    case = next(case for case in CASES if case.name.startswith("back-dated lie"))
    facts = facts_of(case, tmp_path)
    assert facts["grade"] == "D"
    assert "on the operator's word alone" in json.dumps(facts["findings"])


def test_the_given_primitives() -> None:
    given = VECTORS["primitives"]
    for item in given["jcs"]:
        assert verifier.canonical(item["value"]).hex() == item["bytes"]
        assert verifier.parse_canonical(bytes.fromhex(item["bytes"]), "x") == item["value"]
    for name, tag in given["tags"].items():
        assert verifier.tag(name).hex() == tag
    beacon = verifier.Beacon(VECTORS["beacon"], "x", False)
    assert not beacon.practice
    for item in given["round_at"]:
        assert beacon.first_round_at(item["t"]) == item["round"]


def test_the_given_tickets() -> None:
    for item in VECTORS["primitives"]["ticket"]:
        leaf = bytes.fromhex(item["commit"]) + item["weight"].to_bytes(4, "big")
        entries = verifier.Entries(bytearray(leaf))
        ranking = verifier.Ranking(entries, bytes.fromhex(item["seed"]), bytearray(1), 1)
        assert ranking.next() == (bytes.fromhex(item["ticket"]), leaf[:32])
        assert ranking.next() is None


def test_the_reference_roots_of_rfc_6962() -> None:
    given = VECTORS["external"]["rfc6962"]
    leaves = [bytes.fromhex(leaf) for leaf in given["leaves"]]
    for count, root in enumerate(given["roots"]):
        for block in (1, 2, 4, 8):
            blocks = (leaves[k : min(k + block, count)] for k in range(0, count, block))
            assert verifier.merkle_root(blocks).hex() == root


def other_pythons() -> dict[str, str]:
    """Interpreters at hand, on the path or among those of pyenv, by version."""
    found: dict[str, str] = {}
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    for minor in range(8, 15):
        version = f"3.{minor}"
        named = shutil.which(f"python{version}")
        installed = sorted(pyenv.glob(f"{version}.*/bin/python"))
        for path in [str(path) for path in installed] + ([named] if named else []):
            probe = [path, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
            answer = subprocess.run(probe, capture_output=True, text=True, check=False)
            if answer.stdout.strip() == version:
                found[version] = path
                break
    return found


def age(version: str) -> int:
    return int(version.split(".")[1])


PYTHONS = other_pythons()
RUN_ALL = """
import importlib.util, json, sys
spec = importlib.util.spec_from_file_location("standalone_verifier", sys.argv[1])
module = importlib.util.module_from_spec(spec)
sys.modules[spec.name] = module
spec.loader.exec_module(module)
for folder, practice in json.load(sys.stdin):
    print(json.dumps(module.verify(folder, practice).facts()))
"""


@pytest.mark.parametrize("version", PYTHONS)
def test_every_python_at_hand_agrees(version: str, tmp_path: Path) -> None:
    """On all cases for the oldest and the newest, on the first ones for those between."""
    cases = CASES if version in (min(PYTHONS, key=age), max(PYTHONS, key=age)) else CASES[:9]
    jobs = [
        (str(write_folder(tmp_path / str(number), case.files)), case.practice)
        for number, case in enumerate(cases)
    ]
    answer = subprocess.run(
        [PYTHONS[version], "-I", "-W", "error", "-c", RUN_ALL, str(VERIFIER)],
        input=json.dumps(jobs),
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.stderr == ""
    for line, case in zip(answer.stdout.splitlines(), cases, strict=True):
        facts = json.loads(line)
        assert verifier.EXIT_STATUS[facts["verdict"]] == case.exit, case.name
        for name in facts.keys() & case.expected.keys():
            assert facts[name] == case.expected[name], case.name
