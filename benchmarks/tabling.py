"""The pages of a contest of a million entrants: every table that is offered, and its numbers."""

import time
from collections.abc import Awaitable, Callable

from msgspec.structs import replace

from benchmarks.ground import Ground, connection, open_runtime
from benchmarks.scene import LIKED, Scene, read_contest, set_scene
from benchmarks.table import Line
from contest_service.domain.conditions import Language
from contest_service.domain.judging import EntrantState
from contest_service.flows.entrant_view import Wanted, find_entrants
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
        record_salt, record_digest, judged_at, marks, kind)
    SELECT $1, $2, s.subject, '@person' || n, v.state, r.reason,
        (v.state = 'valid')::integer, repeat('x', 700), '', '', now(), r.marks,
        kind_of(platform_of(s.subject), v.state, r.reason, r.marks)
    FROM generate_series(1, $3::integer) AS n, LATERAL (SELECT CASE WHEN n % 20 = 1
        THEN 'did:plc:' ELSE 'vk:' END || n AS subject) s, LATERAL (SELECT CASE WHEN n % 5000 = 7
        THEN 'quarantined' WHEN n % 50 = 3 THEN 'cannot_verify' WHEN n % 10 < 6 THEN 'valid'
        ELSE 'invalid' END AS state) v, LATERAL (SELECT CASE v.state WHEN 'valid'
        THEN 'all_conditions_hold' WHEN 'invalid' THEN 'liked.not_seen' ELSE 'liked.unavailable'
        END AS reason, CASE v.state WHEN 'valid' THEN 'h' WHEN 'invalid' THEN 'd' ELSE 'c' END
        AS marks) r
    RETURNING id, subject
)
INSERT INTO entrant_signals (workspace_id, contest_id, entrant_id, score, strengths, facts,
    age_days, measured_at)
SELECT $1, $2, id, abs(hashtext(subject)) % 100, '{0,0,0,0,0,0,0,0}', '{}', 20, now() FROM made
"""
_TALLY = """
INSERT INTO entrant_tallies (workspace_id, contest_id, platform, state, reason, marks, entrants,
    tickets)
SELECT workspace_id, contest_id, platform_of(subject), state, reason, marks, count(*), sum(tickets)
FROM entrants GROUP BY 1, 2, 3, 4, 5, 6
"""
_ARRIVE = """
INSERT INTO entrant_arrivals (workspace_id, contest_id, platform, minute, entrants)
SELECT $1, $2, 'vk', now() - n * interval '1 minute', 20 FROM generate_series(1, 40000) n
"""
_VALID, _HELD = EntrantState.VALID, EntrantState.QUARANTINED
_UNKNOWN, _INVALID = EntrantState.CANNOT_VERIFY, EntrantState.INVALID
_WANTED = (
    Wanted(),
    Wanted(by_name=True),
    Wanted(search="person99999"),
    Wanted(search="@p"),
    Wanted(state=_VALID),
    Wanted(state=_HELD),
    Wanted(state=_INVALID, reason="liked.not_seen"),
    Wanted(missing=0),
    Wanted(platform="vk"),
    Wanted(platform="bluesky", state=_VALID),
    Wanted(missing=0, state=_UNKNOWN, platform="vk"),
    Wanted(least=1),
    Wanted(least=90),
    Wanted(least=90, state=_VALID),
    Wanted(least=1, state=_HELD),
    Wanted(least=99, state=_UNKNOWN, platform="bluesky"),
    Wanted(search="@p", state=_HELD),
    Wanted(search="person9", state=_VALID, least=90),
    Wanted(search="person9", missing=0, platform="bluesky"),
    Wanted(by_name=True, state=_UNKNOWN),
)
"""Alone and together: common with rare, and what no name or score has."""


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
    await conn.execute("VACUUM ANALYZE entrants, entrant_signals", timeout=1200)


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
    return _line(f"entrants: {_said(wanted)}", size, seconds)


def _said(wanted: Wanted) -> str:
    """What is asked, in the words of the struct."""
    usual, asked = (
        Wanted(),
        ("state", "reason", "missing", "platform", "least", "search", "by_name"),
    )
    given = {name: getattr(wanted, name) for name in asked}
    told = [f"{name} {value}" for name, value in given.items() if value != getattr(usual, name)]
    return ", ".join(told) or "all"


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
