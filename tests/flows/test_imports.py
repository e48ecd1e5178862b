"""Entries without accounts: brought in, judged, drawn, proved, taken back and erased."""

import asyncio
import json
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from contest_service.domain.contest import Status
from contest_service.domain.errors import ConflictError, InvalidError, NotFoundError
from contest_service.domain.imports import NewEntry
from contest_service.domain.overrides import OverrideKind, OverrideReason
from contest_service.flows import erase, life
from contest_service.flows import imports as flow
from contest_service.flows.certificate import read_certificate
from contest_service.proof.bundle import Edition
from contest_service.store import audit
from contest_service.store.entrant_traces import Entry
from contest_service.store.erasure import ErasureState
from contest_service.store.imports import Import
from flows.agreed import member
from flows.exported import exported
from flows.imported import Desk, desk, digest_of
from flows.overruled import agree, propose, take_back
from flows.traces import traces

Place = tuple[Any, Path, str]
ANNA = NewEntry(reference="form 7", label="Anna Kurlykina")


@pytest.fixture
def place(pool: Any, tmp_path: Path, redis_url: str) -> Place:
    return pool, tmp_path, redis_url


async def test_an_import_is_judged_drawn_and_proved_like_everybody(
    place: Place, tmp_path: Path
) -> None:
    draws = [{"tiers": [{"id": "mug", "prize": "A mug", "winners": 3}]}]
    async with desk(*place, draws=draws) as it:
        file = 'reference;label\nform 7;"Anna\u00a0Kurlykina"\n\nform 8;Boris\n'
        brought = await it.file(file)
        assert (brought.entries, brought.sha256) == (2, digest_of(file))
        assert await it.reasons() == {
            "Anna\u00a0Kurlykina": "all_conditions_hold",
            "Boris": "all_conditions_hold",
            "@id1004": "all_conditions_hold",
        }
        boris = (await it.entrants())["Boris"]
        assert boris.subject == f"import:{boris.id}"
        entered, liked = json.loads(bytes(boris.record))["conditions"]
        assert liked["reason"] == "not_seen"  # surely: there is no account that could
        (evidence,) = entered["evidence"]
        assert evidence["action"] == "entry"
        assert evidence["target"] == f"import:{brought.id}"
        assert evidence["ref"] == f"{digest_of(file)}:4"

        for moment in ("closes_at", "freeze_at", "draw_at"):
            ended = await it.until(moment)
        assert ended.status is Status.ANNOUNCED
        said, path = await it.verified(Edition.DISPUTE, tmp_path)
        assert said["verdict"] == "practice", said
        await exported(it.stage.rt, ended, Edition.DISPUTE)  # the service's own verifier agrees
        with zipfile.ZipFile(path) as bundle:
            openings = bundle.read("openings.jsonl").decode()
            records = bundle.read("dispute/records.jsonl").decode()
        assert f'"subject":"import:{boris.id}"' in openings
        assert f'"ref":"{digest_of(file)}:4"' in records
        for hidden in ("form 7", "form 8"):
            assert hidden not in openings + records
        async with it.stage.rt.pool.acquire() as conn:
            certificate = await read_certificate(conn, ended)
            log = await audit.list_page(
                conn, ended.workspace_id, subject=ended.id, before=None, limit=50
            )
        assert certificate.imported == 2
        # Who has no account is not written to; the announcement says their name.
        assert {slot.label for slot in certificate.outcome.final[0]} == set(await it.reasons())
        (told,) = [each.detail for each in log if each.action == "entries.imported"]
        assert told == {"import": str(brought.id), "entries": 2, "sha256": digest_of(file)}


async def test_an_import_that_was_undone_does_not_count_and_stays_on_record(
    place: Place, tmp_path: Path
) -> None:
    async with desk(*place) as it:
        first = await it.request(ANNA)
        second = await it.request(NewEntry(reference="form 8", label="Boris"))
        with pytest.raises(InvalidError) as refused:
            await it.request(NewEntry(reference="form 9", label="C"), ANNA)
        assert [fault.pointer for fault in refused.value.faults] == ["/entries/1/reference"]
        undone = await it.undo(first)
        assert undone.undone_why == "the wrong file"
        assert (await it.reasons())[ANNA.label] == "entered.undone"
        await it.request(ANNA)  # another entry, of the same reference
        async with it.stage.rt.pool.acquire() as conn:
            rows = await conn.fetch(
                "SELECT state FROM entrants WHERE label = $1 ORDER BY id", ANNA.label
            )
        assert [row["state"] for row in rows] == ["invalid", "valid"]
        with pytest.raises(ConflictError, match="undone already"):
            await it.undo(first)

        # After the close too, as long as the list is not fixed.
        closing = await it.until("closes_at")
        assert (closing.status, closing.closing_judged_at is None) == (Status.CLOSING, False)
        await it.undo(second)
        assert (await it.reasons())["Boris"] == "entered.undone"
        assert (await it.again()).closing_judged_at is not None
        with pytest.raises(ConflictError, match="while the contest runs"):
            await it.request(NewEntry(reference="late", label="Late"))
        frozen = await it.until("freeze_at")
        assert frozen.status is Status.FROZEN
        with pytest.raises(ConflictError, match="list of entries is fixed"):
            await it.undo(await _newest(it))
        said, _ = await it.verified(Edition.DISPUTE, tmp_path)
        assert said["verdict"] == "pending", said


async def _newest(it: Desk) -> Import:
    async with it.stage.rt.pool.acquire() as conn:
        newest, *_ = await flow.imports.list_page(
            conn, it.contest.workspace_id, it.contest.id, before=None, limit=1
        )
    return newest


async def test_entries_are_taken_only_where_the_rules_say_so_and_in_time(place: Place) -> None:
    async with desk(*place, rules={"kind": "liked"}) as it:
        with pytest.raises(ConflictError, match="without an account"):
            await it.request(ANNA)
        with pytest.raises(NotFoundError):
            await flow.prepare_file(it.stage.rt, it.stage.actor, it.stage.actor.workspace_id, b"")


async def test_what_persons_set_aside_of_an_import_is_seen_at_once(place: Place) -> None:
    async with desk(*place) as it:
        other = await member(it.stage)
        brought = await it.request(ANNA)
        (anna,) = await it.ids(brought)
        proposed = await propose(
            it.stage,
            await it.again(),
            anna,
            kind=OverrideKind.EXCLUDE,
            reason=OverrideReason.STAFF,
        )
        override = await agree(it.stage, await it.again(), proposed, other)
        await it.stage.work()
        assert (await it.reasons())[ANNA.label] == "excluded.staff"
        await take_back(it.stage, await it.again(), override, it.stage.actor)
        await it.stage.work()
        assert (await it.reasons())[ANNA.label] == "all_conditions_hold"


async def test_of_two_files_at_once_a_reference_enters_with_one(place: Place) -> None:
    async with desk(*place) as it:
        new = await flow.prepare_file(
            it.stage.rt, it.stage.actor, it.contest.id, b"reference,label\nf,Ann\n"
        )
        done = await asyncio.gather(it.bring(new), it.bring(new), return_exceptions=True)
        assert sorted(type(each).__name__ for each in done) == ["Import", "InvalidError"]
        await it.stage.work()
        assert (await it.reasons())["Ann"] == "all_conditions_hold"


async def test_when_somebody_says_to_have_entered_counts(place: Place) -> None:
    async with desk(*place) as it:
        now = it.stage.now()
        early = it.contest.opens_at + timedelta(seconds=1)
        brought = await it.request(
            NewEntry(reference="a", label="Ann", entered_at=early.replace(microsecond=0)),
            NewEntry(reference="b", label="Bob"),
        )
        record = json.loads(bytes((await it.entrants())["Ann"].record))
        (evidence,) = record["conditions"][0]["evidence"]
        assert evidence["at"] == int(early.timestamp())
        assert evidence["seen_at"] == int(brought.imported_at.timestamp()) >= int(now.timestamp())
        with pytest.raises(InvalidError) as refused:
            await it.file("reference,label,entered_at\nx,X,2000-01-01T00:00:00Z\n,a@b.example,x\n")
        assert [fault.pointer for fault in refused.value.faults] == [
            "/lines/3/entered_at",
            "/lines/2/entered_at",
            "/lines/3/reference",
            "/lines/3/label",
        ]


async def test_whoever_was_brought_in_can_be_erased(place: Place, tmp_path: Path) -> None:
    async with desk(*place) as it:
        brought = await it.request(ANNA, NewEntry(reference="form 8", label="Boris"))
        gone = await it.request(NewEntry(reference="form 9", label="Anna Kurlykina"))
        await it.undo(gone, why="Anna Kurlykina asked for it")
        anna, _ = await it.ids(brought)
        for moment in ("closes_at", "freeze_at", "draw_at"):
            await it.until(moment)
        who = Entry(contest_id=it.contest.id, entrant_id=anna)

        async def ask() -> Any:
            async with it.stage.transaction() as conn:
                return await erase.request(
                    conn,
                    it.stage.actor,
                    who,
                    reason="own-request",
                    removes_from_lists=False,
                    now=it.stage.now(),
                )

        asked = await ask()
        await it.stage.work()
        strings = (ANNA.label, ANNA.reference)
        async with it.stage.rt.pool.acquire() as conn:
            assert "imported_entries.label" in await traces(conn, *strings)
        asked = await _erasure(it, asked)
        assert (asked.state, [each.contest_id for each in asked.waits_for]) == (
            ErasureState.WAITING,
            [it.contest.id],
        )
        await _complete(it)
        async with it.stage.transaction() as conn:
            other = await erase.request(
                conn,
                it.stage.actor,
                Entry(contest_id=it.contest.id, entrant_id=(await it.ids(gone))[0]),
                reason="own-request",
                removes_from_lists=False,
                now=it.stage.now(),
            )
        it.stage.pass_time(it.stage.now() + timedelta(hours=2))
        await it.stage.work()
        async with it.stage.rt.pool.acquire() as conn:
            assert await traces(conn, *strings) == set()
        for each in (asked, other):
            done = await _erasure(it, each)
            assert (done.state, done.counts["imported_entries"]) == (ErasureState.DONE, 1)
        with pytest.raises(NotFoundError):
            await ask()
        for edition in Edition:
            said, _ = await it.verified(edition, tmp_path)
            assert said["verdict"] == "practice", said


async def test_whoever_was_never_judged_is_forgotten_with_age_too(place: Place) -> None:
    async with desk(*place) as it:
        stage = it.stage
        file = f"reference,label\n{ANNA.reference},{ANNA.label}\n".encode()
        new = await flow.prepare_file(stage.rt, stage.actor, it.contest.id, file)
        await it.bring(new)
        async with stage.transaction() as conn:
            await life.cancel_contest(
                conn, stage.rt, stage.actor, it.contest.id, reason="mistake", now=stage.now()
            )
        await stage.work()
        strings = (ANNA.label, ANNA.reference)
        async with stage.rt.pool.acquire() as conn:
            assert await traces(conn, *strings) == {
                "imported_entries.label",
                "imported_entries.reference",
            }
        stage.pass_time(stage.now() + timedelta(days=2))
        await erase.plan_aged(
            stage.rt, erase.Retention(contests=timedelta(days=1), bodies=timedelta(days=1))
        )
        await stage.work()
        async with stage.rt.pool.acquire() as conn:
            assert await traces(conn, *strings) == set()


async def _erasure(it: Desk, asked: Any) -> Any:
    async with it.stage.rt.pool.acquire() as conn:
        return await erase.erasure.read(conn, asked.workspace_id, asked.id)


async def _complete(it: Desk) -> None:

    async with it.stage.transaction() as conn:
        await life.complete_contest(conn, it.stage.actor, it.contest.id, now=it.stage.now())
