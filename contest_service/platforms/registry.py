"""Which platforms there are: one line each in the table below."""

import contextlib
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime

import msgspec

from contest_service.domain.accounts import Platform
from contest_service.platforms.base import (
    Capabilities,
    Connected,
    Expiry,
    Gauge,
    PlatformAdapter,
    SessionKeeper,
)
from contest_service.platforms.bluesky import adapter as bluesky
from contest_service.platforms.bluesky import addresses as bluesky_addresses
from contest_service.platforms.bluesky import publishing
from contest_service.platforms.bluesky import session as bluesky_session
from contest_service.platforms.bluesky.addresses import make_tid
from contest_service.platforms.errors import FailureKind, PlatformError
from contest_service.platforms.hosts import AllowedHosts, HostRefusedError
from contest_service.platforms.transport import Transport
from contest_service.platforms.vk import adapter as vk
from contest_service.platforms.vk import addresses as vk_addresses
from contest_service.platforms.vk import credential as vk_credential
from contest_service.platforms.vk import press as vk_press
from contest_service.platforms.vk.administrator import expiry_of as vk_expiry_of
from contest_service.platforms.vk.capabilities import capabilities_of as vk_capabilities_of
from contest_service.platforms.vk.capabilities import connections as vk_connections
from contest_service.platforms.vk.credential import Kind, read_credential
from contest_service.platforms.vk.gauges import gauges_of as vk_gauges_of
from contest_service.platforms.vk.lanes import Lanes


class Press(msgspec.Struct, frozen=True, kw_only=True):
    """What a publication has to look like on a platform; needs no connection.

    `fit` shortens a text to the limit: what fits, then the link. `size` counts a text's characters
    as the platform does, of which there may be `most`. `publication_key` makes the idempotency key
    of a new publication from the time and eight random bytes.
    """

    fit: Callable[[str, str], str]
    size: Callable[[str], int]
    most: int
    publication_key: Callable[[datetime, bytes], str]


class _Entry(msgspec.Struct, frozen=True, kw_only=True):
    open: Callable[..., AbstractAsyncContextManager[PlatformAdapter]]
    capabilities: Callable[[bytes], Capabilities]
    connections: Callable[[], Sequence[Connected]]
    parts: tuple[str, ...]
    ends: str
    capabilities_with: Callable[[Collection[str]], Capabilities]
    fingerprints: Callable[[bytes], dict[str, str]]
    changed: Callable[..., bytes]
    gauges: Callable[..., Sequence[Gauge]]
    expiry: Callable[..., Expiry | None]
    press: Press
    endpoints: Mapping[str, str]
    hosts: tuple[str, ...]
    parse_account: Callable[[str], tuple[str, str]]
    comment_url: Callable[[str, str], str]
    post_owner: Callable[[str], str]


@contextlib.asynccontextmanager
async def _open_bluesky(
    *,
    endpoints: Mapping[str, str],
    credential: bytes,
    session: SessionKeeper,
    hosts: AllowedHosts,
    lanes: Lanes | None,
) -> AsyncIterator[PlatformAdapter]:
    """Open Bluesky, where each adapter keeps within its server's limits by itself."""
    async with Transport(hosts) as transport:
        yield bluesky.BlueskyAdapter(
            transport, endpoints=endpoints, credential=credential, session=session
        )


_PLATFORMS = {
    Platform.BLUESKY: _Entry(
        open=_open_bluesky,
        capabilities=lambda _credential: bluesky.BlueskyAdapter.capabilities,
        connections=bluesky.connections,
        parts=(bluesky_session.PART,),
        ends="",
        capabilities_with=lambda _parts: bluesky.BlueskyAdapter.capabilities,
        fingerprints=bluesky_session.fingerprints_of,
        changed=bluesky_session.changed_credential,
        # Each answer tells how much is left, and each adapter keeps within that by itself.
        gauges=lambda _credential, **_: (),
        # An app password is good until somebody revokes it.
        expiry=lambda _credential, **_: None,
        press=Press(
            fit=publishing.fit,
            size=publishing.length,
            most=publishing.MOST_CHARACTERS,
            publication_key=make_tid,
        ),
        endpoints=bluesky.ENDPOINTS,
        hosts=bluesky.HOSTS,
        parse_account=bluesky_addresses.parse_account,
        comment_url=bluesky_addresses.comment_url,
        post_owner=lambda url: bluesky_addresses.parse_post_url(url).owner,
    ),
    Platform.VK: _Entry(
        open=vk.open_vk,
        capabilities=lambda credential: vk_capabilities_of(read_credential(credential).kinds),
        connections=vk_connections,
        parts=tuple(Kind),
        ends=Kind.USER.value,
        capabilities_with=lambda parts: vk_capabilities_of({Kind(part) for part in parts}),
        fingerprints=vk_credential.fingerprints_of,
        changed=vk_credential.changed_credential,
        gauges=vk_gauges_of,
        expiry=vk_expiry_of,
        press=Press(
            fit=vk_press.shorten,
            size=vk_press.length,
            most=vk_press.MOST_CHARACTERS,
            publication_key=vk_press.publication_key,
        ),
        endpoints=vk_addresses.ENDPOINTS,
        hosts=vk_addresses.HOSTS,
        parse_account=vk_addresses.parse_account,
        comment_url=vk_addresses.comment_url,
        post_owner=lambda url: str(vk_addresses.parse_post_url(url).owner),
    ),
}

PUBLIC_HOSTS = tuple(host for entry in _PLATFORMS.values() for host in entry.hosts)
"""The allow-list where the operator gave none: the platforms' public servers."""


def capabilities_of(platform: Platform, credential: bytes) -> Capabilities:
    """What the platform can tell with a credential; asks nobody.

    Raises PlatformError CREDENTIAL_REJECTED for one of no such form.
    """
    return _PLATFORMS[platform].capabilities(credential)


def connections(platform: Platform) -> Sequence[Connected]:
    """What a community can be connected with there, the most telling last."""
    return _PLATFORMS[platform].connections()


def every_part(platform: Platform) -> tuple[str, ...]:
    """The parts that a credential can have there, by name."""
    return _PLATFORMS[platform].parts


def ending_part(platform: Platform) -> str:
    """The part that ends by itself there; empty if none does."""
    return _PLATFORMS[platform].ends


def capabilities_with(platform: Platform, parts: Collection[str]) -> Capabilities:
    """What the platform can tell with these parts of a credential; asks nobody."""
    return _PLATFORMS[platform].capabilities_with(parts)


def fingerprints_of(platform: Platform, credential: bytes) -> dict[str, str]:
    """The parts of a credential, each with a digest that changes when the part does.

    Raises PlatformError CREDENTIAL_REJECTED for one of no such form.
    """
    return _PLATFORMS[platform].fingerprints(credential)


def changed_credential(
    platform: Platform, credential: bytes, changes: Mapping[str, str | None], *, account: str
) -> bytes:
    """The credential of an account with other fields; null takes one out. Asks nobody.

    Raises PlatformError CREDENTIAL_REJECTED if what is left signs nobody in.
    """
    return _PLATFORMS[platform].changed(credential, changes, account=account)


def gauges_of(
    platform: Platform, credential: bytes, *, endpoints: Mapping[str, str], session: bytes | None
) -> Sequence[Gauge]:
    """Where to read how much of a credential's quota is used; none if the platform itself tells.

    Raises PlatformError CREDENTIAL_REJECTED for a credential of no such form.
    """
    return _PLATFORMS[platform].gauges(credential, endpoints=endpoints, session=session)


def expiry_of(
    platform: Platform,
    credential: bytes,
    *,
    endpoints: Mapping[str, str],
    session: bytes | None,
    given_at: datetime | None,
) -> Expiry | None:
    """When a credential ends by itself, as far as that is known; asks nobody.

    `session` is what signing in yielded last, `given_at` when a person gave the credential. Raises
    PlatformError CREDENTIAL_REJECTED for one of no such form.
    """
    return _PLATFORMS[platform].expiry(
        credential, endpoints=endpoints, session=session, given_at=given_at
    )


def press(platform: Platform) -> Press:
    """How publications are made for the platform."""
    return _PLATFORMS[platform].press


def default_endpoints(platform: Platform) -> dict[str, str]:
    """The platform's public servers, by the names that a community's `endpoints` may have."""
    return dict(_PLATFORMS[platform].endpoints)


def parse_account(platform: Platform, text: str) -> tuple[str, str]:
    """Read what somebody calls an account there: its stable id, or else its handle in lower case.

    Both are empty for what can be no account; asks nobody.
    """
    return _PLATFORMS[platform].parse_account(text)


def post_author(platform: Platform, url: str) -> str:
    """Whose post is at an address, as the address says: a stable id, or a handle in lower case.

    Empty if it is no address of a post there; asks nobody.
    """
    try:
        return _PLATFORMS[platform].post_owner(url).lower()
    except PlatformError:
        return ""


def comment_url(platform: Platform, post_url: str, ref: str) -> str:
    """Where a person opens a comment that evidence names `ref`; asks nobody."""
    return _PLATFORMS[platform].comment_url(post_url, ref)


def complete_endpoints(
    platform: Platform, endpoints: Mapping[str, str], hosts: AllowedHosts
) -> dict[str, str]:
    """Check a community's endpoints and add the public ones for names that it does not give.

    Raises PlatformError: UNSUPPORTED for a name that the platform does not have, FORBIDDEN for an
    address outside the allow-list, MALFORMED for one that is more than a server.
    """
    known = default_endpoints(platform)
    for name, url in endpoints.items():
        if name not in known:
            raise PlatformError(
                FailureKind.UNSUPPORTED,
                f"“{name}” is no server of this platform; it has {', '.join(known)}.",
            )
        try:
            parsed = hosts.check(url)
        except HostRefusedError as refusal:
            raise PlatformError(FailureKind.FORBIDDEN, f"{name}: {refusal}") from None
        if parsed.raw_path != b"/" or parsed.fragment:
            raise PlatformError(
                FailureKind.MALFORMED, f"{name}: give the server alone, without a path: {url}"
            )
        known[name] = str(parsed).rstrip("/")
    return known


@contextlib.asynccontextmanager
async def open_adapter(
    platform: Platform,
    *,
    endpoints: Mapping[str, str],
    credential: bytes,
    session: SessionKeeper,
    hosts: AllowedHosts,
    lanes: Lanes | None = None,
) -> AsyncIterator[PlatformAdapter]:
    """Open a platform for one community; its connections close with the context.

    `credential` is JSON as the platform's adapter defines it, `session` keeps what signing in
    yields, `lanes` are the process's, which VK needs. Nothing is asked yet. Raises PlatformError
    for endpoints or a credential at fault.
    """
    async with _PLATFORMS[platform].open(
        endpoints=complete_endpoints(platform, endpoints, hosts),
        credential=credential,
        session=session,
        hosts=hosts,
        lanes=lanes,
    ) as adapter:
        yield adapter
