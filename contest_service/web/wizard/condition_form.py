"""The form of one condition, made from the catalogue: a field for each parameter, and back.

The same declaration is the judge's, the terms' and the editor's; here it becomes labels, fields and
limits, and what was typed becomes a condition again.
"""

import functools
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

import msgspec

from contest_service.domain import catalogue
from contest_service.domain.catalogue import Kind, Parameter
from contest_service.domain.catalogue_words import MOMENTS
from contest_service.domain.conditions import AnyCondition, Language, When
from contest_service.domain.errors import NotFoundError
from contest_service.web.forms import Form
from contest_service.web.language import Words

_LONGEST_TEXT, _LONGEST_LINES = 2000, 30_000
"""Characters that a field takes; the condition's own limits are told by its faults."""


_EMPTY: tuple[object, ...] = (None, "", (), False)
"""What a field may hold that stays empty."""


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """What a condition can name of the contest: communities and lists, as ids and names."""

    communities: Sequence[tuple[str, str]]
    lists: Sequence[tuple[str, str]]


class Control(msgspec.Struct, frozen=True, kw_only=True):
    """A field of the form. `look` is one of number, text, lines, check, choice, moment, many.

    `choices` are values with their labels, and of moments what they mean.
    """

    name: str
    label: str
    look: str
    is_required: bool
    least: int | None = None
    most: int | None = None
    choices: list[tuple[str, str, str]] = []

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Values with their labels alone."""
        return [(value, label) for value, label, _meaning in self.choices]


@functools.cache
def kinds_by_name() -> Mapping[str, Kind]:
    """Every kind of condition by its name."""
    return {each.kind: each for each in catalogue.kinds()}


def kind_named(name: str) -> Kind:
    """A kind of condition. Raises NotFoundError."""
    if name not in kinds_by_name():
        raise NotFoundError("There is no such kind of condition.")
    return kinds_by_name()[name]


def controls(kind: Kind, given: Given, words: Words, *, is_bonus: bool) -> list[Control]:
    """The fields of a kind's form, in the order of the catalogue, the moment last.

    Bonuses are fixed before the draw, so that moment is not offered for them.
    """
    made = [_control(each, given, words.language) for each in kind.parameters]
    if is_bonus:
        made = [_before_the_draw(each) if each.look == "moment" else each for each in made]
    return sorted(made, key=lambda each: each.look == "moment")


def _before_the_draw(control: Control) -> Control:
    choices = [each for each in control.choices if each[0] != When.DRAW]
    return msgspec.structs.replace(control, choices=choices)


def _control(parameter: Parameter, given: Given, language: Language) -> Control:
    look = look_of(parameter)
    offered = {"many": given.communities, "list": given.lists}.get(look)
    if offered is not None:
        choices = [(value, name, "") for value, name in offered]
    else:
        choices = [
            (each.value, each.label[language], _meaning(parameter, each.value, language))
            for each in parameter.choices
        ]
    return Control(
        name=parameter.name,
        label=parameter.label[language],
        look="choice" if look == "list" else look,
        is_required=parameter.is_required or parameter.schema.get("default") not in _EMPTY,
        least=parameter.schema.get("minimum"),
        most=parameter.schema.get("maximum", parameter.schema.get("maxLength")),
        choices=choices,
    )


def _meaning(parameter: Parameter, value: str, language: Language) -> str:
    if parameter.name != "moment":
        return ""
    return MOMENTS[When(value)][1][language is Language.RUSSIAN]


def look_of(parameter: Parameter) -> str:
    """How a parameter is typed in, by its JSON Schema."""
    schema = parameter.schema
    if parameter.name == "moment":
        return "moment"
    if parameter.choices:
        return "choice"
    match schema.get("type") or schema["anyOf"][0]["type"]:
        case "integer":
            return "number"
        case "boolean":
            return "check"
        case "array":
            return "many" if "$ref" in schema["items"] else "lines"
        case _:
            return "list" if schema.get("format") == "uuid" else "text"


@functools.cache
def typed_as(name: str) -> type[msgspec.Struct]:
    """The Struct as which a kind's form is read (`forms.read_form`): a field for each parameter."""
    fields: list[Any] = []
    for parameter in kind_named(name).parameters:
        type_ = _type(parameter)
        if parameter.is_required:
            fields.append((parameter.name, type_))
        else:
            fields.append((parameter.name, type_ | None, None))
    return msgspec.defstruct(f"Typed_{name}", fields, kw_only=True, frozen=True)


def _type(parameter: Parameter) -> Any:
    schema = parameter.schema
    match look_of(parameter):
        case "number":
            return Annotated[int, msgspec.Meta(ge=schema["minimum"], le=schema["maximum"])]
        case "check":
            return bool
        case "many":
            return list[str]
        case "lines":
            return Annotated[str, msgspec.Meta(max_length=_LONGEST_LINES)]
        case "moment" | "choice":
            return Literal[tuple(each.value for each in parameter.choices)]
        case _:
            return Annotated[str, msgspec.Meta(max_length=_LONGEST_TEXT)]


def condition_of(name: str, form: Form[Any], given: Given) -> AnyCondition | None:
    """The condition that a form without faults describes; None if it has some."""
    if form.filled is None:
        return None
    facts: dict[str, Any] = {"kind": name}
    for parameter in kind_named(name).parameters:
        value = getattr(form.filled, parameter.name)
        if value is None:
            continue
        match look_of(parameter):
            case "lines":
                value = [line.strip() for line in value.split("\n") if line.strip()]
            case "many":
                names = dict(given.communities)
                value = [{"id": each, "name": names[each]} for each in value if each in names]
            case "text":
                value = value.strip()
        facts[parameter.name] = value
    made: AnyCondition = msgspec.convert(facts, AnyCondition)
    return made


def usual(kind: Kind) -> dict[str, object]:
    """What the fields begin with for a new condition: the defaults, and numbers as in the example.

    Texts that have to be given are left to whoever asks.
    """
    begun: dict[str, object] = {}
    for parameter in kind.parameters:
        default = parameter.schema.get("default")
        if parameter.is_required and look_of(parameter) == "number":
            default = kind.example.condition[parameter.name]
        if default is not False and default not in (None, "", ()):
            begun[parameter.name] = default
    return begun


def typed(condition: AnyCondition) -> dict[str, object]:
    """What the fields of a condition's form begin with."""
    facts: dict[str, Any] = msgspec.to_builtins(condition)
    begun: dict[str, object] = {}
    for parameter in kind_named(facts["kind"]).parameters:
        value = facts[parameter.name]
        match look_of(parameter):
            case "lines":
                begun[parameter.name] = "\n".join(value)
            case "many":
                begun[parameter.name] = [each["id"] for each in value]
            case "check":
                begun[parameter.name] = "1" if value else None
            case _:
                begun[parameter.name] = value
    return begun
