"""A contest with a post on VK and one on Bluesky, over a real database; both networks stay silent.

Accounts are named by one word: `vk:1001`, `bluesky:ann`. What passes find is made up.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec

from contest_service.domain.accounts import AccountKey, Platform
from contest_service.domain.conditions import Language
from contest_service.domain.consent import VERSION
from contest_service.domain.contest import Status
from contest_service.domain.evidence import Action, Said, Sighting, TargetKind
from contest_service.flows import define, life, link, own
from contest_service.flows.judge import judge_all
from contest_service.flows.link import Given, Key
from contest_service.store import actions, communities, entrants, evidence, scans, targets
from contest_service.store.communities import Community
from contest_service.store.contests import Contest
from contest_service.store.entrants import Entrant
from contest_service.store.ownerships import Network
from contest_service.store.scans import ReadPage, StagedPage
from flows import live, made_up
from flows.made_up import advance, reread
from flows.stage import Stage, definition

ANN, ANN_TOO, BOB = "vk:1001", "bluesky:ann", "vk:1002"
SOON = timedelta(seconds=2)
BOTH = {"kind": "all_of", "of": [{"kind": "liked"}, {"kind": "reposted"}]}
AGREED = Given(version=VERSION, language=Language.RUSSIAN)
_INSTANCES = {Platform.VK: live.SERVER, Platform.BLUESKY: "127.0.0.1"}


def key(name: str) -> AccountKey:
    """The account that one word names."""
    platform, _, id_ = name.partition(":")
    on = Platform(platform)
    account = made_up.account(id_) if on is Platform.BLUESKY else id_
    return AccountKey(platform=on, instance=_INSTANCES[on], id=account)


async def started(stage: Stage, **changes: Any) -> Contest:
    """A contest with one post on each network, with its rules public."""
    page, other = await _pages(stage)
    on_vk = define.FoundPost(
        community_id=page.id,
        post=live.target(TargetKind.POST, live.POST),
        community=live.target(TargetKind.COMMUNITY, live.PAGE),
    )
    async with stage.transaction() as conn:
        contest = await define.create_contest(
            conn,
            stage.actor,
            definition(stage, **{"rules": BOTH, **changes}),
            practice=True,
            now=stage.now(),
        )
        for found in (on_vk, made_up.found(other)):
            await define.attach_post(conn, stage.actor, contest.id, found, now=stage.now())
        return await life.start_contest(conn, stage.rt, stage.actor, contest.id, now=stage.now())


async def _pages(stage: Stage) -> tuple[Community, Community]:
    """The page on VK and the one on Bluesky, connected once."""
    async with stage.rt.pool.acquire() as conn:
        known = await communities.list_page(conn, stage.actor.workspace_id, after=None, limit=2)
    if known:
        on = {each.platform: each for each in known}
        return on[Platform.VK], on[Platform.BLUESKY]
    return await live.community(stage), await made_up.connected(stage)


async def see(stage: Stage, contest: Contest, action: Action, *names: str) -> None:
    """Let a complete pass on each network find that exactly these did it."""
    stage.pass_time(stage.now() + live.MOMENT)
    async with stage.transaction() as conn:
        every = await evidence.watched(conn, contest.workspace_id, contest.id)
        for each in every:
            if each.action is not action or each.is_live:
                continue
            watch = await scans.read_watch(conn, contest.workspace_id, each.watch_id)
            target = await targets.read(conn, contest.workspace_id, each.target_id)
            here = [key(name).id for name in names if key(name).platform is each.platform]
            scan = await scans.begin(conn, watch, closing=True, at=stage.now())
            page = StagedPage(
                seq=0,
                answer="present",
                seen_at=stage.now(),
                sightings=[Sighting(account=id_, ref="") for id_ in here],
            )
            read = ReadPage(seq=0, sha256=bytes(32), size=0, fetched_at=stage.now(), body=None)
            await scans.stage(conn, scan, [page], [read], checkpoint=None)
            before = await scans.latest_complete(conn, watch)
            gone = await actions.compare(conn, watch, scan, asked=False)
            outcome = await actions.merge(
                conn,
                watch,
                scan,
                gone=gone,
                asked=False,
                absent_at=None if before is None else before.started_at,
                platform=target.platform,
                instance=target.instance,
                at=stage.now(),
            )
            await scans.finish(conn, scan, outcome, at=stage.now(), claimed=len(here))
            await evidence.credit_scan(
                conn, target, action, scan_id=scan.id, started_at=scan.started_at
            )


async def halves(stage: Stage, **changes: Any) -> Contest:
    """Ann liked on VK and reposted on Bluesky, Bob did both on VK."""
    contest = await started(stage, **changes)
    await see(stage, contest, Action.LIKE, ANN, BOB)
    await see(stage, contest, Action.REPOST, ANN_TOO, BOB)
    await judge_all(stage.rt, contest)
    return contest


async def wholes(stage: Stage, **changes: Any) -> Contest:
    """Ann did everything twice, first on Bluesky; Bob did everything."""
    contest = await started(stage, **changes)
    await see(stage, contest, Action.LIKE, ANN_TOO)
    await see(stage, contest, Action.LIKE, ANN, ANN_TOO, BOB)
    await see(stage, contest, Action.REPOST, ANN, ANN_TOO, BOB)
    await judge_all(stage.rt, contest)
    return contest


async def close(stage: Stage, contest: Contest, *names: str) -> Contest:
    """Let the contest close, with everything still there that these did."""
    stage.pass_time(contest.closes_at + SOON)
    await advance(stage, contest)
    for action in (Action.LIKE, Action.REPOST):
        await see(stage, contest, action, *names)
    await advance(stage, contest)
    return await reread(stage, contest)


async def freeze(stage: Stage, contest: Contest) -> Contest:
    stage.pass_time(contest.freeze_at + SOON)
    for _ in range(3):
        await advance(stage, contest)
    frozen = await reread(stage, contest)
    assert frozen.status is Status.FROZEN
    return frozen


async def begin(stage: Stage, contest: Contest, name: str) -> own.Begun:
    """Say that an account is one's own."""
    async with stage.transaction() as conn:
        return await own.begin(conn, contest, key(name).id, now=stage.now())


async def show(stage: Stage, contest: Contest, name: str) -> Key:
    """Show that an account is one's own."""
    begun = await begin(stage, contest, name)
    account = key(name)
    network = Network(
        workspace_id=contest.workspace_id, platform=account.platform, instance=account.instance
    )
    async with stage.transaction() as conn:
        said = [Said(account=account.id, text=begun.code)]
        assert await own.notice(conn, network, said, at=stage.now()) == 1
    return Key(id=begun.id, secret=begun.secret)


async def link_keys(stage: Stage, contest: Contest, *keys: Key, given: Given = AGREED) -> UUID:
    async with stage.transaction() as conn:
        return await link.link(conn, contest, keys, given, now=stage.now(), request_id="test")


async def link_names(stage: Stage, contest: Contest, *names: str) -> UUID:
    """Show two accounts and link them; returns the entry."""
    return await link_keys(stage, contest, *[await show(stage, contest, each) for each in names])


async def part(stage: Stage, contest: Contest, name: str) -> None:
    """Show an account, and take back that it was linked."""
    shown = await show(stage, contest, name)
    async with stage.transaction() as conn:
        await link.part(conn, contest, shown, now=stage.now(), request_id="test")


async def entrant(stage: Stage, contest: Contest, name: str) -> Entrant:
    """The entrant that an account is."""
    async with stage.rt.pool.acquire() as conn:
        found = await entrants.of_subject(conn, contest.workspace_id, contest.id, key(name).subject)
    assert found is not None
    return found


async def reasons(stage: Stage, contest: Contest, names: Sequence[str]) -> list[str]:
    return [(await entrant(stage, contest, name)).reason for name in names]


async def record(stage: Stage, contest: Contest, name: str) -> dict[str, Any]:
    """What is on record of an entrant."""
    found: dict[str, Any] = msgspec.json.decode((await entrant(stage, contest, name)).record)
    return found
