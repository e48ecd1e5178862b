"""Announcements: exact, in order, and short enough."""

from datetime import UTC, datetime
from typing import Any

import pytest

from contest_service.domain.conditions import Language
from contest_service.domain.texts import (
    TierResult,
    amendment_text,
    freeze_text,
    label_of,
    mention_text,
    message_text,
    places_of,
    result_text,
    succession_text,
    void_text,
)

EN, RU = Language.ENGLISH, Language.RUSSIAN
HASH = "0123456789abcdef" * 4
DRAW_AT = datetime(2026, 9, 30, 15, 0, 59, tzinfo=UTC)


def freeze(
    language: Language, *, entries: int = 1204, tickets: int = 1310, practice: bool = False
) -> str:
    return freeze_text(
        language,
        entries=entries,
        tickets=tickets,
        freeze_hash=HASH,
        round_=35_123_456,
        draw_at=DRAW_AT,
        zone="Europe/Moscow",
        practice=practice,
    )


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize(("practice", "link"), [(False, 90), (True, 75)])
def test_the_longest_freeze_fits_with_its_link(
    language: Language, practice: bool, link: int
) -> None:
    # Every character here is one grapheme: ASCII, Cyrillic, a dash or a narrow space.
    text = freeze_text(
        language,
        entries=9_999_999,
        tickets=9_999_999,
        freeze_hash=HASH,
        round_=9_999_999_999,
        draw_at=DRAW_AT,
        zone="Asia/Kathmandu",
        practice=practice,
    )
    assert len(text) + len("\n") + link <= 300


@pytest.mark.parametrize("language", Language)
def test_a_freeze_holds_everything_that_binds(language: Language) -> None:
    text = freeze(language)
    assert HASH in text.split("\n")
    for fact in ("1\u202f204", "1\u202f310", "35123456", "2026, 18:00:59 UTC+03:00"):
        assert fact in text


@pytest.mark.parametrize(
    ("entries", "tickets", "en", "ru"),
    [
        (0, 0, "0 entries, 0 tickets", "0 участников, 0 билетов"),
        (1, 1, "1 entry, 1 ticket", "1 участник, 1 билет"),
        (2, 21, "2 entries, 21 tickets", "2 участника, 21 билет"),
        (11, 112, "11 entries, 112 tickets", "11 участников, 112 билетов"),
    ],
)
def test_entries_and_tickets_are_counted_right(
    entries: int, tickets: int, en: str, ru: str
) -> None:
    assert f": {en}." in freeze(EN, entries=entries, tickets=tickets)
    assert f": {ru}." in freeze(RU, entries=entries, tickets=tickets)


def result(
    language: Language,
    *tiers: TierResult,
    practice: bool = False,
    claim_within: int | None = None,
) -> list[str]:
    text = result_text(
        language,
        title="Spring cakes",
        tiers=tiers,
        entries=22,
        round_=35_123_456,
        practice=practice,
        claim_within=claim_within,
    )
    return text.split("\n")


def test_a_result_names_the_winners_first_and_tier_by_tier() -> None:
    cake = TierResult(prize="A cake", winners=("@anna.example", "@ivan.example"))
    bun = TierResult(prize="A bun", winners=("@olga.example",), vacant=2)
    assert result(EN, cake, bun) == [
        "Winners:",
        "@anna.example, @ivan.example – A cake",
        "@olga.example – A bun (without a winner: 2)",
        "Spring cakes: 22 entries, round 35123456",
    ]
    assert result(RU, bun)[1:] == [
        "@olga.example – A bun (без победителя: 2)",
        "Spring cakes: 22 участника, раунд 35123456",
    ]


def test_a_prize_that_nobody_won_is_said_so() -> None:
    nobody = TierResult(prize="A cake", winners=(), vacant=3)
    assert result(EN, nobody)[1] == "nobody – A cake"
    assert result(RU, nobody)[1] == "никто – A cake"


def test_a_long_prize_and_title_leave_room_for_winners() -> None:
    long = TierResult(prize="a very long description " * 20, winners=("@anna.example",))
    line = result(EN, long)[1]
    assert line.startswith("@anna.example – a very long")
    assert line.endswith(" …")
    assert len(line) <= 80
    unbroken = TierResult(prize="я" * 500, winners=("@anna.example",))
    assert result(EN, unbroken)[1] == f"@anna.example – {'я' * 59}…"


def test_labels_are_entry_ids_where_naming_is_off() -> None:
    assert label_of("@anna.example", "e-17", naming=True) == "@anna.example"
    assert label_of("@anna.example", "e-17", naming=False) == "e-17"
    assert label_of("", "e-17", naming=True) == "e-17"


def succession(
    language: Language, successor: str | None, reason: str = "claim-expired", **changes: Any
) -> list[str]:
    facts: dict[str, Any] = {
        "taken": [("A cake", successor)],
        "formers": ["@anna.example"],
        "reason": reason,
        "practice": False,
    }
    text = succession_text(language, **(facts | changes))
    return text.split("\n")


def test_a_succession_says_who_instead_of_whom_and_why() -> None:
    assert succession(EN, "@ivan.example") == [
        "New winner: @ivan.example – A cake",
        "Instead of @anna.example: the prize was not claimed in time",
        "The next in the drawn order; nothing is drawn again.",
    ]
    assert succession(RU, "@ivan.example", "conditions-no-longer-hold")[:2] == [
        "Новый победитель: @ivan.example – A cake",
        "Вместо @anna.example: условия больше не выполнены",
    ]


def test_a_succession_without_anybody_left_says_so() -> None:
    assert succession(EN, None)[0] == "New winner: nobody, as no entry is left – A cake"
    assert len(succession(EN, None)) == 2


def test_one_succession_says_who_takes_what_from_several() -> None:
    said = succession(
        EN,
        None,
        taken=[("A cake", "@ivan.example"), ("A bun", None)],
        formers=["@anna.example", "@olga.example"],
    )
    assert said == [
        "New winner: @ivan.example – A cake",
        "New winner: nobody, as no entry is left – A bun",
        "Instead of @anna.example, @olga.example: the prize was not claimed in time",
        "The next in the drawn order; nothing is drawn again.",
    ]


@pytest.mark.parametrize(
    ("seconds", "en", "ru"),
    [
        (86400, "within 1 day of", "через 1 день после"),
        (3 * 86400, "within 3 days of", "через 3 дня после"),
        (5 * 86400, "within 5 days of", "через 5 дней после"),
        (21 * 86400, "within 21 days of", "через 21 день после"),
        (7200, "within 2 hours of", "через 2 часа после"),
        (60, "within 1 minute of", "через 1 минуту после"),
    ],
)
def test_whoever_has_to_claim_a_prize_is_told_how_long_there_is(
    seconds: int, en: str, ru: str
) -> None:
    won = TierResult(prize="A cake", winners=("@anna.example",))
    common: dict[str, Any] = {"practice": False, "claim_within": seconds}
    facts: dict[str, Any] = {"title": "Cakes", "prizes": ["A cake"]}
    for language, time in ((EN, en), (RU, ru)):
        texts = [
            "\n".join(result(language, won, claim_within=seconds)),
            "\n".join(succession(language, "@ivan.example", claim_within=seconds)),
            message_text(language, organiser="Us", **facts, **common),
            mention_text(language, label="@anna", **facts, **common),
        ]
        assert all(text.count(time) == 1 for text in texts)


def test_nobody_is_told_to_claim_what_need_not_be_claimed() -> None:
    won = TierResult(prize="A cake", winners=("@anna.example",))
    texts = [*result(EN, won), *succession(EN, "@ivan.example")]
    assert not any("claimed within" in text for text in texts)
    # Where a prize has no holder any more, there is nobody to claim it.
    assert len(succession(EN, None, claim_within=60)) == 2


def test_a_code_without_words_is_said_as_it_is() -> None:
    assert succession(EN, "@ivan.example", "house-rule-7")[1].endswith(": house-rule-7")


def test_an_amendment_says_what_changed_and_then_why() -> None:
    given: dict[str, Any] = {"title": "Spring cakes", "version": 2, "reason": "The oven broke."}
    changes = [f"Change {number}" for number in range(12)]
    assert amendment_text(EN, changes=changes[:2], practice=False, **given).split("\n") == [
        "The rules have changed (version 2): Spring cakes",
        "Change 0",
        "Change 1",
        "Why: The oven broke.",
    ]
    assert amendment_text(EN, changes=changes, practice=False, **given).split("\n")[10:] == [
        "Change 9",
        "And 2 more changes.",
        "Why: The oven broke.",
    ]
    assert "И ещё 2 изменения." in amendment_text(RU, changes=changes, practice=False, **given)


def test_a_void_says_that_there_are_no_winners_and_why() -> None:
    assert void_text(RU, title="Торты", reason="missed", practice=False).split("\n") == [
        "Конкурс не состоялся, победителей нет: Торты",
        "Причина: список участников не был зафиксирован до розыгрыша",
    ]


@pytest.mark.parametrize(
    ("language", "mark"), [(EN, "PRACTICE – proves nothing"), (RU, "ТРЕНИРОВКА – ")]
)
def test_practice_carries_its_watermark_first(language: Language, mark: str) -> None:
    won = TierResult(prize="A cake", winners=("@anna.example",))
    texts = [
        freeze(language, practice=True),
        "\n".join(result(language, won, practice=True)),
        void_text(language, title="a", reason="missed", practice=True),
        amendment_text(language, title="a", version=2, reason="b", changes=(), practice=True),
        succession_text(
            language, taken=[("a", "c")], formers=["b"], reason="declined", practice=True
        ),
    ]
    assert all(text.startswith(mark) for text in texts)


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("@id12 – A mug", [0]),
        ("Winners: @id1, @id12.", [15]),
        ("@id12, @id12", [0, 7]),
        ("@id123 – A mug", []),
        ("mail@id12", []),
        ("@id12.example", []),
        ("@id12…", []),
        ("", []),
    ],
)
def test_a_name_is_found_as_a_whole_word_only(text: str, places: list[int]) -> None:
    assert places_of("@id12", text) == places


def test_nobody_is_named_by_an_empty_name() -> None:
    assert places_of("", "Winners: nobody") == []


@pytest.mark.parametrize(
    ("language", "alone", "aloud"),
    [
        (
            EN,
            "You have won: A mug; A cup\nContest: Mugs\nOrganiser: The pottery",
            "@id12, you have won: A mug; A cup\nContest: Mugs",
        ),
        (
            RU,
            "Вы выиграли: A mug; A cup\nКонкурс: Mugs\nОрганизатор: The pottery",
            "@id12, вы выиграли: A mug; A cup\nКонкурс: Mugs",
        ),
    ],
)
@pytest.mark.parametrize("practice", [False, True])
def test_a_winner_is_told_what_and_of_which_contest(
    language: Language, alone: str, aloud: str, *, practice: bool
) -> None:
    prizes = ["A mug", "A cup"]
    message = message_text(
        language, title="Mugs", organiser="The pottery", prizes=prizes, practice=practice
    )
    mention = mention_text(language, label="@id12", title="Mugs", prizes=prizes, practice=practice)
    if practice:
        (head, message), (other, mention) = message.split("\n", 1), mention.split("\n", 1)
        assert head == other
        assert head.startswith(("PRACTICE", "ТРЕНИРОВКА"))
    assert (message, mention) == (alone, aloud)
    assert places_of("@id12", mention) == [0]
