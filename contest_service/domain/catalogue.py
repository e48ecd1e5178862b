"""The catalogue: what rules can ask for, made from the very classes that judge it.

For every kind of condition its parameters as JSON Schema with their limits, its words in both
languages, the moments at which it can have to hold, what a bonus can count of it, and every reason
that it can give. An editor's form comes from here, and cannot differ from what is checked.
"""

import enum
from collections.abc import Mapping
from typing import Any, get_args

import msgspec

from contest_service.domain.case import Verdict
from contest_service.domain.catalogue_words import CHOICES, MOMENTS, PARAMETERS, UNITS
from contest_service.domain.conditions import (
    AccountAge,
    Active,
    Age,
    Answered,
    AnyCondition,
    City,
    Commented,
    Condition,
    Entered,
    FollowersAtLeast,
    Follows,
    HasPicture,
    Joined,
    Language,
    Liked,
    NotListed,
    NotPastWinner,
    NotStaff,
    ProfileOpen,
    Quoted,
    Region,
    Reposted,
    Unit,
    When,
)
from contest_service.domain.evidence import Action
from contest_service.domain.rules import DEEPEST, MOST_BONUSES, MOST_CONDITIONS, MOST_TICKETS

Said = Mapping[Language, str]

EXAMPLES: tuple[AnyCondition, ...] = (
    Liked(),
    Reposted(),
    Quoted(),
    Commented(words=3, mentions=2),
    Follows(),
    Joined(),
    Entered(),
    Answered(quiz="first", question="2 + 2 = ?"),
    AccountAge(days=30),
    HasPicture(),
    ProfileOpen(),
    Active(),
    FollowersAtLeast(least=10),
    City(names=("Казань", "Самара")),
    Region(name="Зона доставки", cities=("Минск", "Брест"), countries=("Россия",)),
    Age(least=18),
    NotListed(list_id="00000000-0000-7000-8000-000000000000", name="Corner Bakery"),
    NotStaff(),
    NotPastWinner(days=30),
)
"""One condition of every kind, without faults, for an editor to begin with."""


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """One of the few values that a parameter can have, and what it is called."""

    value: str
    label: Said


class Parameter(msgspec.Struct, frozen=True, kw_only=True):
    """One parameter: what it is called, whether it has to be given, and its JSON Schema.

    `choices` are all its values where they are few, else none.
    """

    name: str
    label: Said
    is_required: bool
    schema: dict[str, Any]
    choices: list[Choice]


class Example(msgspec.Struct, frozen=True, kw_only=True):
    """A condition of the kind, and how it is said where it has to hold at each moment."""

    condition: dict[str, Any]
    sentences: dict[When, Said]


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of condition.

    `schema` is of the condition as a whole. `action`, `fact` and `asks_staff` say what it looks at;
    one that looks at none of them rests on what the workspace itself knows. `reasons` are the codes
    that it can give, by verdict.
    """

    kind: str
    version: int
    label: Said
    schema: dict[str, Any]
    parameters: list[Parameter]
    moments: tuple[When, ...]
    units: tuple[Unit, ...]
    action: Action | None
    fact: str
    asks_staff: bool
    reasons: Mapping[Verdict, tuple[str, ...]]
    example: Example


class MomentWords(msgspec.Struct, frozen=True, kw_only=True):
    """A moment at which a condition can have to hold, and what it means."""

    moment: When
    label: Said
    meaning: Said


class UnitWords(msgspec.Struct, frozen=True, kw_only=True):
    """Something that a bonus can count."""

    unit: Unit
    label: Said


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """How large rules and tickets may be."""

    deepest: int = DEEPEST
    conditions: int = MOST_CONDITIONS
    bonuses: int = MOST_BONUSES
    tickets: int = MOST_TICKETS


def kinds() -> list[Kind]:
    """Describe every kind of condition, in the order in which an editor offers them."""
    return [_kind(type(example), example) for example in EXAMPLES]


def moments() -> list[MomentWords]:
    """Say every moment in words."""
    return [
        MomentWords(moment=moment, label=_said(label), meaning=_said(meaning))
        for moment, (label, meaning) in MOMENTS.items()
    ]


def units() -> list[UnitWords]:
    """Say in words everything that a bonus can count."""
    return [UnitWords(unit=unit, label=_said(label)) for unit, label in UNITS.items()]


def every_kind() -> tuple[type[Condition], ...]:
    """The classes of all kinds."""
    return get_args(AnyCondition)


def name_of(type_: type[Condition]) -> str:
    """What rules call a kind."""
    return str(type_.__struct_config__.tag)


def _kind(type_: type[Condition], example: AnyCondition) -> Kind:
    schema = _schema(type_)
    return Kind(
        kind=name_of(type_),
        version=type_.version,
        label=type_.label,
        schema=schema,
        parameters=[
            _parameter(name_of(type_), field, schema) for field in msgspec.structs.fields(type_)
        ],
        moments=type_.moments,
        units=type_.units,
        action=type_.action,
        fact=type_.fact,
        asks_staff=type_.asks_staff,
        reasons=type_.reasons,
        example=Example(
            condition=msgspec.json.decode(msgspec.json.encode(example)),
            sentences={moment: _sentences(example, moment) for moment in type_.moments},
        ),
    )


def _schema(type_: type[Condition]) -> dict[str, Any]:
    """The JSON Schema of a kind, with only the moments at which it can have to hold."""
    (reference,), parts = msgspec.json.schema_components([type_], ref_template="#/$defs/{name}")
    schema: dict[str, Any] = parts.pop(reference["$ref"].rpartition("/")[2])
    schema.pop("description", None)
    if parts.pop(When.__name__, None):
        default = schema["properties"]["moment"]["default"]
        schema["properties"]["moment"] = {"enum": list(type_.moments), "default": default}
    return schema | {"$defs": parts} if parts else schema


def _parameter(kind: str, field: msgspec.structs.FieldInfo, schema: dict[str, Any]) -> Parameter:
    words = PARAMETERS.get(f"{kind}.{field.name}") or PARAMETERS[field.name]
    return Parameter(
        name=field.encode_name,
        label=_said(words),
        is_required=field.required,
        schema=schema["properties"][field.encode_name],
        choices=[_choice(field, value) for value in _values(field, schema)],
    )


def _values(field: msgspec.structs.FieldInfo, schema: dict[str, Any]) -> list[str]:
    """The values that a parameter can have, in the order in which they were declared."""
    if not (isinstance(field.type, type) and issubclass(field.type, enum.Enum)):
        return []
    allowed = schema["properties"][field.encode_name].get("enum")
    return [each.value for each in field.type if allowed is None or each.value in allowed]


def _choice(field: msgspec.structs.FieldInfo, value: str) -> Choice:
    if field.type is When:
        return Choice(value=value, label=_said(MOMENTS[When(value)][0]))
    return Choice(value=value, label=_said(CHOICES[f"{field.name}.{value}"]))


def _sentences(example: AnyCondition, moment: When) -> dict[Language, str]:
    held = example
    if example.when is not moment:
        held = msgspec.structs.replace(example, moment=moment)
    return {language: held.sentence(language) for language in Language}


def _said(words: tuple[str, str]) -> dict[Language, str]:
    english, russian = words
    return {Language.ENGLISH: english, Language.RUSSIAN: russian}
