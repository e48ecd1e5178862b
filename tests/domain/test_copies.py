"""Copied comments: what repeats what somebody else wrote before, and what is nobody's own."""

from collections.abc import Sequence
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contest_service.domain.conditions import Language
from contest_service.domain.signals.copies import (
    LEAST_WORDS,
    Said,
    Sources,
    is_common,
    is_same,
    own_words,
    packed,
    sketch,
    unpacked,
)
from contest_service.domain.signals.explained import is_overnamed, say_copied, say_overnamed

TEXT = (
    "Очень хочу выиграть этот замечательный приз для своей мамы, ей как раз исполняется пятьдесят"
)
OTHER = "Мы с мужем давно мечтаем съездить на море, и этот розыгрыш был бы настоящим чудом для нас"


def said(account: str, text: str, at: int = 0) -> Said:
    return Said(account=account, ref=f"{account}:{at}", at=at, text=text)


def copied_refs(comments: Sequence[Said]) -> frozenset[str]:
    """Find all copies among one post's comments, at once."""
    sources = Sources()
    placed = [
        (said, sources.place(said, shape, new_id=UUID(int=number)))
        for number, said in enumerate(sorted(comments, key=lambda said: (said.at, said.ref)))
        if (shape := sketch(said.text)) is not None
    ]
    writers: dict[UUID, set[str]] = {}
    for said, source in placed:
        writers.setdefault(source.id, set()).add(said.account)
    commenters = len({said.account for said in comments})
    return frozenset(
        said.ref
        for said, source in placed
        if said.account != source.account and not is_common(len(writers[source.id]), commenters)
    )


@pytest.mark.parametrize(
    "copy",
    [
        TEXT,
        TEXT.upper() + "!!!",
        f"[id12|Аня] {TEXT} #розыгрыш https://vk.com/wall-1_2",
        TEXT.replace("Очень", "Ооооочень").replace("ё", "е"),
        TEXT.replace("замечательный ", ""),
        f"Всем привет! {TEXT}",
        TEXT.replace("мамы", "сестры"),
    ],
    ids=["same", "louder", "decorated", "drawn out", "a word less", "a greeting", "a word other"],
)
def test_a_copy_is_found_whatever_was_done_to_it(copy: str) -> None:
    assert copied_refs([said("ann", TEXT, 1), said("bob", copy, 2)]) == {"bob:2"}


@pytest.mark.parametrize(
    "comments",
    [
        [said("ann", "участвую", 1), said("bob", "Участвую!", 2)],
        [said("ann", "+", 1), said("bob", "+", 2)],
        [said("ann", "хочу выиграть, всем большой удачи, друзья", 1),
         said("bob", "хочу выиграть, всем большой удачи, друзья", 2)],
        [said("ann", TEXT, 1), said("bob", OTHER, 2)],
        [said("ann", TEXT, 1), said("ann", TEXT, 2)],
        [said("ann", "#a #b @c https://x.test/ [id1|Anna]", 1), said("bob", "#a #b @c", 2)],
        [said("ann", "", 1), said("bob", "🎉🎉🎉 ❤️ 🎁", 2)],
    ],
    ids=["a word", "a sign", "a saying", "another text", "one's own", "mentions", "pictures"],
)  # fmt: skip
def test_what_anybody_may_write_is_no_copy(comments: list[Said]) -> None:
    assert copied_refs(comments) == frozenset()


def test_what_a_tenth_of_all_writes_is_no_copy() -> None:
    asked = [said(f"a{number}", TEXT, number) for number in range(30)]
    others = [said(f"b{number}", f"участвую {number}", number) for number in range(260)]
    assert copied_refs([*asked, *others]) == frozenset()
    assert len(copied_refs([*asked, *others, *(said(f"c{n}", "+", n) for n in range(40))])) == 29


def test_words_are_counted_as_people_count_them() -> None:
    assert own_words("Ёлка, ёлка — УРА!!! 2026") == ["елка", "елка", "ура", "2026"]
    text = " ".join("абвгдежз"[:LEAST_WORDS])
    assert sketch(text) is not None
    assert sketch(text[2:]) is None


WORDS = st.lists(
    st.sampled_from(["дом", "кот", "лес", "мир", "сон", "чай", "дар", "лук", "мёд"]), max_size=14
)


@given(st.lists(st.tuples(st.sampled_from("abc"), WORDS), max_size=8), st.randoms())
def test_the_first_is_no_copy_whatever_the_order(
    written: list[tuple[str, list[str]]], chance: object
) -> None:
    comments = [said(who, " ".join(words), at) for at, (who, words) in enumerate(written)]
    if comments:
        assert comments[0].ref not in copied_refs(comments)
    by_text: dict[str, list[Said]] = {}
    for each in comments:
        by_text.setdefault(each.text, []).append(each)
    copies = copied_refs(list(reversed(comments)))
    assert copies == copied_refs(comments)
    for same in by_text.values():
        if len(own_words(same[0].text)) >= LEAST_WORDS:
            others = {each.ref for each in same if each.account != same[0].account}
            first_is_copy = same[0].ref in copies
            assert first_is_copy or others <= copies


def test_an_older_comment_that_is_read_later_takes_the_first_place() -> None:
    shape = sketch(TEXT)
    assert shape is not None
    sources = Sources()
    first = sources.place(said("bob", TEXT, 9), shape, new_id=UUID(int=1))
    again = sources.place(said("ann", TEXT, 3), shape, new_id=UUID(int=2))
    assert again is first
    assert (first.account, first.at, first.former) == ("ann", 3, ("bob",))
    assert sources.place(said("eve", TEXT, 5), shape, new_id=UUID(int=3)).account == "ann"


@given(WORDS)
def test_features_are_kept_as_they_are(words: list[str]) -> None:
    shape = sketch(" ".join(words))
    if shape is not None:
        assert unpacked(packed(shape.features)) == shape.features
        assert is_same(shape.features, shape.features)
        assert all(-(2**63) <= band < 2**63 for band in shape.bands)


def test_a_friend_of_a_few_is_not_named_by_too_many() -> None:
    assert not is_overnamed(20, 100)
    assert is_overnamed(21, 100)
    assert not is_overnamed(1000, 100_000)
    assert is_overnamed(1001, 100_000)


def test_the_rules_are_said_in_both_languages() -> None:
    for say in (say_copied, say_overnamed):
        en, ru = (say(language) for language in Language)
        assert en.isascii()
        assert any("а" <= letter <= "я" for letter in ru)
    assert "8 words" in say_copied(Language.ENGLISH)
    assert "20 участников" in say_overnamed(Language.RUSSIAN)
