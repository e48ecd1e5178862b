"""What the judge gets is what stands on record, whatever people wrote."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from contest_service.domain.accounts import AccountKey, Profile, Standing
from contest_service.domain.case import GoneWhy, Presence
from contest_service.domain.evidence import Action
from contest_service.flows.judge import judge_all
from contest_service.store import accounts, cases, lists
from flows.made_up import connected, reread, started, watched
from flows.stage import Stage, open_stage

ODD = 'a "quoted" \\ back\nline\ttab \x01\x7f Ж é 🎉 </script> {}[],:- null'
LIKED = {"kind": "liked"}
RULES = {"kind": "all_of", "of": [LIKED, {"kind": "commented"}, {"kind": "has_picture"}]}
_DID = """
INSERT INTO actions (workspace_id, target_id, action, account, ref, seen_scan, at, absent_at,
    seen_at, gone_at, gone_scan, gone_why, text, tags, mentions, heard)
VALUES ($1, $2, $3, $4, $5, uuidv7(), $6, $7, $8, $9, CASE WHEN $10::text IS NULL THEN NULL
    ELSE uuidv7() END, $10, $11, $12, $13, $14)
"""


def _did(action: Action, **more: Any) -> Presence:
    given = {"ref": "r", "at": None, "absent_at": None, "seen_at": 1_767_600_000}
    return Presence(action=action, target="", **{**given, **more})


PRESENCES = {
    "plain": [_did(Action.LIKE)],
    ODD: [
        _did(Action.LIKE, ref=ODD, at=1_767_600_001, absent_at=1_767_590_000),
        _did(Action.COMMENT, ref="1", text=ODD, tags=("mug", ODD), mentions=(ODD, "vk")),
        _did(
            Action.COMMENT,
            ref="2",
            text="gone",
            gone_at=1_767_600_009,
            gone_why=GoneWhy.WITHDRAWN,
        ),
        _did(Action.COMMENT, ref="3", text="heard", is_heard=True),
    ],
    "hidden": [_did(Action.LIKE, gone_at=1_767_600_005, gone_why=GoneWhy.HIDDEN)],
}
PROFILES = {
    ODD: Profile(
        account=ODD,
        handle=f"h{ODD}",
        name=ODD,
        created_at=-86_400,
        has_picture=True,
        followers=7,
        is_closed=False,
        is_active=True,
        city=ODD,
        born="1990-02-28",
        country=ODD,
    ),
    "hidden": Profile(account="hidden", handle="h"),
}


def _at(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


async def _record(stage: Stage, conn: Any, post: Any) -> None:
    """Put presences and profiles on record."""
    for account, did in PRESENCES.items():
        for each in did:
            why = None if each.gone_why is None else each.gone_why.value
            times = [_at(each.at), _at(each.absent_at), _at(each.seen_at), _at(each.gone_at), why]
            said = [each.text, each.tags, each.mentions, each.is_heard]
            key = (stage.actor.workspace_id, post.id, each.action.value, account, each.ref)
            await conn.execute(_DID, *key, *times, *said)
    await accounts.keep_profiles(conn, post, list(PROFILES.values()), at=stage.now())
    await accounts.set_standing(
        conn,
        stage.actor.workspace_id,
        {"hidden": Standing.BLOCKS_US},
        platform=post.platform,
        instance=post.instance,
        at=stage.now(),
    )


async def _gather(stage: Stage, contest: Any) -> dict[str, cases.Gathered]:
    """What is gathered of all accounts, by their ids: by their names, and as a span."""
    key = (contest.workspace_id, contest.id)
    async with stage.transaction() as conn:
        named = cases.read(await cases.gather(conn, *key, sorted(PRESENCES), lists=()))
        spans = [span async for span in cases.spans(conn, *key, size=2)]
        found = [
            each
            for span in spans
            for each in cases.read(await cases.gather_span(conn, *key, span, lists=()))
        ]
    by_account = {each.account: each for each in found}
    assert by_account == {each.account: each for each in named}
    return by_account


async def _gather_first(stage: Stage, contest: Any) -> dict[str, cases.Gathered]:
    """What is gathered of all accounts where nobody was judged yet."""
    key = (contest.workspace_id, contest.id)
    async with stage.transaction() as conn:
        assert not await cases.is_anybody_judged(conn, *key)
        spans = [span async for span in cases.spans(conn, *key, size=2)]
        texts = [
            await cases.gather_span(conn, *key, span, lists=(), is_first=True) for span in spans
        ]
    return {each.account: each for text in texts for each in cases.read(text)}


@given(st.lists(st.integers(0, 50_000), max_size=9))
def test_what_is_read_some_at_a_time_is_all_of_it(lengths: list[int]) -> None:
    lines = [
        msgspec.json.encode(["vk", "", str(place), None, None, None, None, ["x" * length]])
        for place, length in enumerate(lengths)
    ]
    text = cases.Text(b"\n".join(lines))
    found = [(each.account, [len(name) for name in each.lists or ()]) for each in cases.read(text)]
    assert found == [(str(place), [length]) for place, length in enumerate(lengths)]
    assert cases.count(text) == len(lengths)


async def test_what_is_gathered_is_what_is_on_record(pool: Any, tmp_path: Path) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        contest = await started(stage, await connected(stage), rules=RULES)
        _, post = await watched(stage, contest, Action.LIKE)
        async with stage.transaction() as conn:
            await _record(stage, conn, post)
        found = await _gather(stage, contest)
        assert {each.entrant_id for each in found.values()} == {None}
        assert await _gather_first(stage, contest) == found
        for account, did in PRESENCES.items():
            told = [_plain(each) for each in found[account].presences]
            assert sorted(told) == sorted(_plain(each, target=post.ref) for each in did)
        assert {who: each.profile and _fields(each.profile) for who, each in found.items()} == {
            who: _fields(PROFILES[who]) if who in PROFILES else None for who in PRESENCES
        }
        assert {who: each.standing for who, each in found.items()} == {
            "plain": None,
            ODD: Standing.VISIBLE,
            "hidden": Standing.BLOCKS_US,
        }
        await judge_all(stage.rt, await reread(stage, contest))
        judged = await _gather(stage, contest)
        async with stage.transaction() as conn:
            ids = await conn.fetch("SELECT id, label FROM entrants ORDER BY id")
        assert {each.entrant_id for each in judged.values()} == {row["id"] for row in ids}
        assert {UUID(str(row["id"])).version for row in ids} == {7}
        before = judged[ODD].before
        assert before is not None
        assert before.label == f"@h{ODD}"


async def test_of_lists_only_those_that_are_asked_about_are_gathered(
    pool: Any, tmp_path: Path
) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        contest = await started(stage, await connected(stage), rules=RULES)
        _, post = await watched(stage, contest, Action.LIKE)
        listed = AccountKey(platform=post.platform, instance=post.instance, id=ODD)
        async with stage.transaction() as conn:
            await _record(stage, conn, post)
            workspace_id, now = stage.actor.workspace_id, stage.now()
            made = [
                await lists.create_list(conn, workspace_id, name, now=now) for name in ("a", "b")
            ]
            for each in made:
                await lists.add_accounts(
                    conn, workspace_id, each.id, [listed], reason="", added_by=each.id, now=now
                )
            key = (contest.workspace_id, contest.id)
            ids = [each.id for each in made]
            for asked in ([], ids[:1], ids):
                text = await cases.gather(conn, *key, sorted(PRESENCES), lists=asked)
                found = {each.account: sorted(each.lists or ()) for each in cases.read(text)}
                assert found == {who: [] for who in PRESENCES} | {ODD: sorted(map(str, asked))}


def _plain(seen: Presence, **more: str) -> str:
    return repr({**_fields(seen), **more})


def _fields(struct: Any) -> dict[str, Any]:
    return {field: getattr(struct, field) for field in struct.__struct_fields__}
