"""Erasing a person by request: nothing speaks of them any more, and every proof stays as it was."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from proof.judges import Judges
from sandbox.vk.stage import DARYA, EGOR, GLEB

from contest_service.domain.contest import Status
from contest_service.flows import erase_person
from contest_service.flows.ledger import load_chain
from contest_service.flows.succeed import name_slots
from contest_service.store import announcements, appeals
from contest_service.store.entrant_traces import Entry
from contest_service.store.erasure import ErasureState
from flows.erasing import HANDLE, STRINGS, ZINA, dying, scene

Place = tuple[Any, Path, str]

NEEDED_WHILE_ONE_RUNS = {
    "accounts.account", "accounts.handle", "accounts.name",
    "actions.account", "actions.mentions", "actions.text", "comment_sketches.account",
    "entrants.label", "entrants.record", "entrants.subject",
    "erasure_accounts.account", "erasure_accounts.names",
    "openings.label", "openings.subject",
}  # fmt: skip
"""Where a contest that has not ended may still need somebody to stand."""
EVERYWHERE = NEEDED_WHILE_ONE_RUNS - {"erasure_accounts.account", "erasure_accounts.names"} | {
    "appeals.answer", "appeals.text",
    "answered_comments.account", "comment_sources.account", "overnamed.account",
    "override_proposals.note", "quarantines.note",
    "quarantines.release_note",
    "announcements.text", "audit_log.detail", "heard_events.body", "idempotency_keys.reply",
    "list_accounts.account", "list_accounts.reason", "notices.account", "notices.label",
    "notices.mention", "ownerships.account", "scan_pages.body", "work.failure",
}  # fmt: skip
"""Where somebody stands who won, before they are erased: so the search finds what is there."""

OWN = """
INSERT INTO ownerships (workspace_id, contest_id, platform, instance, account, entrant_id, secret,
    code, created_at, expires_at)
SELECT workspace_id, contest_id, platform, instance, account, entrant_id, '', '', now(), now()
FROM entrant_accounts WHERE account = $1
"""
"""Somebody is about to show that their account is theirs."""
SUSPECT = (
    """
INSERT INTO quarantines (workspace_id, contest_id, entrant_id, batch, cause, reason, note, held_at,
    released_at, release_reason, release_note)
SELECT workspace_id, contest_id, entrant_id, entrant_id, 'rule', 'score-reached', $2, now(), now(),
    'score-below', $2
FROM entrant_accounts WHERE account = $1
""",
    """
INSERT INTO overnamed (workspace_id, contest_id, platform, instance, account, named_by)
SELECT workspace_id, contest_id, platform, instance, account, 30
FROM entrant_accounts WHERE account = $1 AND $2 <> ''
""",
    """
INSERT INTO comment_sources (workspace_id, contest_id, target_id, id, account, ref, written_at,
    words, features)
SELECT x.workspace_id, x.contest_id, p.target_id, x.entrant_id, x.account, 'ref', 0, 8, ''
FROM entrant_accounts x JOIN contest_posts p ON p.contest_id = x.contest_id
WHERE x.account = $1 AND $2 <> ''
""",
    """
INSERT INTO comment_sketches (workspace_id, contest_id, target_id, account, ref, source_id)
SELECT workspace_id, contest_id, target_id, account, 'another', id FROM comment_sources
WHERE account = $1 AND $2 <> ''
""",
    """
INSERT INTO answered_comments (workspace_id, target_id, account, ref, answered_by, answered_at)
SELECT x.workspace_id, p.target_id, x.account, 'ref', x.entrant_id, now()
FROM entrant_accounts x JOIN contest_posts p ON p.contest_id = x.contest_id
WHERE x.account = $1 AND $2 <> ''
""",
    """
INSERT INTO override_proposals (workspace_id, contest_id, kind, entrant_id, reason, note, state,
    proposed_by, proposed_role, proposed_at, ended_at)
SELECT workspace_id, contest_id, 'exclude', entrant_id, 'staff', $2, 'lapsed', entrant_id, 'owner',
    now(), now()
FROM entrant_accounts WHERE account = $1
""",
)
"""Somebody was held and let go, is named by many, wrote what others could copy, was answered, and
persons wrote a note on them."""
APPEALS = """
INSERT INTO appeals (workspace_id, contest_id, entrant_id, text, made_at, former_state,
    former_reason, former_tickets, state, outcome, answer, answered_by, ended_at)
SELECT workspace_id, contest_id, entrant_id, CASE WHEN account = $1 THEN 'It is me.' ELSE $2 END,
    now(), 'valid', '', 1, 'answered', 'unchanged', $2, entrant_id, now()
FROM entrant_accounts
"""
"""Everybody asked to be checked again, and speaks of somebody."""


@pytest.fixture
def place(pool: Any, tmp_path: Path, redis_url: str) -> Place:
    return pool, tmp_path, redis_url


async def test_after_the_erasure_no_table_speaks_of_the_person(place: Place) -> None:
    async with scene(*place) as it:
        contest = await it.end(await it.freeze(await it.start()))
        await it.gossip()
        async with it.stage.rt.pool.acquire() as conn:
            await conn.execute(OWN, str(ZINA))
            for statement in (*SUSPECT, APPEALS):
                await conn.execute(statement, str(ZINA), f"it is @{HANDLE}")
        assert await it.traces() >= EVERYWHERE
        asked = await it.ask()
        assert (asked.state, asked.waits_for) == (ErasureState.DUE, [])
        assert await it.traces() >= EVERYWHERE
        await it.stage.work()
        assert await it.traces() == set()
        assert await it.pieces()
        done = await it.erasure(asked)
        assert (done.state, done.waits_for) == (ErasureState.DONE, [])
        assert done.counts["entrants"] == done.counts["openings"] == done.counts["profiles"] == 1
        assert await it.traces((str(GLEB),)) >= {"entrants.subject", "actions.account"}
        (erased,) = [each for each in await it.entrants(contest) if each.erased_at]
        assert (erased.subject, erased.label, bytes(erased.record)) == ("", "", b"{}")
        async with it.stage.rt.pool.acquire() as conn:
            (own,) = await appeals.of_entrant(conn, contest, erased.id)
        assert (own.text, own.answer) == ("", "")
        assert (erased.state, erased.tickets, erased.reason) == ("valid", 1, "all_conditions_hold")


async def test_the_proof_holds_with_the_same_freeze_and_the_winner_is_a_commitment(
    place: Place, judges: Judges
) -> None:
    async with scene(*place) as it:
        contest = await it.freeze(await it.start())
        await it.disqualify(contest, GLEB)
        contest = await it.end(contest)
        entry = (await it.entrant(contest, ZINA)).id
        before = await it.agreed(contest, place[1], judges)
        asked = await it.ask(Entry(contest_id=contest.id, entrant_id=entry))
        await it.ask(it.key(GLEB))
        await it.stage.work()
        after = await it.agreed(contest, place[1], judges)
        for was, now in zip(before, after, strict=True):
            assert (was["verdict"], now["verdict"]) == ("practice", "practice")
            assert now["freeze_hash"] == was["freeze_hash"]
            assert (now["final"], now["initial"]) == (was["final"], was["initial"])
            for string in STRINGS:
                assert string.encode() not in now["path"].read_bytes()
        async with it.stage.rt.pool.acquire() as conn:
            chain = await load_chain(conn, contest)
            (slots,) = await name_slots(conn, contest, chain)
            texts = await announcements.of_contest(conn, contest.workspace_id, contest.id)
        assert len(slots) == 5
        anonymous = [slot for slot in slots if slot.commitment and not slot.label]
        assert [(slot.entry, slot.subject) for slot in anonymous] == [(None, "")]
        (result,) = [each for each in texts if each.kind == "result"]
        assert anonymous[0].commitment in result.text
        assert HANDLE not in result.text
        assert (await it.erasure(asked)).urls == [result.published_url]


async def test_what_a_running_contest_needs_goes_when_it_has_ended(place: Place) -> None:
    async with scene(*place) as it:
        first = await it.freeze(await it.start())
        second = await it.start(lasts=timedelta(days=1))
        first = await it.end(first)
        await it.gossip()
        asked = await it.ask()
        assert [each.contest_id for each in asked.waits_for] == [second.id]
        assert asked.waits_for[0].draw_at == second.draw_at
        await it.stage.work()
        assert await it.traces() == NEEDED_WHILE_ONE_RUNS
        assert (await it.erasure(asked)).state is ErasureState.WAITING
        assert [bool(each.erased_at) for each in await it.entrants(first)].count(True) == 1
        assert not any(each.erased_at for each in await it.entrants(second))

        second = await it.freeze(second)  # with a scan of the same post, and all judged anew
        assert (await it.entrant(second, ZINA)).tickets == 1
        assert [bool(each.erased_at) for each in await it.entrants(first)].count(True) == 1
        await it.end(second)
        await it.later()
        assert await it.traces() == set()
        assert (await it.erasure(asked)).state is ErasureState.DONE


async def test_somebody_who_comes_back_is_new_and_was_never_absent(place: Place) -> None:
    async with scene(*place) as it:
        first = await it.end(await it.freeze(await it.start()))
        await it.ask()
        await it.stage.work()
        second = await it.start()
        assert (await it.entrant(second, ZINA)).tickets == 1
        async with it.stage.rt.pool.acquire() as conn:
            rows = await conn.fetch(
                "SELECT absent_at FROM actions WHERE account = $1 AND action = 'like'", str(ZINA)
            )
        assert [row["absent_at"] for row in rows] == [None]
        assert len([each for each in await it.entrants(first) if each.erased_at]) == 1


@pytest.mark.parametrize("removes", [False, True])
async def test_lists_keep_the_account_alone_unless_it_is_to_go(place: Place, removes: bool) -> None:
    async with scene(*place) as it:
        await it.end(await it.freeze(await it.start()))
        await it.gossip()
        await it.ask(removes_from_lists=removes)
        await it.stage.work()
        assert await it.traces() == (set() if removes else {"list_accounts.account"})


async def test_all_accounts_of_an_entrant_are_the_same_person(place: Place) -> None:
    async with scene(*place) as it:
        contest = await it.end(await it.freeze(await it.start()))
        zina = await it.entrant(contest, ZINA)
        async with it.stage.rt.pool.acquire() as conn:
            await conn.execute(
                "UPDATE entrants SET entry_id = $1 WHERE account_of(subject) = $2",
                zina.id,
                str(DARYA),
            )
        await it.ask(it.key(DARYA))
        await it.stage.work()
        assert await it.traces() == set()
        assert await it.traces((str(DARYA), f"id{DARYA}")) == set()
        assert len([each for each in await it.entrants(contest) if each.erased_at]) == 2


async def test_whoever_won_nothing_in_a_void_contest_is_erased_too(place: Place) -> None:
    async with scene(*place) as it:
        contest = await it.cancel(await it.start())
        assert contest.status is Status.VOID
        await it.ask(it.key(EGOR))
        await it.ask()
        await it.stage.work()
        assert await it.traces() == set()
        assert await it.traces((str(EGOR), f"id{EGOR}")) == set()


STEPS = [
    "_erase_entrants", "_erase_presences", "_erase_texts_of_others", "_erase_bodies",
    "_erase_events", "_erase_replies", "_erase_words", "_erase_from_lists", "_erase_profiles",
]  # fmt: skip


async def test_a_crash_after_each_step_is_made_up_for(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with scene(*place) as it:
        await it.end(await it.freeze(await it.start()))
        await it.gossip()
        asked = await it.ask()
        for step in STEPS:
            with monkeypatch.context() as patch:
                patch.setattr(erase_person, step, dying(getattr(erase_person, step)))
                await it.later()
            assert (await it.erasure(asked)).state is ErasureState.DUE
        await it.later()
        done = await it.erasure(asked)
        assert (done.state, done.counts["entrants"]) == (ErasureState.DONE, 1)
        assert await it.traces() == set()
