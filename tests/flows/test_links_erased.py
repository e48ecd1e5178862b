"""Erasing somebody who linked accounts: both go, with the consent, and every proof stays."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
from sandbox.vk.stage import DARYA

from contest_service.domain.conditions import Language
from contest_service.domain.consent import VERSION
from contest_service.domain.evidence import Said
from contest_service.flows import link, own
from contest_service.flows.link import Given, Key
from contest_service.store import entrant_traces, exported
from contest_service.store.contests import Contest
from contest_service.store.entrant_traces import Entry
from contest_service.store.erasure import ErasureState
from contest_service.store.ownerships import Network
from flows.erasing import STRINGS, ZINA, Scene, scene

BOTH = (*STRINGS, str(DARYA), f"id{DARYA}")


async def linked(it: Scene, contest: Contest) -> None:
    """Zina shows that Darya's account is hers too, and links them."""
    keys = []
    network = Network(workspace_id=contest.workspace_id, platform="vk", instance=it.page.instance)
    async with it.stage.transaction() as conn:
        for person in (ZINA, DARYA):
            begun = await own.begin(conn, contest, str(person), now=it.stage.now())
            said = [Said(account=str(person), text=begun.code)]
            assert await own.notice(conn, network, said, at=it.stage.now()) == 1
            keys.append(Key(id=begun.id, secret=begun.secret))
        await link.link(
            conn,
            contest,
            keys,
            Given(version=VERSION, language=Language.ENGLISH),
            now=it.stage.now(),
            request_id="test",
        )


@pytest.mark.parametrize("by", ["account", "entry that was merged"])
async def test_both_accounts_and_the_consent_go_and_the_bundle_holds(
    pool: Any, tmp_path: Path, redis_url: str, by: str
) -> None:
    async with scene(pool, tmp_path, redis_url) as it:
        contest = await it.start()
        await linked(it, contest)
        contest = await it.end(await it.freeze(contest))
        entries = {each.subject: each for each in await it.entrants(contest)}
        (merged,) = [each for each in entries.values() if each.reason == "merged"]
        into = msgspec.json.decode(merged.record)["merged"]["into"]
        (first,) = [each for each in entries.values() if str(each.id) == into]
        assert "links.shown" in await it.traces(BOTH)
        before = await it.verified(contest, tmp_path)
        who = it.key(int(first.subject.rpartition(":")[2]))
        asked = await it.ask(
            who if by == "account" else Entry(contest_id=contest.id, entrant_id=merged.id)
        )
        await it.stage.work()
        done = await it.erasure(asked)
        assert (done.state, done.counts["entrants"], done.counts["links"]) == (
            ErasureState.DONE, 2, 1,
        )  # fmt: skip
        assert await it.traces(BOTH) == set()
        for was, now in zip(before, await it.verified(contest, tmp_path), strict=True):
            assert (now["verdict"], now["final"]) == (was["verdict"], was["final"])
            assert now["verdict"] == "practice"


@pytest.mark.parametrize("goes", ["first", "merged"])
async def test_where_one_goes_before_the_other_the_other_has_its_own_account_alone(
    pool: Any, tmp_path: Path, redis_url: str, goes: str
) -> None:
    async with scene(pool, tmp_path, redis_url) as it:
        contest = await it.start()
        await linked(it, contest)
        ids = {
            each.reason == "merged": each.id
            for each in await it.entrants(contest)
            if each.subject.rpartition(":")[2] in (str(ZINA), str(DARYA))
        }
        key = (contest.workspace_id, contest.id)
        gone, left = ids[goes == "merged"], ids[goes != "merged"]
        async with it.stage.transaction() as conn:
            before = await exported.accounts(conn, *key, list(ids.values()))
            await entrant_traces.erase(conn, *key, [gone], at=it.stage.now())
            after = await exported.accounts(conn, *key, list(ids.values()))
        assert {id_: len(accounts) for id_, accounts in before.items()} == {ids[False]: 2}
        assert {id_: len(accounts) for id_, accounts in after.items()} == {left: 1}
