"""The practice beacon: a chain of rounds of its own, signed with a key that it keeps in a file.

Owns the key, its file, and what makes a chain the same one after a restart. The scheme is
quicknet's, so that everything that checks a real round checks these too. Who holds the key can
compute every future round: this proves nothing about chance, and its chain hash says so
(docs/draw-protocol.md, practice chain). Knows no HTTP: that is `sandbox.relay`.
"""

import os
import secrets
from pathlib import Path
from typing import Annotated

import msgspec
from py_arkworks_bls12381 import G1Point, G2Point, Scalar

from contest_service.domain.errors import ContestError
from contest_service.proof.beacon import DST, SCHEME, Beacon, practice_chain
from contest_service.proof.canonical import MAX_INT, sha256

FILE = "beacon.json"
"""The key's file in its folder: secret, genesis and period; mode 0600."""

_ORDER = 0x73EDA753299D7D483339D80809A1D80553BDA402FFFE5BFEFFFFFFFF00000001
"""Of the groups of BLS12-381: a secret is below it, and not 0."""


class BeaconFileError(ContestError):
    """The practice beacon's file cannot be written or read."""

    code = "bad_beacon_file"


class SandboxBeacon(msgspec.Struct, frozen=True, kw_only=True):
    """A practice chain with its secret. `public` is what rules, clients and verifiers are given."""

    public: Beacon
    secret: int

    def __repr__(self) -> str:
        return f"SandboxBeacon({self.public.chain})"

    def sign(self, round_: int) -> str:
        """Compute the signature of any round from 1 on, out yet or not: 48 bytes in hex."""
        point = G1Point.hash_to_curve(sha256(round_.to_bytes(8, "big")), DST)
        return (point * Scalar(self.secret)).to_compressed_bytes().hex()


class _Key(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    secret: Annotated[str, msgspec.Meta(pattern=r"\A[0-9a-f]{64}\Z")]
    genesis: Annotated[int, msgspec.Meta(ge=0, le=MAX_INT)]
    period: Annotated[int, msgspec.Meta(ge=1, le=MAX_INT)]


def open_beacon(folder: Path, *, period: int, genesis: int) -> SandboxBeacon:
    """Open the folder's practice beacon, or create it with a new key.

    `period` is in whole seconds, `genesis` in unix seconds; both are of a new chain only, since an
    existing one stays the chain that contests were started on. Processes that start together get
    the same chain. Raises BeaconFileError.
    """
    path = folder / FILE
    try:
        if not path.exists():
            _create(path, period=period, genesis=genesis)
        data = path.read_bytes()
    except OSError as error:
        raise BeaconFileError(
            f"The practice beacon's file {path} cannot be used ({error.strerror or error}). "
            "Make its folder writable, or choose another one."
        ) from error
    try:
        key = msgspec.json.decode(data, type=_Key)
        secret = _secret(key)
    except ValueError as error:
        raise BeaconFileError(
            f"{path} is not a practice beacon's file ({error}). Move it away to begin a new chain."
        ) from error
    return SandboxBeacon(public=_public(secret, key), secret=secret)


def _secret(key: _Key) -> int:
    secret = int(key.secret, 16)
    if not 0 < secret < _ORDER:
        raise ValueError("its secret is out of range")
    return secret


def _public(secret: int, key: _Key) -> Beacon:
    public_key = (G2Point() * Scalar(secret)).to_compressed_bytes()
    return Beacon(
        chain=practice_chain(genesis=key.genesis, period=key.period, public_key=public_key),
        genesis=key.genesis,
        period=key.period,
        public_key=public_key.hex(),
        scheme=SCHEME,
    )


def _create(path: Path, *, period: int, genesis: int) -> None:
    secret = 1 + secrets.randbelow(_ORDER - 1)
    try:
        key = msgspec.convert(
            {"secret": f"{secret:064x}", "genesis": genesis, "period": period}, _Key
        )
    except msgspec.ValidationError as error:
        raise BeaconFileError(f"No practice beacon can have these times: {error}.") from error
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = path.with_name(f"{FILE}.{secrets.token_hex(8)}")
    try:
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "wb") as file:
            file.write(msgspec.json.encode(key) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        # A link, not a rename: whoever comes second keeps the first one's chain.
        os.link(fresh, path)
    except FileExistsError:
        pass
    finally:
        fresh.unlink(missing_ok=True)
