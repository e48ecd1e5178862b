"""Arrays that are written as text: PostgreSQL reads what was meant, whatever it is."""

import asyncio
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contest_service.store import arrays
from contest_service.store.pool import connect

ANYTHING = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20)
AWKWARD = st.sampled_from(
    [
        "",
        " ",
        "NULL",
        "null",
        '"',
        "\\",
        '\\"',
        ",",
        "{}",
        "{",
        "}",
        "a b",
        "\n",
        "\t",
        "é",
        "\x7f",
        "🎉",
    ]
)
TEXTS = st.lists(ANYTHING | AWKWARD, max_size=30)
NUMBERS = st.lists(st.none() | st.integers(-(2**63), 2**63 - 1), max_size=30)
READ = (
    "SELECT $1::text::text[] AS texts, $2::text::text[] AS missing, $3::text::bigint[] AS numbers"
)


async def _read(url: str, *written: str) -> Any:
    conn = await connect(url)
    try:
        return await conn.fetchrow(READ, *written)
    finally:
        await conn.close()


@settings(max_examples=60)
@given(texts=TEXTS, missing=st.lists(st.none() | ANYTHING | AWKWARD, max_size=30), numbers=NUMBERS)
def test_postgresql_reads_the_elements_that_were_written(
    postgres_url: str, texts: list[str], missing: list[str | None], numbers: list[int | None]
) -> None:
    written = (arrays.texts(texts), arrays.texts_or_nulls(missing), arrays.numbers(numbers))
    row = asyncio.run(_read(postgres_url, *written))
    assert (row["texts"], row["missing"], row["numbers"]) == (texts, missing, numbers)


@pytest.mark.parametrize("texts", [["\0"], ["a", "b\0c"], ["a\0", "\0b", ""]])
def test_a_text_that_cannot_be_stored_is_refused_and_not_taken_for_two(texts: list[str]) -> None:
    with pytest.raises(ValueError, match="NUL"):
        arrays.texts(texts)
    with pytest.raises(ValueError, match="NUL"):
        arrays.texts_or_nulls(texts)
