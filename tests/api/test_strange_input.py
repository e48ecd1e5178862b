"""Whatever is sent, the answer is a reply or a problem, and never a failure of ours."""

import copy
import re
from collections.abc import Iterator
from typing import Any

import httpx

from api.answers import created
from api.operations import OPERATIONS
from api.staged import Stage, definition
from api.world import BODIES, make_world

STRANGE: tuple[Any, ...] = (
    None,
    True,
    -1,
    0,
    1.5,
    2**31,
    2**63,
    10**30,
    1e308,
    "",
    "\u202e\U0001f9c7",
    "x" * 5000,
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59-23:59",
    "2026-05-03T14:00:00",
    "00000000-0000-0000-0000-000000000000",
    "/etc/passwd",
    [],
    {},
    [[]],
    {"kind": "liked"},
    [1] * 3000,
)


def spoilt(body: Any) -> Iterator[Any]:
    """The body with each of its parts, one after the other, replaced by each strange value."""
    for path in list(_paths(body)):
        for value in STRANGE:
            fresh = copy.deepcopy(body)
            if not path:
                yield value
                continue
            inner = fresh
            for step in path[:-1]:
                inner = inner[step]
            inner[path[-1]] = value
            yield fresh


def _paths(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield at
    if isinstance(value, dict | list):
        parts = value.items() if isinstance(value, dict) else enumerate(value)
        for step, inner in parts:
            yield from _paths(inner, (*at, step))


FULL = definition(
    rules={
        "kind": "at_least",
        "n": 2,
        "of": [
            {"kind": "commented", "times": 1, "words": 2, "hashtag": "win", "mentions": 1},
            {"kind": "account_age", "days": 7},
        ],
    },
    tickets={"base": 1, "bonuses": [{"rule": {"kind": "reposted"}, "tickets": 2}], "cap": 5},
    unverified="admit",
    coverage=90,
    naming=True,
    recheck_winners=False,
    language="ru",
    notes={"ru": ["Будьте добры."]},
)


async def test_strange_definitions_never_break_anything(owner: httpx.AsyncClient) -> None:
    made = created(await owner.post("/v1/contests", json={"practice": True, "definition": FULL}))
    for body in spoilt({"practice": True, "definition": FULL}):
        answer = await owner.post("/v1/contests", json=body)
        assert answer.status_code in (201, 422), (body, answer.text)
    for body in spoilt({"revision": 1, "definition": {"schedule": FULL["schedule"]}}):
        answer = await owner.patch(f"/v1/contests/{made['id']}", json=body)
        assert answer.status_code in (200, 409, 422), (body, answer.text)


PRACTISING = ("start_dry_run", "connect_practice_community")


async def test_strange_bodies_never_break_anything(owner: httpx.AsyncClient, stage: Stage) -> None:
    world = await make_world(owner, stage)
    for operation in OPERATIONS:
        body = BODIES.get(operation.id) or world.options(operation, "owner").get("json")
        if body is None or operation.id in ("create_contest", "replace_contest", "amend_contest"):
            continue
        for strange in spoilt(body):
            answer = await owner.request(
                operation.method, world.path(operation, "owner"), json=strange
            )
            # What is left of a body may be in order, and then the practice network is asked.
            is_away = operation.id in PRACTISING and answer.status_code == 502
            assert is_away or answer.status_code < 500, (operation.id, strange, answer.text)


NOBODY = "00000000-0000-0000-0000-000000000000"
QUERIES = ("", "-1", "9" * 30, "%00", "\0", "ж" * 3000, "null", "[]", "1e3", "🧇")


async def test_strange_queries_never_break_anything(owner: httpx.AsyncClient) -> None:
    for operation in (each for each in OPERATIONS if each.method == "GET"):
        path = re.sub(r"\{[a-z0-9_]+\}", NOBODY, operation.path)
        for parameter in operation.described.get("parameters", []):
            for value in QUERIES if parameter["in"] == "query" else ():
                answer = await owner.get(path, params={parameter["name"]: value})
                assert answer.status_code < 500, (operation.id, parameter, value, answer.text)
