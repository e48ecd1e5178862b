"""Whom to believe: the keys and roots that a verifier was given (section 7.4).

Never part of a bundle. What follows from a trusted key's signature is for `grade` to say.
"""

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Annotated, TypeVar

import msgspec

from contest_service.proof.certificates import Certificate, parse_certificate
from contest_service.proof.errors import NoteError, ProofError, TrustError
from contest_service.proof.notes import KeyKind, VerifierKey, parse_key
from contest_service.proof.shapes import Name, Shape, Version

MAX_TRUST = 1 << 20
"""Bytes of a trust file."""


class TrustedKey(msgspec.Struct, frozen=True, kw_only=True):
    """A log's or a witness's key, and whose it is."""

    operator: str
    key: VerifierKey


class TrustedRoot(msgspec.Struct, frozen=True, kw_only=True):
    """A timestamp authority's root certificate, and whose it is."""

    operator: str
    certificate: Certificate


class Trust(msgspec.Struct, frozen=True, kw_only=True):
    """All that is trusted. Independent means: of different operators."""

    logs: tuple[TrustedKey, ...] = ()
    witnesses: tuple[TrustedKey, ...] = ()
    timestamps: tuple[TrustedRoot, ...] = ()


NOBODY = Trust()
"""What a verifier comes with."""


class _Key(Shape, frozen=True, kw_only=True):
    operator: Name
    key: str


class _Root(Shape, frozen=True, kw_only=True):
    operator: Name
    certificate: Annotated[str, msgspec.Meta(min_length=1)]


class _File(Shape, frozen=True, kw_only=True):
    v: Version
    logs: tuple[_Key, ...]
    witnesses: tuple[_Key, ...]
    timestamps: tuple[_Root, ...]


def parse_trust(data: bytes) -> Trust:
    """Read a trust file. Raises TrustError, for a key or root that stands in it twice too.

    One key under two names would be two operators that vouch for each other.
    """
    if len(data) > MAX_TRUST:
        raise TrustError("bad_trust", f"The trust file has more than {MAX_TRUST} bytes.")
    try:
        file = msgspec.json.decode(data, type=_File)
    except (ValueError, RecursionError) as error:
        raise TrustError("bad_trust", f"The trust file has another shape: {error}.") from error
    trust = Trust(
        logs=_all(file.logs, lambda item: _key(item, KeyKind.LOG)),
        witnesses=_all(file.witnesses, lambda item: _key(item, KeyKind.WITNESS)),
        timestamps=_all(file.timestamps, _root),
    )
    trusted = [one.key.text for one in (*trust.logs, *trust.witnesses)]
    trusted += [one.certificate.raw.hex() for one in trust.timestamps]
    if len(set(trusted)) != len(trusted):
        raise TrustError("bad_trust", "The trust file names a key or a certificate twice.")
    return trust


_Item = TypeVar("_Item")
_Parsed = TypeVar("_Parsed")


def _all(items: Sequence[_Item], parse: Callable[[_Item], _Parsed]) -> tuple[_Parsed, ...]:
    try:
        return tuple(parse(item) for item in items)
    except ProofError as error:
        raise TrustError("bad_trust", f"The trust file holds something else: {error}") from error


def _key(item: _Key, kind: KeyKind) -> TrustedKey:
    key = parse_key(item.key)
    if key.kind is not kind:
        raise NoteError("other_key_type", f"{key.name} is of another type than its list.")
    return TrustedKey(operator=item.operator, key=key)


def _root(item: _Root) -> TrustedRoot:
    try:
        data = base64.b64decode(item.certificate, validate=True)
    except (binascii.Error, ValueError) as error:
        raise TrustError("bad_trust", "A certificate is not base64.") from error
    return TrustedRoot(operator=item.operator, certificate=parse_certificate(data))
