"""The method `execute`: the array of calls, the scripts that clients send, and what fails."""

import contextlib
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contest_service.sandbox.vk.script import compiled
from contest_service.sandbox.vk.script_code import CompileError, RunError
from sandbox.vk.stage import ANNA, GLEB, WALL, Refused, Stage


def _literal(*calls: tuple[str, dict[str, Any]]) -> str:
    written = (f"API.{method}({msgspec.json.encode(given).decode()})" for method, given in calls)
    return f"return [{','.join(written)}];"


async def test_an_array_of_calls_is_an_array_of_responses(stage: Stage) -> None:
    await stage.act("like", GLEB)
    code = _literal(
        ("users.get", {"user_ids": [ANNA, GLEB], "fields": "sex"}),
        (
            "likes.getList",
            {"type": "post", "owner_id": WALL, "item_id": stage.post_id, "extended": False},
        ),
        ("utils.getServerTime", {}),
    )
    body = await stage.ask("execute", stage.anna, code=code)
    people, likes, time = body["response"]
    assert [person["id"] for person in people] == [ANNA, GLEB]
    assert likes == {"count": 1, "items": [GLEB]}
    assert time == int(stage.clock.now)
    assert "execute_errors" not in body


async def test_a_failed_call_is_false_in_its_place(stage: Stage) -> None:
    code = _literal(
        ("users.get", {"user_ids": GLEB}),
        ("likes.getList", {"type": "post", "owner_id": WALL, "item_id": 999}),
        ("nothing.here", {}),
        ("groups.getTokenPermissions", {}),
        ("users.get", {"user_ids": ANNA}),
    )
    body = await stage.ask("execute", stage.anna, code=code)
    assert [answer is False for answer in body["response"]] == [False, True, True, True, False]
    assert [(error["method"], error["error_code"]) for error in body["execute_errors"]] == [
        ("likes.getList", 100),
        ("nothing.here", 3),
        ("groups.getTokenPermissions", 28),
    ]
    assert body["execute_errors"][0]["error_msg"].endswith("object not found")


async def test_every_kind_of_token_may_execute(stage: Stage) -> None:
    code = _literal(("utils.getServerTime", {}))
    for token in (stage.anna, stage.page, stage.service):
        assert (await stage.call("execute", token, code=code)) == [int(stage.clock.now)]


async def test_more_than_25_calls_fail_as_a_whole(stage: Stage) -> None:
    calls = [("utils.getServerTime", dict[str, Any]())] * 25
    assert len(await stage.call("execute", stage.anna, code=_literal(*calls))) == 25
    with pytest.raises(Refused, match="Too many API calls") as refused:
        await stage.call("execute", stage.anna, code=_literal(*calls, calls[0]))
    assert refused.value.code == 13


@pytest.mark.parametrize(
    "code",
    [
        "return [",
        "return API;",
        "return API.users.get({a:1},{b:2});",
        "function f() { return 1; }",
        "return 1 @ 2;",
        "return parseInt('1');",
        "1 = 2;",
        "while (true) {",
        'return "unended;',
        "return " + "(" * 5000 + "1" + ")" * 5000 + ";",
    ],
)
async def test_what_is_no_script_does_not_compile(stage: Stage, code: str) -> None:
    with pytest.raises(Refused) as refused:
        await stage.call("execute", stage.anna, code=code)
    assert refused.value.code == 12


async def test_no_code_is_error_100(stage: Stage) -> None:
    with pytest.raises(Refused) as refused:
        await stage.call("execute", stage.anna)
    assert refused.value.code == 100


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("while(true){}", "Too many operations"),
        ("var a = 1; a.b = 2;", "no object"),
        ("return API.users.get(5);", "takes an object"),
        ("return false.slice(1);", "slice requires an array"),
        ("var a = 5; a.push(1);", "push requires an array"),
        ("return [1].join(1, 2, 3);", "argument"),
    ],
)
async def test_what_goes_wrong_while_running_is_error_13(
    stage: Stage, code: str, words: str
) -> None:
    with pytest.raises(Refused, match=words) as refused:
        await stage.call("execute", stage.anna, code=code)
    assert refused.value.code == 13


@pytest.mark.parametrize(
    ("code", "result"),
    [
        ("return 1 + 2 * 3 - 4 / 2 % 3;", 5),
        ("return (1 + 2) * -3;", -9),
        ("return 'a' + 1 + \"б\\n\";", "a1б\n"),
        ("return [1] + [2, 3];", [1, 2, 3]),
        ("return [1,2,3,4].slice(1, 3);", [2, 3]),
        ("var a = [1]; a.push(2); return a.length;", 2),
        ("var a = {b: {c: 5}, 'd': null}; return a.b.c + a.d;", 5),
        ("var a = {b: 1}; a.b = a.b + 1; a.c = a; return a.b;", 2),
        ("return [{a: 1}, {a: 2}]@.a;", [1, 2]),
        ("return [5, 6][1] + [5][7];", 6),
        (
            "var i = 0, s; while (i < 3) { i = i + 1; if (i == 2) s = 'x'; else; } return [i, s];",
            [3, "x"],
        ),
        ("return null == 0 ? 1 : 2;", 2),
        ("return !0 && 5 || 6;", 5),
        ("return 'a,b'.split(',').join('-');", "a-b"),
        ("return [3, 4].indexOf(4) >= 1 != false;", True),
        ("var a = [1, 2, 3]; return [a.pop(), a.shift(), a];", [3, 1, [2]]),
        ("return nothing.at.all;", None),
        ("", None),
        ("return;", None),
        ("return 1;;; return 2;", 1),
        ("if (1) { return 'yes' } return 'no';", "yes"),
    ],
)
def test_scripts_compute(code: str, result: Any) -> None:
    def nothing(method: str, params: dict[str, Any]) -> Any:
        raise AssertionError

    assert compiled(code)(nothing) == result


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(st.lists(st.dictionaries(st.text(), _JSON, max_size=4), max_size=5))
def test_json_arrives_in_a_call_as_it_was_written(calls: list[dict[str, Any]]) -> None:
    code = _literal(*(("wall.get", given) for given in calls))
    assert compiled(code)(lambda method, given: [method, given]) == [["wall.get", g] for g in calls]


@given(st.text(alphabet="var while(){}[];=+-*/!<>?:.,\"'API.users0123", max_size=40))
def test_any_text_compiles_and_runs_or_is_refused(code: str) -> None:
    with contextlib.suppress(CompileError, RunError):
        compiled(code)(lambda method, given: None)
