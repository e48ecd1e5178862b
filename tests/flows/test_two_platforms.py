"""One contest with two posts on the practice VK and one on the real Bluesky network."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from platforms.vk_practice import Practice, practice
from sandbox.vk.stage import BORIS, DARYA, GLEB

from contest_service.domain.conditions import Language
from contest_service.domain.consent import VERSION
from contest_service.domain.contest import Status
from contest_service.flows import define, link, own
from contest_service.flows.foresee import foresee, impossible
from contest_service.flows.ledger import load_chain
from contest_service.flows.link import Given, Key
from contest_service.flows.succeed import name_slots
from contest_service.proof.bundle import Edition
from contest_service.store import announcements, contests, coverage, entrants, notices
from contest_service.store.announcements import AnnouncementKind
from contest_service.store.communities import Community
from contest_service.store.contests import Contest
from contest_service.store.notices import NoticeState
from flows.exported import exported
from flows.stage import Stage, definition, open_stage
from flows.vk_town import connected, pass_time, started

RULES = {"kind": "all_of", "of": [{"kind": "liked"}, {"kind": "reposted"}]}
TICKETS = {
    "bonuses": [
        {"rule": {"kind": "quoted"}, "tickets": 1},
        {"rule": {"kind": "liked", "every": True}, "tickets": 1},
    ]
}
DRAWS = [{"tiers": [{"id": "mug", "prize": "A mug", "winners": 4}]}]
SOON = timedelta(seconds=7)


async def test_a_contest_lives_on_two_platforms_at_once(
    pool: Any, redis_url: str, network: Any, tmp_path: Path
) -> None:
    page, fan, half = network.people(3, "both")
    post = page.post("Win a mug")
    for person in (fan, half):
        person.like(post)
    fan.repost(post)
    fan.quote(post, "I want it")
    network.settle()
    async with practice() as vk:
        hosts = [urlsplit(vk.vk.url).netloc, *network.hosts]
        async with open_stage(pool, tmp_path, hosts, redis_url=redis_url) as stage:
            vk.clock.now = stage.now().timestamp()
            posts = [vk.post_id, (await vk.make("posts", owner_id=-501, text="Ещё!"))["id"]]
            await _act(vk, posts)
            pages = [await connected(stage, vk), await stage.community(page, network.endpoints)]
            urls = [f"https://vk.com/wall-501_{number}" for number in posts]
            contest = await _defined(stage, pages, urls, uri=post.uri)
            await _foresees_what_vk_never_tells(stage, contest)
            await _foresees_too_few_posts(stage, pages, urls, uri=post.uri)
            contest = await started(stage, contest)
            await stage.work()
            assert await _reasons(stage, contest) == {
                str(BORIS): "all_conditions_hold",
                str(GLEB): "all_conditions_hold",
                str(DARYA): "liked.not_seen",
                fan.did: "all_conditions_hold",
                half.did: "reposted.not_seen",
            }
            await _link(stage, vk, contest, half=half, post=post, network=network)
            seen = await _reasons(stage, contest)
            assert sorted([seen[str(DARYA)], seen[half.did]]) == ["all_conditions_hold", "merged"]
            await _live(stage, vk, contest)
            await _ended_well(stage, contest, fan=fan)
            for number in posts:
                said = await vk.call("wall.getComments", vk.service, owner_id=-501, post_id=number)
                ours = [each["text"] for each in said["items"] if each["from_id"] == -501]
                assert len(ours) >= 2


async def _act(vk: Practice, posts: list[int]) -> None:
    """Gleb does it all on one post, Boris on one and the other; Darya only reposts."""
    await vk.act("like", GLEB)
    await vk.act("repost", GLEB)
    await vk.act("like", BORIS, post_id=posts[1])
    await vk.act("repost", BORIS)
    await vk.act("repost", DARYA, post_id=posts[1])


async def _defined(
    stage: Stage, pages: list[Community], urls: list[str], *, uri: str, **changes: Any
) -> Contest:
    asked = definition(stage, **{"rules": RULES, "tickets": TICKETS, "draws": DRAWS, **changes})
    contest = await stage.contest(asked, pages[0], urls)
    found = await define.look_up_post(stage.rt, stage.actor, pages[1].id, uri)
    async with stage.transaction() as conn:
        await define.attach_post(conn, stage.actor, contest.id, found, now=stage.now())
    return contest


async def _foresees_what_vk_never_tells(stage: Stage, contest: Contest) -> None:
    async with stage.transaction() as conn:
        told = await foresee(conn, stage.rt, contest)
    never = [each for each in told if each.is_never]
    assert {(each.condition, "wall" in each.post_url) for each in never} == {("quoted", True)}
    assert len(never) == 2


async def _foresees_too_few_posts(
    stage: Stage, pages: list[Community], urls: list[str], *, uri: str
) -> None:
    """One account can act on its own platform alone, and nobody on more posts than there are."""
    pottery = {"id": pages[1].account, "name": "Pottery"}
    likes = [{"kind": "liked", "posts": many} for many in (2, 3, 4)]
    rules = {"kind": "any_of", "of": [*likes, {"kind": "follows", "communities": [pottery]}]}
    contest = await _defined(stage, pages, urls, uri=uri, rules=rules, tickets={})
    async with stage.transaction() as conn:
        told = await foresee(conn, stage.rt, contest)
    found = [(each.at[-1], "wall" in each.post_url) for each in told if "there only" in each.note]
    on_vk = [("1", True), ("3", True)]
    assert found == [*on_vk, *on_vk, ("0", False), ("1", False)]
    (fault,) = impossible(told, 3)
    assert fault.pointer == "/definition/rules/of/2"
    assert "3 posts, and 4 are asked for" in fault.detail


async def _link(
    stage: Stage, vk: Practice, contest: Contest, *, half: Any, post: Any, network: Any
) -> None:
    """Half, who is Darya on VK, writes both codes where they can be read, and agrees."""
    names = (f"https://vk.com/id{DARYA}", half.handle)
    async with stage.transaction() as conn:
        begun = [await own.begin(conn, contest, name, now=stage.now()) for name in names]
    await vk.act("comment", DARYA, text=f"Это я: {begun[0].code}")
    half.reply(post, begun[1].code)
    network.settle()
    pass_time(stage, vk, stage.now() + SOON)
    await stage.work()
    async with stage.transaction() as conn:
        await link.link(
            conn,
            contest,
            [Key(id=each.id, secret=each.secret) for each in begun],
            Given(version=VERSION, language=Language.RUSSIAN),
            now=stage.now(),
            request_id="test",
        )


async def _live(stage: Stage, vk: Practice, contest: Contest) -> None:
    """Let the contest go on to its end."""
    for moment in ("closes_at", "freeze_at", "draw_at"):
        async with stage.rt.pool.acquire() as conn:
            contest = await contests.read(conn, contest.workspace_id, contest.id)
        at: datetime = getattr(contest, moment)
        pass_time(stage, vk, at + SOON)
        await stage.work()


async def _ended_well(stage: Stage, contest: Contest, *, fan: Any) -> None:
    key = (contest.workspace_id, contest.id)
    async with stage.rt.pool.acquire() as conn:
        contest = await contests.read(conn, *key)
        (slots,) = await name_slots(conn, contest, await load_chain(conn, contest))
        rows = await announcements.of_contest(conn, *key)
        told = await notices.list_page(conn, *key, after=None, limit=9)
        read = await coverage.of_contest(conn, *key)
        entries = await entrants.list_page(conn, *key, limit=9)
    assert contest.status is Status.ANNOUNCED
    assert len({slot.entry for slot in slots}) == 4
    tickets = {each.subject.rpartition(":")[2]: each.tickets for each in entries}
    assert tickets[fan.did.rpartition(":")[2]] == 3
    assert tickets[str(GLEB)] == 1
    kinds = [row.kind for row in rows]
    assert kinds.count(AnnouncementKind.FREEZE) == kinds.count(AnnouncementKind.RESULT) == 3
    assert {row.state for row in rows} == {"published"}
    # The linked winner's other account is not needed.
    assert [each.state for each in told].count(NoticeState.TOLD) == 4
    assert {each.state for each in told} == {NoticeState.TOLD, NoticeState.ELSEWHERE}
    assert len(told) == 5
    assert {each.per_cent for each in read} == {100}
    for edition in Edition:
        await exported(stage.rt, contest, edition)


async def _reasons(stage: Stage, contest: Contest) -> dict[str, str]:
    async with stage.rt.pool.acquire() as conn:
        page = await entrants.list_page(conn, contest.workspace_id, contest.id, limit=9)
    found = {}
    for each in page:
        head, is_did, tail = each.subject.partition("did:")
        found[is_did + tail if is_did else head.rpartition(":")[2]] = each.reason
    return found
