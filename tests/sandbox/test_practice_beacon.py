"""A practice chain is quicknet's scheme with a key of its own, and stays the same chain."""

import json
import multiprocessing
import stat
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contest_service.domain.errors import ContestError
from contest_service.proof.beacon import QUICKNET, SCHEME, require_usable, verify
from contest_service.proof.errors import BeaconError
from contest_service.sandbox.beacon import FILE, BeaconFileError, SandboxBeacon, open_beacon

_GENESIS = 1_800_000_000
_ROUND = st.integers(1, 2**64 - 1)


@pytest.fixture(scope="module")
def beacon(tmp_path_factory: pytest.TempPathFactory) -> SandboxBeacon:
    return open_beacon(tmp_path_factory.mktemp("beacon"), period=3, genesis=_GENESIS)


@settings(max_examples=50)
@given(round_=_ROUND)
def test_its_rounds_verify_under_its_own_chain(beacon: SandboxBeacon, round_: int) -> None:
    randomness = verify(beacon.public, round_, beacon.sign(round_))
    assert len(randomness) == 32


@settings(max_examples=50)
@given(rounds=st.lists(_ROUND, min_size=2, max_size=2, unique=True))
def test_a_round_is_no_other_round(beacon: SandboxBeacon, rounds: list[int]) -> None:
    with pytest.raises(BeaconError):
        verify(beacon.public, rounds[0], beacon.sign(rounds[1]))


def test_its_rounds_are_refused_as_quicknet(beacon: SandboxBeacon) -> None:
    with pytest.raises(BeaconError) as refused:
        verify(QUICKNET, 1, beacon.sign(1))
    assert refused.value.code == "bad_signature"


def test_the_chain_is_for_practice_only(beacon: SandboxBeacon) -> None:
    assert require_usable(beacon.public, practice=True)
    with pytest.raises(BeaconError):
        require_usable(beacon.public, practice=False)
    assert beacon.public.scheme == SCHEME
    assert (beacon.public.genesis, beacon.public.period) == (_GENESIS, 3)


def test_a_restart_keeps_the_chain_whatever_times_it_names(tmp_path: Path) -> None:
    first = open_beacon(tmp_path, period=3, genesis=_GENESIS)
    again = open_beacon(tmp_path, period=30, genesis=_GENESIS + 1000)
    assert again == first
    assert again.sign(7) == first.sign(7)


def test_another_folder_is_another_chain(tmp_path: Path) -> None:
    one = open_beacon(tmp_path / "one", period=3, genesis=_GENESIS)
    other = open_beacon(tmp_path / "other", period=3, genesis=_GENESIS)
    assert one.public.chain != other.public.chain
    assert one.public.public_key != other.public.public_key


def test_only_the_owner_can_read_the_key(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "beacon"
    open_beacon(folder, period=1, genesis=_GENESIS)
    assert stat.S_IMODE((folder / FILE).stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert [path.name for path in folder.iterdir()] == [FILE]


def test_the_secret_is_not_in_the_text_of_the_beacon(beacon: SandboxBeacon) -> None:
    assert str(beacon.secret) not in f"{beacon!r}{beacon}"
    assert f"{beacon.secret:064x}" not in f"{beacon!r}{beacon}"


def _chain(folder: Path) -> str:
    return open_beacon(folder, period=1, genesis=_GENESIS).public.chain


def test_processes_that_start_together_share_one_chain(tmp_path: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(3) as processes:
        chains = processes.map(_chain, [tmp_path] * 6)
    assert len(set(chains)) == 1
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


_SOUND = {"secret": f"{7:064x}", "genesis": _GENESIS, "period": 3}
_ORDER = "73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[]",
        json.dumps(_SOUND).encode()[:-9],
        json.dumps(_SOUND | {"secret": f"{0:064x}"}).encode(),
        json.dumps(_SOUND | {"secret": _ORDER}).encode(),
        json.dumps(_SOUND | {"secret": "7"}).encode(),
        json.dumps(_SOUND | {"period": 0}).encode(),
        json.dumps(_SOUND | {"genesis": -1}).encode(),
        json.dumps(_SOUND | {"more": 1}).encode(),
    ],
)
def test_a_damaged_file_is_named_and_left_as_it_is(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / FILE
    path.write_bytes(data)
    with pytest.raises(BeaconFileError, match="Move it away") as refused:
        open_beacon(tmp_path, period=1, genesis=_GENESIS)
    assert str(path) in refused.value.message
    assert path.read_bytes() == data


def test_a_folder_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(BeaconFileError, match="choose another"):
        open_beacon(tmp_path / "file" / "beacon", period=1, genesis=_GENESIS)


@pytest.mark.parametrize(("period", "genesis"), [(0, 0), (-1, 0), (1, -1), (2**53, 0)])
def test_impossible_times_leave_no_file(tmp_path: Path, period: int, genesis: int) -> None:
    with pytest.raises(ContestError):
        open_beacon(tmp_path, period=period, genesis=genesis)
    assert list(tmp_path.iterdir()) == []
