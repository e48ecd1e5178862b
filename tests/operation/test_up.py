"""`contest-service up`: everything with one command, and everything gone when it stops."""

import os
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from operation.program import children, data_folder, run, running, surroundings
from patience import PATIENCE
from ports import INSTALLATION, free_ports

from contest_service.vault import generate_key

pytestmark = pytest.mark.xdist_group("up")


@pytest.fixture
def environment() -> Iterator[dict[str, str]]:
    """Settings of an embedded service of its own."""
    with data_folder() as data:
        yield surroundings(CONTEST_DATA=str(data), **free_ports(*INSTALLATION))


def address(environment: dict[str, str]) -> str:
    return f"http://127.0.0.1:{environment['CONTEST_PORT']}"


def who_am_i(environment: dict[str, str], token: str) -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.get(f"{address(environment)}/v1/me", headers=headers, timeout=PATIENCE)


def test_the_first_start_prints_a_token_and_the_second_keeps_it_working(
    environment: dict[str, str],
) -> None:
    with running("up", environment=environment) as program:
        token = program.wait_for(r"shown this once: (cst_\S+)$")[1]
        way_in = program.wait_for(r"^Sign in here, once and within half an hour: (http\S+)$")[1]
        link = program.wait_for(r"^Workspace .*: (http\S+)$")[1]
        assert link.startswith(address(environment))
        program.wait_for(r"^Ready: http")
        assert who_am_i(environment, token).status_code == 200
        assert httpx.get(way_in, timeout=PATIENCE).status_code == 200
        assert run("health", environment=environment).stdout == "ready\n"
        assert program.interrupt() == 0
        assert program.output.endswith("Stopped; all data is kept.\n")

    began = time.monotonic()
    with running("up", environment=environment) as program:
        program.wait_for(r"^Ready: http")
        assert time.monotonic() - began < 30
        assert "shown this once" not in program.output
        assert who_am_i(environment, token).status_code == 200
        link = run("sign-in-link", environment=environment).stdout.strip()
        assert httpx.get(link, timeout=PATIENCE).status_code == 200
        other = run("token", environment=environment).stdout.strip()
        assert other != token
        assert who_am_i(environment, other).status_code == 200
    assert run("health", environment=environment).returncode == 1


def test_the_very_first_start_shows_a_practice_contest_and_the_second_makes_no_other(
    environment: dict[str, str],
) -> None:
    with running("up", environment=environment) as program:
        token = program.wait_for(r"shown this once: (cst_\S+)$")[1]
        link = program.wait_for(r"^A practice contest is running, .*: (http\S+)$")[1]
        assert httpx.get(link, timeout=PATIENCE).status_code == 200
        shown = httpx.get(link.replace("/contests/", "/public/contests/"), timeout=PATIENCE).json()
        assert (shown["practice"], shown["status"]) == (True, "running")
        deadline = time.monotonic() + PATIENCE
        while not entrants(environment, token, shown["id"]):
            assert time.monotonic() < deadline
            time.sleep(0.5)
        assert program.interrupt() == 0
    with running("up", environment=environment) as program:
        program.wait_for(r"^Ready: http")
        time.sleep(2)
        assert "A practice contest" not in program.output
        assert [each["id"] for each in contests(environment, token)] == [shown["id"]]
        assert program.interrupt() == 0


def test_without_the_sandbox_nothing_practises(environment: dict[str, str]) -> None:
    environment["CONTEST_SANDBOX"] = "0"
    with running("up", environment=environment) as program:
        token = program.wait_for(r"shown this once: (cst_\S+)$")[1]
        program.wait_for(r"^Ready: http")
        time.sleep(2)
        assert "ractice" not in program.output
        assert contests(environment, token) == []
        assert not any("sandbox" in words for words in children(program.process.pid))
        assert program.interrupt() == 0


def contests(environment: dict[str, str], token: str) -> list[Any]:
    return items(environment, token, "/v1/contests")


def entrants(environment: dict[str, str], token: str, contest: str) -> list[Any]:
    return items(environment, token, f"/v1/contests/{contest}/entrants")


def items(environment: dict[str, str], token: str, path: str) -> list[Any]:
    headers = {"Authorization": f"Bearer {token}"}
    answer = httpx.get(f"{address(environment)}{path}", headers=headers, timeout=PATIENCE)
    found: list[Any] = answer.json()["items"]
    return found


def test_nothing_runs_on_after_it_was_stopped_or_killed(environment: dict[str, str]) -> None:
    data = Path(environment["CONTEST_DATA"])
    for number in (signal.SIGTERM, signal.SIGKILL):
        with running("up", environment=environment) as program:
            program.wait_for(r"^Ready: http")
            started = list(children(program.process.pid).values())
            assert len(started) == 5  # PostgreSQL, Valkey, the API, a worker, the sandbox
            program.process.send_signal(number)
            program.process.wait(60)
        deadline = time.monotonic() + PATIENCE
        while any(Path(f"/proc/{pid}/exe").exists() for pid in started):
            assert time.monotonic() < deadline
            time.sleep(0.05)
    assert (data / "postgres" / "PG_VERSION").exists()


def test_a_process_that_dies_is_started_again_and_that_is_said(
    environment: dict[str, str],
) -> None:
    with running("up", environment=environment) as program:
        program.wait_for(r"^Ready: http")
        for words, pid in children(program.process.pid).items():
            if words.rstrip().endswith("worker"):
                os.kill(pid, signal.SIGKILL)
        program.wait_for(r"^worker ended \(SIGKILL\); it starts again in 1 s\.$")
        postmaster = Path(environment["CONTEST_DATA"]) / "postgres" / "postmaster.pid"
        os.kill(int(postmaster.read_text().split()[0]), signal.SIGQUIT)
        program.wait_for(r"^PostgreSQL had ended by itself and was started again")
        deadline = time.monotonic() + PATIENCE
        while httpx.get(f"{address(environment)}/readyz", timeout=PATIENCE).status_code != 200:
            assert time.monotonic() < deadline
            time.sleep(0.1)


@pytest.mark.parametrize(
    "name", ["CONTEST_PORT", "CONTEST_SANDBOX_PORT", "CONTEST_SANDBOX_VK_PORT"]
)
def test_a_taken_port_is_told_in_one_sentence_before_anything_starts(
    environment: dict[str, str], name: str
) -> None:
    with socket.create_server(("127.0.0.1", int(environment[name]))):
        done = run("up", environment=environment)
    assert done.returncode == 1
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert environment[name] in done.stderr
    assert name in done.stderr
    assert not Path(environment["CONTEST_DATA"]).exists()


def test_a_second_one_on_the_same_data_is_told_of_the_first(environment: dict[str, str]) -> None:
    with running("up", environment=environment) as program:
        program.wait_for(r"^PostgreSQL and Valkey run")
        done = run("up", environment=environment | free_ports(*INSTALLATION))
        assert done.returncode == 1
        assert f"process {program.process.pid}" in done.stderr
        assert len(done.stderr.splitlines()) == 1
        program.wait_for(r"^Ready: http")


def test_with_servers_given_it_uses_those_and_starts_none(
    environment: dict[str, str], empty_database: str, redis_url: str
) -> None:
    given = environment | {
        "DATABASE_URL": empty_database,
        "REDIS_URL": redis_url,
        "CONTEST_SECRET_KEY": generate_key(),
    }
    with running("up", environment=given) as program:
        token = program.wait_for(r"shown this once: (cst_\S+)$")[1]
        program.wait_for(r"^Ready: http")
        assert who_am_i(given, token).status_code == 200
        assert len(children(program.process.pid)) == 2  # the API and a worker
        assert program.interrupt() == 0
    assert not Path(environment["CONTEST_DATA"]).exists()


def test_wrong_settings_are_told_line_by_line(environment: dict[str, str]) -> None:
    done = run("up", environment=environment | {"CONTEST_PORT": "x", "CONTEST_SANDBOX": "y"})
    assert done.returncode == 1
    assert "CONTEST_PORT" in done.stderr
    assert "CONTEST_SANDBOX" in done.stderr
    assert "Traceback" not in done.stderr
