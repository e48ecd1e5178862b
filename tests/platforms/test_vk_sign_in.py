"""Signing in with VK ID on the practice VK: from the browser to an administrator's tokens."""

import base64
import hashlib
import json
from collections.abc import AsyncIterator
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from patience import PATIENCE
from sandbox.vk.stage import ANNA, GLEB

from contest_service.domain.evidence import Action
from contest_service.platforms.errors import FailureKind, PlatformError
from contest_service.platforms.transport import Transport
from contest_service.platforms.vk.sign_in import (
    Granted,
    InvalidGrantError,
    authorize_url,
    exchange,
    refresh,
)
from contest_service.sandbox.vk.records import App
from platforms.conftest import Keeper
from platforms.loopback import Answer, as_json, serving
from platforms.vk_facing import HOSTS, vk_at
from platforms.vk_practice import Practice, pages, practice

APP = 7001
BACK = "http://127.0.0.1:9/back"
VERIFIER = "a" * 50


@pytest.fixture
async def vk() -> AsyncIterator[Practice]:
    async with practice() as opened:
        opened.vk.world.apps[APP] = App(id=APP, title="Contests", redirect_uris=(BACK,))
        yield opened


@pytest.fixture
async def transport() -> AsyncIterator[Transport]:
    async with Transport(HOSTS) as opened:
        yield opened


async def consent(vk: Practice, endpoints: dict[str, str]) -> dict[str, str]:
    """Let Anna consent in a browser; what comes back."""
    digest = hashlib.sha256(VERIFIER.encode()).digest()
    url = authorize_url(
        endpoints,
        client_id=str(APP),
        redirect_uri=BACK,
        state="state-1",
        challenge=base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
    )
    async with httpx.AsyncClient(timeout=PATIENCE) as browser:
        page = await browser.get(url)
        assert page.status_code == 200
        form = {**dict(parse_qsl(urlsplit(url).query)), "person_id": str(ANNA)}
        answer = await browser.post(f"{vk.vk.url}/authorize", data=form)
    return dict(parse_qsl(urlsplit(answer.headers["location"]).query))


async def granted(transport: Transport, endpoints: dict[str, str], back: dict[str, str]) -> Granted:
    return await exchange(
        transport,
        endpoints,
        client_id=str(APP),
        redirect_uri=BACK,
        code=back["code"],
        device_id=back["device_id"],
        verifier=VERIFIER,
    )


async def test_an_administrator_signs_in_and_stays_signed_in(
    vk: Practice, transport: Transport
) -> None:
    endpoints = {"api": vk.vk.url, "oauth": vk.vk.url}
    await vk.act("repost", GLEB)
    back = await consent(vk, endpoints)
    assert back["state"] == "state-1"
    tokens = await granted(transport, endpoints, back)
    credential = {
        "refresh_token": tokens.refresh_token,
        "device_id": back["device_id"],
        "client_id": str(APP),
        "community": "coffee",
    }
    keeper = Keeper()
    for _ in range(2):
        async with vk_at(vk.vk.url, keeper=keeper, **credential) as adapter:
            assert (await adapter.identify()).handle == "coffee"
            read = await pages(adapter, await vk.target(adapter), Action.REPOST)
            assert [each.account for page in read for each in page.sightings] == [str(GLEB)]
    assert keeper.saved == 1
    # The token is refused for its age, and renewed.
    vk.clock.now += 7200
    async with vk_at(vk.vk.url, keeper=keeper, **credential) as adapter:
        assert (await adapter.identify()).handle == "coffee"
    assert keeper.saved == 2


async def test_a_code_is_good_once(vk: Practice, transport: Transport) -> None:
    endpoints = {"api": vk.vk.url, "oauth": vk.vk.url}
    back = await consent(vk, endpoints)
    await granted(transport, endpoints, back)
    with pytest.raises(InvalidGrantError) as failure:
        await granted(transport, endpoints, back)
    assert failure.value.kind is FailureKind.CREDENTIAL_REJECTED
    assert back["code"] not in failure.value.message


@pytest.mark.parametrize(
    "answer",
    [
        Answer(status=502, body=b"<html>"),
        Answer(status=200, body=b"{}"),
        as_json({"error": "server_error"}, status=400),
        as_json({"error": "invalid_grant"}, status=503),
    ],
)
async def test_vk_id_that_is_out_of_order_refuses_nobody(
    answer: Answer, transport: Transport
) -> None:
    async with serving(lambda _: answer) as server:
        with pytest.raises(PlatformError) as failure:
            await refresh(
                transport,
                {"oauth": server.url},
                client_id="7",
                device_id="d",
                refresh_token="s3cret",
            )
    assert failure.value.kind is FailureKind.UNREACHABLE


async def test_tokens_and_codes_stand_in_no_address(transport: Transport) -> None:
    refusal = {"error": "invalid_grant", "error_description": "no s3cret"}
    async with serving(lambda _: as_json(refusal, status=400)) as server:
        endpoints = {"oauth": server.url}
        with pytest.raises(InvalidGrantError) as failure:
            await refresh(
                transport, endpoints, client_id="7", device_id="d", refresh_token="s3cret"
            )
        with pytest.raises(InvalidGrantError):
            await exchange(
                transport,
                endpoints,
                client_id="7",
                redirect_uri=BACK,
                code="s3cret",
                device_id="d",
                verifier=VERIFIER,
            )
    assert "s3cret" not in failure.value.message
    for asked in server.asked:
        assert "s3cret" not in json.dumps(asked.parameters)
        assert b"s3cret" in asked.body
