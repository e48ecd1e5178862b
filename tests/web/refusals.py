"""Gathers every refusal that may reach a page, as templates, from the sources that make them.

A refusal is what an error of ours or a `Fault` says, or what is kept of one to be shown later. What
stands in braces in the source stands as `%(name)s` in the template.
"""

import ast
import itertools
import re
import string
from collections import defaultdict
from collections.abc import Iterator, Sequence

from web.sources import (
    Function,
    Source,
    argument_of,
    assigned_to,
    called_by,
    name_of,
    parameters_of,
    read_sources,
    returned_by,
)

_FAMILIES = {"ContestError": 0, "PlatformError": 1}
"""The two families of errors, and which of their arguments is the message."""
_FOR_OPERATORS = {
    *("DatabaseUnreachableError", "MigrationError"),
    *("LogKeyError", "LogRewoundError", "UnknownLogError", "UnreachableError"),
}
"""Errors that end in a log or a terminal."""
_MADE_OF_OTHERS = {"InvalidError", "SentBeforeError"}
_KEPT = {
    "abort_scan": "failure",
    "set_obstacle": 2,
    "set_failure": 2,
    "set_health": "note",
    "Checkup": "note",
}
"""What keeps a refusal, and which argument it is."""
_TABLES = (("platforms.vk.errors", "_TABLE"), ("platforms.vk.tokens", "_SOURCES"))
"""Tables of sentences that become parts of refusals."""
_KINDS = (
    ("domain.people", "Role"),
    ("domain.evidence", "Action"),
    ("domain.judging", "EntrantState"),
)
"""Enumerations whose values become parts of refusals."""
_FORESEEN = ("few", "unknown", "no_staff", "no_fact", "no_action")
"""What `flows.foresee` says of a condition that nobody could be known to fulfil."""
_PASSED_ON = {"message", "failure", "error", "refusal", "note", "detail", "why", "_reasons"}
"""Names under which a refusal is passed on that was gathered where it was made."""
_PLACE = re.compile(r"%\(\w+\)s")
_MOST_WAYS = 6
_DEEPEST = 8

Parts = tuple[str | tuple[str], ...]
"""A text: literal parts, and names of values as tuples of one."""


class UnreadableError(Exception):
    """An expression whose texts cannot be told from the sources."""


class Refusals:
    """All templates, each with the places that it comes from; `unreadable` are other places."""

    def __init__(self) -> None:
        self.sources = {each.name: each for each in read_sources()}
        self.calls: dict[str, list[tuple[Source, ast.Call]]] = defaultdict(list)
        for source, node in self._nodes(ast.Call):
            self.calls[called_by(node)].append((source, node))
        self.found: dict[str, set[str]] = defaultdict(set)
        self.unreadable: list[str] = []
        self._gather()
        self._unite()

    def _nodes(self, kind: type) -> Iterator[tuple[Source, ast.AST]]:
        for source in self.sources.values():
            for node in ast.walk(source.tree):
                if isinstance(node, kind):
                    yield source, node

    def _gather(self) -> None:
        places = self._places()
        for source, call in self._nodes(ast.Call):
            name = called_by(call)
            if name in places:
                said = argument_of(call, places[name])
                if said is not None:
                    self._add(source, said)
        for module, name in _TABLES:
            source = self.sources[f"contest_service.{module}"]
            self._add(source, source.constants[name], has_braces=True)
        for source, node in self._nodes(ast.ClassDef):
            if (source.name.partition(".")[2], node.name) in _KINDS:
                for value in _values_of(node):
                    self._add(source, value)
        for source, call in self._nodes(ast.Call):
            if source.name == "contest_service.flows.foresee_words" and _is_english(call):
                for each in call.keywords:
                    if each.arg in _FORESEEN:
                        self._add(source, each.value, has_braces=True)

    def _unite(self) -> None:
        """Keep one of several templates that differ in nothing but the names of their values."""
        alike: dict[str, list[str]] = defaultdict(list)
        for text in sorted(self.found):
            alike[_PLACE.sub("%s", text)].append(text)
        for first, *others in alike.values():
            for each in others:
                self.found[first] |= self.found.pop(each)

    def _places(self) -> dict[str, int | str]:
        """What makes or keeps refusals, and which argument is the text."""
        bases = {
            node.name: {name_of(each) for each in node.bases}
            for _, node in self._nodes(ast.ClassDef)
        }
        families = {
            name: place
            for name in bases
            for root, place in _FAMILIES.items()
            if _descends(name, root, bases)
        }
        left_out = _FOR_OPERATORS | _MADE_OF_OTHERS
        errors = {name: place for name, place in families.items() if name not in left_out}
        return {**errors, "Fault": "detail", **_KEPT}

    def _add(self, source: Source, node: ast.expr, *, has_braces: bool = False) -> None:
        place = f"{source.name.partition('.')[2]}:{node.lineno}"
        try:
            ways = list(self._read(source, node, 0))
        except UnreadableError as error:
            self.unreadable.append(f"{place}: {ast.unparse(node)}: {error}")
            return
        for parts in ways:
            if text := _template(_filled(parts) if has_braces else parts):
                self.found[text].add(place)

    def _read(self, source: Source, node: ast.expr, depth: int) -> list[Parts]:
        """Every text that an expression may be. Raises UnreadableError."""
        if depth > _DEEPEST:
            raise UnreadableError("too deep")

        def all_of(*nodes: ast.expr) -> list[Parts]:
            return [each for node in nodes for each in self._read(source, node, depth + 1)]

        match node:
            case ast.Constant(value=str(text)):
                return [(text,)]
            case ast.Constant(value=None) | ast.Attribute(value=ast.Name(id="FailureKind")):
                return []
            case ast.JoinedStr(values=values):
                return _joined([self._read_value(source, each, depth) for each in values])
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                return _joined([all_of(left), all_of(right)])
            case ast.IfExp(body=body, orelse=orelse):
                return all_of(body, orelse)
            case ast.BoolOp(values=values) | ast.Dict(values=values) | ast.Tuple(elts=values):
                return all_of(*values)
            case ast.NamedExpr(value=value) | ast.Await(value=value) | ast.Subscript(value=value):
                return all_of(value)
            case ast.Call():
                return self._read_call(source, node, depth)
            case ast.Name():
                return self._read_name(source, node, depth)
            case ast.Attribute(attr=name) if name in _PASSED_ON:
                return []
            case _:
                raise UnreadableError(ast.unparse(node))

    def _read_value(self, source: Source, node: ast.expr, depth: int) -> list[Parts]:
        """A part of a formatted text: its own texts if they are few, else a name."""
        if isinstance(node, ast.Constant):
            return [(str(node.value),)]
        assert isinstance(node, ast.FormattedValue)
        try:
            ways = [
                each
                for each in self._read(source, node.value, depth + 1)
                if "".join(part for part in each if isinstance(part, str))
            ]
        except UnreadableError:
            ways = []
        return ways if 0 < len(ways) <= _MOST_WAYS else [((_value_name(node.value),),)]

    def _read_call(self, source: Source, call: ast.Call, depth: int) -> list[Parts]:
        match call:
            case ast.Call(func=ast.Attribute(value=text, attr="format")):
                return [_filled(each) for each in self._read(source, text, depth + 1)]
            case ast.Call(func=ast.Attribute(value=table, attr="get"), args=[_, *otherwise]):
                ways = [self._read(source, each, depth + 1) for each in (table, *otherwise)]
                return list(itertools.chain(*ways))
            case ast.Call(func=ast.Attribute(value=text, attr="replace")):
                return self._read(source, text, depth + 1)
            case ast.Call(func=ast.Attribute(attr="fromkeys"), args=[_, value]):
                return self._read(source, value, depth + 1)
            case ast.Call(func=ast.Attribute(value=ast.Constant(), attr="join"), args=[parts]):
                return self._read_sentences(source, parts, depth)
            case ast.Call(func=ast.Name(id="str"), args=[ast.Name(id=name)]) if name in _PASSED_ON:
                return []
        return [
            each
            for where, function in self._functions(source, call.func)
            for value in returned_by(where, function)
            for each in self._read(where, value, depth + 1)
        ]

    def _read_sentences(self, source: Source, parts: ast.expr, depth: int) -> list[Parts]:
        """Sentences that stand one after the other; each is a refusal of its own."""
        if isinstance(parts, ast.GeneratorExp):
            return self._read(source, parts.elt, depth + 1)
        if not isinstance(parts, ast.List):
            raise UnreadableError(ast.unparse(parts))
        said = [each for each in parts.elts if not isinstance(each, ast.Starred)]
        return [way for each in said for way in self._read(source, each, depth + 1)]

    def _functions(self, source: Source, func: ast.expr) -> list[tuple[Source, Function]]:
        """The functions of ours that are called. Raises UnreadableError if there is none."""
        where, name = source, name_of(func)
        if isinstance(func, ast.Attribute) and isinstance(func.value, ast.Name):
            module, of = source.imported.get(func.value.id, ("", ""))
            where = self.sources.get(f"{module}.{of}", source)
        elif name in source.imported:
            module, name = source.imported[name]
            where = self.sources.get(module, source)
        if name not in where.functions:
            raise UnreadableError(f"{ast.unparse(func)}()")
        return [(where, each) for each in where.functions[name]]

    def _read_name(self, source: Source, node: ast.Name, depth: int) -> list[Parts]:
        function = source.within.get(node)
        while function is not None:
            if values := list(assigned_to(function, node.id)):
                return [way for each in values for way in self._read(source, each, depth + 1)]
            if node.id in parameters_of(function):
                return self._read_parameter(source, function, node.id, depth)
            function = source.within.get(function)
        if node.id in source.constants:
            return self._read(source, source.constants[node.id], depth + 1)
        module, name = source.imported.get(node.id, ("", ""))
        where = self.sources.get(module)
        if where is not None and name in where.constants:
            return self._read(where, where.constants[name], depth + 1)
        raise UnreadableError(f"the name {node.id}")

    def _read_parameter(
        self, source: Source, function: Function, name: str, depth: int
    ) -> list[Parts]:
        """What callers give for a parameter; of a private function those of its module."""
        ways, is_given = [], False
        for where, call in self.calls[function.name]:
            if function.name.startswith("_") and where is not source:
                continue
            positional = parameters_of(function)
            is_method = positional[:1] == ["self"]
            given = argument_of(call, name)
            if given is None and name in positional:
                place = positional.index(name) - is_method
                given = call.args[place] if place < len(call.args) else None
            if given is not None:
                is_given = True
                ways += self._read(where, given, depth + 1)
        if not is_given:
            raise UnreadableError(f"nobody gives {name} to {function.name}")
        return ways


def _values_of(node: ast.ClassDef) -> Iterator[ast.expr]:
    """The values of an enumeration."""
    for each in node.body:
        if isinstance(each, ast.Assign):
            yield each.value


def _is_english(call: ast.Call) -> bool:
    return any(
        isinstance(each.value, ast.Attribute) and each.value.attr == "ENGLISH"
        for each in call.keywords
    )


def _descends(name: str, root: str, bases: dict[str, set[str]]) -> bool:
    return name == root or any(_descends(each, root, bases) for each in bases.get(name, ()))


def _value_name(node: ast.expr) -> str:
    """What a value is called in a template."""
    match node:
        case ast.Call(func=ast.Name(id="len" | "str" | "sorted" | "number"), args=[value, *_]):
            return _value_name(value)
        case ast.Call(args=[value], func=ast.Attribute(attr="join")):
            return _value_name(value)
        case ast.Call(func=func):
            return name_of(func) or "value"
        case _:
            return name_of(node) or "value"


def _joined(parts: Sequence[list[Parts]]) -> list[Parts]:
    return [tuple(itertools.chain(*way)) for way in itertools.product(*parts)]


def _filled(parts: Parts) -> Parts:
    """The parts of a text in which braces stand for values."""
    filled: list[str | tuple[str]] = []
    for part in parts:
        for text, name, _, _ in string.Formatter().parse(part if isinstance(part, str) else ""):
            filled += [text] if name is None else [text, (name,)]
        filled += [] if isinstance(part, str) else [part]
    return tuple(filled)


def _template(parts: Parts) -> str:
    """Write a template as gettext takes it; without values it is the text itself."""
    if all(isinstance(each, str) for each in parts):
        return "".join(each for each in parts if isinstance(each, str))
    written, seen = [], defaultdict(int)
    for part in parts:
        if isinstance(part, str):
            written.append(part.replace("%", "%%"))
            continue
        name = part[0].strip("_").lower()
        seen[name] += 1
        written.append(f"%({name if seen[name] == 1 else f'{name}_{seen[name]}'})s")
    return "".join(written)
