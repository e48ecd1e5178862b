"""The collector agrees with msgspec about what is valid, and finds all faults where it is not."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contest_service.api.communities import NewCommunity
from contest_service.api.faults import DEEPEST, MOST_FAULTS, faults_of, is_too_deep
from contest_service.api.lists import AddedAccounts
from contest_service.api.tokens import NewToken
from contest_service.domain.contest import Definition
from contest_service.domain.rules import Rule


class Colour(StrEnum):
    RED = "red"


class Leaf(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="leaf", tag_field="kind"):
    n: int = 0


class Branch(msgspec.Struct, frozen=True, tag="branch", tag_field="kind"):
    of: tuple["Leaf | Branch", ...]


class Everything(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    number: int
    ratio: float = 0
    text: Annotated[str, msgspec.Meta(min_length=1, max_length=3)] = "a"
    count: Annotated[int, msgspec.Meta(ge=1, le=9)] = 1
    flag: bool = False
    colour: Colour = Colour.RED
    word: Literal["yes", "no"] = "yes"
    id: UUID | None = None
    at: datetime | msgspec.UnsetType = msgspec.UNSET
    tree: Leaf | Branch | None = None
    leaf: Leaf | None = None
    few: Annotated[list[int], msgspec.Meta(max_length=2)] = []
    names: dict[Colour, tuple[str, ...]] = {}
    anything: Any = None


NAMES = sorted({*Everything.__struct_fields__, "kind", "of", "n", "red", "leaf", "branch", "more"})
plain = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 12),
    st.floats(allow_nan=False, allow_infinity=False, width=16),
    st.sampled_from([*NAMES, "yes", "", "2026-05-03T14:00:00Z", "0" * 32, "abcd"]),
)
values = st.recursive(
    plain,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(NAMES), inner, max_size=4)
    ),
    max_leaves=12,
)
objects = st.fixed_dictionaries(
    {"number": st.just(1)}, optional={name: values for name in NAMES if name != "number"}
)


def is_valid(value: object, type_: Any) -> bool:
    try:
        msgspec.json.decode(msgspec.json.encode(value), type=type_)
    except msgspec.ValidationError:
        return False
    return True


@given(st.one_of(values, objects))
def test_what_msgspec_accepts_has_no_faults_and_nothing_else(value: object) -> None:
    again = msgspec.json.decode(msgspec.json.encode(value))
    assert (faults_of(again, Everything) == []) is is_valid(again, Everything)


@given(values)
def test_trees_agree_too(value: object) -> None:
    again = msgspec.json.decode(msgspec.json.encode(value))
    assert (faults_of(again, Leaf | Branch) == []) is is_valid(again, Leaf | Branch)


@given(st.lists(st.sampled_from(["number", "text", "count", "flag", "few", "id"]), unique=True))
def test_every_field_that_is_wrong_is_named(wrong: list[str]) -> None:
    value = {"number": 1} | {name: {"not": "this"} for name in wrong}
    assert sorted(fault.pointer for fault in faults_of(value, Everything)) == sorted(
        f"/{name}" for name in wrong
    )


@pytest.mark.parametrize(
    "type_", [Definition, Rule, NewToken, NewCommunity, AddedAccounts], ids=str
)
def test_every_request_type_can_be_walked(type_: Any) -> None:
    assert faults_of([], type_)
    assert faults_of({}, type_)


def test_pointers_are_escaped() -> None:
    (fault,) = faults_of({"number": 1, "a/b~c": 1}, Everything)
    assert fault.pointer == "/a~1b~0c"


def test_the_number_of_faults_is_limited() -> None:
    value = {"number": 1} | {f"x{number}": 0 for number in range(1000)}
    assert len(faults_of(value, Everything)) == MOST_FAULTS


def test_depth_is_measured() -> None:
    def nest(levels: int) -> object:
        value: object = []
        for _ in range(levels - 1):
            value = [value]
        return value

    assert not is_too_deep(nest(DEEPEST))
    assert is_too_deep(nest(DEEPEST + 1))
