"""The whole life of a contest: real processes, the real network, sixty people, only HTTP."""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from flows.stage import VERIFY, first_owner
from network.fixture import Network
from patience import PATIENCE

from contest_service.beacon_client import fetch_round, open_client
from contest_service.proof import events
from contest_service.proof.chain import Chain
from contest_service.proof.entries import EntryList
from e2e import crowd
from e2e.crowd import Member, Scene
from e2e.running import Installation
from e2e.wholeness import replies_of, require_whole

RULES = {
    "kind": "all_of",
    "of": [
        {"kind": "liked"},
        {
            "kind": "at_least",
            "n": 2,
            "of": [
                {"kind": "any_of", "of": [{"kind": "reposted"}]},
                {"kind": "quoted"},
                {"kind": "commented", "words": 3, "hashtag": "mug", "mentions": 1},
                {"kind": "follows"},
            ],
        },
        {"kind": "account_age", "days": 30},
        {"kind": "has_picture"},
    ],
}
TICKETS = {
    "bonuses": [
        {"rule": {"kind": "reposted"}, "tickets": 1},
        {"rule": {"kind": "quoted"}, "tickets": 2},
    ],
    "cap": 3,
}
DRAWS = [
    {
        "tiers": [
            {"id": "first", "prize": "A blue mug", "winners": 1},
            {"id": "second", "prize": "A white mug", "winners": 3},
        ]
    }
]
CLOSES_IN, FREEZES_IN, DRAWS_IN = 25, 40, 45
"""Seconds from the definition on."""


class Marketer:
    """Somebody with a token and an HTTP client."""

    def __init__(self, installation: Installation, client: httpx.AsyncClient) -> None:
        self.installation = installation
        self.client = client

    async def get(self, path: str, **parameters: Any) -> Any:
        answer = await self.client.get(path, params=parameters)
        assert answer.status_code == httpx.codes.OK, answer.text
        return answer.json()

    async def post(self, path: str, body: Any = None) -> Any:
        answer = await self.client.post(path, json=body)
        assert answer.is_success, answer.text
        return answer.json()

    async def pages(self, path: str) -> AsyncIterator[dict[str, Any]]:
        """Walk through a list, a few items a page."""
        after: dict[str, str] = {}
        while True:
            page = await self.get(path, limit=7, **after)
            for item in page["items"]:
                yield item
            if page["next"] is None:
                return
            after = {"after": page["next"]}

    async def until_status(self, path: str, status: str) -> None:
        async def is_reached() -> bool:
            reached: bool = (await self.get(path))["status"] == status
            return reached

        await self.installation.until(is_reached, patience=PATIENCE, what=status)


async def test_sixty_people_take_part_and_every_verdict_is_the_scripts(
    installation: Installation, pool: Any, network: Network, tmp_path: Path
) -> None:
    page = await asyncio.to_thread(network.person, "pottery")
    friend = await asyncio.to_thread(network.person, "friend")
    post = await asyncio.to_thread(page.post, "Win a mug")
    scene = Scene(network=network, page=page, post=post, friend=friend)
    members = await asyncio.to_thread(crowd.gather, scene)
    assert len(members) == 60
    await asyncio.to_thread(network.settle)
    await first_owner(pool)
    await installation.start()
    token = await asyncio.to_thread(installation.command, "token")
    async with httpx.AsyncClient(
        base_url=f"{installation.url}/v1",
        headers={"Authorization": f"Bearer {token}"},
        timeout=PATIENCE,
    ) as client:
        marketer = Marketer(installation, client)
        contest = await _define(marketer, scene, members)
        path = f"/contests/{contest}"

        async def is_judged() -> bool:
            counts = await marketer.get(f"{path}/entrants/counts")
            judged = {each["reason"]: each["entrants"] for each in counts["items"]}
            valid: int = judged.get(crowd.VALID, 0)
            return valid == 41

        await installation.until(is_judged, patience=CLOSES_IN, what="the first judging")
        await asyncio.to_thread(crowd.change_minds, scene, members)
        await asyncio.to_thread(network.settle)
        await marketer.until_status(path, "announced")
        await _require_verdicts(marketer, path, members)
        await _require_coverage(marketer, path)
        draw = await marketer.get(f"{path}/draw")
        await _require_announcements(scene, draw)
        await _require_public_draw(installation, contest, draw)
        await _require_bundles(marketer, path, draw, tmp_path)
    async with pool.acquire() as conn:
        assert await require_whole(conn, contest) == 0


async def _define(marketer: Marketer, scene: Scene, members: list[Member]) -> str:
    """Connect the page, define the contest, attach the post, start."""
    credential = {
        "identifier": scene.page.handle,
        "app_password": await asyncio.to_thread(scene.page.make_app_password, "contest"),
    }
    community = await marketer.post(
        "/communities",
        {
            "platform": "bluesky",
            "credential": credential,
            "endpoints": scene.network.endpoints,
        },
    )
    staff = await marketer.post("/lists", {"name": "Staff"})
    accounts = [
        {"platform": "bluesky", "instance": scene.network.instance, "id": member.person.did}
        for member in crowd.of_role(members, "staff")
    ]
    await marketer.post(
        f"/lists/{staff['id']}/accounts", {"accounts": accounts, "reason": "works here"}
    )
    not_staff = {"kind": "not_listed", "list_id": staff["id"], "name": "our staff"}
    now = datetime.now(UTC).replace(microsecond=0)
    definition = {
        "title": "Win a mug",
        "organiser": "The pottery",
        "schedule": {
            "opens_at": (now - timedelta(hours=1)).isoformat(),
            "closes_at": (now + timedelta(seconds=CLOSES_IN)).isoformat(),
            "freeze_at": (now + timedelta(seconds=FREEZES_IN)).isoformat(),
            "draw_at": (now + timedelta(seconds=DRAWS_IN)).isoformat(),
            "zone": "Europe/Moscow",
            "min_lead": 2,
        },
        "rules": {**RULES, "of": [*RULES["of"], not_staff]},
        "tickets": TICKETS,
        "draws": DRAWS,
    }
    contest = await marketer.post("/contests", {"definition": definition, "practice": True})
    path = f"/contests/{contest['id']}"
    await marketer.post(f"{path}/posts", {"community_id": community["id"], "url": scene.post.uri})
    started = await marketer.post(f"{path}/start")
    assert started["status"] == "running"
    return str(contest["id"])


async def _require_verdicts(marketer: Marketer, path: str, members: list[Member]) -> None:
    found = {
        f"did:{entrant['subject'].partition(':did:')[2]}": entrant
        async for entrant in marketer.pages(f"{path}/entrants")
    }
    wrong = [
        difference
        for member in members
        if (difference := crowd.differs(member, found.pop(member.person.did, None)))
    ]
    assert wrong == []
    assert {entrant["reason"] for entrant in found.values()} <= {"liked.not_seen"}  # the friend
    one = await marketer.get(f"{path}/entrants", state="cannot_verify")
    whole = await marketer.get(f"{path}/entrants/{one['items'][0]['id']}")
    assert {each["verdict"] for each in whole["record"]["conditions"]} >= {"cannot_be_known"}


async def _require_coverage(marketer: Marketer, path: str) -> None:
    covered = await marketer.get(f"{path}/coverage")
    assert {each["action"] for each in covered["items"]} == {"like", "repost", "quote", "comment"}
    assert all(each["per_cent"] >= 90 for each in covered["items"]), covered


async def _require_announcements(scene: Scene, draw: Any) -> None:
    """Exactly one of each, as anybody reads them."""
    await asyncio.to_thread(scene.network.settle)
    freeze, result = await asyncio.to_thread(
        replies_of, scene.network.reader(), scene.post, scene.page
    )
    assert "The list is fixed" in freeze
    for slot in draw["final"][0]:
        assert slot["label"] in result


async def _require_public_draw(installation: Installation, contest: str, draw: Any) -> None:
    """Compute the winners from what is public and the beacon's answer, without the service."""
    async with httpx.AsyncClient(
        base_url=f"{installation.url}/public/contests/{contest}", timeout=PATIENCE
    ) as web:
        overview = (await web.get("")).json()
        lines = (await web.get("/events.jsonl")).content.splitlines()
        entries = EntryList.parse((await web.get("/entries.bin")).content)
        for version in overview["terms"]:
            assert (await web.get(version["url"])).is_success
    rules, freeze, result = map(events.parse, lines)
    assert overview["freeze"]["hash"] == events.event_hash(freeze).hex()
    chain = Chain(contest, entries, practice=True)
    chain.extend(rules)
    chain.extend(freeze)
    relay = installation.settings.practice_relay or ""
    async with open_client() as client:
        fetched = await fetch_round(chain.rules.beacon, freeze.body.round, [relay], client=client)
    assert fetched is not None
    body = chain.result_body(fetched.signature)
    assert body == result.body
    assert [slot.commit for slot in body.draws[0]] == [
        slot["commitment"] for slot in draw["initial"][0]
    ]


async def _require_bundles(marketer: Marketer, path: str, draw: Any, folder: Path) -> None:
    """Both editions hold, in the service's own check and in a bare interpreter."""
    for edition in ("public", "dispute"):
        answer = await marketer.client.get(f"{path}/bundle", params={"edition": edition})
        assert answer.is_success, answer.text
        bundle = folder / f"{edition}.zip"
        bundle.write_bytes(answer.content)
        report = await asyncio.to_thread(
            _run, [sys.executable, "-I", "-S", VERIFY, "--practice", "--json", bundle]
        )
        ours = await asyncio.to_thread(
            _run,
            [sys.executable, "-m", "contest_service.cli", "verify", "--practice", "--json", bundle],
        )
        for said in (report, ours):
            assert (said["verdict"], said["outcome"]) == ("practice", "result"), said
            assert [slot["commit"] for slot in said["final"][0]] == [
                slot["commitment"] for slot in draw["final"][0]
            ]


def _run(command: list[Any]) -> dict[str, Any]:
    done = subprocess.run(command, capture_output=True, check=False)
    assert done.returncode == 3, done.stderr
    return dict(json.loads(done.stdout))
