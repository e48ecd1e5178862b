"""What signing the log, and vouching for the logs of others, need from the outside.

Put together once by the composition root. Holds private keys, which are never shown.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

import msgspec

from contest_service.domain.errors import ContestError
from contest_service.proof import notes
from contest_service.proof.notes import Checkpoint, KeyKind, Signature, VerifierKey
from contest_service.store.log import Log

WAY_OUT = (
    "Nothing more is signed. Restore a backup that is at least as new, or begin another log: set "
    "CONTEST_LOG_ORIGIN to a name that was never used. `contest-service log check` says more."
)


class LogRewoundError(ContestError):
    """The log is not what was signed before, so nothing more is signed."""

    code = "log_rewound"


class LogKeyError(ContestError):
    """The log cannot be signed with what was given; the message says what to set."""

    code = "log_key"


class UnreachableError(ContestError):
    """Somebody outside gave no usable answer; asking again may help."""

    code = "outside_unreachable"


class UnknownLogError(UnreachableError):
    """A witness does not know our log, so that it holds nothing of it either."""


class SigningKey(msgspec.Struct, frozen=True, kw_only=True):
    """An Ed25519 seed of 32 bytes and the name that it signs under."""

    name: str
    private: bytes

    def __repr__(self) -> str:
        return f"SigningKey({self.name})"

    def verifier(self, kind: KeyKind) -> VerifierKey:
        """The public half."""
        return VerifierKey(name=self.name, kind=kind, public=notes.public_of(self.private))

    def sign(self, checkpoint: Checkpoint) -> Signature:
        """Sign a checkpoint of the log of this name."""
        return notes.sign(self.private, self.name, checkpoint.text)


class Witness(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who cosigns our checkpoints. `url` is where, without a slash at its end."""

    key: VerifierKey
    url: str


class Authority(msgspec.Struct, frozen=True, kw_only=True):
    """A timestamp authority (RFC 3161)."""

    name: str
    url: str


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What came back over HTTP."""

    status: int
    body: bytes


Post = Callable[..., Awaitable[Answer]]
"""`post(url, body, content_type=…)`: one request with a time limit. Raises UnreachableError."""


class Memory(Protocol):
    """Remembers outside the database what was signed last."""

    def recall(self, log: Log) -> Checkpoint | None:
        """The last one, None where there is none. Raises LogKeyError if it cannot be read."""

    def remember(self, log: Log, checkpoint: Checkpoint) -> None:
        """Replace it, durably. Raises LogKeyError if it cannot be written."""


@dataclass(frozen=True, kw_only=True)
class Signer:
    """Signs this installation's logs and asks others to vouch for them."""

    seeds: Mapping[Log, bytes]
    base: str
    """Of the logs' names, such as `example.org/log`."""
    is_named: bool
    """Whether an operator chose the base, so that it counts more than what was signed before."""
    memory: Memory
    post: Post
    witnesses: tuple[Witness, ...] = ()
    authorities: tuple[Authority, ...] = ()

    def key(self, log: Log, last: Checkpoint | None) -> SigningKey:
        """The key of a log; a name that nobody chose stays as it was first signed."""
        stays = last is not None and not self.is_named
        name = last.origin if stays and last is not None else f"{self.base}/{log}"
        return SigningKey(name=name, private=self.seeds[log])


@dataclass(frozen=True, kw_only=True)
class Cosigner:
    """Vouches for the logs of others."""

    key: SigningKey
    logs: tuple[VerifierKey, ...]


def require_signer(signer: Signer | None) -> Signer:
    """Return the signer. Raises LogKeyError where no key was given."""
    if signer is None:
        raise LogKeyError(
            "CONTEST_LOG_KEY_FILE is needed to sign the log: put 32 random bytes in base64 into a "
            "file (`openssl rand -base64 32`), keep a copy apart, and give its path."
        )
    return signer
