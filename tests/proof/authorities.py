"""Made-up timestamp authorities: certificates, and RFC 3161 answers written byte by byte.

Certificates are made with `cryptography`, the answers with a DER writer of a few lines, so that a
test can spoil any part of one. Nothing here uses the service's own code. Keys are generated once
for each name and kind, certificates are kept for as long as the tests run.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from hashlib import new as new_hash
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID as Usage
from cryptography.x509.oid import NameOID

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey

SIGNED_DATA = "1.2.840.113549.1.7.2"
TST_INFO = "1.2.840.113549.1.9.16.1.4"
CONTENT_TYPE = "1.2.840.113549.1.9.3"
MESSAGE_DIGEST = "1.2.840.113549.1.9.4"
SIGNING_CERTIFICATE = "1.2.840.113549.1.9.16.2.47"
DIGESTS = {
    "sha1": "1.3.14.3.2.26",
    "sha256": "2.16.840.1.101.3.4.2.1",
    "sha384": "2.16.840.1.101.3.4.2.2",
    "sha512": "2.16.840.1.101.3.4.2.3",
}
RSA_SIGNATURES = {
    "sha1": "1.2.840.113549.1.1.5",
    "sha256": "1.2.840.113549.1.1.11",
    "sha384": "1.2.840.113549.1.1.12",
    "sha512": "1.2.840.113549.1.1.13",
}
ECDSA_SIGNATURES = {
    "sha1": "1.2.840.10045.4.1",
    "sha256": "1.2.840.10045.4.3.2",
    "sha384": "1.2.840.10045.4.3.3",
    "sha512": "1.2.840.10045.4.3.4",
}
HASHES: dict[str, hashes.HashAlgorithm] = {
    "sha1": hashes.SHA1(),  # noqa: S303 # a defect to be found
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}
KEYS: dict[str, Callable[[], Key]] = {
    "rsa1024": lambda: rsa.generate_private_key(65537, 1024),  # noqa: S505 # a defect to be found
    "rsa2048": lambda: rsa.generate_private_key(65537, 2048),
    "rsa3072": lambda: rsa.generate_private_key(65537, 3072),
    "p256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "p384": lambda: ec.generate_private_key(ec.SECP384R1()),
    "p521": lambda: ec.generate_private_key(ec.SECP521R1()),
    "ed25519": ed25519.Ed25519PrivateKey.generate,
}
VALID = (1_500_000_000, 2_500_000_000)
"""From 2017 to 2049: around every contest of the tests."""


# --- DER ---------------------------------------------------------------------------------


def der(tag: int, *parts: bytes) -> bytes:
    """Return one value: its tag, its length in the shortest form, its parts."""
    content = b"".join(parts)
    size = len(content)
    if size < 128:
        return bytes([tag, size]) + content
    digits = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 128 + len(digits)]) + digits + content


def sequence(*parts: bytes) -> bytes:
    return der(0x30, *parts)


def set_of(*parts: bytes) -> bytes:
    return der(0x31, *sorted(parts))


def integer(number: int, tag: int = 2) -> bytes:
    return der(tag, number.to_bytes(number.bit_length() // 8 + 1, "big", signed=True))


def oid(dotted: str) -> bytes:
    first, second, *others = map(int, dotted.split("."))
    out = bytearray()
    for arc in (40 * first + second, *others):
        digits = [arc & 127]
        while arc := arc >> 7:
            digits.append(128 | (arc & 127))
        out += bytes(reversed(digits))
    return der(6, bytes(out))


def octets(content: bytes) -> bytes:
    return der(4, content)


def algorithm(dotted: str, *, null: bool = True) -> bytes:
    return sequence(oid(dotted), der(5) if null else b"")


# --- certificates ------------------------------------------------------------------------


@dataclass(frozen=True)
class Holder:
    """A certificate and its key."""

    certificate: x509.Certificate
    key: Key

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.DER)


@cache
def key_of(name: str, kind: str) -> Key:
    """Return the key that this name holds."""
    return KEYS[kind]()


def name_of(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


@dataclass(frozen=True, kw_only=True)
class Certified:
    """What a certificate says. `usage`: the extended key usages; none at all if it is empty."""

    subject: str
    kind: str = "rsa2048"
    ca: bool | None = None
    usage: tuple[x509.ObjectIdentifier, ...] = ()
    critical: bool = True
    valid: tuple[int, int] = VALID
    digest: str = "sha256"


@cache
def certify(said: Certified, issuer: Holder | None = None) -> Holder:
    """Return a certificate by its issuer, or by itself."""
    key = key_of(said.subject, said.kind)
    signer = issuer.key if issuer else key
    subject = name_of(said.subject)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(int.from_bytes(new_hash("sha256", repr(said).encode()).digest()[:8]) + 1)
        .not_valid_before(moment(said.valid[0]))
        .not_valid_after(moment(said.valid[1]))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    if said.ca is not None:
        made = made.add_extension(x509.BasicConstraints(said.ca, None), critical=True)
    if said.usage:
        made = made.add_extension(x509.ExtendedKeyUsage(said.usage), critical=said.critical)
    if said.digest == "sha1":
        return Holder(signed_anew(made.sign(signer, hashes.SHA256()), signer), key)
    digest: Any = None if isinstance(signer, ed25519.Ed25519PrivateKey) else HASHES[said.digest]
    return Holder(made.sign(signer, digest), key)


def signed_anew(certificate: x509.Certificate, issuer: Key) -> x509.Certificate:
    """Return the certificate signed with RSA and SHA-1, which the library no longer does."""
    body = certificate.tbs_certificate_bytes
    body = body.replace(oid(RSA_SIGNATURES["sha256"]), oid(RSA_SIGNATURES["sha1"]))
    signature = der(3, b"\0", sign(issuer, body, "sha1"))
    return x509.load_der_x509_certificate(
        sequence(body, algorithm(RSA_SIGNATURES["sha1"]), signature)
    )


@dataclass(frozen=True)
class Authority:
    """A timestamp authority: its signer, and from there the certificates up to its root."""

    operator: str
    signer: Holder
    path: tuple[Holder, ...]

    @property
    def root(self) -> Holder:
        return self.path[-1]


TIME_STAMPING = (Usage.TIME_STAMPING,)


def authority(
    operator: str,
    kind: str = "rsa2048",
    *,
    between: int = 1,
    root: Certified | None = None,
    issuer: Certified | None = None,
    signer: Certified | None = None,
) -> Authority:
    """Return an authority of that operator.

    `kind` is that of the signer's key, `between` the number of certificates between root and
    signer. `root`, `issuer` (each of those between) and `signer` may be given with what is wrong
    about them; their subject is filled in.
    """
    top = certify(
        replace(root or Certified(subject="", ca=True), subject=f"{operator} root"),
    )
    path = [top]
    for number in range(between):
        said = issuer or Certified(subject="", kind="p256", ca=True)
        path.insert(0, certify(replace(said, subject=f"{operator} issuer {number}"), path[0]))
    said = signer or Certified(subject="", kind=kind, usage=TIME_STAMPING)
    return Authority(
        operator, certify(replace(said, subject=f"{operator} clock"), path[0]), tuple(path)
    )


# --- timestamps --------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Stamp:
    """When an authority saw something, and how it says so. The defaults are honest."""

    time: int
    fraction: str = ""
    """Digits of the second's fraction."""
    accuracy: tuple[int, int, int] | None = (0, 500, 0)
    """Seconds, milliseconds, microseconds; each is left out if it is 0."""
    digest: str = "sha256"
    status: int = 0
    version: int = 1
    imprint: bytes | None = None
    """What is stamped instead of the text's SHA-256."""
    imprint_digest: str = "sha256"
    content_type: str = TST_INFO
    """In the signed attributes."""
    with_attributes: bool = True
    with_certificates: bool = True
    with_root: bool = False
    by_key: bool = False
    """Name the signer by its subject key identifier."""
    plain_rsa: bool = False
    """Name the signature's algorithm without its digest, as older programs do."""
    spoil_signature: bool = False
    signed_with: str = ""
    """The signature's hash, if it is another one than that of the content."""
    unsigned: bytes = b""
    """Unsigned attributes."""
    signers: int = 1


def timestamp(clock: Authority, text: bytes, stamp: Stamp) -> bytes:
    """Return an authority's answer about a checkpoint's text: a `TimeStampResp`."""
    token = sequence(oid(SIGNED_DATA), der(0xA0, signed_data(clock, tst_info(text, stamp), stamp)))
    return sequence(sequence(integer(stamp.status)), token)


def tst_info(text: bytes, stamp: Stamp) -> bytes:
    imprint = new_hash(stamp.imprint_digest, text).digest()
    fraction = f".{stamp.fraction}" if stamp.fraction else ""
    return sequence(
        integer(stamp.version),
        oid("1.2.3.4.1"),
        sequence(algorithm(DIGESTS[stamp.imprint_digest]), octets(stamp.imprint or imprint)),
        integer(4242),
        der(0x18, f"{moment(stamp.time):%Y%m%d%H%M%S}{fraction}Z".encode()),
        accuracy(stamp.accuracy),
    )


def accuracy(parts: tuple[int, int, int] | None) -> bytes:
    if parts is None:
        return b""
    tagged = zip(parts, (2, 0x80, 0x81), strict=True)
    return sequence(*(integer(part, tag) for part, tag in tagged if part))


def signed_data(clock: Authority, content: bytes, stamp: Stamp) -> bytes:
    carried: tuple[Holder, ...] = ()
    if stamp.with_certificates:
        carried = (clock.signer, *clock.path[: None if stamp.with_root else -1])
    certificates = der(0xA0, *(holder.der for holder in carried)) if carried else b""
    return sequence(
        integer(3),
        set_of(algorithm(DIGESTS[stamp.digest])),
        sequence(oid(TST_INFO), der(0xA0, octets(content))),
        certificates,
        der(0x31, *[signer_info(clock.signer, content, stamp)] * stamp.signers),
    )


def signer_info(signer: Holder, content: bytes, stamp: Stamp) -> bytes:
    attributes = [
        sequence(oid(CONTENT_TYPE), set_of(oid(stamp.content_type))),
        sequence(oid(MESSAGE_DIGEST), set_of(octets(new_hash(stamp.digest, content).digest()))),
        signing_certificate(signer),
    ]
    signed = set_of(*attributes) if stamp.with_attributes else content
    signature = sign(signer.key, signed, stamp.signed_with or stamp.digest)
    if stamp.spoil_signature:
        signature = signature[:-1] + bytes([signature[-1] ^ 1])
    return sequence(
        integer(3 if stamp.by_key else 1),
        signer_identifier(signer.certificate, by_key=stamp.by_key),
        algorithm(DIGESTS[stamp.digest]),
        b"\xa0" + signed[1:] if stamp.with_attributes else b"",
        signature_algorithm(signer.key, stamp),
        octets(signature),
        der(0xA1, stamp.unsigned) if stamp.unsigned else b"",
    )


def signing_certificate(signer: Holder) -> bytes:
    """The attribute that RFC 5816 wants; a verifier of this protocol does not need it."""
    fingerprint = sequence(octets(new_hash("sha256", signer.der).digest()))
    return sequence(oid(SIGNING_CERTIFICATE), set_of(sequence(sequence(fingerprint))))


def signer_identifier(certificate: x509.Certificate, *, by_key: bool) -> bytes:
    if by_key:
        found = certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
        return der(0x80, found.value.digest)
    return sequence(certificate.issuer.public_bytes(), integer(certificate.serial_number))


def signature_algorithm(key: Key, stamp: Stamp) -> bytes:
    digest = stamp.signed_with or stamp.digest
    if isinstance(key, rsa.RSAPrivateKey):
        plain = "1.2.840.113549.1.1.1"
        return algorithm(plain if stamp.plain_rsa else RSA_SIGNATURES[digest])
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return algorithm("1.3.101.112", null=False)
    return algorithm(ECDSA_SIGNATURES[digest], null=False)


def sign(key: Key, message: bytes, digest: str) -> bytes:
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(message, padding.PKCS1v15(), HASHES[digest])
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return key.sign(message)
    return key.sign(message, ec.ECDSA(HASHES[digest]))
