"""The beacon's rounds, and every forgery that must be refused."""

import hashlib
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from py_arkworks_bls12381 import G1Point

from contest_service.proof.beacon import QUICKNET, Beacon, practice_chain, require_usable, verify
from contest_service.proof.errors import BeaconError
from proof import contests
from proof.given import QUICKNET as GIVEN
from proof.given import VECTORS

ROUND = 1000
SIGNATURE = next(r["signature"] for r in GIVEN["rounds"] if r["round"] == ROUND)
FORGERIES = {
    "wrong_round": "bad_signature",
    "bitflip_last": "not_in_subgroup",
    "other_curve_point": "not_in_subgroup",
    "negated": "bad_signature",
    "torsion_shift": "not_in_subgroup",
    "torsion_shift2": "not_in_subgroup",
    "torsion_only": "not_in_subgroup",
    "compressed_flag_cleared": "not_compressed",
    "infinity_flag_set": "infinity",
    "trailing_byte": "bad_encoding",
    "empty": "bad_encoding",
    "sig_of_other_round": "bad_signature",
}


def test_the_pinned_chain_is_the_given_one() -> None:
    info = GIVEN["info_v1"]
    assert msgspec.to_builtins(QUICKNET) == {
        "chain": info["hash"],
        "genesis": info["genesis_time"],
        "period": info["period"],
        "public_key": info["public_key"],
        "scheme": info["schemeID"],
    }
    assert msgspec.to_builtins(QUICKNET) == VECTORS["beacon"]


@pytest.mark.parametrize("given_round", GIVEN["rounds"], ids=lambda r: str(r["round"]))
def test_accepts_real_rounds(given_round: dict[str, Any]) -> None:
    randomness = verify(QUICKNET, given_round["round"], given_round["signature"])
    assert randomness.hex() == given_round["randomness"]
    assert QUICKNET.time_of(given_round["round"]) == given_round["time"]


@pytest.mark.parametrize("forged", GIVEN["must_be_refused"], ids=lambda forged: forged["name"])
def test_refuses_forgeries(forged: dict[str, Any]) -> None:
    with pytest.raises(BeaconError) as refusal:
        verify(QUICKNET, forged["round"], forged["signature"])
    assert refusal.value.code == FORGERIES[forged["name"]]


P = int(
    "1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f624"
    "1eabfffeb153ffffb9feffffffffaaab",
    16,
)


def compressed(x: int) -> str:
    return (x | 1 << 383).to_bytes(48, "big").hex()


def is_on_curve(x: int) -> bool:
    square = (x**3 + 4) % P
    return pow(square, (P - 1) // 2, P) == 1


@pytest.mark.parametrize(
    ("signature", "code"),
    [
        (SIGNATURE.upper(), "bad_encoding"),
        (SIGNATURE[:-2], "bad_encoding"),
        (SIGNATURE + "\n", "bad_encoding"),
        ("é" * 96, "bad_encoding"),
        (" " + SIGNATURE[1:], "bad_encoding"),
        ("c0" + "00" * 47, "infinity"),
        ("40" + "00" * 47, "not_compressed"),
        (compressed(P), "bad_coordinate"),
        (compressed((1 << 381) - 1), "bad_coordinate"),
        (compressed(P + 4), "bad_coordinate"),
        (compressed(next(x for x in range(99) if not is_on_curve(x))), "not_on_curve"),
        (compressed(next(x for x in range(99) if is_on_curve(x))), "not_in_subgroup"),
        (G1Point().to_compressed_bytes().hex(), "bad_signature"),
    ],
)
def test_refuses_other_encodings_and_points(signature: str, code: str) -> None:
    with pytest.raises(BeaconError) as refusal:
        verify(QUICKNET, ROUND, signature)
    assert refusal.value.code == code


@given(st.integers(0, 383))
def test_refuses_a_signature_with_any_bit_flipped(bit: int) -> None:
    flipped = int(SIGNATURE, 16) ^ 1 << bit
    with pytest.raises(BeaconError):
        verify(QUICKNET, ROUND, flipped.to_bytes(48, "big").hex())


@pytest.mark.parametrize("point", VECTORS["primitives"]["round_at"], ids=lambda p: str(p["t"]))
def test_finds_the_given_rounds_of_times(point: dict[str, int]) -> None:
    assert QUICKNET.first_round_at(point["t"]) == point["round"]


@given(st.integers(0, 2**40), st.integers(0, 2**40), st.integers(1, 2**20))
def test_the_first_round_is_not_before_the_time_and_the_one_before_is(
    time: int, genesis: int, period: int
) -> None:
    beacon = msgspec.structs.replace(QUICKNET, genesis=genesis, period=period)
    first = beacon.first_round_at(time)
    assert first >= 1
    assert beacon.time_of(first) >= time
    assert first == 1 or beacon.time_of(first - 1) < time


def test_a_real_contest_accepts_only_the_pinned_chain() -> None:
    assert require_usable(QUICKNET, practice=False) is False
    assert require_usable(QUICKNET, practice=True) is False
    with pytest.raises(BeaconError) as refusal:
        require_usable(contests.BEACON, practice=False)
    assert refusal.value.code == "foreign_beacon"


def test_a_practice_chain_verifies_its_own_rounds_and_no_others() -> None:
    assert require_usable(contests.BEACON, practice=True) is True
    signature = contests.sign(7)
    randomness = verify(contests.BEACON, 7, signature)
    assert randomness == hashlib.sha256(bytes.fromhex(signature)).digest()
    for beacon, round_ in ((contests.BEACON, 8), (QUICKNET, 7)):
        with pytest.raises(BeaconError):
            verify(beacon, round_, signature)


def practice(public_key: str, /, **changes: object) -> Beacon:
    """Return a practice beacon with a properly derived chain, then changed."""
    chain = practice_chain(genesis=5, period=3, public_key=bytes.fromhex(public_key))
    made = msgspec.structs.replace(contests.BEACON, genesis=5, chain=chain, public_key=public_key)
    return msgspec.structs.replace(made, **changes)


KEY = contests.BEACON.public_key


@pytest.mark.parametrize(
    ("beacon", "code"),
    [
        (practice(KEY, chain="00" * 32), "bad_chain"),
        (practice(KEY, genesis=6), "bad_chain"),
        (practice(KEY, period=4), "bad_chain"),
        (practice(KEY, scheme="pedersen-bls-chained"), "bad_scheme"),
        (practice(KEY, chain=QUICKNET.chain), "pinned_practice"),
        (practice(QUICKNET.public_key), "pinned_practice"),
        (practice("c0" + "00" * 95), "infinity"),
        (practice("80" + "00" * 94 + "02"), "not_in_subgroup"),
        (practice("80" + "00" * 94 + "01"), "not_on_curve"),
        (practice(compressed(P) + "00" * 48), "bad_coordinate"),
        (practice(KEY[:-2]), "bad_encoding"),
        (practice(KEY, public_key=KEY.upper()), "bad_encoding"),
    ],
)
def test_refuses_unsound_practice_chains(beacon: Beacon, code: str) -> None:
    with pytest.raises(BeaconError) as refusal:
        require_usable(beacon, practice=True)
    assert refusal.value.code == code
