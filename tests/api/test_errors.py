"""Whatever goes wrong comes as a problem, with all faults at once, and tells nothing internal."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import httpx
import pytest
from litestar import get
from litestar.handlers import HTTPRouteHandler

from api.answers import faults, problem
from api.conftest import Clients, running
from contest_service.app import create_app
from contest_service.settings import Settings


async def test_an_unknown_address_is_a_problem(
    api: httpx.AsyncClient, owner: httpx.AsyncClient
) -> None:
    for client in (api, owner):
        problem(await client.get("/v1/nothing"), 404, "not_found")
        problem(await client.get("/openapi.json/more"), 404, "not_found")


async def test_an_address_with_an_id_that_is_none_does_not_exist(owner: httpx.AsyncClient) -> None:
    problem(await owner.get("/v1/lists/not-a-uuid"), 404, "not_found")


async def test_a_wrong_method_names_the_right_ones(owner: httpx.AsyncClient) -> None:
    answer = await owner.post("/v1/me")
    problem(answer, 405, "method_not_allowed")
    assert "GET" in answer.headers["allow"]


@pytest.mark.parametrize(
    "token",
    [
        None,
        "",
        "Bearer",
        "Bearer nonsense",
        "Basic cst_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "Bearer cst_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    ],
)
async def test_without_a_valid_token_there_is_a_401(
    api: httpx.AsyncClient, token: str | None
) -> None:
    headers = {} if token is None else {"Authorization": token}
    answer = await api.get("/v1/me", headers=headers)
    problem(answer, 401, "unauthenticated")
    assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_a_body_that_is_no_json_is_malformed(owner: httpx.AsyncClient) -> None:
    for body in (b"{", b"\xff", b'{"name": "A",}', b"nul"):
        problem(await owner.post("/v1/lists", content=body), 400, "malformed")


async def test_a_body_of_another_type_is_refused(owner: httpx.AsyncClient) -> None:
    answer = await owner.post("/v1/lists", data={"name": "A"})
    problem(answer, 415, "unsupported_media_type")


@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"a":' * 100_000, b"[" * 70 + b"]" * 70])
async def test_deep_nesting_is_refused_and_nothing_breaks(
    owner: httpx.AsyncClient, body: bytes
) -> None:
    problem(await owner.post("/v1/lists", content=body), 400, "malformed")
    assert (await owner.get("/v1/lists")).json()["items"] == []


async def test_a_body_too_large_is_refused(owner: httpx.AsyncClient) -> None:
    large = b'{"name": "' + b"x" * (1 << 20) + b'"}'
    problem(await owner.post("/v1/lists", content=large), 413, "too_large")


async def test_a_body_too_large_that_hides_its_length_is_refused(owner: httpx.AsyncClient) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b" " * 100_000

    problem(await owner.post("/v1/lists", content=pieces()), 413, "too_large")


async def test_a_missing_body_is_said_to_be_missing(owner: httpx.AsyncClient) -> None:
    answer = await owner.post("/v1/lists")
    problem(answer, 422, "invalid")
    assert faults(answer) == {"": "a JSON body is missing"}


async def test_all_faults_of_a_body_are_told_at_once(owner: httpx.AsyncClient) -> None:
    answer = await owner.post(
        "/v1/tokens", json={"nmae": "x", "role": "king", "person_id": 7, "expires_at": "tomorrow"}
    )
    problem(answer, 422, "invalid")
    assert faults(answer) == {
        "/name": "is missing",
        "/nmae": "is not known; did you mean name?",
        "/role": "invalid enum value 'king'",
        "/person_id": "must be a text or null, and is a number",
        "/expires_at": "invalid RFC3339 encoded datetime",
    }


async def test_a_body_of_the_wrong_kind_is_one_fault(owner: httpx.AsyncClient) -> None:
    answer = await owner.post("/v1/lists", json=["name"])
    problem(answer, 422, "invalid")
    assert faults(answer) == {"": "must be an object, and is a list"}


async def test_numbers_are_not_taken_out_of_texts(owner: httpx.AsyncClient) -> None:
    answer = await owner.post("/v1/lists", json={"name": 7})
    assert faults(answer) == {"/name": "expected `str`, got `int`"}


async def test_all_faults_of_a_query_are_told_at_once(owner: httpx.AsyncClient) -> None:
    answer = await owner.get("/v1/audit", params={"limit": "0", "after": "x", "subject": "y"})
    body = problem(answer, 422, "invalid")
    assert {(fault["pointer"], fault["source"]) for fault in body["faults"]} == {
        ("/limit", "query"),
        ("/after", "query"),
        ("/subject", "query"),
    }


async def answer_of(settings: Settings, handler: HTTPRouteHandler) -> httpx.Response:
    """What an application answers that has this route too."""
    app = create_app(settings)
    app.register(handler)
    async with running(app), AsyncExitStack() as stack:
        client = await Clients(app, stack).open()
        return await client.get(next(iter(handler.paths)))


async def test_what_nobody_expected_tells_nothing_internal(settings: Settings) -> None:
    @get("/broken")
    async def broken() -> None:
        raise RuntimeError("the secret of the house")

    answer = await answer_of(settings, broken)
    problem(answer, 500, "internal")
    assert "secret" not in answer.text
    assert "RuntimeError" not in answer.text


async def test_a_request_id_comes_back_and_a_strange_one_is_replaced(
    api: httpx.AsyncClient,
) -> None:
    kept = await api.get("/livez", headers={"X-Request-Id": "desk-42"})
    assert kept.headers["x-request-id"] == "desk-42"
    for strange in ("a b", "x" * 129, "<script>"):
        answer = await api.get("/nothing", headers={"X-Request-Id": strange})
        assert answer.headers["x-request-id"] not in ("", strange)
        assert answer.json()["request_id"] == answer.headers["x-request-id"]


async def test_a_query_that_nobody_reads_is_told(owner: httpx.AsyncClient) -> None:
    answer = await owner.get("/v1/lists", params={"limt": "5", "page": "2"})
    problem(answer, 422, "invalid")
    assert faults(answer) == dict.fromkeys(
        ("/limt", "/page"), "is not known; it may be after, limit"
    )


async def test_a_database_that_is_away_is_no_defect_and_will_pass(settings: Settings) -> None:
    @get("/waiting")
    async def waiting() -> None:
        raise ConnectionRefusedError("5432")

    answer = await answer_of(settings, waiting)
    problem(answer, 503, "unavailable")
    assert answer.headers["retry-after"] == "1"
    assert "5432" not in answer.text


async def test_nothing_private_is_kept_by_caches(owner: httpx.AsyncClient) -> None:
    for answer in (await owner.get("/v1/me"), await owner.get("/v1/me?x=1")):
        assert answer.headers["cache-control"] == "no-store"
