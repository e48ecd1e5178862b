"""Linked accounts: what they did is one case, and linking makes nobody worse off."""

import hashlib
from collections.abc import Sequence

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contest_service.domain.accounts import Profile, Standing
from contest_service.domain.case import Case, GoneWhy, Presence, Verdict
from contest_service.domain.conditions import (
    AccountAge,
    AnyCondition,
    Commented,
    Liked,
    NotListed,
    Reposted,
)
from contest_service.domain.consent import _TEXTS, VERSION, Language, consent_text
from contest_service.domain.evidence import Action
from contest_service.domain.linked import find, first_seen, together
from contest_service.domain.overrides import OverrideKind, Overruling, strongest
from contest_service.domain.people import Role
from contest_service.domain.rules import Rule, judge
from domain.cases import EVERYTHING, OTHER_POST, case, did
from domain.presences import PRESENCES, RULES

LIST = "01890000-0000-7000-8000-000000000001"
ONE, OTHER = "vk:1", "did:plc:other"
STANDINGS = st.sampled_from(Standing)
READ = st.frozensets(st.sampled_from(Action)) | st.just(EVERYTHING)
PROFILES = st.builds(
    Profile,
    account=st.just("1"),
    handle=st.just("one"),
    has_picture=st.sampled_from([None, True, False]),
    created_at=st.sampled_from([None, 0, 999]),
    is_closed=st.sampled_from([None, True, False]),
)
DEALT_WITH = {
    "account", "opens_at", "closes_at", "communities", "overnamed", "quizzes",  # the first's
    "presences", "complete", "untold", "profile", "standing", "lists", "is_staff", "won_at",
    "copied", "posts", "apart",
}  # fmt: skip


def cases() -> st.SearchStrategy[Case]:
    return st.builds(
        lambda presences, standing, read, profile: msgspec.structs.replace(
            case(*presences, standing=standing, complete=read), profile=profile
        ),
        PRESENCES,
        STANDINGS,
        READ,
        st.none() | PROFILES,
    )


def linked(*parts: Case) -> Case:
    """A case of accounts, each with an id and a subject of its own."""
    named = [
        msgspec.structs.replace(part, account=f"{part.account}:{number}")
        for number, part in enumerate(parts)
    ]
    return together([(f"did:plc:{number}", part) for number, part in enumerate(named)])


def liked(**about: object) -> Presence:
    fields = {"action": "like", "target": "post", "ref": "", "at": None, "absent_at": None}
    return msgspec.convert({**fields, "seen_at": 1500, **about}, Presence)


def verdict(condition: AnyCondition, *parts: Case) -> tuple[Verdict, str]:
    finding = find(condition, linked(*parts))
    return finding.verdict, finding.reason


def test_every_field_of_a_case_is_dealt_with() -> None:
    assert set(Case.__struct_fields__) == DEALT_WITH


@given(rules=RULES, parts=st.lists(cases(), min_size=1, max_size=3))
@settings(max_examples=150)
def test_linking_makes_nobody_worse_off(rules: Rule, parts: list[Case]) -> None:
    alone = {judge(rules, part).verdict for part in parts}
    if Verdict.HOLDS in alone:
        assert judge(rules, linked(*parts)).verdict is Verdict.HOLDS


@given(rules=RULES, parts=st.lists(cases(), min_size=2, max_size=3), data=st.data())
@settings(max_examples=100)
def test_the_order_of_accounts_does_not_matter(
    rules: Rule, parts: list[Case], data: st.DataObject
) -> None:
    named = [(f"did:plc:{number}", part) for number, part in enumerate(parts)]
    mixed = data.draw(st.permutations(named))
    assert judge(rules, together(mixed)).verdict is judge(rules, together(named)).verdict


def test_one_account_is_judged_as_ever() -> None:
    alone = case(liked())
    assert together([(ONE, alone)]) is alone


def test_what_is_done_is_known_by_its_account() -> None:
    case_ = linked(case(liked()), case(liked(seen_at=1400)))
    accounts = [seen.account for seen in find(Liked(), case_).evidence]
    assert sorted(accounts) == ["did:plc:0", "did:plc:1"]
    assert first_seen(case_) == 1400


def test_a_like_that_one_account_hides_is_not_taken_for_that_of_the_other() -> None:
    hidden = liked(gone_at=1600, gone_why=GoneWhy.HIDDEN)
    undone = liked(seen_at=1700, gone_at=1800, gone_why=GoneWhy.WITHDRAWN)
    assert verdict(Liked(), case(hidden), case(undone)) == (Verdict.UNKNOWN, "was_hidden")


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ((case(), case()), (Verdict.FAILS, "not_seen")),
        ((case(), case(complete=frozenset())), (Verdict.UNKNOWN, "not_read_yet")),
        ((case(), case(standing=Standing.BLOCKS_US)), (Verdict.UNKNOWN, "blocks_us")),
    ],
    ids=["neither did it", "one was not read yet", "one cannot be seen"],
)
def test_absence_is_proved_for_all_or_not(
    parts: Sequence[Case], expected: tuple[Verdict, str]
) -> None:
    assert verdict(Liked(), *parts) == expected
    assert verdict(Liked(), *reversed(parts)) == expected


def test_what_one_platform_never_tells_may_be_done_on_another() -> None:
    untold = msgspec.structs.replace(case(), untold=frozenset({Action.LIKE}))
    assert verdict(Liked(), untold) == (Verdict.UNKNOWN, "never_told")
    assert verdict(Liked(), untold, case()) == (Verdict.FAILS, "not_seen")
    assert verdict(Liked(), untold, case(liked()))[0] is Verdict.HOLDS


def test_every_post_is_enough_on_one_platform() -> None:
    both = case(did(), did(target=OTHER_POST))
    elsewhere = msgspec.structs.replace(case(), posts=(frozenset({"at://post/3"}),))
    assert verdict(Liked(every=True), case(did()), elsewhere)[1] == "too_few_posts"
    assert verdict(Liked(every=True), elsewhere, both)[0] is Verdict.HOLDS
    split = (case(did()), case(did(target=OTHER_POST)))
    assert verdict(Liked(every=True), *split)[0] is Verdict.HOLDS
    assert verdict(Liked(every=True), msgspec.structs.replace(both, posts=()))[0] is Verdict.FAILS


def test_a_closed_profile_of_one_account_may_hide_a_repost() -> None:
    closed = Profile(account="1", handle="one", is_closed=True)
    hiding = msgspec.structs.replace(case(), profile=closed)
    assert verdict(Reposted(), case(), hiding) == (Verdict.UNKNOWN, "profile_closed")


@pytest.mark.parametrize(
    ("created_at", "expected"),
    [
        ((0, 999), Verdict.HOLDS),
        ((999, 0), Verdict.HOLDS),
        ((999, None), Verdict.UNKNOWN),
        ((999, 999), Verdict.FAILS),
    ],
)
def test_a_profile_is_enough_on_one_of_them(
    created_at: Sequence[int | None], expected: Verdict
) -> None:
    day = 86400
    parts = [
        msgspec.structs.replace(
            case(),
            opens_at=day,
            profile=Profile(account="1", handle="one", created_at=None if each is None else each),
        )
        for each in created_at
    ]
    assert verdict(AccountAge(days=1), *parts)[0] is expected


def test_an_exclusion_of_one_is_one_of_all() -> None:
    listed = msgspec.structs.replace(case(), lists=frozenset({LIST}))
    condition = NotListed(list_id=LIST, name="staff")
    assert verdict(condition, case(), listed) == (Verdict.FAILS, "listed")


@pytest.mark.parametrize(
    ("answers", "expected"),
    [((False, False), False), ((False, None), None), ((None, True), True), ((True, False), True)],
)
def test_staff_is_who_is_staff_with_any(
    answers: Sequence[bool | None], expected: bool | None
) -> None:
    parts = [msgspec.structs.replace(case(), is_staff=each) for each in answers]
    assert linked(*parts).is_staff is expected


def test_persons_who_exclude_outweigh_those_who_admit() -> None:
    admit, exclude = [
        Overruling(kind=kind, reason="fraud", at=1, proposed_as=Role.OWNER, approved_as=None)
        for kind in (OverrideKind.ADMIT, OverrideKind.EXCLUDE)
    ]
    assert strongest([None, admit, exclude]) is exclude
    assert strongest([None, admit]) is admit
    assert strongest([None]) is None


def test_prizes_of_all_accounts_count() -> None:
    parts = [msgspec.structs.replace(case(), won_at=won) for won in ((5, 9), (7,))]
    assert linked(*parts).won_at == (5, 7, 9)


def test_a_mention_of_ones_other_account_is_one_of_oneself() -> None:
    comment = liked(action="comment", ref="1", text="hi", mentions=["me:1"])
    friend = liked(action="comment", ref="1", text="hi", mentions=["anna"])
    me = msgspec.structs.replace(case(), account="me")
    condition = Commented(mentions=1)
    for said, expected in ((comment, Verdict.FAILS), (friend, Verdict.HOLDS)):
        one = msgspec.structs.replace(case(said), account="me")
        assert verdict(condition, one, me)[0] is expected


def test_the_text_that_is_agreed_to_is_never_changed() -> None:
    assert set(_TEXTS) == set(range(1, VERSION + 1))
    for language in Language:
        assert consent_text(language).text == _TEXTS[VERSION][language]
    digests = {
        (version, language.value): hashlib.sha256(text.encode()).hexdigest()[:16]
        for version, texts in _TEXTS.items()
        for language, text in texts.items()
    }
    assert digests == {
        (1, "en"): "a22f1e6184f3e17c",
        (1, "ru"): "2ca55f2b6d229e6d",
    }
