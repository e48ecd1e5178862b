"""RFC 3161 timestamps: the request, the reply's content, and whether it counts (section 7.3).

`read` refuses what is no timestamp of a text; `standing` says for whose roots one counts, or the
first reason why for none. Fetches nothing and knows no clock.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from contest_service.proof import der
from contest_service.proof.canonical import sha256
from contest_service.proof.certificates import (
    Algorithm,
    Certificate,
    parse_certificate,
    read_algorithm,
    require_signature,
    require_signer_algorithm,
)
from contest_service.proof.der import Moment, Reader, Value, oid
from contest_service.proof.errors import DerError, ProofError, SignatureError, TimestampError
from contest_service.proof.trust import TrustedRoot

MAX_TIMESTAMP = 65_536
"""Bytes of a reply."""
MAX_PATH = 8
"""Certificates from the signer's to the root, both included."""

_MOST_CHECKS = 40
"""Signatures looked at for one token: a real one needs three or four, the longest path nine."""
_GRANTED = {0, 1}
_SHA256 = "2.16.840.1.101.3.4.2.1"
_SIGNED_DATA = oid("1.2.840.113549.1.7.2")
_TST_INFO = oid("1.2.840.113549.1.9.16.1.4")
_CONTENT_TYPE, _MESSAGE_DIGEST = oid("1.2.840.113549.1.9.3"), oid("1.2.840.113549.1.9.4")


class Signer(msgspec.Struct, frozen=True, kw_only=True):
    """Who signed a token, by its own account, and the signature."""

    issuer_and_serial: tuple[bytes, bytes] | None
    key_id: bytes | None
    """One of the two is known."""
    digest: Algorithm
    attributes: Mapping[bytes, tuple[Value, ...]] | None
    """Values by type; None where nothing but the content is signed."""
    signed: bytes
    algorithm: Algorithm
    signature: bytes

    def is_of(self, certificate: Certificate) -> bool:
        """Tell whether a certificate is the one that is meant."""
        if self.issuer_and_serial is not None:
            return self.issuer_and_serial == (certificate.issuer, certificate.serial)
        try:
            return self.key_id == certificate.key_id
        except DerError:
            return False


class Timestamp(msgspec.Struct, frozen=True, kw_only=True):
    """A granted timestamp. What it says is nobody's word until `standing` names somebody."""

    generated: Moment
    accuracy: int
    """Seconds, rounded up; 1 if it says none."""
    nonce: int | None
    content: bytes
    """The bytes that are signed, by way of their digest."""
    certificates: tuple[Certificate, ...]
    """Those of the token that can be read."""
    signer: Signer

    @property
    def time(self) -> int:
        """The latest second at which it can have been made, in unix seconds."""
        return self.generated.rounded_up + self.accuracy


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """For whom a timestamp counts."""

    operator: str | None = None
    reason: str | None = None
    """Why for nobody: a code."""
    message: str | None = None
    """The same in words, to follow `it does not count: `."""


def imprint(text: bytes) -> bytes:
    """Return what is stamped for a text: 32 bytes."""
    return sha256(text)


def request(text: bytes, nonce: int) -> bytes:
    """Return the DER of a TimeStampReq for a text that asks for the certificates too."""
    algorithm = der.write(der.SEQUENCE, der.write_oid(_SHA256), der.write(der.NULL))
    return der.write(
        der.SEQUENCE,
        der.write_integer(1),
        der.write(der.SEQUENCE, algorithm, der.write(der.OCTET_STRING, imprint(text))),
        der.write_integer(nonce),
        der.write(der.BOOLEAN, b"\xff"),
    )


def read(response: bytes, text: bytes) -> Timestamp:
    """Read the DER of a TimeStampResp about a text.

    Raises DerError or TimestampError unless it is one, is granted, and is about this text.
    """
    if len(response) > MAX_TIMESTAMP:
        message = f"A timestamp is longer than {MAX_TIMESTAMP} bytes."
        raise TimestampError("long_timestamp", message)
    der.require_whole(response)
    outer = der.only(response, der.SEQUENCE)
    _require_granted(outer.inside(der.SEQUENCE))
    signed = _signed_data(outer)
    outer.end()
    signed.take(der.INTEGER)
    signed.take(der.SET)
    content = _content(signed.inside(der.SEQUENCE))
    certificates = signed.maybe(der.explicit(0))
    signed.maybe(der.explicit(1))
    signers = signed.inside(der.SET).rest(der.SEQUENCE)
    signed.end()
    if len(signers) != 1:
        raise TimestampError("not_one_signer", "A timestamp is not signed by exactly one.")
    generated, accuracy, nonce = _info(der.only(content, der.SEQUENCE), text)
    return Timestamp(
        generated=generated,
        accuracy=accuracy,
        nonce=nonce,
        content=content,
        certificates=() if certificates is None else tuple(_readable(certificates)),
        signer=_signer(Reader(signers[0].content)),
    )


def standing(timestamp: Timestamp, roots: Sequence[TrustedRoot]) -> Standing:
    """Say for which operator a timestamp counts: that of the first root that a path leads to."""
    search = _Search(timestamp, roots)
    first: ProofError | None = None
    for certificate in filter(timestamp.signer.is_of, timestamp.certificates):
        try:
            return Standing(operator=search.operator(certificate))
        except (DerError, SignatureError, TimestampError) as error:
            first = first or error
    if first is None:
        first = TimestampError("no_signer", "the signer's certificate is not in it")
    return Standing(reason=first.code, message=first.message)


def _require_granted(status: Reader) -> None:
    code = status.take(der.INTEGER).integer
    status.maybe(der.SEQUENCE)
    status.maybe(der.BIT_STRING)
    status.end()
    if code not in _GRANTED:
        raise TimestampError("not_granted", "The authority did not grant the timestamp.")


def _signed_data(outer: Reader) -> Reader:
    info = outer.inside(der.SEQUENCE)
    if info.take(der.OID).content != _SIGNED_DATA:
        raise TimestampError("not_signed_data", "A timestamp holds no signed data.")
    wrapped = info.inside(der.explicit(0))
    info.end()
    signed = wrapped.inside(der.SEQUENCE)
    wrapped.end()
    return signed


def _content(encapsulated: Reader) -> bytes:
    if encapsulated.take(der.OID).content != _TST_INFO:
        raise TimestampError("not_tst_info", "What is signed is no timestamp.")
    wrapped = encapsulated.inside(der.explicit(0))
    encapsulated.end()
    content = wrapped.take(der.OCTET_STRING).content
    wrapped.end()
    return content


def _info(info: Reader, text: bytes) -> tuple[Moment, int, int | None]:
    """Read a TSTInfo; return its time, its accuracy in whole seconds and its nonce."""
    if info.take(der.INTEGER).integer != 1:
        raise TimestampError("other_version", "A timestamp is of another version.")
    info.take(der.OID)
    stamped = info.inside(der.SEQUENCE)
    algorithm, digest = read_algorithm(stamped), stamped.take(der.OCTET_STRING).content
    stamped.end()
    if algorithm.oid != oid(_SHA256) or not algorithm.is_plain or digest != imprint(text):
        raise TimestampError("other_imprint", "A timestamp is not about this checkpoint.")
    info.take(der.INTEGER)
    generated = info.take(der.GENERALIZED_TIME).moment
    accuracy = info.maybe(der.SEQUENCE)
    info.maybe(der.BOOLEAN)
    nonce = info.maybe(der.INTEGER)
    info.maybe(der.explicit(0))
    info.maybe(der.explicit(1))
    info.end()
    seconds = 1 if accuracy is None else _accuracy(Reader(accuracy.content))
    return generated, seconds, None if nonce is None else nonce.integer


def _accuracy(accuracy: Reader) -> int:
    seconds = accuracy.maybe(der.INTEGER)
    parts = [accuracy.maybe(der.implicit(number)) for number in (0, 1)]
    accuracy.end()
    whole = 0 if seconds is None else seconds.integer
    fractions = [part.integer for part in parts if part is not None]
    if whole < 0 or not all(1 <= fraction <= 999 for fraction in fractions):
        raise TimestampError("bad_accuracy", "A timestamp's accuracy is out of its range.")
    # 999 milliseconds and 999 microseconds together are still less than a second.
    return whole + bool(fractions)


def _readable(certificates: Value) -> Iterator[Certificate]:
    for value in Reader(certificates.content).rest():
        try:
            yield parse_certificate(value.raw)
        except DerError:
            continue  # what cannot be read vouches for nobody


def _signer(info: Reader) -> Signer:
    info.take(der.INTEGER)
    identifier = info.take(der.SEQUENCE, der.implicit(0))
    digest = read_algorithm(info)
    attributes = info.maybe(der.explicit(0))
    algorithm = read_algorithm(info)
    signature = info.take(der.OCTET_STRING).content
    info.maybe(der.explicit(1))
    info.end()
    by_name = None
    if identifier.tag == der.SEQUENCE:
        inside = Reader(identifier.content)
        by_name = (inside.take(der.SEQUENCE).raw, inside.take(der.INTEGER).raw)
        inside.end()
    return Signer(
        issuer_and_serial=by_name,
        key_id=identifier.content if by_name is None else None,
        digest=digest,
        attributes=None if attributes is None else _attributes(Reader(attributes.content)),
        # What is signed is the set under its own tag, not under the one that it has here.
        signed=b"" if attributes is None else der.write(der.SET, attributes.content),
        algorithm=algorithm,
        signature=signature,
    )


def _attributes(reader: Reader) -> Mapping[bytes, tuple[Value, ...]]:
    attributes: dict[bytes, tuple[Value, ...]] = {}
    for item in reader.rest(der.SEQUENCE):
        inside = Reader(item.content)
        name, values = inside.take(der.OID).content, inside.inside(der.SET).rest()
        inside.end()
        # An attribute that stands twice has several values, and none is taken for its value.
        attributes[name] = (*attributes.get(name, ()), *values)
    return attributes


def _is_only(values: Sequence[Value] | None, tag: int, content: bytes) -> bool:
    return [(value.tag, value.content) for value in values or ()] == [(tag, content)]


class _Search:
    """The paths from the signer of a token to the trusted roots, searched in breadth."""

    def __init__(self, timestamp: Timestamp, roots: Iterable[TrustedRoot]) -> None:
        self._timestamp = timestamp
        self._at = timestamp.generated
        self._roots = list(roots)
        self._left = _MOST_CHECKS
        self._failed: ProofError | None = None

    def operator(self, signer: Certificate) -> str:
        """Return the operator of the first root that a path leads to from the signer's certificate.

        Raises DerError, TimestampError or SignatureError with the first reason if there is none.
        """
        self._require_signer(signer)
        found: set[int] = set()
        level, seen = [signer], {signer.raw}
        for length in range(1, MAX_PATH + 1):
            level = [one for one in level if self._is_valid(one)]
            found |= {
                number
                for number, root in enumerate(self._roots)
                for one in level
                if one.raw == root.certificate.raw
                or (length < MAX_PATH and self._is_issued(one, root.certificate))
            }
            level = self._issuers(level, seen)
        if not found:
            raise self._failed or TimestampError("no_path", "no path leads to a trusted root")
        return self._roots[min(found)].operator

    def _require_signer(self, certificate: Certificate) -> None:
        """Check that this certificate may sign timestamps and that its key signed this one."""
        signer, content = self._timestamp.signer, self._timestamp.content
        if not certificate.is_for_timestamps_only:
            message = "its signer's certificate is not for time stamping only"
            raise TimestampError("not_for_timestamps", message)
        if signer.attributes is None:
            raise TimestampError("no_signed_attributes", "it has no signed attributes")
        algorithm, hash_ = require_signer_algorithm(signer.algorithm, signer.digest)
        digest = hashlib.new(hash_, content).digest()
        if not (
            _is_only(signer.attributes.get(_CONTENT_TYPE), der.OID, _TST_INFO)
            and _is_only(signer.attributes.get(_MESSAGE_DIGEST), der.OCTET_STRING, digest)
        ):
            message = "its signed attributes are not about its content"
            raise TimestampError("other_signed_attributes", message)
        self._require_signature(
            certificate, algorithm=algorithm, signature=signer.signature, message=signer.signed
        )

    def _issuers(self, level: Iterable[Certificate], seen: set[bytes]) -> list[Certificate]:
        issuers = []
        for one in level:
            for other in self._timestamp.certificates:
                if other.raw not in seen and self._is_issued(one, other):
                    seen.add(other.raw)
                    issuers.append(other)
        return issuers

    def _is_issued(self, certificate: Certificate, issuer: Certificate) -> bool:
        """Tell whether `issuer`, valid then and an authority, signed a certificate."""
        if certificate.issuer != issuer.subject or not self._is_valid(issuer):
            return False
        try:
            if not issuer.is_authority:
                return self._fail(TimestampError("no_authority", "an issuer may not issue"))
            self._require_signature(
                issuer,
                algorithm=certificate.algorithm,
                signature=certificate.signature,
                message=certificate.signed,
            )
        except (DerError, SignatureError, TimestampError) as error:
            return self._fail(error)
        return True

    def _require_signature(
        self, by: Certificate, *, algorithm: Algorithm, signature: bytes, message: bytes
    ) -> None:
        if not self._left:
            raise TimestampError("many_paths", "it has too many certificates")
        self._left -= 1
        require_signature(by.public_key, algorithm=algorithm, signature=signature, message=message)

    def _is_valid(self, certificate: Certificate) -> bool:
        if certificate.is_valid_at(self._at):
            return True
        return self._fail(TimestampError("not_valid_then", "a certificate was not valid then"))

    def _fail(self, error: ProofError) -> bool:
        self._failed = self._failed or error
        return False
