"""Folded records: what many have in common is kept once, and whoever reads gets them whole."""

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contest_service.domain.case import Finding, Presence, Verdict
from contest_service.domain.conditions import City, FollowersAtLeast, HasPicture, Liked
from contest_service.domain.evidence import Action
from contest_service.domain.judging import EntrantState, Judgement
from contest_service.domain.rules import Judged
from contest_service.flows import judge
from contest_service.flows.judge import judge_all
from contest_service.flows.records import Writer
from contest_service.proof.dispute import evidence_digest
from contest_service.store import dossier, entrants, folded
from contest_service.store.contests import Contest
from contest_service.store.rows import Connection
from flows.made_up import (
    LIKED,
    amended,
    connected,
    reread,
    see,
    somebody_waits,
    started,
)
from flows.stage import Stage, open_stage
from flows.test_records import judgements

PEOPLE = ("ann", "bob", "cid")
RULES = {"kind": "all_of", "of": [LIKED, {"kind": "any_of", "of": [{"kind": "reposted"}, LIKED]}]}
CITIES = City(names=("Москва", "Орёл"))
SEEN = Presence(action=Action.LIKE, target="post", ref="", at=None, absent_at=5, seen_at=9)
_KEPT = "SELECT subject, record, record_salt, record_digest FROM entrants ORDER BY subject"
_FORGET = """
TRUNCATE entrants, entrant_tallies, entrant_arrivals, openings, promises, benches, record_pieces
CASCADE
"""
_PIECES = "SELECT count(*) FROM record_pieces WHERE contest_id = $1"


@pytest.fixture
async def stage(pool: Any, tmp_path: Path) -> Any:
    async with open_stage(pool, tmp_path, ()) as opened:
        yield opened


@pytest.fixture
async def contest(stage: Stage) -> Contest:
    return await started(stage, await connected(stage), rules=RULES)


def _written(told: Sequence[Judgement]) -> tuple[list[tuple[bytes, bytes]], Writer]:
    writer = Writer(contest="c", terms_version=3)
    return [writer.write(each, entry="e", subject="vk:1") for each in told], writer


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(told=st.lists(judgements, min_size=1, max_size=3))
async def test_a_folded_record_is_made_whole_again(
    contest: Contest, connection: Any, told: list[Judgement]
) -> None:
    records, writer = _written([*told, *told])
    await folded.keep(connection, contest, writer.pieces)
    key = (contest.workspace_id, contest.id)
    whole = [text.decode() for text, _ in records]
    kept = [kept.decode() for _, kept in records]
    assert await folded.unfold(connection, *key, kept) == whole
    assert await folded.unfold(connection, *key, whole) == whole


@given(told=st.lists(judgements, min_size=1, max_size=3))
def test_what_stands_in_a_folded_record_is_pieces_and_their_references(
    told: list[Judgement],
) -> None:
    records, writer = _written(told)
    for text, kept in records:
        for reference, piece in writer.pieces.items():
            kept = kept.replace(reference, piece)
        assert kept == text
        assert b"\x01" not in text


def _found(writer: Writer) -> list[bytes]:
    """The pieces that are whole findings."""
    return [each for each in writer.pieces.values() if each[:5] + each[-1:] == b'{"at"}']


@given(told=st.lists(judgements, min_size=1, max_size=3))
def test_no_piece_holds_what_one_entrant_alone_did_or_has(told: list[Judgement]) -> None:
    writer = _written(told)[1]
    for piece in _found(writer):
        found = json.loads(piece)
        assert not any(
            seen["ref"] or "account" in seen or "at" in seen for seen in found["evidence"]
        )
        assert all(type(value) is bool or value in range(1000) for value in found["facts"].values())
    for piece in set(writer.pieces.values()) - {*_found(writer)}:
        assert not any(each in piece for each in (b"[", b'"facts":{"', b'"e"', b"vk:1"))


def _judged(condition: Any = None, *evidence: Presence, **facts: Any) -> Judgement:
    finding = Finding(verdict=Verdict.HOLDS, reason="seen", evidence=evidence, facts=facts)
    judged = Judged.of("", condition or Liked(), finding, is_shared=True)
    return Judgement(state=EntrantState.VALID, reason="", tickets=1, findings=(judged,), marks="h")


def _seen(**changes: Any) -> Presence:
    return Presence(**{field: getattr(SEEN, field) for field in SEEN.__struct_fields__} | changes)


COMMON = {
    "nothing": _judged(),
    "a like": _judged(Liked(), SEEN),
    "a picture": _judged(HasPicture(), has_picture=True),
    "few followers": _judged(FollowersAtLeast(least=10), followers=999),
    "a city that the rules name": _judged(CITIES, city="Орёл"),
}
OWN = {
    "a like by its time": _judged(Liked(), _seen(at=7)),
    "a like by its name": _judged(Liked(), _seen(ref="at://did:plc:ann/like/1")),
    "one of several accounts": _judged(Liked(), _seen(account="vk:1")),
    "many followers": _judged(FollowersAtLeast(least=10), followers=1000),
    "another city": _judged(CITIES, city="Орел"),
}


@pytest.mark.parametrize("told", COMMON.values(), ids=COMMON)
def test_what_many_have_in_common_is_a_piece(told: Judgement) -> None:
    ((text, kept),), writer = _written([told])
    (piece,) = _found(writer)
    assert piece in text
    assert folded.reference(piece) in kept


@pytest.mark.parametrize("told", OWN.values(), ids=OWN)
def test_what_may_be_of_one_entrant_is_none(told: Judgement) -> None:
    ((text, kept),), writer = _written([told])
    assert not _found(writer)
    evidence, facts = (
        json.dumps(each, separators=(",", ":"), ensure_ascii=False).encode()
        for each in (json.loads(text)["conditions"][0][name] for name in ("evidence", "facts"))
    )
    assert evidence in kept
    assert facts == b"{}" or facts in kept


async def _require_whole(stage: Stage, contest: Contest, *, count: int = len(PEOPLE)) -> None:
    """Require that records are kept folded, and that all who read them get what was hashed."""
    key = (contest.workspace_id, contest.id)
    async with stage.rt.pool.acquire() as conn, conn.transaction():
        kept = {row["subject"]: row for row in await conn.fetch(_KEPT)}
        assert len(kept) == count
        assert all("\x01" in row["record"] for row in kept.values())
        ids = {each.subject: each.id for each in await entrants.list_page(conn, *key, limit=9)}
        found = [
            {
                each.subject: bytes(each.record)
                for each in await entrants.list_page(conn, *key, limit=9)
            },
            {who: bytes((await _of(conn, contest, who)).record) for who in kept},
            {who: bytes((await _read(conn, contest, id_)).record) for who, id_ in ids.items()},
            {
                who: each.record.encode()
                for who, each in (await entrants.known(conn, *key, list(kept))).items()
            },
            {
                who: record.encode()
                for who, record in (
                    await folded.of_entrants(conn, *key, list(ids.values()))
                ).items()
            },
            {
                json.loads(each.record)["subject"]: each.record.encode()
                async for batch in dossier.records(conn, contest)
                for each in batch
            },
        ]
    for records in found:
        assert {
            who: evidence_digest(kept[who]["record_salt"], text) for who, text in records.items()
        } == {who: row["record_digest"] for who, row in kept.items()}


async def _of(conn: Connection, contest: Contest, who: str) -> entrants.Entrant:
    found = await entrants.of_subject(conn, contest.workspace_id, contest.id, who)
    assert found is not None
    return found


async def _read(conn: Connection, contest: Contest, id_: Any) -> entrants.Entrant:
    found = await entrants.read(conn, contest.workspace_id, contest.id, id_)
    assert found is not None
    return found


async def _judge(stage: Stage, contest: Contest) -> None:
    await judge_all(stage.rt, await reread(stage, contest))


@pytest.mark.parametrize("large", [judge.LARGE, 1], ids=["one process", "a jury"])
async def test_whoever_reads_gets_what_was_hashed(
    stage: Stage, contest: Contest, monkeypatch: pytest.MonkeyPatch, large: int
) -> None:
    monkeypatch.setattr(judge, "LARGE", large)
    await see(stage, contest, PEOPLE)
    await _judge(stage, contest)
    await _require_whole(stage, contest)
    await see(stage, contest, PEOPLE[:2])
    await see(stage, contest, PEOPLE[1:], action=Action.REPOST)
    await _judge(stage, contest)
    await _require_whole(stage, contest)
    contest = await amended(
        stage, contest, rules={"kind": "reposted"}, schedule=contest.definition.schedule
    )
    await _judge(stage, contest)
    await _require_whole(stage, contest)


async def test_no_process_takes_for_kept_what_is_gone(stage: Stage, contest: Contest) -> None:
    await see(stage, contest, PEOPLE)
    for _ in range(2):
        await _judge(stage, contest)
        await _require_whole(stage, contest)
        async with stage.rt.pool.acquire() as conn:
            await conn.execute(_FORGET)


async def test_pieces_are_looked_up_once_for_a_bundle(
    stage: Stage, contest: Contest, monkeypatch: pytest.MonkeyPatch
) -> None:
    await see(stage, contest, PEOPLE)
    monkeypatch.setattr(dossier, "BATCH", 1)
    await _judge(stage, contest)
    asked: list[str] = []
    async with stage.rt.pool.acquire() as conn, conn.transaction():
        with conn.query_logger(lambda record: asked.append(record.query)):
            batches = [batch async for batch in dossier.records(conn, contest)]
        assert len(batches) == len(PEOPLE)
        assert asked.count(folded.READ) == 1


async def test_several_who_keep_the_same_pieces_wait_for_no_circle(
    stage: Stage, contest: Contest
) -> None:
    pieces = {folded.reference(b"%d" % number): b"%d" % number for number in range(3000)}
    turned = dict(reversed(pieces.items()))
    async with stage.rt.pool.acquire() as one, stage.rt.pool.acquire() as other:
        for _ in range(3):
            await asyncio.gather(
                folded.keep(one, contest, pieces), folded.keep(other, contest, turned)
            )
            assert await one.fetchval(_PIECES, contest.id) == len(pieces)
            await one.execute("DELETE FROM record_pieces")


async def test_a_record_is_written_when_its_pieces_are_kept(stage: Stage, contest: Contest) -> None:
    await see(stage, contest, PEOPLE)
    async with stage.transaction() as other:
        await other.execute("LOCK TABLE entrants IN EXCLUSIVE MODE")
        judging = asyncio.ensure_future(_judge(stage, contest))
        await somebody_waits(stage.rt.pool)
        async with stage.rt.pool.acquire() as conn:
            assert await conn.fetchval(_PIECES, contest.id)
    await judging
    await _require_whole(stage, contest)
