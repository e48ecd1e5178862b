"""The standalone verifier's own BLS12-381, against real rounds, forgeries, the RFC's vectors and a
library that was written by somebody else."""

from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from py_arkworks_bls12381 import G1Point, G2Point, Scalar

from proof.generated import BEACON, load_verifier
from proof.given import QUICKNET

verifier = load_verifier()
KEY = bytes.fromhex(QUICKNET["info_v1"]["public_key"])
RFC_DST = b"QUUX-V01-CS02-with-BLS12381G1_XMD:SHA-256_SSWU_RO_"
# RFC 9380, appendix J.9.1
RFC_POINTS = {
    b"": (
        "052926add2207b76ca4fa57a8734416c8dc95e24501772c814278700eed6d1e4e8cf62d9c09db0fac349612b759e79a1",
        "08ba738453bfed09cb546dbb0783dbb3a5f1f566ed67bb6be0e8c67e2e81a4cc68ee29813bb7994998f3eae0c9c6a265",
    ),
    b"abc": (
        "03567bc5ef9c690c2ab2ecdf6a96ef1c139cc0b2f284dca0a9a7943388a49a3aee664ba5379a7655d3c68900be2f6903",
        "0b9c15f3fe6e5cf4211f346271d7b01c8f3b28be689c8429c85b67af215533311f0b8dfaaa154fa6b88176c229f2885d",
    ),
    b"abcdef0123456789": (
        "11e0b079dea29a68f0383ee94fed1b940995272407e3bb916bbf268c263ddd57a6a27200a784cbc248e84f357ce82d98",
        "03a87ae2caf14e8ee52e51fa2ed8eefe80f02457004ba4d486d6aa1f517c0889501dc7413753f9599b099ebcbbd2d709",
    ),
}
FORGED_BECAUSE = {
    "wrong_round": "it is not the beacon's signature of this round",
    "negated": "it is not the beacon's signature of this round",
    "sig_of_other_round": "it is not the beacon's signature of this round",
    "torsion_shift": "it is not in the subgroup of prime order",
    "torsion_shift2": "it is not in the subgroup of prime order",
    "torsion_only": "it is not in the subgroup of prime order",
    "compressed_flag_cleared": "the compressed flag is not set",
    "infinity_flag_set": "it is the point at infinity",
    "trailing_byte": "it is not 48 bytes in lower-case hex",
    "empty": "it is not 48 bytes in lower-case hex",
}


def compressed(point: Any) -> bytes:
    """The 48 bytes of a point of the verifier's."""
    x, y = point
    data = bytearray(x.a.to_bytes(48, "big"))
    data[0] |= 0x80 | (0x20 if y.is_larger_half() else 0)
    return bytes(data)


@pytest.mark.parametrize("item", QUICKNET["rounds"], ids=lambda item: str(item["round"]))
def test_a_real_round_is_believed(item: dict[str, Any]) -> None:
    assert verifier.signature_problem(KEY, item["round"], item["signature"]) is None


@pytest.mark.parametrize("item", QUICKNET["must_be_refused"], ids=lambda item: str(item["name"]))
def test_a_forged_round_is_refused(item: dict[str, Any]) -> None:
    problem = verifier.signature_problem(KEY, item["round"], item["signature"])
    assert problem is not None
    assert problem == FORGED_BECAUSE.get(item["name"], problem)


@pytest.mark.parametrize("change", [str.upper, lambda text: text + "\n", lambda text: " " + text])
def test_a_real_signature_in_another_spelling_is_refused(change: Any) -> None:
    item = QUICKNET["rounds"][0]
    problem = verifier.signature_problem(KEY, item["round"], change(item["signature"]))
    assert problem == "it is not 48 bytes in lower-case hex"


def test_a_coordinate_that_is_not_below_the_prime_is_refused() -> None:
    too_large = bytearray((verifier.P + 1).to_bytes(48, "big"))
    too_large[0] |= 0x80
    problem = verifier.signature_problem(KEY, 1, bytes(too_large).hex())
    assert problem == "a coordinate is not below the field's prime"


def test_an_x_without_a_point_is_refused() -> None:
    nowhere = next(x for x in range(1, 99) if pow(x**3 + 4, (verifier.P - 1) // 2, verifier.P) != 1)
    data = bytearray(nowhere.to_bytes(48, "big"))
    data[0] |= 0x80
    problem = verifier.signature_problem(KEY, 1, bytes(data).hex())
    assert problem == "it is not on the curve"


@pytest.mark.parametrize("message", RFC_POINTS)
def test_hash_to_curve_gives_the_points_of_the_rfc(message: bytes) -> None:
    x, y = verifier.hash_to_g1(message, RFC_DST)
    assert (f"{x.a:096x}", f"{y.a:096x}") == RFC_POINTS[message]
    assert (x.b, y.b) == (0, 0)


@settings(max_examples=25)
@given(st.binary(max_size=80), st.binary(min_size=1, max_size=60))
def test_hash_to_curve_agrees_with_another_library(message: bytes, dst: bytes) -> None:
    theirs = G1Point.hash_to_curve(message, dst).to_compressed_bytes()
    assert compressed(verifier.hash_to_g1(message, dst)) == bytes(theirs)


@settings(max_examples=10)
@given(st.integers(1, 2**250), st.integers(0, 2**64 - 1))
def test_a_signature_made_elsewhere_holds_for_its_key_and_its_round_only(
    secret: int, number: int
) -> None:
    scalar = Scalar.from_le_bytes(secret.to_bytes(32, "little"))
    message = sha256(number.to_bytes(8, "big")).digest()
    point = G1Point.hash_to_curve(message, verifier.HASH_TO_CURVE_DST) * scalar
    signature = bytes(point.to_compressed_bytes()).hex()
    key = bytes((G2Point() * scalar).to_compressed_bytes())
    assert verifier.signature_problem(key, number, signature) is None
    assert verifier.signature_problem(key, number ^ 1, signature) is not None
    assert verifier.signature_problem(KEY, number, signature) is not None


def practice(**changes: Any) -> dict[str, Any]:
    """A practice chain of a key that everybody knows, with changes."""
    key = bytes((G2Point() * Scalar(7)).to_compressed_bytes())
    facts = {"genesis": 1000, "period": 2, "public_key": key.hex(), "scheme": BEACON["scheme"]}
    facts |= {name: value for name, value in changes.items() if name != "chain"}
    message = verifier.tag("practice") + facts["genesis"].to_bytes(8, "big")
    message += facts["period"].to_bytes(8, "big") + bytes.fromhex(facts["public_key"])
    return facts | {"chain": changes.get("chain", sha256(message).hexdigest())}


def refusal(facts: dict[str, Any], allowed: bool = True) -> str | None:
    try:
        verifier.Beacon(facts, "x", allowed)
    except verifier.Refused as problem:
        return str(problem.code)
    return None


def twist_point_outside_the_subgroup() -> str:
    for a in range(1, 99):
        x = verifier.Fp2(a, 1)
        y = (x * x * x + verifier.G2_B).square_root()
        if y is not None and verifier.multiply((x, y), verifier.R) is not None:
            data = bytearray(x.b.to_bytes(48, "big") + x.a.to_bytes(48, "big"))
            data[0] |= 0x80
            return data.hex()
    raise AssertionError


def test_a_practice_chain_needs_to_be_asked_for() -> None:
    assert refusal(practice()) is None
    assert refusal(practice(), allowed=False) == "beacon-not-pinned"


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        (practice(chain="11" * 32), "practice-chain"),
        (practice(chain=BEACON["chain"]), "practice-beacon"),
        (practice(public_key=BEACON["public_key"]), "practice-beacon"),
        (practice(scheme="another"), "practice-beacon"),
        (practice(public_key="00" * 96), "practice-key"),
        (practice(public_key="c0" + "00" * 95), "practice-key"),
        (practice(public_key="ab"), "practice-beacon"),
        (practice(public_key=twist_point_outside_the_subgroup()), "practice-key"),
        (BEACON | {"period": 4}, "practice-beacon"),
        (BEACON | {"genesis": BEACON["genesis"] + 1}, "practice-beacon"),
    ],
)
def test_a_practice_chain_is_its_own_and_has_a_proper_key(facts: dict[str, Any], code: str) -> None:
    assert refusal(facts) == code
