"""Reads a form into a Struct: all faults at once, beside their fields, keeping what was typed."""

import types
import typing
from collections.abc import Iterator, Mapping
from typing import Any, Generic, TypeVar

import msgspec
from litestar import Request
from litestar.datastructures import FormMultiDict, UploadFile
from litestar.exceptions import ClientException
from msgspec import inspect

from contest_service.web.language import Words, words_of

T = TypeVar("T", bound=msgspec.Struct)

MOST_VALUES = 2000
"""Fields of one form; the prizes of a contest may have most of them."""
_NO = frozenset({"", "0", "false", "off"})


class Form(Generic[T]):
    """A form as somebody sent it. `filled` is None if it has faults; "" are those of the whole."""

    def __init__(self, typed: dict[str, list[str]], files: Mapping[str, UploadFile]) -> None:
        self.typed = typed
        self.files = files
        self.faults: dict[str, list[str]] = {}
        self.filled: T | None = None

    def value(self, name: str, otherwise: object = "") -> object:
        """What was typed into a field, or what it begins with where nothing was sent."""
        found = self.typed.get(name)
        return found[-1] if found else otherwise

    def has(self, name: str, value: str) -> bool:
        """Whether a value of a field was chosen."""
        return value in self.typed.get(name, [])

    def add(self, name: str, fault: str) -> None:
        """Note a fault of a field."""
        self.faults.setdefault(name, []).append(fault)


def blank(**values: object) -> Form[Any]:
    """Make a form that nobody has sent yet, with what its fields begin with."""
    typed = {
        name: [str(each) for each in value] if isinstance(value, list | tuple) else [str(value)]
        for name, value in values.items()
        if value is not None
    }
    return Form(typed, {})


async def fields_of(request: Request[Any, Any, Any]) -> FormMultiDict:
    """The fields of a form as they were sent. Raises ClientException for what is no text."""
    try:
        sent = await request.form()
        for name, value in sent.multi_items():
            if not isinstance(value, UploadFile):
                f"{name}{value}".encode()
    except (ValueError, LookupError):
        raise ClientException(
            "The form is not text in UTF-8. Load its page again, and send it from there."
        ) from None
    return sent


async def read_form(request: Request[Any, Any, Any], type_: type[T]) -> Form[T]:
    """Read a form, url-encoded or multipart; files are apart. Raises ClientException."""
    sent = (await fields_of(request)).multi_items()
    typed: dict[str, list[str]] = {}
    files: dict[str, UploadFile] = {}
    for number, (name, value) in enumerate(sent):
        if number >= MOST_VALUES:
            raise ClientException("The form has more fields than any of ours.")
        if isinstance(value, UploadFile):
            files[name] = value
        else:
            typed.setdefault(name, []).append(str(value).replace("\r\n", "\n"))
    form: Form[T] = Form(typed, files)
    words = words_of(request)
    values = dict(_values(form, type_, words))
    if not form.faults:
        form.filled = msgspec.convert(values, type_, strict=False)
    return form


def _values(form: Form[T], type_: type[T], words: Words) -> Iterator[tuple[str, Any]]:
    """The fields that somebody filled in; notes the faults of all on the way."""
    for field in msgspec.structs.fields(type_):
        given = form.typed.get(field.encode_name, [])
        if any("\0" in each for each in given):
            form.add(
                field.encode_name, words.gettext("This holds a character that cannot be kept.")
            )
            continue
        kind = _kind(field.type)
        value = _read(given, kind)
        if value is None:
            if field.required and not _takes_none(field.type):
                form.add(field.encode_name, words.gettext("Fill this in."))
            elif field.required:
                yield field.encode_name, None
            continue
        try:
            msgspec.convert(value, field.type, strict=False)
        except msgspec.ValidationError:
            form.add(field.encode_name, _fault(kind, words))
        else:
            yield field.encode_name, value


def _read(given: list[str], kind: inspect.Type) -> Any:
    """A field's value as msgspec takes it; None where it was left empty."""
    match kind:
        case inspect.BoolType():
            return bool(given) and given[-1].lower() not in _NO
        case (
            inspect.ListType()
            | inspect.VarTupleType()
            | inspect.SetType()
            | (inspect.FrozenSetType())
        ):
            return [each for each in given if each]
        case inspect.StrType():
            return given[-1] if given and given[-1] else None
        case _:
            return given[-1].strip() or None if given else None


def _fault(kind: inspect.Type, words: Words) -> str:
    match kind:
        case inspect.IntType() | inspect.FloatType():
            return _say_range(kind, words)
        case inspect.StrType(max_length=int(most), min_length=int(least)):
            return words.gettext(
                "Write %(least)s to %(most)s characters.", least=least, most=words.number(most)
            )
        case inspect.StrType(max_length=int(most)):
            return words.ngettext(
                "Write at most %(num)s character.", "Write at most %(num)s characters.", most
            )
        case inspect.StrType(min_length=int(least)):
            return words.ngettext(
                "Write at least %(num)s character.", "Write at least %(num)s characters.", least
            )
        case inspect.DateTimeType():
            return words.gettext("Give a date and a time.")
        case inspect.DateType():
            return words.gettext("Give a date.")
        case inspect.EnumType() | inspect.LiteralType() | inspect.UUIDType():
            return words.gettext("Choose one that is offered.")
        case _:
            return words.gettext("This cannot be read.")


def _say_range(kind: inspect.IntType | inspect.FloatType, words: Words) -> str:
    match kind:
        case inspect.IntType(ge=int(least), le=int(most)):
            return words.gettext(
                "Give a whole number from %(least)s to %(most)s.",
                least=words.number(least),
                most=words.number(most),
            )
        case inspect.IntType(ge=int(least)):
            return words.gettext(
                "Give a whole number, at least %(least)s.", least=words.number(least)
            )
        case inspect.IntType():
            return words.gettext("Give a whole number.")
        case _:
            return words.gettext("Give a number.")


def _kind(type_: Any) -> inspect.Type:
    """What a field is, without its None and its notes."""
    found = inspect.type_info(type_)
    while True:
        if isinstance(found, inspect.Metadata):
            found = found.type
        elif isinstance(found, inspect.UnionType):
            found = next(each for each in found.types if not isinstance(each, inspect.NoneType))
        else:
            return found


def _takes_none(type_: Any) -> bool:
    if typing.get_origin(type_) is typing.Annotated:
        return _takes_none(typing.get_args(type_)[0])
    if typing.get_origin(type_) in (typing.Union, types.UnionType):
        return any(_takes_none(each) for each in typing.get_args(type_))
    return type_ in (None, type(None))
