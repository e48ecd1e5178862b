"""The beacon: drand quicknet, or a practice chain of the same scheme (section 5).

Says which round belongs to a time, and whether a signature is a round's. The encoding is checked
here, before the one library of this room sees it; the library checks the curve, the subgroup and
the pairing. Signs nothing and fetches nothing.
"""

from py_arkworks_bls12381 import GT, G1Point, G2Point

from contest_service.proof.canonical import sha256, tag
from contest_service.proof.errors import BeaconError
from contest_service.proof.shapes import Count, Hash, Positive, Shape

SCHEME = "bls-unchained-g1-rfc9380"
DST = b"BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_"
MIN_LEAD = 600
"""Least seconds between the freeze and its round, on the pinned chain."""

_P = int(
    "1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f624"
    "1eabfffeb153ffffb9feffffffffaaab",
    16,
)
"""The base field's modulus: coordinates are below it."""
_COMPRESSED, _INFINITY = 0x80, 0x40


class Beacon(Shape, frozen=True, kw_only=True):
    """A chain of rounds, as the rules name it."""

    chain: Hash
    genesis: Count
    """Unix seconds of round 1."""
    period: Positive
    """Seconds from round to round."""
    public_key: str
    """A point of G2, compressed, in hex."""
    scheme: str

    def time_of(self, round_: int) -> int:
        """Return when a round is out, in unix seconds."""
        return self.genesis + (round_ - 1) * self.period

    def first_round_at(self, time: int) -> int:
        """Return the first round that is out at `time` (unix seconds) or after."""
        if time <= self.genesis:
            return 1
        return 1 - (self.genesis - time) // self.period


QUICKNET = Beacon(
    chain="52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971",
    genesis=1692803367,
    period=3,
    public_key=(
        "83cf0f2896adee7eb8b5f01fcad3912212c437e0073e911fb90022d3e760183c8c4b450b6a0a6c3ac6a5776a2d"
        "1064510d1fec758c921cc22b0e17e63aaf4bcb5ed66304de9cf809bd274ca73bab4af5a6e9c76a4bc09e76eae8"
        "991ef5ece45a"
    ),
    scheme=SCHEME,
)
"""The pinned chain: the only one that a real contest draws from."""


def practice_chain(*, genesis: int, period: int, public_key: bytes) -> str:
    """Derive the chain hash of a practice beacon, in hex."""
    numbers = genesis.to_bytes(8, "big") + period.to_bytes(8, "big")
    return sha256(tag("practice") + numbers + public_key).hex()


def require_usable(beacon: Beacon, *, practice: bool) -> bool:
    """Tell whether a beacon is a practice one, having checked that it may be used.

    Raises BeaconError unless it is the pinned chain or, if `practice` is allowed, a sound practice
    chain.
    """
    if beacon == QUICKNET:
        return False
    if not practice:
        raise BeaconError(
            "foreign_beacon",
            "The rules name another beacon than the pinned one.",
        )
    if beacon.scheme != SCHEME:
        raise BeaconError("bad_scheme", f"The beacon's scheme is not {SCHEME}.")
    if QUICKNET.chain == beacon.chain or QUICKNET.public_key == beacon.public_key:
        raise BeaconError("pinned_practice", "A practice beacon uses the pinned chain or key.")
    _public_key(beacon.public_key)
    derived = practice_chain(
        genesis=beacon.genesis,
        period=beacon.period,
        public_key=bytes.fromhex(beacon.public_key),
    )
    if beacon.chain != derived:
        raise BeaconError("bad_chain", "The practice beacon's chain hash is not the derived one.")
    return True


def verify(beacon: Beacon, round_: int, signature: str) -> bytes:
    """Return the randomness of a round, 32 bytes, if `signature` (hex) is the round's.

    The beacon's own key is taken as it is: `require_usable` comes first. Raises BeaconError, and
    checks in the order of section 5, so that no library ever sees another encoding.
    """
    data = _point_bytes(signature, size=48, what="signature")
    try:
        point = G1Point.from_compressed_bytes_unchecked(data)
    except ValueError as error:
        raise BeaconError("not_on_curve", "The signature is not a point of the curve.") from error
    if not point.is_in_subgroup():
        raise BeaconError("not_in_subgroup", "The signature is not in the r-order subgroup.")
    message = G1Point.hash_to_curve(sha256(round_.to_bytes(8, "big")), DST)
    key = _public_key(beacon.public_key)
    if not GT.pairing_check([point, -message], [_G2, key]):
        raise BeaconError("bad_signature", "The signature is not this round's.")
    return sha256(data)


_G2 = G2Point()


def _public_key(text: str) -> G2Point:
    data = _point_bytes(text, size=96, what="public key")
    try:
        point = G2Point.from_compressed_bytes_unchecked(data)
    except ValueError as error:
        raise BeaconError("not_on_curve", "The public key is not a point of the curve.") from error
    if not point.is_in_subgroup():
        raise BeaconError("not_in_subgroup", "The public key is not in the r-order subgroup.")
    return point


def _point_bytes(text: str, *, size: int, what: str) -> bytes:
    """Decode a compressed point's hex, with every coordinate below the modulus."""
    if len(text) != 2 * size or text.strip("0123456789abcdef"):
        raise BeaconError("bad_encoding", f"The {what} is not {size} bytes of lower-case hex.")
    data = bytes.fromhex(text)
    if not data[0] & _COMPRESSED:
        raise BeaconError("not_compressed", f"The {what} is not a compressed point.")
    if data[0] & _INFINITY:
        raise BeaconError("infinity", f"The {what} is the point at infinity.")
    plain = bytes([data[0] & 0x1F]) + data[1:]
    for start in range(0, size, 48):
        if int.from_bytes(plain[start : start + 48], "big") >= _P:
            raise BeaconError("bad_coordinate", f"A coordinate of the {what} is not below p.")
    return data
