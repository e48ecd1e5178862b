"""Finds all faults of a JSON value at once, where msgspec stops at the first.

Walks the type as msgspec describes it. Containers are walked here; whatever has no parts is judged
by msgspec itself, so that both agree on what is valid.
"""

import difflib
import functools
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import inspect

from contest_service.domain.errors import Fault

MOST_FAULTS = 100
"""More than this helps nobody."""
DEEPEST = 64
"""Levels of objects and arrays that a body may nest."""


def faults_of(value: object, type_: Any) -> list[Fault]:
    """List what keeps `value`, decoded from JSON, from being a `type_`; empty if nothing does.

    Missing, unknown and ill-typed fields are named by JSON pointers, at most `MOST_FAULTS`.
    """
    found: list[Fault] = []
    for fault in _walk(value, _described(type_), ""):
        found.append(fault)
        if len(found) == MOST_FAULTS:
            break
    return found


def is_too_deep(value: object) -> bool:
    """Whether a decoded value nests deeper than `DEEPEST`."""
    level = [value]
    for _ in range(DEEPEST):
        level = [inner for each in level for inner in _parts(each)]
        if not level:
            return False
    return True


def holds_nul(value: object) -> bool:
    """Whether a text or a name within a value has the character that PostgreSQL cannot store."""
    level = [value]
    while level:
        if any(isinstance(each, str) and "\0" in each for each in level):
            return True
        names = [name for each in level if isinstance(each, dict) for name in each]
        level = [*names, *(inner for each in level for inner in _parts(each))]
    return False


def _parts(value: object) -> Iterable[object]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


@functools.cache
def _described(type_: Any) -> inspect.Type:
    return inspect.type_info(type_)


def _walk(value: object, type_: inspect.Type, at: str) -> Iterator[Fault]:
    match type_:
        case inspect.Metadata():
            yield from _walk(value, type_.type, at)
        case inspect.UnionType():
            yield from _walk_union(value, type_, at)
        case inspect.StructType():
            yield from _walk_struct(value, type_, at)
        case inspect.DictType() if isinstance(value, dict):
            yield from _walk_dict(value, type_, at)
        case inspect.ListType() | inspect.SetType() | inspect.FrozenSetType() if isinstance(
            value, list
        ):
            yield from _walk_items(value, type_.item_type, at)
            yield from _judge_length(value, type_, at)
        case inspect.VarTupleType() if isinstance(value, list):
            yield from _walk_items(value, type_.item_type, at)
            yield from _judge_length(value, type_, at)
        case _:
            yield from _judge(value, _plain(type_), at)


def _walk_items(items: list[Any], type_: inspect.Type, at: str) -> Iterator[Fault]:
    for number, item in enumerate(items):
        yield from _walk(item, type_, f"{at}/{number}")


def _judge_length(items: list[Any], type_: Any, at: str) -> Iterator[Fault]:
    limits = msgspec.Meta(min_length=type_.min_length, max_length=type_.max_length)
    yield from _judge(items, Annotated[list[Any], limits], at)


def _walk_dict(value: dict[Any, Any], type_: inspect.DictType, at: str) -> Iterator[Fault]:
    key_type = _plain(type_.key_type)
    for key, item in value.items():
        pointer = f"{at}/{_escaped(key)}"
        yield from _judge(key, key_type, pointer)
        yield from _walk(item, type_.value_type, pointer)


def _walk_struct(value: object, type_: inspect.StructType, at: str) -> Iterator[Fault]:
    if not isinstance(value, dict):
        yield Fault(pointer=at, detail=f"must be an object, and is {_kind(value)}")
        return
    known = {field.encode_name: field for field in type_.fields}
    if type_.tag_field is not None:
        yield from _judge_tag(value, type_, at)
    for name, field in known.items():
        if name in value:
            yield from _walk(value[name], field.type, f"{at}/{_escaped(name)}")
        elif field.required:
            yield Fault(pointer=f"{at}/{_escaped(name)}", detail="is missing")
    if type_.forbid_unknown_fields:
        for name in value:
            if name not in known and name != type_.tag_field:
                yield Fault(pointer=f"{at}/{_escaped(name)}", detail=_unknown(name, known))


def _judge_tag(value: dict[Any, Any], type_: inspect.StructType, at: str) -> Iterator[Fault]:
    field = str(type_.tag_field)
    if field in value and value[field] != type_.tag:
        yield Fault(pointer=f"{at}/{_escaped(field)}", detail=f"must be {type_.tag!r}")


def _walk_union(value: object, type_: inspect.UnionType, at: str) -> Iterator[Fault]:
    structs = [each for each in type_.types if isinstance(each, inspect.StructType)]
    if isinstance(value, dict) and len(structs) > 1:
        yield from _walk_tagged(value, structs, at)
        return
    fitting = next((each for each in type_.types if _could_be(value, each)), None)
    if fitting is not None:
        yield from _walk(value, fitting, at)
        return
    names = " or ".join(dict.fromkeys(_name(each) for each in type_.types))
    yield Fault(pointer=at, detail=f"must be {names}, and is {_kind(value)}")


def _walk_tagged(
    value: dict[Any, Any], structs: list[inspect.StructType], at: str
) -> Iterator[Fault]:
    field = str(structs[0].tag_field)
    tags = {each.tag: each for each in structs}
    tag = value.get(field)
    chosen = tags.get(tag) if isinstance(tag, str | int) else None
    if chosen is not None:
        yield from _walk(value, chosen, at)
        return
    choice = ", ".join(str(each) for each in tags)
    missing = "is missing; give" if field not in value else "must be"
    yield Fault(pointer=f"{at}/{_escaped(field)}", detail=f"{missing} one of {choice}")


def _could_be(value: object, type_: inspect.Type) -> bool:
    """Whether this member of a union is the one that `value` is meant for, by its JSON type."""
    match type_:
        case inspect.Metadata():
            return _could_be(value, type_.type)
        case inspect.StructType() | inspect.DictType():
            return isinstance(value, dict)
        case (
            inspect.ListType()
            | inspect.VarTupleType()
            | inspect.TupleType()
            | inspect.SetType()
            | inspect.FrozenSetType()
        ):
            return isinstance(value, list)
        case inspect.AnyType():
            return True
        case inspect.NoneType():
            return value is None
        case inspect.BoolType():
            return isinstance(value, bool)
        case inspect.IntType() | inspect.FloatType():
            return isinstance(value, int | float) and not isinstance(value, bool)
        case _:
            return isinstance(value, str)


def _judge(value: object, type_: Any, at: str) -> Iterator[Fault]:
    try:
        msgspec.convert(value, type_, str_keys=True)
    except msgspec.ValidationError as error:
        detail = str(error).split(" - at ", maxsplit=1)[0]
        yield Fault(pointer=at, detail=detail[:1].lower() + detail[1:])


_PLAIN: dict[type[inspect.Type], Any] = {
    inspect.AnyType: Any,
    inspect.NoneType: None,
    inspect.BoolType: bool,
    inspect.UUIDType: UUID,
    inspect.DateTimeType: datetime,
    inspect.IntType: int,
    inspect.FloatType: float,
    inspect.StrType: str,
    inspect.DictType: dict,
    inspect.ListType: list,
    inspect.SetType: list,
    inspect.FrozenSetType: list,
    inspect.VarTupleType: list,
}
_NAMES: dict[type[inspect.Type], str] = {
    inspect.NoneType: "null",
    inspect.BoolType: "true or false",
    inspect.IntType: "a whole number",
    inspect.FloatType: "a number",
    inspect.StructType: "an object",
    inspect.DictType: "an object",
    inspect.ListType: "a list",
    inspect.SetType: "a list",
    inspect.FrozenSetType: "a list",
    inspect.VarTupleType: "a list",
}
_LIMITS = ("gt", "ge", "lt", "le", "multiple_of", "min_length", "max_length", "pattern", "tz")
_KINDS: dict[type, str] = {
    dict: "an object",
    list: "a list",
    str: "a text",
    bool: "true or false",
    int: "a number",
    float: "a number",
    type(None): "null",
}


def _plain(type_: inspect.Type) -> Any:
    """The Python type that a description stands for, without its parts."""
    match type_:
        case inspect.Metadata():
            return _plain(type_.type)
        case inspect.EnumType():
            return type_.cls
        case inspect.LiteralType():
            return Literal[type_.values]
    plain = _PLAIN[type(type_)]
    limits = {name: getattr(type_, name, None) for name in _LIMITS}
    given = {name: limit for name, limit in limits.items() if limit is not None}
    return Annotated[plain, msgspec.Meta(**given)] if given else plain


def _name(type_: inspect.Type) -> str:
    return _NAMES.get(type(type_), "a text")


def _kind(value: object) -> str:
    return _KINDS[type(value)]


def _escaped(name: object) -> str:
    """A name as a part of a JSON pointer (RFC 6901)."""
    return str(name).replace("~", "~0").replace("/", "~1")


def _unknown(name: object, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(str(name)[:100], known, n=1)
    return f"is not known; did you mean {close[0]}?" if close else "is not known"
