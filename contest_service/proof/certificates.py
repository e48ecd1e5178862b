"""X.509 certificates and their signatures, as far as timestamps need them (section 7.3).

Reads certificates from their bytes, so that names can be compared byte by byte and nothing is
decided by a library's leniency; `cryptography` loads the keys and does the arithmetic. Which
certificate is trusted is the caller's question, and so is the time.
"""

from collections.abc import Mapping

import msgspec
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512, HashAlgorithm
from cryptography.hazmat.primitives.serialization import load_der_public_key

from contest_service.proof import der
from contest_service.proof.der import Moment, Reader, Value, oid
from contest_service.proof.errors import DerError, SignatureError

MIN_RSA_BITS = 2048

HASHES: Mapping[bytes, HashAlgorithm] = {
    oid("2.16.840.1.101.3.4.2.1"): SHA256(),
    oid("2.16.840.1.101.3.4.2.2"): SHA384(),
    oid("2.16.840.1.101.3.4.2.3"): SHA512(),
}
"""By object identifier: the hashes that a signature may use."""

_RSA = oid("1.2.840.113549.1.1.1")
_EC = oid("1.2.840.10045.2.1")
_RSA_SIGNATURES: Mapping[bytes, HashAlgorithm] = {
    oid("1.2.840.113549.1.1.11"): SHA256(),
    oid("1.2.840.113549.1.1.12"): SHA384(),
    oid("1.2.840.113549.1.1.13"): SHA512(),
}
_EC_SIGNATURES: Mapping[bytes, HashAlgorithm] = {
    oid("1.2.840.10045.4.3.2"): SHA256(),
    oid("1.2.840.10045.4.3.3"): SHA384(),
    oid("1.2.840.10045.4.3.4"): SHA512(),
}
_CURVES = (ec.SECP256R1, ec.SECP384R1)
_KEY_ID, _BASIC_CONSTRAINTS, _EXTENDED_KEY_USAGE = (
    oid("2.5.29.14"),
    oid("2.5.29.19"),
    oid("2.5.29.37"),
)
_TIME_STAMPING = oid("1.3.6.1.5.5.7.3.8")


class Algorithm(msgspec.Struct, frozen=True):
    """An algorithm's identifier: its OID and the bytes of its parameters, empty if it has none."""

    oid: bytes
    parameters: bytes

    @property
    def is_plain(self) -> bool:
        """Whether it has no parameters, or NULL for them."""
        return self.parameters in {b"", b"\x05\x00"}


class Extension(msgspec.Struct, frozen=True):
    """An extension of a certificate."""

    is_critical: bool
    value: bytes


class Certificate(msgspec.Struct, frozen=True, kw_only=True):
    """A certificate. Names and the serial number are the bytes of their encoding."""

    raw: bytes
    signed: bytes
    serial: bytes
    issuer: bytes
    subject: bytes
    not_before: Moment
    not_after: Moment
    public_key: bytes
    """SubjectPublicKeyInfo."""
    algorithm: Algorithm
    signature: bytes
    extensions: Mapping[bytes, Extension]

    @property
    def key_id(self) -> bytes | None:
        """The subject key identifier, if it has one."""
        found = self.extensions.get(_KEY_ID)
        if found is None:
            return None
        reader = Reader(found.value)
        identifier = reader.take(der.OCTET_STRING)
        reader.end()
        return identifier.content

    @property
    def is_authority(self) -> bool:
        """Whether its basic constraints let it sign others. Raises DerError if they are broken."""
        found = self.extensions.get(_BASIC_CONSTRAINTS)
        if found is None:
            return False
        inside = der.only(found.value, der.SEQUENCE)
        is_authority = inside.maybe(der.BOOLEAN)
        inside.maybe(der.INTEGER)
        inside.end()
        return is_authority is not None and is_authority.boolean

    @property
    def is_for_timestamps_only(self) -> bool:
        """Whether its extended key usage is critical and nothing but time stamping."""
        found = self.extensions.get(_EXTENDED_KEY_USAGE)
        if found is None or not found.is_critical:
            return False
        usages = der.only(found.value, der.SEQUENCE).rest(der.OID)
        return [usage.content for usage in usages] == [_TIME_STAMPING]

    def is_valid_at(self, at: Moment) -> bool:
        """Tell whether a time lies within its validity, both ends included."""
        return self.not_before.rounded_up <= at.seconds and at.rounded_up <= self.not_after.seconds


def parse_certificate(data: bytes) -> Certificate:
    """Read a certificate from its DER. Raises DerError."""
    outer = der.only(data, der.SEQUENCE)
    signed = outer.take(der.SEQUENCE)
    algorithm = read_algorithm(outer)
    signature = outer.take(der.BIT_STRING).bits
    outer.end()
    inside = Reader(signed.content)
    inside.maybe(der.explicit(0))
    serial = inside.take(der.INTEGER)
    if read_algorithm(inside) != algorithm:
        raise DerError("bad_der", "A certificate names two algorithms.")
    issuer = inside.take(der.SEQUENCE)
    validity = inside.inside(der.SEQUENCE)
    not_before, not_after = validity.take(*_TIMES).moment, validity.take(*_TIMES).moment
    validity.end()
    subject, public_key = inside.take(der.SEQUENCE), inside.take(der.SEQUENCE)
    inside.maybe(der.implicit(1))
    inside.maybe(der.implicit(2))
    extensions = inside.maybe(der.explicit(3))
    inside.end()
    return Certificate(
        raw=data,
        signed=signed.raw,
        serial=serial.raw,
        issuer=issuer.raw,
        subject=subject.raw,
        not_before=not_before,
        not_after=not_after,
        public_key=public_key.raw,
        algorithm=algorithm,
        signature=signature,
        extensions={} if extensions is None else _extensions(extensions),
    )


_TIMES = (der.UTC_TIME, der.GENERALIZED_TIME)


def read_algorithm(reader: Reader) -> Algorithm:
    """Read an algorithm's identifier. Raises DerError."""
    inside = reader.inside(der.SEQUENCE)
    name = inside.take(der.OID).content
    parameters = b"" if inside.is_at_end else inside.any().raw
    inside.end()
    return Algorithm(name, parameters)


def require_signature(
    public_key: bytes, *, algorithm: Algorithm, signature: bytes, message: bytes
) -> None:
    """Check a signature by the key in a SubjectPublicKeyInfo.

    Raises SignatureError: `unsupported_algorithm` for another algorithm or key than the
    specification knows, `bad_signature` if it does not hold.
    """
    try:
        kind = read_algorithm(der.only(public_key, der.SEQUENCE)).oid
        key = load_der_public_key(public_key)
    except (DerError, ValueError, UnsupportedAlgorithm) as error:
        raise _unsupported() from error
    try:
        if isinstance(key, rsa.RSAPublicKey) and kind == _RSA:
            key.verify(signature, message, padding.PKCS1v15(), _rsa_hash(key, algorithm))
        elif isinstance(key, ec.EllipticCurvePublicKey) and kind == _EC:
            key.verify(signature, message, ec.ECDSA(_ec_hash(key, algorithm)))
        else:
            raise _unsupported()
    except InvalidSignature as error:
        raise SignatureError("bad_signature", "a signature is not one of its key") from error


def require_signer_algorithm(algorithm: Algorithm, digest: Algorithm) -> tuple[Algorithm, str]:
    """Return a signer's algorithm with the hash in its name, and the name of that hash.

    RSA may stand without a hash in a signer's information, and then has the digest's (RFC 5754).
    Raises SignatureError if the two do not agree, or one is not supported.
    """
    hash_ = HASHES.get(digest.oid)
    if hash_ is None or not digest.is_plain:
        raise _unsupported()
    for name, other in (*_RSA_SIGNATURES.items(), *_EC_SIGNATURES.items()):
        is_named = algorithm.oid == name or (algorithm.oid == _RSA and name in _RSA_SIGNATURES)
        if is_named and other.name == hash_.name:
            return Algorithm(name, algorithm.parameters), hash_.name
    raise _unsupported()


def _rsa_hash(key: rsa.RSAPublicKey, algorithm: Algorithm) -> HashAlgorithm:
    hash_ = _RSA_SIGNATURES.get(algorithm.oid)
    if hash_ is None or not algorithm.is_plain or key.key_size < MIN_RSA_BITS:
        raise _unsupported()
    return hash_


def _ec_hash(key: ec.EllipticCurvePublicKey, algorithm: Algorithm) -> HashAlgorithm:
    hash_ = _EC_SIGNATURES.get(algorithm.oid)
    if hash_ is None or not algorithm.is_plain or not isinstance(key.curve, _CURVES):
        raise _unsupported()
    return hash_


def _unsupported() -> SignatureError:
    message = "an algorithm or key is not supported, so that its signature stays unchecked"
    return SignatureError("unsupported_algorithm", message)


def _extensions(value: Value) -> Mapping[bytes, Extension]:
    found: dict[bytes, Extension] = {}
    for item in der.only(value.content, der.SEQUENCE).rest(der.SEQUENCE):
        inside = Reader(item.content)
        name = inside.take(der.OID).content
        critical = inside.maybe(der.BOOLEAN)
        content = inside.take(der.OCTET_STRING).content
        inside.end()
        if name in found:
            raise DerError("bad_der", "An extension stands twice in a certificate.")
        is_critical = critical is not None and critical.boolean
        found[name] = Extension(is_critical, content)
    return found
