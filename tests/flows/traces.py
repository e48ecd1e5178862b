"""Where a database still speaks of somebody: every text of every column of every table, searched.

Knows nothing of the schema, so that a new table is searched from its first day.
"""

import contextlib
import json
import re
import zlib
from collections.abc import Iterable
from typing import Any

_COLUMNS = """
SELECT c.table_name, c.column_name, c.data_type FROM information_schema.columns c
JOIN information_schema.tables t USING (table_schema, table_name)
WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE'
    AND c.data_type IN ('text', 'character varying', 'character', 'json', 'jsonb', 'bytea', 'ARRAY')
ORDER BY 1, 2
"""
_HELD = """
SELECT format('SELECT %2$I' || CASE $3 WHEN 'bytea' THEN '' ELSE '::text' END
    || ' AS held FROM %1$I WHERE %2$I IS NOT NULL', $1::text, $2::text)
"""
_WORD = r"(?<![\w-])%s(?![\w-])"


async def traces(conn: Any, *strings: str) -> set[str]:
    """The columns, as `table.column`, that hold any of the strings: bare, escaped or compressed."""
    pattern = re.compile(
        "|".join(_WORD % re.escape(form) for each in strings for form in _forms(each)),
        re.IGNORECASE,
    )
    found = set()
    for table, column, kind in await conn.fetch(_COLUMNS):
        rows = await conn.fetch(await conn.fetchval(_HELD, table, column, kind))
        if any(pattern.search(text) for row in rows for text in _texts(row["held"])):
            found.add(f"{table}.{column}")
    return found


def _forms(text: str) -> set[str]:
    return {text, json.dumps(text)[1:-1]}


def _texts(held: str | bytes) -> Iterable[str]:
    if isinstance(held, str):
        yield held
        return
    yield held.decode("utf-8", "replace")
    with contextlib.suppress(zlib.error):
        yield zlib.decompress(held).decode("utf-8", "replace")
