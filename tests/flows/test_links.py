"""Links: one person with several accounts, by consent and only by consent, is one entry."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from contest_service.domain.conditions import Language
from contest_service.domain.consent import consent_text
from contest_service.domain.errors import ConflictError, InvalidError, NotFoundError
from contest_service.domain.evidence import Action
from contest_service.flows import link
from contest_service.flows.judge import judge_all
from contest_service.flows.link import Given, Key
from contest_service.flows.own import GOOD_FOR
from contest_service.store import promises
from contest_service.store.contests import Contest
from flows import live, made_up
from flows.stage import Stage, open_stage
from flows.two_networks import (
    AGREED,
    ANN,
    ANN_TOO,
    BOB,
    begin,
    close,
    entrant,
    freeze,
    halves,
    key,
    link_keys,
    link_names,
    part,
    reasons,
    record,
    see,
    show,
    started,
    wholes,
)

EN = Language.ENGLISH


@pytest.fixture
async def stage(pool: Any, tmp_path: Path) -> AsyncIterator[Stage]:
    async with open_stage(pool, tmp_path, [live.SERVER]) as stage:
        yield stage


async def given_to(stage: Stage, contest: Contest, name: str) -> list[tuple[bytes, int]]:
    found = await entrant(stage, contest, name)
    async with stage.rt.pool.acquire() as conn:
        given = await promises.of_entrant(conn, contest, found.id)
    return [(each.commitment, each.weight) for each in given]


async def refused(stage: Stage, contest: Contest, *keys: Key, given: Given = AGREED) -> list[str]:
    """Where the faults of a link lie."""
    with pytest.raises(InvalidError) as error:
        await link_keys(stage, contest, *keys, given=given)
    return [fault.pointer for fault in error.value.faults]


class TestOneEntry:
    """What two accounts did is taken together, once."""

    async def test_a_like_by_one_and_a_repost_by_the_other(self, stage: Stage) -> None:
        contest = await halves(stage)
        assert await reasons(stage, contest, [ANN, ANN_TOO]) == [
            "reposted.not_seen",
            "liked.not_seen",
        ]
        entry = await link_names(stage, contest, ANN_TOO, ANN)
        assert entry == (await entrant(stage, contest, ANN)).id
        whole = ["all_conditions_hold", "merged", "all_conditions_hold"]
        assert await reasons(stage, contest, [ANN, ANN_TOO, BOB]) == whole
        await judge_all(stage.rt, contest)
        assert await reasons(stage, contest, [ANN, ANN_TOO, BOB]) == whole

    async def test_the_record_says_who_did_what_and_by_which_consent(self, stage: Stage) -> None:
        contest = await halves(stage)
        entry = await link_names(stage, contest, ANN_TOO, ANN)
        one, other = [await record(stage, contest, name) for name in (ANN, ANN_TOO)]
        subjects = [key(ANN).subject, key(ANN_TOO).subject]
        assert (one["state"], one["accounts"]) == ("valid", subjects)
        assert [each["evidence"][0]["account"] for each in one["conditions"]] == subjects
        assert (other["state"], other["reason"], other["tickets"]) == ("invalid", "merged", 0)
        merged = other["merged"]
        assert merged["into"] == str(entry)
        assert merged["alone"] == {"state": "invalid", "reason": "liked.not_seen", "tickets": 0}
        consent = merged["consent"]
        assert consent["text"] == consent_text(Language.RUSSIAN).text
        assert (consent["version"], consent["language"]) == (1, "ru")
        assert sorted(consent["shown"]) == sorted(subjects)
        async with stage.rt.pool.acquire() as conn:
            told = await conn.fetchrow("SELECT * FROM audit_log WHERE action = 'entries.linked'")
        assert told["subject"] == contest.id
        assert "1001" not in repr(dict(told))

    async def test_the_account_that_entered_first_keeps_its_entry_and_promise(
        self, stage: Stage
    ) -> None:
        contest = await wholes(stage)
        before = await given_to(stage, contest, ANN_TOO)
        await link_names(stage, contest, ANN, ANN_TOO)
        assert await reasons(stage, contest, [ANN, ANN_TOO]) == ["merged", "all_conditions_hold"]
        assert await given_to(stage, contest, ANN_TOO) == before

    async def test_an_entry_that_was_promised_stays_whichever_was_first(self, stage: Stage) -> None:
        contest = await started(stage)
        await see(stage, contest, Action.LIKE, ANN_TOO)
        await see(stage, contest, Action.LIKE, ANN_TOO, ANN)
        await see(stage, contest, Action.REPOST, ANN)
        await judge_all(stage.rt, contest)
        await link_names(stage, contest, ANN, ANN_TOO)
        assert await reasons(stage, contest, [ANN, ANN_TOO]) == ["all_conditions_hold", "merged"]

    async def test_what_is_done_later_counts_for_the_one_entry(self, stage: Stage) -> None:
        contest = await halves(stage)
        await link_names(stage, contest, ANN, ANN_TOO)
        await see(stage, contest, Action.REPOST, BOB)
        await judge_all(stage.rt, contest)
        assert await reasons(stage, contest, [ANN, ANN_TOO]) == ["reposted.undone", "merged"]
        await see(stage, contest, Action.REPOST, ANN, BOB)
        await judge_all(stage.rt, contest)
        assert await reasons(stage, contest, [ANN, ANN_TOO]) == ["all_conditions_hold", "merged"]

    async def test_three_accounts_are_one_entry_and_parted_all_at_once(self, stage: Stage) -> None:
        contest = await started(stage, rules=made_up.LIKED)
        names = [ANN, ANN_TOO, "bluesky:annie", "vk:1009"]
        for number in range(len(names)):
            await see(stage, contest, Action.LIKE, *names[: number + 1])
        await judge_all(stage.rt, contest)
        await link_names(stage, contest, names[2], names[3])
        await link_names(stage, contest, names[1], names[0])
        entry = await link_names(stage, contest, names[3], names[1])
        assert entry == (await entrant(stage, contest, ANN)).id
        assert await reasons(stage, contest, names) == ["all_conditions_hold", *["merged"] * 3]
        accounts = (await record(stage, contest, ANN))["accounts"]
        assert accounts == [key(names[place]).subject for place in (0, 3, 1, 2)]
        await part(stage, contest, names[2])
        assert await reasons(stage, contest, names) == ["all_conditions_hold"] * 4

    async def test_whoever_is_excluded_by_one_account_is_excluded(self, stage: Stage) -> None:
        async with stage.transaction() as conn:
            list_id = await conn.fetchval(
                "INSERT INTO lists (workspace_id, name) VALUES ($1, 'Staff') RETURNING id",
                stage.actor.workspace_id,
            )
            bluesky = key(ANN_TOO)
            await conn.execute(
                """INSERT INTO list_accounts (workspace_id, list_id, platform, instance, account,
                    reason, added_by) VALUES ($1, $2, $3, $4, $5, '', $6)""",
                stage.actor.workspace_id,
                list_id,
                bluesky.platform,
                bluesky.instance,
                bluesky.id,
                stage.actor.person_id,
            )
        staff = {"kind": "not_listed", "list_id": str(list_id), "name": "staff"}
        rules = {"kind": "all_of", "of": [{"kind": "liked"}, staff]}
        contest = await halves(stage, rules=rules)
        assert await reasons(stage, contest, [ANN]) == ["all_conditions_hold"]
        await see(stage, contest, Action.LIKE, ANN, ANN_TOO)
        await judge_all(stage.rt, contest)
        await link_names(stage, contest, ANN, ANN_TOO)
        assert await reasons(stage, contest, [ANN, ANN_TOO]) == ["not_listed.listed", "merged"]

    async def test_whoever_is_held_with_one_account_is_held(self, stage: Stage) -> None:
        contest = await wholes(stage)
        held = await entrant(stage, contest, ANN)
        async with stage.rt.pool.acquire() as conn:
            await conn.execute(
                """INSERT INTO quarantines (workspace_id, contest_id, entrant_id, batch, cause,
                    reason, held_by, held_at)
                VALUES ($1, $2, $3, uuidv7(), 'person', 'fraud', $4, now())""",
                contest.workspace_id,
                contest.id,
                held.id,
                stage.actor.person_id,
            )
        await link_names(stage, contest, ANN, ANN_TOO)
        assert await reasons(stage, contest, [ANN, ANN_TOO]) == ["merged", "held.person"]
        await part(stage, contest, ANN)
        assert await reasons(stage, contest, [ANN, ANN_TOO]) == [
            "held.person",
            "all_conditions_hold",
        ]


class TestParting:
    """Until the list is fixed, the consent may be taken back."""

    async def test_each_account_takes_part_by_itself_again(self, stage: Stage) -> None:
        contest = await wholes(stage)
        names = [ANN, ANN_TOO, BOB]
        before = [(await record(stage, contest, each), each) for each in names]
        promised = [await given_to(stage, contest, each) for each in names]
        await link_names(stage, contest, ANN, ANN_TOO)
        await part(stage, contest, ANN)
        assert [(await record(stage, contest, each), each) for each in names] == before
        assert [await given_to(stage, contest, each) for each in names] == promised
        await judge_all(stage.rt, contest)
        assert [(await record(stage, contest, each), each) for each in names] == before

    async def test_what_is_not_linked_cannot_be_parted(self, stage: Stage) -> None:
        contest = await wholes(stage)
        with pytest.raises(NotFoundError, match="not linked"):
            await part(stage, contest, ANN)


class TestRefusals:
    """By what is wrong with them."""

    async def test_each_is_told_with_all_others(self, stage: Stage) -> None:
        times = made_up.schedule(stage, closes_at=7200, draw_at=9000)
        contest, other = [await wholes(stage, schedule=times) for _ in range(2)]
        mine, again, too = [await show(stage, contest, each) for each in (ANN, ANN, ANN_TOO)]
        begun = await begin(stage, contest, BOB)
        foreign = Key(id=begun.id, secret=begun.secret)
        elsewhere = await show(stage, other, ANN_TOO)
        assert await refused(stage, contest, mine, foreign) == ["/ownerships/1"]
        assert await refused(stage, contest, mine, again) == ["/ownerships/1"]
        assert await refused(stage, contest, mine, mine) == ["/ownerships/1"]
        assert await refused(stage, contest, mine, elsewhere) == ["/ownerships/1"]
        assert await refused(stage, other, mine, elsewhere) == ["/ownerships/0"]
        guessed = Key(id=mine.id, secret="guess")
        unknown = Key(id=uuid4(), secret=mine.secret)
        assert await refused(
            stage, contest, guessed, unknown, given=Given(version=2, language=EN)
        ) == ["/ownerships/0", "/ownerships/1", "/consent/version"]
        stage.pass_time(stage.now() + GOOD_FOR)
        assert await refused(stage, contest, mine, too) == ["/ownerships/0", "/ownerships/1"]
        assert await reasons(stage, contest, [ANN, ANN_TOO, BOB]) == ["all_conditions_hold"] * 3

    async def test_what_was_sent_twice_is_done_once(self, stage: Stage) -> None:
        contest = await wholes(stage)
        keys = [await show(stage, contest, name) for name in (ANN, ANN_TOO)]
        assert await link_keys(stage, contest, *keys) == await link_keys(stage, contest, *keys)
        async with stage.rt.pool.acquire() as conn:
            assert await conn.fetchval("SELECT count(*) FROM links") == 1

    async def test_a_consent_that_was_taken_back_is_not_given_by_repeating_it(
        self, stage: Stage
    ) -> None:
        contest = await wholes(stage)
        keys = [await show(stage, contest, name) for name in (ANN, ANN_TOO)]
        await link_keys(stage, contest, *keys)
        await part(stage, contest, ANN)
        with pytest.raises(ConflictError, match="taken back"):
            await link_keys(stage, contest, *keys)
        await link_names(stage, contest, ANN, ANN_TOO)
        assert (await reasons(stage, contest, [ANN, ANN_TOO])).count("merged") == 1

    async def test_after_the_list_is_fixed_nothing_is_linked_or_parted(self, stage: Stage) -> None:
        contest = await wholes(stage, schedule=made_up.schedule(stage, closes_at=60, draw_at=600))
        keys = [await show(stage, contest, name) for name in (BOB, ANN)]
        await link_names(stage, contest, ANN, ANN_TOO)
        frozen = await freeze(stage, await close(stage, contest, ANN, ANN_TOO, BOB))
        with pytest.raises(ConflictError, match="list is fixed"):
            await link_keys(stage, frozen, *keys)
        async with stage.transaction() as conn:
            with pytest.raises(ConflictError, match="list is fixed"):
                await link.part(conn, frozen, keys[1], now=stage.now(), request_id="test")
