"""VKScript: the little language of VK's `execute`, as much of it as clients use.

`compiled` turns source into a program; running it calls back for each `API.x()`. There are
variables, `while`, `if`, `return`, arithmetic and logic, arrays and objects, and some methods of
arrays and strings; there are no functions (dev.vk.com, execute). Anything else does not compile.
"""

import re
from collections.abc import Callable
from typing import Any

from contest_service.sandbox.vk.script_code import (
    Api,
    Code,
    CompileError,
    Returned,
    Run,
    RunError,
    Store,
    indexed,
    invoked,
    joined,
    literal_number,
    member_store,
    membered,
    plucked,
    unquoted,
    variable_store,
)
from contest_service.sandbox.vk.script_values import METHODS, number, truth

_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?)|(?P<text>\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*')"
    r"|(?P<name>[A-Za-z_$][\w$]*)|(?P<sign>==|!=|<=|>=|&&|\|\||@\.|[-+*/%<>=!?:;,.(){}\[\]]))"
)
_RANKS = (("||",), ("&&",), ("==", "!="), ("<", ">", "<=", ">="), ("+", "-"), ("*", "/", "%"))
_WORDS = {"null": None, "true": True, "false": False}


def compiled(source: str) -> Callable[[Api], Any]:
    """Compile a program; running it returns what it returns. Raises CompileError, RunError."""
    try:
        statements = _Parser(_tokens(source)).program()
    except RecursionError:
        raise CompileError("too deep") from None

    def run(api: Api) -> Any:
        state = Run(api)
        try:
            for statement in statements:
                statement(state)
        except Returned as returned:
            return returned.value
        return None

    return run


def _tokens(source: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    place = 0
    end = len(source.rstrip())
    while place < end:
        token = _TOKEN.match(source, place)
        if token is None or token.lastgroup is None:
            raise CompileError(f"unexpected symbol at {place}")
        found.append((token.lastgroup, token[token.lastgroup]))
        place = token.end()
    found.append(("end", ""))
    return found


class _Parser:
    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self._tokens = tokens
        self._place = 0
        self._store: Store | None = None
        """How to assign to the expression that was read last, if one can."""

    def program(self) -> list[Code]:
        statements = []
        while self._tokens[self._place][0] != "end":
            statements.append(self._statement())
        return statements

    def _peek(self) -> str:
        kind, text = self._tokens[self._place]
        return text if kind != "text" else ""

    def _take(self, *signs: str) -> str | None:
        text = self._peek()
        if text and text in signs:
            self._place += 1
            return text
        return None

    def _need(self, sign: str) -> None:
        if self._take(sign) is None:
            raise CompileError(f"expected {sign} instead of {self._tokens[self._place][1]!r}")

    def _name(self) -> str:
        kind, text = self._tokens[self._place]
        if kind != "name":
            raise CompileError(f"expected a name instead of {text!r}")
        self._place += 1
        return text

    def _statement(self) -> Code:
        if self._take(";"):
            return lambda _: None
        if self._peek() == "{":
            return self._block()
        match self._take("var", "while", "if", "return"):
            case "var":
                return self._declaration()
            case "while":
                return self._loop()
            case "if":
                return self._choice()
            case "return":
                return self._return()
        code = self._expression()
        self._end()
        return code

    def _end(self) -> None:
        """End a statement; the last one needs no semicolon."""
        if self._tokens[self._place][0] != "end" and self._peek() != "}":
            self._need(";")

    def _block(self) -> Code:
        self._need("{")
        body = []
        while self._take("}") is None:
            if self._tokens[self._place][0] == "end":
                raise CompileError("expected }")
            body.append(self._statement())

        def run(state: Run) -> None:
            for statement in body:
                statement(state)

        return run

    def _declaration(self) -> Code:
        named: list[tuple[str, Code]] = []
        while True:
            name = self._name()
            named.append((name, self._expression() if self._take("=") else lambda _: None))
            if self._take(",") is None:
                break
        self._end()

        def run(state: Run) -> None:
            for name, code in named:
                state.variables[name] = code(state)

        return run

    def _condition(self) -> Code:
        self._need("(")
        code = self._expression()
        self._need(")")
        return code

    def _loop(self) -> Code:
        condition, body = self._condition(), self._statement()

        def run(state: Run) -> None:
            while truth(condition(state)):
                state.step()
                body(state)

        return run

    def _choice(self) -> Code:
        condition, body = self._condition(), self._statement()
        other = self._statement() if self._take("else") else None

        def run(state: Run) -> None:
            if truth(condition(state)):
                body(state)
            elif other is not None:
                other(state)

        return run

    def _return(self) -> Code:
        code = self._expression() if self._peek() not in (";", "}") else lambda _: None
        self._end()

        def run(state: Run) -> None:
            raise Returned(code(state))

        return run

    def _expression(self) -> Code:
        code = self._ternary()
        store = self._store
        if self._take("=") is None:
            return code
        if store is None:
            raise CompileError("cannot assign to this")
        value = self._expression()
        self._store = None
        return lambda state: store(state, value(state))

    def _ternary(self) -> Code:
        condition = self._binary(0)
        if self._take("?") is None:
            return condition
        yes = self._expression()
        self._need(":")
        no = self._expression()
        self._store = None
        return lambda state: yes(state) if truth(condition(state)) else no(state)

    def _binary(self, rank: int) -> Code:
        if rank == len(_RANKS):
            return self._unary()
        left = self._binary(rank + 1)
        while sign := self._take(*_RANKS[rank]):
            left = joined(sign, left, self._binary(rank + 1))
            self._store = None
        return left

    def _unary(self) -> Code:
        if self._take("!"):
            denied = self._unary()
            self._store = None
            return lambda state: not truth(denied(state))
        if self._take("-"):
            negated = self._unary()
            self._store = None
            return lambda state: -number(negated(state))
        return self._postfix(self._primary())

    def _postfix(self, code: Code) -> Code:
        while sign := self._take(".", "@.", "["):
            owner, self._store = code, None
            if sign == "[":
                code = indexed(code, self._expression())
                self._need("]")
                self._store = None
                continue
            name = self._name()
            if sign == "@.":
                code = plucked(code, name)
            elif self._peek() == "(":
                if name not in METHODS:
                    raise CompileError(f"unknown function {name}")
                code = invoked(code, name, self._arguments())
                self._store = None
            else:
                code = membered(code, name)
                self._store = member_store(owner, name)
        return code

    def _arguments(self) -> list[Code]:
        self._need("(")
        return self._listed(")")

    def _listed(self, closing: str) -> list[Code]:
        codes: list[Code] = []
        while self._take(closing) is None:
            codes.append(self._expression())
            if self._peek() != closing:
                self._need(",")
        return codes

    def _primary(self) -> Code:
        kind, text = self._tokens[self._place]
        self._place += 1
        self._store = None
        match kind, text:
            case "number", _:
                value = literal_number(text)
                return lambda _: value
            case "text", _:
                literal = unquoted(text)
                return lambda _: literal
            case "name", "API":
                return self._api_call()
            case "name", _ if text in _WORDS:
                return lambda _: _WORDS[text]
            case "name", _:
                self._store = variable_store(text)
                return lambda state: state.variables.get(text)
            case "sign", "(":
                code = self._expression()
                self._need(")")
                self._store = None
                return code
            case "sign", "[":
                items = self._listed("]")
                self._store = None
                return lambda state: [item(state) for item in items]
            case "sign", "{":
                return self._object()
        raise CompileError(f"unexpected {text!r}")

    def _object(self) -> Code:
        fields: list[tuple[str, Code]] = []
        while self._take("}") is None:
            kind, text = self._tokens[self._place]
            self._place += 1
            if kind not in ("name", "text", "number"):
                raise CompileError(f"unexpected {text!r}")
            self._need(":")
            fields.append((unquoted(text) if kind == "text" else text, self._expression()))
            if self._peek() != "}":
                self._need(",")
        self._store = None
        return lambda state: {name: code(state) for name, code in fields}

    def _api_call(self) -> Code:
        self._need(".")
        method = self._name()
        if self._take("."):
            method += "." + self._name()
        arguments = self._arguments()
        self._store = None
        if len(arguments) > 1:
            raise CompileError("a method takes one object")

        def run(state: Run) -> Any:
            given = arguments[0](state) if arguments else {}
            if not isinstance(given, dict):
                raise RunError("a method takes an object")
            return state.api(method, given)

        return run
