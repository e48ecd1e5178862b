"""The catalogue: a form made from it can ask for exactly what is accepted."""

from typing import Any

import jsonschema
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contest_service.domain.catalogue import EXAMPLES, Kind, every_kind, kinds, moments, units
from contest_service.domain.conditions import AnyCondition, Language, Unit, When

KINDS = kinds()


def test_every_kind_is_in_it_once_with_an_example_without_faults() -> None:
    assert sorted(map(str, map(type, EXAMPLES))) == sorted(map(str, every_kind()))
    assert [example.faults() for example in EXAMPLES] == [[] for _ in EXAMPLES]
    for kind in KINDS:
        jsonschema.validate(kind.example.condition, kind.schema)


def test_everything_is_said_in_every_language() -> None:
    said = [kind.label for kind in KINDS]
    said += [parameter.label for kind in KINDS for parameter in kind.parameters]
    said += [words for each in moments() for words in (each.label, each.meaning)]
    said += [each.label for each in units()]
    assert all(set(words) == set(Language) and all(words.values()) for words in said)
    assert {each.moment for each in moments()} == set(When)
    assert {each.unit for each in units()} == set(Unit)


def test_it_is_json_and_comes_back_the_same() -> None:
    text = msgspec.json.encode(KINDS)
    assert msgspec.json.encode(msgspec.json.decode(text)) == text


def _numbers() -> list[Any]:
    return [
        pytest.param(kind, parameter.name, parameter.schema, id=f"{kind.kind}.{parameter.name}")
        for kind in KINDS
        for parameter in kind.parameters
        if "minimum" in parameter.schema
    ]


@pytest.mark.parametrize(("kind", "name", "schema"), _numbers())
def test_form_and_check_agree_on_every_number(
    kind: Kind, name: str, schema: dict[str, Any]
) -> None:
    least, most = schema["minimum"], schema["maximum"]
    for value, is_fine in ((least, True), (most, True), (least - 1, False), (most + 1, False)):
        asked = {**kind.example.condition, name: value}
        if name == "posts":
            asked["times"] = 100  # more posts need more comments
        if (kind.kind, name) == ("age", "most") and value == most:
            asked["least"] = 1
        asked = {key: asked[key] for key in asked if key in kind.schema["properties"]}
        faults = msgspec.convert(asked, AnyCondition).faults()
        assert (f"/{name}" not in {fault.pointer for fault in faults}) is is_fine
        assert jsonschema.Draft202012Validator(kind.schema).is_valid(asked) is is_fine


@given(kind=st.sampled_from(KINDS), size=st.integers(0, 300), data=st.data())
@settings(max_examples=60)
def test_form_and_check_agree_on_every_length(kind: Kind, size: int, data: st.DataObject) -> None:
    measured = [
        parameter
        for parameter in kind.parameters
        if {"maxLength", "maxItems"} & set(parameter.schema) and "$ref" not in str(parameter.schema)
    ]
    if not measured:
        return
    parameter = data.draw(st.sampled_from(measured))
    value: Any = "a" * size if "maxLength" in parameter.schema else ["a"] * size
    asked = {**kind.example.condition, parameter.name: value}
    faults = msgspec.convert(asked, AnyCondition).faults()
    is_fine = f"/{parameter.name}" not in {fault.pointer for fault in faults}
    assert jsonschema.Draft202012Validator(kind.schema).is_valid(asked) is is_fine


def test_a_moment_that_a_kind_does_not_have_is_refused_by_both() -> None:
    for kind in KINDS:
        asked = {**kind.example.condition, "moment": "whole_time"}
        is_valid = jsonschema.Draft202012Validator(kind.schema).is_valid(asked)
        assert is_valid is (When.WHOLE_TIME in kind.moments)
        if "moment" in kind.schema["properties"]:
            condition = msgspec.convert(asked, AnyCondition)
            assert (not condition.faults()) is is_valid
