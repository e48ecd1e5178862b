"""From the start to the result: what the API and the public side tell at each step."""

import hashlib
import io
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest
from redis.asyncio import Redis

from api.answers import done, faults, items, problem
from api.staged import Stage, definition
from contest_service.flows.notify import enqueue_notices
from contest_service.store import tallies
from contest_service.store.tallies import Change

PRACTICE_HOLDS = 3
"""Exit status of a verifier (docs/draw-protocol.md, 8.8)."""
VERIFIER = Path(__file__).parents[2] / "contest_service" / "proof" / "verify.py"


def verdict(verifier: Path, proof: Path) -> int:
    """Run a verifier in a bare interpreter."""
    command = [sys.executable, "-I", "-S", str(verifier), str(proof), "--practice"]
    done = subprocess.run(command, capture_output=True, timeout=60, check=False)
    return done.returncode


async def test_a_start_locks_the_rules_and_makes_them_public(
    owner: httpx.AsyncClient, api: httpx.AsyncClient, stage: Stage
) -> None:
    contest = await stage.draft()
    problem(await api.get(f"/public/contests/{contest.id}"), 404, "not_found")
    started = done(await owner.post(f"/v1/contests/{contest.id}/start"))
    assert (started["status"], started["terms_version"]) == ("running", 1)
    where = f"/v1/contests/{contest.id}"
    problem(await owner.post(f"{where}/start"), 409, "conflict")
    problem(await owner.put(where, json={"definition": definition()}), 409, "conflict")
    problem(await owner.patch(where, json={"definition": {"title": "Two mugs"}}), 409, "conflict")
    answer = await api.get(f"/public/contests/{contest.id}")
    seen = done(answer)
    assert answer.headers["access-control-allow-origin"] == "*"
    assert (seen["practice"], seen["status"], seen["freeze"]) == (True, "running", None)
    assert any("Like" in line for line in seen["rules"])
    (terms,) = seen["terms"]
    file = await api.get(terms["url"])
    assert hashlib.sha256(file.content).hexdigest() == terms["sha256"]
    assert file.json()["rules"]["title"] == "A mug"
    (event,) = items(await owner.get(f"{where}/events"))
    assert (event["seq"], event["type"]) == (0, "rules")
    assert event["event"]["body"]["terms_sha256"] == terms["sha256"]


async def test_an_amendment_is_a_new_public_version_with_a_reason(
    owner: httpx.AsyncClient, api: httpx.AsyncClient, stage: Stage
) -> None:
    contest = await stage.start(await stage.draft())
    where = f"/v1/contests/{contest.id}/amend"
    wrong = {"definition": definition(title="", coverage=-1), "reason": " "}
    assert set(faults(await owner.post(where, json=wrong))) == {
        "/definition/title",
        "/definition/coverage",
        "/reason",
    }
    body = {"definition": definition(title="Two mugs"), "reason": "We found another one."}
    assert done(await owner.post(where, json=body))["terms_version"] == 2
    seen = done(await api.get(f"/public/contests/{contest.id}"))
    assert [each["version"] for each in seen["terms"]] == [1, 2]
    newest = (await api.get(seen["terms"][-1]["url"])).json()
    assert newest["reason"] == "We found another one."
    kinds = [
        each["kind"] for each in items(await owner.get(f"/v1/contests/{contest.id}/announcements"))
    ]
    assert kinds == ["amendment"]


async def test_a_cancelled_contest_says_so_in_public(
    owner: httpx.AsyncClient, api: httpx.AsyncClient, stage: Stage
) -> None:
    contest = await stage.start(await stage.draft())
    where = f"/v1/contests/{contest.id}"
    assert (
        done(await owner.post(f"{where}/cancel", json={"reason": "prize-broke"}))["status"]
        == "void"
    )
    seen = done(await api.get(f"/public/contests/{contest.id}"))
    assert (seen["status"], seen["void_reason"]) == ("void", "prize-broke")
    assert [each["type"] for each in items(await owner.get(f"{where}/events"))] == [
        "rules",
        "void",
        "close",
    ]
    problem(await owner.post(f"{where}/cancel", json={"reason": "again"}), 409, "conflict")


async def test_only_a_closing_contest_can_go_on_below_its_coverage(
    owner: httpx.AsyncClient, stage: Stage
) -> None:
    contest = await stage.start(await stage.draft())
    where = f"/v1/contests/{contest.id}/proceed"
    problem(await owner.post(where, json={"reason": "counter is wrong"}), 409, "conflict")


async def test_entrants_are_found_by_verdict_reason_and_name(
    owner: httpx.AsyncClient, stage: Stage
) -> None:
    contest = await stage.start(await stage.draft())
    ids = await stage.judged(contest, "ann", "bob", "eve")
    async with stage.rt.pool.acquire() as conn:
        await conn.execute(
            "UPDATE entrants SET state = 'invalid', reason = 'liked.undone', tickets = 0,"
            " kind = kind_of('bluesky', 'invalid', 'liked.undone', '') WHERE label = 'eve'"
        )
        before, after = ("valid", "all_conditions_hold", ""), ("invalid", "liked.undone", "")
        kinds = [("bluesky", *before, -1, -1), ("bluesky", *after, 1, 0)]
        key = (contest.workspace_id, contest.id)
        await tallies.add(conn, *key, Change(kinds=kinds, arrivals=[]))
    where = f"/v1/contests/{contest.id}/entrants"

    async def found(**query: str) -> list[str]:
        return [each["label"] for each in items(await owner.get(where, params=query))]

    assert await found() == ["ann", "bob", "eve"]
    assert await found(state="invalid") == ["eve"]
    assert await found(reason="liked.undone") == ["eve"]
    assert (
        await found(who="bluesky@localhost:2582:did:plc:bob") == await found(who="bob") == ["bob"]
    )
    assert await found(state="quarantined") == []
    assert set(faults(await owner.get(where, params={"state": "lucky"}))) == {"/state"}
    first = done(await owner.get(where, params={"limit": 2}))
    assert await found(after=first["next"]) == ["eve"]
    one = done(await owner.get(f"{where}/{ids[0]}"))
    assert one["record"]["subject"] == "bluesky@localhost:2582:did:plc:ann"
    assert one["record"]["conditions"] == []
    problem(await owner.get(f"{where}/{uuid4()}"), 404, "not_found")
    counts = {
        each["reason"]: each["entrants"] for each in items(await owner.get(f"{where}/counts"))
    }
    assert counts == {"all_conditions_hold": 2, "liked.undone": 1}
    entries = items(await owner.get(f"/v1/contests/{contest.id}/entries"))
    assert [(each["label"], each["tickets"]) for each in entries] == [("ann", 1), ("bob", 1)]


async def test_scans_and_coverage_are_told(owner: httpx.AsyncClient, stage: Stage) -> None:
    contest = await stage.start(await stage.draft())
    async with stage.rt.pool.acquire() as conn:
        await conn.execute(
            "INSERT INTO scans (workspace_id, watch_id, closing, state, started_at, finished_at,"
            " pages, seen, claimed)"
            " SELECT w.workspace_id, w.id, false, 'complete', now(), now(), 3, 45, 50"
            " FROM watches w WHERE w.action = 'like'"
        )
    (scan,) = items(await owner.get(f"/v1/contests/{contest.id}/scans"))
    assert (scan["action"], scan["state"], scan["pages"]) == ("like", "complete", 3)
    (post,) = items(await owner.get(f"/v1/contests/{contest.id}/posts"))
    assert scan["target_id"] == post["id"]
    (likes,) = items(await owner.get(f"/v1/contests/{contest.id}/coverage"))
    assert (likes["action"], likes["per_cent"], likes["claimed"]) == ("like", 90, 50)


async def test_nothing_is_told_of_a_freeze_or_a_draw_before_they_are(
    owner: httpx.AsyncClient, api: httpx.AsyncClient, stage: Stage
) -> None:
    contest = await stage.start(await stage.draft())
    for path in ("freeze", "draw"):
        problem(await owner.get(f"/v1/contests/{contest.id}/{path}"), 404, "not_found")
    problem(await api.get(f"/public/contests/{contest.id}/entries.bin"), 404, "not_found")


async def test_from_the_freeze_on_the_list_is_public_and_hashed(
    owner: httpx.AsyncClient, api: httpx.AsyncClient, stage: Stage
) -> None:
    contest = await stage.start(await stage.draft())
    await stage.judged(contest, "ann", "bob", "eve")
    await stage.freeze(contest)
    freeze = done(await owner.get(f"/v1/contests/{contest.id}/freeze"))
    assert (freeze["entries"], freeze["tickets"]) == (3, 3)
    assert done(await api.get(f"/public/contests/{contest.id}"))["freeze"] == freeze
    answer = await api.get(f"/public/contests/{contest.id}/entries.bin")
    assert len(answer.content) == 3 * 36 == int(answer.headers["content-length"])
    assert hashlib.sha256(answer.content).hexdigest() == freeze["sha256"]
    assert answer.headers["etag"] == f'"{freeze["sha256"]}"'
    assert "immutable" in answer.headers["cache-control"]
    again = await api.get(
        f"/public/contests/{contest.id}/entries.bin",
        headers={"If-None-Match": answer.headers["etag"]},
    )
    assert (again.status_code, again.content) == (304, b"")
    assert b"ann" not in answer.content
    problem(
        await owner.post(
            f"/v1/contests/{contest.id}/amend", json={"definition": definition(), "reason": "no"}
        ),
        409,
        "conflict",
    )


async def test_events_are_public_line_by_line_with_a_tag(
    api: httpx.AsyncClient, stage: Stage
) -> None:
    contest = await stage.start(await stage.draft())
    where = f"/public/contests/{contest.id}/events.jsonl"
    first = await api.get(where)
    assert first.content.endswith(b"\n")
    assert first.content.count(b"\n") == 1
    tag = {"If-None-Match": first.headers["etag"]}
    assert (await api.get(where, headers=tag)).status_code == 304
    await stage.freeze(contest)
    second = await api.get(where, headers=tag)
    assert second.status_code == 200
    assert second.content.startswith(first.content)


async def drawn(stage: Stage, *names: str, **changes: Any) -> str:
    contest = await stage.start(await stage.draft(**changes))
    await stage.judged(contest, *names)
    contest = await stage.draw(await stage.freeze(contest))
    return str(contest.id)


async def test_who_did_not_agree_to_be_named_is_not(owner: httpx.AsyncClient, stage: Stage) -> None:
    contest = await drawn(stage, "ann", naming=False)
    ((winner,),) = done(await owner.get(f"/v1/contests/{contest}/draw"))["final"]
    assert (winner["label"], winner["subject"]) == ("", "")
    assert winner["entry"]


@pytest.mark.parametrize("edition", ["public", "dispute"])
async def test_a_bundle_verifies_in_a_bare_interpreter(
    owner: httpx.AsyncClient, api: httpx.AsyncClient, stage: Stage, tmp_path: Path, edition: str
) -> None:
    contest = await drawn(stage, "ann", "bob", "eve")
    if edition == "public":
        answer = await api.get(f"/public/contests/{contest}/bundle.zip")
    else:
        answer = await owner.get(f"/v1/contests/{contest}/bundle", params={"edition": edition})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/zip"
    assert int(answer.headers["content-length"]) == len(answer.content)
    assert "attachment" in answer.headers["content-disposition"]
    names = zipfile.ZipFile(io.BytesIO(answer.content)).namelist()
    assert any(name.startswith("dispute/") for name in names) is (edition == "dispute")
    file = tmp_path / "bundle.zip"
    file.write_bytes(answer.content)
    assert verdict(VERIFIER, file) == PRACTICE_HOLDS


async def test_anybody_can_finish_the_draw_from_what_is_public(
    api: httpx.AsyncClient, stage: Stage, tmp_path: Path
) -> None:
    contest = await drawn(stage, "ann", "bob")
    folder = tmp_path / "proof"
    folder.mkdir()
    for name in ("events.jsonl", "entries.bin"):
        answer = await api.get(f"/public/contests/{contest}/{name}")
        (folder / name).write_bytes(answer.content)
    seen = done(await api.get(f"/public/contests/{contest}"))
    terms = (await api.get(seen["terms"][0]["url"])).json()
    (named,) = (each for each in terms["verifiers"] if each["name"] == "verify.py")
    answer = await api.get(f"/public/contests/{contest}/verifiers/{named['sha256']}")
    assert hashlib.sha256(answer.content).hexdigest() == named["sha256"]
    verifier = tmp_path / "verify.py"
    verifier.write_bytes(answer.content)
    assert verdict(verifier, folder) == PRACTICE_HOLDS


async def test_what_is_no_hash_of_this_contest_does_not_exist(
    api: httpx.AsyncClient, stage: Stage
) -> None:
    community = await stage.community()
    one = await stage.start(await stage.draft(community))
    other = await stage.start(await stage.draft(community, title="Other"))
    seen = done(await api.get(f"/public/contests/{other.id}"))
    theirs = f"{seen['terms'][0]['sha256']}.json"
    for path in (
        f"terms/{theirs}",
        "terms/x.json",
        "verifiers/" + "0" * 64,
        "verifiers/x",
    ):
        problem(await api.get(f"/public/contests/{one.id}/{path}"), 404, "not_found")


async def test_announcements_are_retried_until_they_are_out(
    owner: httpx.AsyncClient, stage: Stage, connection: "asyncpg.Connection[Any]"
) -> None:
    contest = await stage.start(await stage.draft())
    await stage.freeze(contest)
    where = f"/v1/contests/{contest.id}/announcements"
    (due,) = items(await owner.get(where))
    assert (due["kind"], due["state"]) == ("freeze", "due")
    await connection.execute("UPDATE announcements SET state = 'failed', failure = 'no'")
    assert done(await owner.post(f"{where}/{due['id']}/retry"))["state"] == "due"
    await connection.execute("UPDATE announcements SET state = 'published', published_ref = 'x'")
    problem(await owner.post(f"{where}/{due['id']}/retry"), 409, "conflict")
    problem(await owner.post(f"{where}/{uuid4()}/retry"), 404, "not_found")


async def test_notices_come_in_pages_and_are_retried_until_everybody_is_told(
    owner: httpx.AsyncClient, stage: Stage, connection: "asyncpg.Connection[Any]"
) -> None:
    contest = await stage.start(await stage.draft())
    entries = await stage.judged(contest, "ann", "bob", "cy")
    won = {entry: ["A mug"] for entry in entries}
    await enqueue_notices(connection, stage.rt, contest, won, seq=2, now=stage.rt.clock())
    where = f"/v1/contests/{contest.id}/notices"
    first = done(await owner.get(f"{where}?limit=2"))
    last = done(await owner.get(f"{where}?limit=2&after={first['next']}"))
    assert (len(first["items"]), len(last["items"]), last["next"]) == (2, 1, None)
    assert {each["state"] for each in first["items"] + last["items"]} == {"due"}
    path = f"{where}/{first['items'][0]['id']}/retry"
    await connection.execute("UPDATE notices SET state = 'failed', failure = 'no'")
    assert done(await owner.post(path))["state"] == "due"
    await connection.execute("UPDATE notices SET state = 'told', how = 'message'")
    problem(await owner.post(path), 409, "conflict")
    problem(await owner.post(f"{where}/{uuid4()}/retry"), 404, "not_found")


async def test_a_write_rings_for_the_work_that_it_makes_due(
    owner: httpx.AsyncClient, stage: Stage, redis_url: str
) -> None:
    await stage.start(await stage.draft())
    async with Redis.from_url(redis_url) as redis:
        assert await redis.zcard("arq:queue") > 0
