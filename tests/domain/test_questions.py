"""Which comments ask something: one table for the rules here and in the database."""

import pytest

from contest_service.domain.questions import Asks, plain, why_asks
from domain.asked import ASKING, SILENT


@pytest.mark.parametrize(("text", "rule"), ASKING.items(), ids=ASKING)
def test_a_question_is_found_by_a_rule(text: str, rule: Asks) -> None:
    assert why_asks(text) is rule


@pytest.mark.parametrize("text", SILENT)
def test_what_asks_nothing_is_left_alone(text: str) -> None:
    assert why_asks(text) is None


def test_a_text_is_made_plain() -> None:
    assert plain("[id5|Анна], ЁЖ! https://x.test/?a=1 #тег\nда…") == " еж ! . да . "
