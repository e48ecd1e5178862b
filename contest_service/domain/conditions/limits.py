"""Limits of parameters: declared once beside the parameter, for its form and for its check alike.

A limit is written into the JSON Schema of the parameter, in the words of JSON Schema, and
`limit_faults` reads it from there. Decoding does not enforce it, so that all faults of a definition
are told at once, and so that a contest from before a limit changed can still be read.
"""

import functools
from typing import Any

import msgspec
from msgspec import inspect

from contest_service.domain.errors import Fault
from contest_service.domain.plain_text import text_faults


def whole(least: int, most: int) -> msgspec.Meta:
    """A whole number from `least` to `most`."""
    return msgspec.Meta(extra_json_schema={"minimum": least, "maximum": most})


def text(longest: int, *, least: int = 1) -> msgspec.Meta:
    """A printable text of so many characters; `least` of 0 lets it be empty."""
    return msgspec.Meta(extra_json_schema={"minLength": least, "maxLength": longest})


def some(most: int, *, least: int = 0) -> msgspec.Meta:
    """So many items, which may have limits of their own."""
    return msgspec.Meta(extra_json_schema={"minItems": least, "maxItems": most})


def limit_faults(struct: msgspec.Struct) -> list[Fault]:
    """What of a struct's fields is out of its limits; pointers are relative to the struct."""
    return [
        fault
        for name, limit in limits_of(type(struct)).items()
        for fault in _faults(getattr(struct, name), limit, f"/{name}")
    ]


@functools.cache
def limits_of(type_: type[msgspec.Struct]) -> dict[str, dict[str, Any]]:
    """The limits that a struct's fields declare, by name; those of their items as `items`."""
    described = inspect.type_info(type_)
    fields = described.fields if isinstance(described, inspect.StructType) else ()
    limits = {field.name: _limit(field.type) for field in fields}
    return {name: limit for name, limit in limits.items() if limit}


def _limit(type_: inspect.Type) -> dict[str, Any]:
    limit: dict[str, Any] = {}
    if isinstance(type_, inspect.Metadata):
        limit = dict(type_.extra_json_schema or {})
        type_ = type_.type
    if isinstance(type_, inspect.VarTupleType):
        limit["items"] = _limit(type_.item_type)
    return limit


def _faults(value: object, limit: dict[str, Any], at: str) -> list[Fault]:
    match value:
        case None:
            return []
        case int():
            return _number_faults(value, limit, at)
        case str():
            longest = limit.get("maxLength")
            if longest is None or (not value and not limit["minLength"]):
                return []
            return text_faults(value, at, longest=longest)
        case tuple():
            return _item_faults(value, limit, at)
    return []


def _number_faults(value: int, limit: dict[str, Any], at: str) -> list[Fault]:
    least, most = limit.get("minimum", value), limit.get("maximum", value)
    if least <= value <= most:
        return []
    return [Fault(pointer=at, detail=f"must lie between {least} and {most}")]


def _item_faults(items: tuple[object, ...], limit: dict[str, Any], at: str) -> list[Fault]:
    least, most = limit["minItems"], limit["maxItems"]
    if not least <= len(items) <= most:
        span = f"{least} to {most}" if least else f"at most {most}"
        return [Fault(pointer=at, detail=f"give {span}")]
    faults: list[Fault] = []
    for number, item in enumerate(items):
        if isinstance(item, msgspec.Struct):
            faults += [
                msgspec.structs.replace(each, pointer=f"{at}/{number}{each.pointer}")
                for each in limit_faults(item)
            ]
        else:
            faults += _faults(item, limit["items"], f"{at}/{number}")
    return faults
