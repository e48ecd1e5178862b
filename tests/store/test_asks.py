"""The database finds the same questions as the rules of the domain."""

import re
from typing import Any

from domain.asked import ASKING, SILENT
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contest_service.domain.questions import PATTERN, why_asks
from contest_service.store.rows import Connection

ASKS = """
SELECT asks_something(t) AS asks FROM unnest($1::text[]) WITH ORDINALITY u (t, n) ORDER BY n
"""
WORDS = (
    *("когда", "Как", "что", "ли", "вряд", "можно", "итоги", "ё", "how", "Can", "i", "what", "a"),
    *("?", "!", ".", ",", "\n", "\t", "…", "@ann", "#win", "[id1|Анна]", "https://x.test/?q", "-"),
    *("İ", "ſ", "\u00a0", "🎁", "ὈΔΥΣΣΕΎΣ", "don't"),
)


WHO = ("i", "we", "you", "they", "people", "ann", "")
"""What follows a word, so that each has what it needs to ask something."""


def of_the_rules() -> list[str]:
    """Each word and phrase that the rules name, small and large, alone and before others."""
    named = re.findall(r"[a-zа-я]+(?:[ -][a-zа-я]+)*", PATTERN)
    return [
        f"{said} {who}".strip()
        for word in named
        for said in (word, word.upper(), word.replace("е", "ё"), f"эй, {word}")
        for who in WHO
    ]


async def found(connection: Connection, texts: list[str]) -> list[bool]:
    return [row["asks"] for row in await connection.fetch(ASKS, texts)]


async def test_the_table_of_cases(connection: Connection) -> None:
    assert await found(connection, list(ASKING)) == [True] * len(ASKING)
    assert await found(connection, list(SILENT)) == [False] * len(SILENT)


async def test_every_word_of_the_rules(connection: Connection) -> None:
    texts = of_the_rules()
    asking = [why_asks(each) is not None for each in texts]
    assert 0.2 < sum(asking) / len(texts) < 0.9
    assert await found(connection, texts) == asking


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join), min_size=30, max_size=60)
)
async def test_any_words(connection: Any, texts: list[str]) -> None:
    assert await found(connection, texts) == [why_asks(each) is not None for each in texts]
