"""Signing in rarely, going on when a session has expired, and telling when a password is wrong."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from network.fixture import Network

from contest_service.domain.accounts import Platform
from contest_service.platforms.bluesky.session import Credential, Session
from contest_service.platforms.errors import FailureKind, PlatformError
from contest_service.platforms.hosts import AllowedHosts
from contest_service.platforms.registry import open_adapter
from platforms.conftest import Community, Keeper
from platforms.loopback import Answer, Asked, as_json, serving

_SECRET = b"jwt-secret"  # the test network's PDS signs with it


def expired(token: str) -> str:
    """The same token, an hour past its end, signed by the PDS's own key."""

    def packed(raw: bytes) -> str:
        return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()

    head, claims, _ = token.split(".")
    known = json.loads(base64.urlsafe_b64decode(claims + "=="))
    claims = packed(json.dumps({**known, "exp": int(time.time()) - 3600}).encode())
    seal = hmac.digest(_SECRET, f"{head}.{claims}".encode(), hashlib.sha256)
    return f"{head}.{claims}.{packed(seal)}"


def kept(keeper: Keeper) -> Session:
    assert keeper.session is not None
    return msgspec.json.decode(keeper.session, type=Session)


async def test_the_credential_tells_whose_it_is(network: Network, community: Community) -> None:
    async with community.opened() as adapter:
        identity = await adapter.identify()
    assert identity.instance == network.instance
    assert identity.account == community.person.did
    assert identity.handle == community.person.handle
    assert identity.name == "The Shop"


@pytest.mark.parametrize("form", ["handle", "@handle", "did"])
async def test_signing_in_takes_a_handle_or_a_did(community: Community, form: str) -> None:
    person = community.person
    identifier = {"handle": person.handle, "@handle": f"@{person.handle}", "did": person.did}[form]
    async with community.opened(identifier=identifier) as adapter:
        assert (await adapter.identify()).account == person.did
        assert (await adapter.community_target()).ref == person.did


async def test_a_kept_session_is_used_instead_of_signing_in(community: Community) -> None:
    keeper = Keeper()
    for _ in range(3):
        async with community.opened(keeper=keeper) as adapter:
            await adapter.identify()
    assert keeper.saved == 1


async def test_an_expired_session_is_refreshed(community: Community) -> None:
    keeper = Keeper()
    async with community.opened(keeper=keeper) as adapter:
        await adapter.identify()
    before = kept(keeper)
    stale = msgspec.structs.replace(before, access=expired(before.access))
    keeper.session = msgspec.json.encode(stale)
    async with community.opened(keeper=keeper) as adapter:
        assert (await adapter.identify()).account == community.person.did
    assert keeper.saved == 2
    assert kept(keeper).access != stale.access


async def test_a_session_that_cannot_be_refreshed_is_made_anew(community: Community) -> None:
    keeper = Keeper()
    async with community.opened(keeper=keeper) as adapter:
        await adapter.identify()
    before = kept(keeper)
    keeper.session = msgspec.json.encode(
        msgspec.structs.replace(
            before, access=expired(before.access), refresh=expired(before.refresh)
        )
    )
    async with community.opened(keeper=keeper) as adapter:
        assert (await adapter.identify()).account == community.person.did
    assert keeper.saved == 2


async def test_a_session_that_another_process_renewed_is_taken_over(community: Community) -> None:
    keeper = Keeper()
    async with community.opened(keeper=keeper) as adapter:
        await adapter.identify()
        fresh = kept(keeper)
        keeper.session = msgspec.json.encode(
            msgspec.structs.replace(fresh, access=expired(fresh.access), refresh="used up")
        )
        async with community.opened(keeper=keeper) as late:
            await late.community_target()
            keeper.session = msgspec.json.encode(fresh)
            assert (await late.identify()).account == community.person.did
    assert keeper.saved == 1


async def test_a_wrong_password_is_rejected_and_a_kept_session_does_not_hide_it(
    community: Community,
) -> None:
    keeper = Keeper()
    async with community.opened(keeper=keeper) as adapter:
        await adapter.identify()
    async with community.opened(keeper=keeper, app_password="wrong-wrong") as adapter:
        with pytest.raises(PlatformError, match="app password") as failure:
            await adapter.identify()
    assert failure.value.kind is FailureKind.CREDENTIAL_REJECTED
    assert failure.value.is_permanent
    assert "wrong-wrong" not in f"{failure.value!r}{failure.value.__cause__!r}"


async def test_an_unreadable_kept_session_is_replaced(community: Community) -> None:
    keeper = Keeper(b"\x00 from another version")
    async with community.opened(keeper=keeper) as adapter:
        await adapter.identify()
    assert kept(keeper).did == community.person.did


@pytest.mark.parametrize(
    "credential",
    [
        b"",
        b"{}",
        b'{"identifier": "a.test"}',
        b'{"identifier": "", "app_password": "x"}',
        b'{"identifier": "a.test", "app_password": "x", "more": 1}',
        b"\xff",
    ],
)
async def test_a_credential_of_another_form_is_rejected_at_once(credential: bytes) -> None:
    with pytest.raises(PlatformError) as failure:
        async with open_adapter(
            Platform.BLUESKY,
            endpoints={},
            credential=credential,
            session=Keeper(),
            hosts=AllowedHosts.parse(["bsky.social", "public.api.bsky.app", "plc.directory"]),
        ):
            pass
    assert failure.value.kind is FailureKind.CREDENTIAL_REJECTED


def test_secrets_are_not_shown() -> None:
    credential = Credential(identifier="a.test", app_password="secret")
    session = Session(
        did="did:plc:a", handle="a", server="s", access="secret", refresh="secret", mark="m"
    )
    assert "secret" not in f"{credential!r}{credential}{session!r}{session}"


def entrance(document: Any) -> Callable[[Asked], Answer]:
    """A PDS where everybody signs in, and whose answer names another server as one's own."""

    def respond(asked: Asked) -> Answer:
        if asked.path.endswith("createSession"):
            session = {"did": "did:plc:a", "handle": "a.test", "didDoc": document}
            return as_json({**session, "accessJwt": "access", "refreshJwt": "refresh"})
        return as_json({"did": "did:plc:a", "handle": "a.test", "profiles": []})

    return respond


def document_with(server: str) -> dict[str, Any]:
    service = {"id": "#atproto_pds", "type": "AtprotoPersonalDataServer", "serviceEndpoint": server}
    return {"id": "did:plc:a", "service": [service]}


async def identify_at(url: str, *, hosts: AllowedHosts) -> None:
    async with open_adapter(
        Platform.BLUESKY,
        endpoints={"pds": url, "appview": url, "plc": url},
        credential=b'{"identifier": "a.test", "app_password": "secret"}',
        session=Keeper(),
        hosts=hosts,
    ) as adapter:
        await adapter.identify()


async def test_the_server_that_the_did_document_names_is_gone_on_with() -> None:
    hosts = AllowedHosts.parse(["127.0.0.1:*"])
    async with (
        serving(lambda _: as_json({"did": "did:plc:a", "handle": "a"})) as own,
        serving(entrance(document_with(own.url))) as front,
    ):
        await identify_at(front.url, hosts=hosts)
    assert [asked.path for asked in own.asked] == ["/xrpc/com.atproto.server.getSession"]
    assert own.asked[0].headers["authorization"] == "bearer access"


async def test_a_did_document_is_asked_for_where_signing_in_does_not_bring_it() -> None:
    hosts = AllowedHosts.parse(["127.0.0.1:*"])
    async with serving(lambda _: as_json({"did": "did:plc:a", "handle": "a"})) as own:
        document = document_with(own.url)

        def respond(asked: Asked) -> Answer:
            if asked.path == "/did:plc:a":
                return as_json(document)
            return entrance(None)(asked)

        async with serving(respond) as front:
            await identify_at(front.url, hosts=hosts)
    assert len(own.asked) == 1


async def test_a_server_outside_the_list_gets_no_token() -> None:
    async with serving(lambda _: as_json({})) as stranger:
        document = document_with(stranger.url.replace("127.0.0.1", "localhost"))
        async with serving(entrance(document)) as front:
            with pytest.raises(PlatformError, match="CONTEST_ALLOWED_HOSTS") as failure:
                await identify_at(front.url, hosts=AllowedHosts.parse(["127.0.0.1:*"]))
    assert failure.value.kind is FailureKind.FORBIDDEN
    assert not stranger.asked
    assert "secret" not in str(failure.value)
    assert "access" not in str(failure.value)
