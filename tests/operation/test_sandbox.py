"""`contest-service sandbox`: the practice beacon and VK on loopback, and what they keep."""

import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from operation.program import Program, data_folder, run, running, surroundings
from patience import PATIENCE
from ports import free_ports

PORTS = ("CONTEST_SANDBOX_PORT", "CONTEST_SANDBOX_VK_PORT")


@pytest.fixture
def environment() -> Iterator[dict[str, str]]:
    with data_folder() as data:
        yield surroundings(CONTEST_DATA=str(data), **free_ports(*PORTS))


def vk_at(environment: dict[str, str]) -> str:
    return f"http://127.0.0.1:{environment['CONTEST_SANDBOX_VK_PORT']}/sandbox"


def wait_for_answer(program: Program, url: str) -> Any:
    """Ask until somebody answers."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return httpx.get(url, timeout=PATIENCE).json()
        except httpx.ConnectError:
            assert program.process.poll() is None, program.output
            assert time.monotonic() < deadline
            time.sleep(0.05)


def test_beacon_and_vk_answer_until_they_are_stopped(environment: dict[str, str]) -> None:
    beacon = f"http://127.0.0.1:{environment['CONTEST_SANDBOX_PORT']}/v2/beacons"
    with running("sandbox", environment=environment) as program:
        assert wait_for_answer(program, beacon) == ["practice"]
        assert wait_for_answer(program, f"{vk_at(environment)}/towns") == {"towns": []}
        assert program.interrupt() == 0
    assert "Traceback" not in program.output


def test_nothing_of_it_can_be_reached_from_elsewhere(environment: dict[str, str]) -> None:
    with running("sandbox", environment=environment) as program:
        wait_for_answer(program, f"{vk_at(environment)}/towns")
        listening = listeners()
    for name in PORTS:
        (address,) = {where for where, port in listening if port == int(environment[name])}
        assert address == "127.0.0.1"


def listeners() -> set[tuple[str, int]]:
    """Addresses and ports on which somebody on this machine listens with IPv4."""
    found = set()
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        _, local, _, state, *_ = line.split()
        if state == "0A":
            address, _, port = local.partition(":")
            packed = bytes.fromhex(address)[::-1]
            found.add((socket.inet_ntoa(packed), int(port, 16)))
    return found


def test_the_world_is_the_same_after_a_restart(environment: dict[str, str]) -> None:
    with running("sandbox", environment=environment) as program:
        wait_for_answer(program, f"{vk_at(environment)}/towns")
        made = httpx.post(
            f"{vk_at(environment)}/communities", json={"name": "Кофейня"}, timeout=PATIENCE
        ).json()
        assert program.interrupt() == 0
    world = Path(environment["CONTEST_DATA"]) / "sandbox" / "vk.world"
    assert world.stat().st_mode & 0o077 == 0
    with running("sandbox", environment=environment) as program:
        url = f"{vk_at(environment)}/community?group_id={made['id']}"
        assert wait_for_answer(program, url)["members"] == []


@pytest.mark.parametrize("name", PORTS)
def test_a_taken_port_is_told_in_one_sentence(environment: dict[str, str], name: str) -> None:
    with socket.create_server(("127.0.0.1", int(environment[name]))):
        done = run("sandbox", environment=environment)
    assert done.returncode == 1
    (told,) = done.stderr.splitlines()
    assert f"Set {name} to a free port" in told


def test_it_is_off_in_production_unless_it_is_switched_on(environment: dict[str, str]) -> None:
    given = {"DATABASE_URL": "postgresql://u@db/contest", "REDIS_URL": "redis://queue:6379/0"}
    done = run("sandbox", environment=environment | given)
    assert done.returncode == 1
    assert "CONTEST_SANDBOX=1" in done.stderr
    switched_on = environment | given | {"CONTEST_SANDBOX": "1"}
    with running("sandbox", environment=switched_on) as program:
        assert wait_for_answer(program, f"{vk_at(environment)}/towns") == {"towns": []}


def test_a_file_that_is_no_world_is_left_alone_and_told(environment: dict[str, str]) -> None:
    world = Path(environment["CONTEST_DATA"]) / "sandbox" / "vk.world"
    world.parent.mkdir(parents=True)
    world.write_bytes(b"something else")
    done = run("sandbox", environment=environment)
    assert done.returncode == 1
    assert str(world) in done.stderr
    assert world.read_bytes() == b"something else"
