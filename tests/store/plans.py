"""Plans that PostgreSQL ran, with what their steps really looked at, and what is wrong with them.

A plan comes from the server itself while a statement runs through the same driver, with the same
parameters and the same cache of plans as in the service; so it is the plan that the service gets.
"""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from typing import Any

import asyncpg
import msgspec

from contest_service.store.pool import connect
from contest_service.store.rows import Connection

RUNS = 6
"""From the sixth run on, PostgreSQL may keep one plan for all parameters (its page on PREPARE)."""
OWNERS = ("workspace_id", "contest_id")
"""An index that has these is entered by them: the rows of others are nobody's business."""

_TELL_PLANS = """
LOAD 'auto_explain';
SET auto_explain.log_min_duration = 0;
SET auto_explain.log_analyze = on;
SET auto_explain.log_timing = off;
SET auto_explain.log_format = json;
SET auto_explain.log_level = notice;
"""
_INDEXES = """
SELECT c.relname AS name, ARRAY(SELECT pg_get_indexdef(i.indexrelid, k, false)
    FROM generate_series(1, i.indnkeyatts) k) AS columns
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
WHERE c.relnamespace = current_schema()::regnamespace
"""
# Its size is known at any time; its rows are counted by ANALYZE only.
_LARGE = """
SELECT relname FROM pg_class
WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace
    AND pg_relation_size(oid) > 16 * current_setting('block_size')::integer
"""


def _as_told(name: str) -> str:
    return name.replace("_", " ").title().replace(" By ", " by ")


class Step(msgspec.Struct, frozen=True, rename=_as_told):
    """A step of a plan. Its figures are means over its `actual_loops`."""

    node_type: str
    actual_loops: float
    actual_rows: float
    relation_name: str = ""
    index_name: str = ""
    index_cond: str = ""
    rows_removed_by_filter: float = 0
    rows_removed_by_join_filter: float = 0
    rows_removed_by_index_recheck: float = 0
    plans: "Sequence[Step]" = ()

    def all(self) -> "Iterator[Step]":
        """This step and all below it, as far as they were taken."""
        if self.actual_loops:
            yield self
            for plan in self.plans:
                yield from plan.all()

    @property
    def looked_at(self) -> float:
        """Rows of a table that it read, and pairs of rows that it compared in vain."""
        read = self.rows_removed_by_join_filter
        if self.relation_name and self.node_type.endswith("Scan"):
            read += self.actual_rows + self.rows_removed_by_filter
            read += self.rows_removed_by_index_recheck
        return read * self.actual_loops


class Run(msgspec.Struct, frozen=True, rename={"query": "Query Text", "plan": "Plan"}):
    """A statement that ran, and how."""

    query: str
    plan: Step


class Schema(msgspec.Struct, frozen=True):
    """The columns of every index, and the tables that are not to be read as a whole."""

    indexes: Mapping[str, Sequence[str]]
    large: frozenset[str]


class Allowed(msgspec.Struct, frozen=True, kw_only=True):
    """How many rows a statement may look at, and whether it is about all workspaces."""

    rows: int
    across: bool = False


class Explained:
    """A connection that tells the plan of everything that runs on it."""

    def __init__(self, conn: "asyncpg.Connection[Any]") -> None:
        self._conn = conn
        self._runs: list[Run] = []
        conn.add_log_listener(self._take)

    def _take(self, _conn: object, message: Any) -> None:
        _, found, plan = message.message.partition("plan:\n")
        if found:
            self._runs.append(msgspec.json.decode(plan, type=Run))

    async def schema(self) -> Schema:
        rows = await self._conn.fetch(_INDEXES)
        large = await self._conn.fetch(_LARGE)
        return Schema(
            {row["name"]: row["columns"] for row in rows},
            frozenset(row["relname"] for row in large),
        )

    async def runs(self, call: Callable[[Connection], Awaitable[object]]) -> list[Run]:
        """What ran in a call, which is undone afterwards."""
        transaction = self._conn.transaction()
        await transaction.start()
        self._runs.clear()
        try:
            await call(self._conn)
            await self._conn.execute("CLOSE ALL")  # the plan of a cursor is told when it ends
        finally:
            await transaction.rollback()
        await asyncio.sleep(0)  # what the server told is handed over in the loop's next turn
        return list(self._runs)


@contextlib.asynccontextmanager
async def explained(url: str) -> AsyncIterator[Explained]:
    """A connection as the service opens it, which tells plans."""
    conn = await connect(url)
    try:
        await conn.execute(_TELL_PLANS)
        yield Explained(conn)
    finally:
        await conn.close()


def faults(plan: Step, allowed: Allowed, schema: Schema) -> list[str]:
    """Everything that is wrong with a plan."""
    steps = list(plan.all())
    looked_at = sum(step.looked_at for step in steps)
    found = [
        f"reads all of {step.relation_name}"
        for step in steps
        if step.node_type == "Seq Scan" and step.relation_name in schema.large
    ]
    for step in steps:
        if step.index_name and not allowed.across:
            found += _entry_faults(step, schema.indexes[step.index_name])
        if step.node_type in {"Sort", "Incremental Sort"}:
            taken_in = sum(below.actual_rows * below.actual_loops for below in step.plans)
            if taken_in > allowed.rows:
                found.append(f"sorts {taken_in:.0f} rows")
    if looked_at > allowed.rows:
        found.append(f"looks at {looked_at:.0f} rows where {allowed.rows} are enough")
    return found


def _entry_faults(step: Step, columns: Sequence[str]) -> Iterator[str]:
    """How an index is entered: through its owners, and by its first columns without a gap."""
    place, condition = step.index_name, step.index_cond
    if not condition:
        yield f"walks through {place}"
        return
    fixed = [_has(condition, column, r" (= |IS NULL)") for column in columns]
    for column, is_fixed in zip(columns, fixed, strict=True):
        if column in OWNERS and not is_fixed:
            yield f"enters {place} without {column}"
    # Behind the fixed columns a range of one may follow, or of several as one row; nothing else.
    gap = next((c for c, is_fixed in zip(columns, fixed, strict=True) if not is_fixed), None)
    if gap is not None and "ROW(" not in condition:
        behind = columns[columns.index(gap) + 1 :]
        if any(_has(condition, column, r"\W") for column in behind):
            yield f"enters {place} past {gap}"


def _has(condition: str, column: str, then: str) -> bool:
    """Whether a condition is about the index's own column; others are told with their table."""
    return re.search(rf"(?<![\w.]){re.escape(column)}{then}", condition) is not None
