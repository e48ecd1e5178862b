"""What live events make of the evidence, on a real database."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from contest_service.domain.evidence import Action
from contest_service.flows.hear import BATCH, JUDGE_AFTER
from contest_service.store import heard, sign_ins, work
from flows.live import (
    ANN,
    BOB,
    PAGE,
    Known,
    bring,
    comment,
    community,
    delete,
    event,
    hear,
    join,
    known,
    leave,
    like,
    present,
    ref_of,
    repost,
    run,
    see,
    seen,
    started,
    unlike,
)
from flows.made_up import states
from flows.stage import Stage, open_stage
from workers import jobs

WHEN = datetime(2027, 1, 15, 8, 0, tzinfo=UTC)


async def waiting(stage: Stage) -> int:
    """How many events are not worked in yet."""
    async with stage.rt.pool.acquire() as conn:
        count: int = await conn.fetchval(
            "SELECT count(*) FROM heard_events WHERE merged_at IS NULL"
        )
    return count


async def test_a_like_is_there_from_the_moment_at_which_it_was_heard(
    pool: Any, tmp_path: Path
) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        page = await community(stage)
        await started(stage, page)
        before = stage.now()
        await hear(stage, page, like(ANN))
        (ann,) = await known(stage, Action.LIKE)
        assert (ann.account, ann.heard, ann.at, ann.gone_at) == (ANN, True, None, None)
        assert before < ann.seen_at < stage.now()
        assert await waiting(stage) == 0


async def test_a_like_that_is_taken_back_ends_when_that_was_heard(
    pool: Any, tmp_path: Path
) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        page = await community(stage)
        contest = await started(stage, page)
        await see(stage, contest, Action.LIKE, seen(ANN), seen(BOB))
        await hear(stage, page, unlike(ANN))
        ann, bob = await known(stage, Action.LIKE)
        assert (ann.account, ann.gone_why) == (ANN, "withdrawn")
        assert ann.gone_at is not None
        assert ann.gone_at > ann.seen_at
        assert bob.gone_at is None
        # What came and went in one batch is on record too.
        await hear(stage, page, like("7"), unlike("7"))
        (seven,) = [each for each in await known(stage, Action.LIKE) if each.account == "7"]
        assert is_over(seven)


def is_over(presence: Known) -> bool:
    return presence.gone_at is not None and presence.seen_at <= presence.gone_at


async def test_an_event_that_is_repeated_changes_nothing(pool: Any, tmp_path: Path) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        page = await community(stage)
        await started(stage, page)
        again = like(ANN)
        await hear(stage, page, again, again)
        await hear(stage, page, again)
        # The same deed under another name.
        await hear(stage, page, like(ANN))
        assert await present(stage, Action.LIKE) == [(ANN, "")]
        assert len(await known(stage, Action.LIKE)) == 1
        async with pool.acquire() as conn:
            assert await conn.fetchval("SELECT count(*) FROM heard_events") == 2


async def test_a_repost_brings_its_time_and_its_words(pool: Any, tmp_path: Path) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        page = await community(stage)
        contest = await started(stage, page)
        # A list tells who reposted; of a closed profile not when, and not with which words.
        await see(stage, contest, Action.REPOST, seen(BOB))
        at = int(WHEN.timestamp())
        await hear(stage, page, repost(ANN, text="Mine! #mug", at=at), repost(BOB, at=at))
        await hear(stage, page, repost(BOB, text="Again", at=at + 60))
        ann, bob = await known(stage, Action.REPOST)
        assert (ann.at, ann.text, ann.heard) == (WHEN, "Mine! #mug", True)
        assert (bob.at, bob.text, bob.heard) == (WHEN, "", False)


async def test_a_time_that_no_date_stands_for_is_no_time(pool: Any, tmp_path: Path) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        page = await community(stage)
        await started(stage, page)
        await hear(stage, page, repost(ANN, at=1 << 60), repost(BOB, at=-(1 << 60)))
        assert [each.at for each in await known(stage, Action.REPOST)] == [None, None]
        assert await waiting(stage) == 0


async def test_an_edited_comment_is_another_one_instead_of_the_first(
    pool: Any, tmp_path: Path
) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        page = await community(stage)
        await started(stage, page)
        first, edited = comment(ANN, "I go"), comment(ANN, "I stay", kind="wall_reply_edit")
        await hear(stage, page, first, comment(BOB, "Me too", id_=10))
        await hear(stage, page, edited)
        old, new, _ = await known(stage, Action.COMMENT)
        assert (old.ref, old.text) == (ref_of(first), "I go")
        assert is_over(old)
        assert (new.ref, new.text, new.gone_at) == (ref_of(edited), "I stay", None)
        # An edit that changed something else than the text.
        await hear(stage, page, comment(ANN, "I stay", kind="wall_reply_edit"))
        assert (ANN, ref_of(edited)) in await present(stage, Action.COMMENT)
        # The first one comes late, once more and under another name.
        await hear(stage, page, comment(ANN, "I go"))
        assert (ANN, ref_of(first)) not in await present(stage, Action.COMMENT)


async def test_whose_a_deleted_comment_was_is_found_out(pool: Any, tmp_path: Path) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        page = await community(stage)
        contest = await started(stage, page)
        written = comment(ANN, "I go", id_=10)
        await see(stage, contest, Action.COMMENT, seen(ANN, ref_of(written)))
        await hear(stage, page, comment(BOB, "Me too", id_=1), comment(ANN, "And I", id_=100))
        await hear(stage, page, delete(10))
        assert sorted(account for account, _ in await present(stage, Action.COMMENT)) == [ANN, BOB]
        await hear(stage, page, comment(ANN, "I go", id_=10, kind="wall_reply_restore"))
        assert (ANN, ref_of(written)) in await present(stage, Action.COMMENT)


async def test_members_come_and_go(pool: Any, tmp_path: Path) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        page = await community(stage)
        await started(stage, page)
        asked = event("group_join", user_id=7, join_type="request")
        await hear(stage, page, join(ANN), join(BOB), leave(ANN), asked)
        assert await present(stage, Action.FOLLOW) == [(BOB, "")]


async def test_only_what_is_watched_is_kept(pool: Any, tmp_path: Path) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        page = await community(stage)
        await started(stage, page, rules={"kind": "liked"})
        await hear(stage, page, repost(ANN), comment(ANN, "I go"), join(ANN), like(ANN, post=2))
        async with pool.acquire() as conn:
            assert await conn.fetchval("SELECT count(*) FROM actions") == 0
        assert await waiting(stage) == 0


async def test_an_event_of_one_community_says_nothing_about_anothers_posts(
    pool: Any, tmp_path: Path
) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        page = await community(stage)
        await started(stage, page)
        other = await community(stage, account="-502")
        await hear(stage, other, like(ANN))
        assert await known(stage, Action.LIKE) == []


async def test_what_cannot_be_read_does_not_hold_up_what_follows(pool: Any, tmp_path: Path) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        page = await community(stage)
        await started(stage, page)
        odd = [
            event("like_add", liker_id="nobody", object_type="post"),
            event("wall_reply_new", id=1, from_id=7, post_id=1, text="\0", date=-1),
            event("wall_repost", copy_history=[{"owner_id": 1 << 62, "id": 1}], owner_id=1),
            event("a_new_kind_of_event"),
        ]
        await hear(stage, page, *odd, like(ANN))
        assert [each.text for each in await known(stage, Action.COMMENT)] == ["\ufffd"]
        async with stage.transaction() as conn:
            bodies = (b"[" * 100_000, like(ANN).replace(b"like_add", b"like_add\\ud800"))
            broken = [
                heard.Arrival(event_id=f"x{place}", body=body) for place, body in enumerate(bodies)
            ]
            await heard.add(conn, page.workspace_id, page.id, broken, at=stage.now())
        await hear(stage, page, like(BOB))
        assert await present(stage, Action.LIKE) == [(ANN, ""), (BOB, "")]
        assert await waiting(stage) == 0


async def test_more_than_fits_one_transaction_is_worked_in_by_one_run(
    pool: Any, tmp_path: Path
) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        page = await community(stage)
        await started(stage, page)
        people = [str(number) for number in range(1, 2 * BATCH + 2)]
        arrivals = [heard.Arrival(event_id=f"b{who}", body=like(who)) for who in people]
        async with stage.transaction() as conn:
            added = await heard.add(conn, page.workspace_id, page.id, arrivals, at=stage.now())
        assert added == len(people)
        await hear(stage, page, unlike("5"))
        assert len(await present(stage, Action.LIKE)) == len(people) - 1
        assert await waiting(stage) == 0


async def test_who_acted_is_judged_soon_and_once_for_many_events(pool: Any, tmp_path: Path) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        page = await community(stage)
        contest = await started(stage, page, rules={"kind": "liked"})
        await see(stage, contest, Action.LIKE)
        async with stage.transaction() as conn:
            await conn.execute("DELETE FROM work WHERE kind = 'judge'")
        await hear(stage, page, like(ANN))
        await hear(stage, page, like(BOB))
        async with pool.acquire() as conn:
            (due_at,) = [row["due_at"] for row in await conn.fetch(JUDGEMENTS)]
        assert stage.now() < due_at
        stage.pass_time(due_at)
        await judge(stage)
        assert set((await states(stage, contest)).values()) == {"all_conditions_hold"}
        await hear(stage, page, unlike(ANN))
        stage.pass_time(stage.now() + JUDGE_AFTER)
        await judge(stage)
        assert sorted((await states(stage, contest)).values()) == [
            "all_conditions_hold",
            "liked.undone",
        ]


JUDGEMENTS = "SELECT id, workspace_id, due_at FROM work WHERE kind = 'judge'"


async def judge(stage: Stage) -> None:
    async with stage.rt.pool.acquire() as conn:
        (row,) = await conn.fetch(JUDGEMENTS)
    await jobs.work({"runtime": stage.rt}, str(row["workspace_id"]), str(row["id"]))


async def test_when_nothing_was_listed_yet_is_told_by_the_pass_before(
    pool: Any, tmp_path: Path
) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        page = await community(stage)
        contest = await started(stage, page)
        before = stage.now()
        await see(stage, contest, Action.LIKE)
        await hear(stage, page, like(ANN), join(ANN))
        (liked,) = await known(stage, Action.LIKE)
        (joined,) = await known(stage, Action.FOLLOW)
        assert liked.absent_at is not None
        assert before < liked.absent_at < liked.seen_at
        assert joined.absent_at is None


async def test_a_second_worker_does_not_work_the_same_events_in_again(
    pool: Any, tmp_path: Path
) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        page = await community(stage)
        await started(stage, page)
        await hear(stage, page, like(ANN))
        async with stage.transaction() as conn:
            (row,) = await conn.fetch("SELECT id FROM heard_events")
            key = (page.workspace_id, page.id, [row["id"]])
            assert not await heard.set_merged(conn, *key, at=stage.now())


async def test_what_events_missed_the_next_pass_mends(pool: Any, tmp_path: Path) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        page = await community(stage)
        contest = await started(stage, page)
        await see(stage, contest, Action.LIKE, seen(ANN))
        await hear(stage, page, like(BOB))
        # That one was taken back, one taken back before came again, and a third was new.
        await see(stage, contest, Action.LIKE, seen(ANN), seen("7"))
        assert await present(stage, Action.LIKE) == [(ANN, ""), ("7", "")]


async def test_events_of_a_community_that_was_removed_are_forgotten(
    pool: Any, tmp_path: Path
) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        page = await community(stage)
        assert page.account == PAGE
        await hear(stage, page, like(ANN))
        async with stage.transaction() as conn:
            await work.plan(conn, page.workspace_id, work.Kind.HEAR, page.id, due_at=stage.now())
            await conn.execute("UPDATE communities SET removed_at = now()")
        stage.pass_time(stage.now() + timedelta(seconds=1))
        await run(stage, work.Kind.HEAR, page)
        async with pool.acquire() as conn:
            assert await conn.fetchval("SELECT count(*) FROM work WHERE kind = 'hear'") == 0


async def test_what_was_worked_in_is_forgotten_after_a_week(pool: Any, tmp_path: Path) -> None:
    async with open_stage(pool, tmp_path, ()) as stage:
        page = await community(stage)
        await started(stage, page)
        await hear(stage, page, like(ANN))
        await bring(stage, page, like(BOB))
        async with stage.transaction() as conn:
            begun = sign_ins.SignIn(
                workspace_id=page.workspace_id,
                community_id=page.id,
                person_id=stage.actor.person_id or page.id,
                verifier=b"sealed",
                created_at=stage.now(),
            )
            await sign_ins.begin(conn, b"digest", begun)
        for days, events, left in ((0.5, 2, 1), (6, 2, 0), (1, 1, 0)):
            stage.pass_time(stage.now() + timedelta(days=days))
            await jobs.tidy({"runtime": stage.rt})
            async with pool.acquire() as conn:
                assert await conn.fetchval("SELECT count(*) FROM heard_events") == events
                assert await conn.fetchval("SELECT count(*) FROM sign_ins") == left
        # What was never worked in stays until it is.
        await run(stage, work.Kind.HEAR, page)
        assert await present(stage, Action.LIKE) == [(ANN, ""), (BOB, "")]
