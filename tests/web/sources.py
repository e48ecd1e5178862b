"""Modules as their text has them: their texts and functions by name, and who calls what how."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import msgspec

ROOT = Path(__file__).parents[2] / "contest_service"
ROOMS = ("domain", "flows", "store", "platforms", "web")
BESIDE = ("courier", "pings", "quota", "sandbox_client")

Function = ast.FunctionDef | ast.AsyncFunctionDef


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """A module: its texts and functions by name, and where its other names come from."""

    name: str
    tree: ast.Module
    constants: dict[str, ast.expr]
    functions: dict[str, list[Function]]
    imported: dict[str, tuple[str, str]]
    within: dict[ast.AST, Function]
    """The innermost function around each node."""


def read_sources() -> Iterator[Source]:
    rooms = [path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))]
    for path in [*rooms, *(ROOT / f"{name}.py" for name in BESIDE)]:
        tree = ast.parse(path.read_text())
        functions: dict[str, list[Function]] = defaultdict(list)
        imported = {}
        for node in ast.walk(tree):
            if isinstance(node, Function):
                functions[node.name].append(node)
            elif isinstance(node, ast.ImportFrom) and node.module:
                for alias in node.names:
                    imported[alias.asname or alias.name] = (node.module, alias.name)
        yield Source(
            name=".".join(path.relative_to(ROOT.parent).with_suffix("").parts),
            tree=tree,
            constants=dict(_constants(tree)),
            functions=functions,
            imported=imported,
            within=dict(_within(tree, None)),
        )


def _constants(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                yield name, value
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                yield name, value


def _within(node: ast.AST, function: Function | None) -> Iterator[tuple[ast.AST, Function]]:
    for child in ast.iter_child_nodes(node):
        if function is not None:
            yield child, function
        yield from _within(child, child if isinstance(child, Function) else function)


def assigned_to(function: Function, name: str) -> Iterator[ast.expr]:
    for node in ast.walk(function):
        match node:
            case ast.Assign(targets=[ast.Name(id=found)], value=value) if found == name:
                yield value
            case ast.NamedExpr(target=ast.Name(id=found), value=value) if found == name:
                yield value


def returned_by(source: Source, function: Function) -> Iterator[ast.expr]:
    for node in ast.walk(function):
        if isinstance(node, ast.Return) and node.value and source.within.get(node) is function:
            yield node.value


def parameters_of(function: Function) -> list[str]:
    given = function.args
    return [each.arg for each in (*given.posonlyargs, *given.args, *given.kwonlyargs)]


def called_by(call: ast.AST) -> str:
    assert isinstance(call, ast.Call)
    return name_of(call.func)


def name_of(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Subscript(value=value):
            return name_of(value)
        case _:
            return ""


def argument_of(call: ast.Call, place: int | str) -> ast.expr | None:
    """An argument by place or name; the message may be given by name, too."""
    if isinstance(place, int) and place < len(call.args):
        return call.args[place]
    name = "message" if isinstance(place, int) else place
    return next((each.value for each in call.keywords if each.arg == name), None)
