"""What a community is connected with: its tokens, as an organiser gives them.

Owns the form of the credential and the names a community may be given by. None of the tokens
reaches a message or a repr.
"""

import enum
import hashlib
import re
from collections.abc import Mapping
from urllib.parse import urlsplit

import msgspec

from contest_service.platforms.errors import FailureKind, PlatformError

_VISIBLE = re.compile(r"[\x21-\x7e]+")
_NUMBERED = re.compile(r"(?:-|club|public|event)?([1-9][0-9]{0,17})")
_SCREEN_NAME = re.compile(r"[a-z0-9_.]{2,64}")

_NEEDED = (
    "A VK credential is JSON with at least one of “community_token” (from the community's "
    "settings), “service_token” (from the settings of an application) and “user_token” (of an "
    "administrator); for VK ID “refresh_token”, “device_id” and “client_id” together. Without a "
    "community token it also needs “community”: its number, short name or address."
)


_RENEWING = ("refresh_token", "device_id", "client_id")


class Kind(enum.StrEnum):
    """Whose a token is, which decides what it may do and how often."""

    COMMUNITY = "community"
    SERVICE = "service"
    USER = "user"


class Credential(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a community is connected with, as JSON; what is not given is empty."""

    community_token: str = ""
    service_token: str = ""
    user_token: str = ""
    """Of an administrator; it expires within the hour unless VK ID renews it."""
    refresh_token: str = ""
    device_id: str = ""
    client_id: str = ""
    community: str = ""
    """Its positive number or its short name, where there is no community token to tell."""

    @property
    def kinds(self) -> frozenset[Kind]:
        """Which kinds of token there are."""
        given = {
            Kind.COMMUNITY: self.community_token,
            Kind.SERVICE: self.service_token,
            Kind.USER: self.user_token or self.refresh_token,
        }
        return frozenset(kind for kind, token in given.items() if token)

    def __repr__(self) -> str:
        return f"Credential({', '.join(sorted(self.kinds))}; community={self.community!r})"


def read_credential(raw: bytes) -> Credential:
    """Decode a credential. Raises PlatformError CREDENTIAL_REJECTED that says what is needed."""
    try:
        given = msgspec.json.decode(raw, type=Credential)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _rejected(f"{_NEEDED} {error}") from None
    credential = Credential(
        **{name: value.strip() for name, value in msgspec.structs.asdict(given).items()}
    )
    renewing = (credential.refresh_token, credential.device_id, credential.client_id)
    if not credential.kinds or (any(renewing) and not all(renewing)):
        raise _rejected(_NEEDED)
    tokens = (*renewing, credential.community_token, credential.service_token)
    for token in (*tokens, credential.user_token):
        if token and not _VISIBLE.fullmatch(token):
            raise _rejected("A token is one word of Latin letters, digits and signs: copy it anew.")
    if not credential.community and not credential.community_token:
        raise _rejected(_NEEDED)
    return msgspec.structs.replace(credential, community=read_community(credential.community))


def fingerprints_of(raw: bytes) -> dict[str, str]:
    """The kinds of token that there are, each with a digest that changes when the token does."""
    given = read_credential(raw)
    secrets = {
        Kind.COMMUNITY: (given.community_token,),
        Kind.SERVICE: (given.service_token,),
        Kind.USER: (given.user_token, given.refresh_token),
    }
    return {
        kind.value: hashlib.sha256("\n".join(secrets[kind]).encode()).hexdigest()
        for kind in Kind
        if kind in given.kinds
    }


def changed_credential(raw: bytes, changes: Mapping[str, str | None], *, account: str) -> bytes:
    """A credential with other fields; null takes one out, and with a person's token what renews it.

    `account` is the community's, which is named from now on. Raises PlatformError
    CREDENTIAL_REJECTED if no token would be left.
    """
    fields = msgspec.structs.asdict(read_credential(raw))
    if "user_token" in changes:
        fields |= dict.fromkeys(_RENEWING, "")
    fields |= {name: value or "" for name, value in changes.items()}
    fields["community"] = account
    changed = msgspec.json.encode({name: value for name, value in fields.items() if value})
    read_credential(changed)
    return changed


def read_community(named: str) -> str:
    """Read a number (`1`, `-1`, `club1`), a short name, or the address of either; empty stays so.

    Raises PlatformError CREDENTIAL_REJECTED for what names no community.
    """
    if not named:
        return ""
    name = named.lower()
    if "/" in name:
        try:
            name = urlsplit(name if "://" in name else f"https://{name}").path.strip("/")
        except ValueError:
            name = ""
    name = name.removeprefix("@")
    if numbered := _NUMBERED.fullmatch(name):
        return numbered[1]
    if not _SCREEN_NAME.fullmatch(name):
        raise _rejected(
            f"“{named[:80]}” names no community: give its number, its short name or its address, "
            "such as https://vk.com/club1."
        )
    return name


def _rejected(message: str) -> PlatformError:
    return PlatformError(FailureKind.CREDENTIAL_REJECTED, message)
