"""The pages of a contest of a million entrants: every table that is offered, and its numbers."""

import time
from collections.abc import Awaitable, Callable

from msgspec.structs import replace

from benchmarks.ground import Ground, connection, open_runtime
from benchmarks.scene import LIKED, Scene, read_contest, set_scene
from benchmarks.table import Line
from contest_service.domain.conditions import Language
from contest_service.flows.entrant_view import Show, Wanted, find_entrants
from contest_service.flows.figures import figures_of
from contest_service.store import tallies
from contest_service.store.contests import Contest
from contest_service.store.rows import Connection

FULL_SIZE = 1_000_000
TARGET = 0.1
"""Seconds, of 19 pages in 20."""
_RUNS = 20
_DEEP = 5
"""Pages on and back again, from each first one."""

_FILL = """
WITH made AS (
    INSERT INTO entrants (workspace_id, contest_id, subject, label, state, reason, tickets, record,
        record_salt, record_digest, judged_at, marks)
    SELECT $1, $2, 'vk:' || n, '@person' || n, v.state,
        CASE v.state WHEN 'valid' THEN 'all_conditions_hold' WHEN 'invalid' THEN 'liked.not_seen'
            ELSE 'liked.unavailable' END,
        (v.state = 'valid')::integer, repeat('x', 700), '', '', now(),
        CASE v.state WHEN 'valid' THEN 'h' WHEN 'invalid' THEN 'd' ELSE 'c' END
    FROM generate_series(1, $3::integer) AS n, LATERAL (SELECT CASE WHEN n % 5000 = 7
        THEN 'quarantined' WHEN n % 50 = 3 THEN 'cannot_verify' WHEN n % 10 < 6 THEN 'valid'
        ELSE 'invalid' END AS state) v
    RETURNING id, subject
), placed AS (
    INSERT INTO entrant_accounts (workspace_id, contest_id, platform, instance, account, entrant_id)
    SELECT $1, $2, 'vk', '', substr(subject, 4), id FROM made
)
INSERT INTO entrant_signals (workspace_id, contest_id, entrant_id, score, strengths, facts,
    age_days, measured_at)
SELECT $1, $2, id, abs(hashtext(subject)) % 100, '{0,0,0,0,0,0,0,0}', '{}', 20, now() FROM made
"""
_TALLY = """
INSERT INTO entrant_tallies (workspace_id, contest_id, platform, state, reason, marks, entrants,
    tickets)
SELECT workspace_id, contest_id, 'vk', state, reason, marks, count(*), sum(tickets)
FROM entrants GROUP BY 1, 2, 4, 5, 6
"""
_ARRIVE = """
INSERT INTO entrant_arrivals (workspace_id, contest_id, platform, minute, entrants)
SELECT $1, $2, 'vk', now() - n * interval '1 minute', 20 FROM generate_series(1, 40000) n
"""
_WANTED = (
    Wanted(),
    Wanted(show=Show.LABEL),
    Wanted(show=Show.SEARCH, search="person99999"),
    Wanted(show=Show.SEARCH, search="@p"),
    Wanted(show=Show.STATE, value="valid"),
    Wanted(show=Show.STATE, value="quarantined"),
    Wanted(show=Show.REASON, value="invalid/liked.not_seen"),
    Wanted(show=Show.MISSING, value="0"),
    Wanted(show=Show.PLATFORM, value="vk"),
    Wanted(show=Show.SCORE, value="1"),
    Wanted(show=Show.SCORE, value="90"),
)


async def lines(ground: Ground, size: int) -> list[Line]:
    """Measure every page that the table of entrants offers, and a contest's numbers."""
    async with ground.database() as url:
        async with open_runtime(url, ground.folder) as rt:
            scene = await set_scene(rt, (LIKED,))
        async with connection(url) as conn:
            await _fill(conn, scene, size)
            contest = await read_contest(conn, scene)
            found = [await _table(conn, contest, each, size=size) for each in _WANTED]
            seconds = await _timed(lambda: figures_of(conn, contest, Language.ENGLISH))
    return [*found, _line("numbers of a contest", size, seconds)]


async def _fill(conn: Connection, scene: Scene, size: int) -> None:
    key = (scene.workspace_id, scene.contest_id)
    await conn.execute(_FILL, *key, size, timeout=1200)
    await conn.execute(_TALLY, timeout=1200)
    await conn.execute(_ARRIVE, *key)
    await conn.execute("VACUUM ANALYZE entrants, entrant_accounts, entrant_signals", timeout=1200)


async def _table(conn: Connection, contest: Contest, wanted: Wanted, *, size: int) -> Line:
    """The first page, and some on and back."""
    seconds: list[float] = []
    key = (contest.workspace_id, contest.id)

    async def page(asked: Wanted) -> Wanted | None:
        start = time.perf_counter()
        found = await find_entrants(conn, contest, asked, await tallies.of_contest(conn, *key))
        seconds.append(time.perf_counter() - start)
        place = found.first if asked.is_back else found.last
        return replace(asked, start=place) if place else None

    asked: Wanted | None = wanted
    for _ in range(_DEEP):
        asked = await page(asked) if asked else None
    asked = replace(wanted, is_back=True)
    for _ in range(_RUNS - _DEEP):
        asked = await page(asked) if asked else await page(wanted)
    what = " ".join(filter(None, (wanted.show.value, wanted.value, wanted.search)))
    return _line(f"entrants: {what}", size, seconds)


async def _timed(call: Callable[[], Awaitable[object]]) -> list[float]:
    seconds = []
    for _ in range(_RUNS):
        start = time.perf_counter()
        await call()
        seconds.append(time.perf_counter() - start)
    return seconds


def _line(what: str, size: int, seconds: list[float]) -> Line:
    slowest = sorted(seconds)[: max(1, round(len(seconds) * 0.95))]
    p95 = slowest[-1]
    note = f"p95 {1000 * p95:.1f} ms"
    return Line(what=what, size=f"{size:,} entrants", seconds=slowest, target=TARGET, note=note)
