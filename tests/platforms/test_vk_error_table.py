"""Every row of VK's error table, injected into the practice VK: each code, for each set of tokens,
at a call that reads, one that asks and one that publishes; and within an `execute`.

What is to happen is said here once more, by the table alone (platform errors of VK, and what a
client does about each), and compared with what was answered, which tokens were asked how often, and
what rests afterwards.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
from sandbox.vk.stage import ANNA, GLEB, PAGE, WALL

from contest_service.platforms.errors import FailureKind, PlatformError
from contest_service.platforms.transport import Transport
from contest_service.platforms.vk.administrator import Administrator
from contest_service.platforms.vk.credential import Credential, Kind
from contest_service.platforms.vk.lane import digest
from contest_service.platforms.vk.lanes import Lanes
from contest_service.platforms.vk.tokens import Tokens
from platforms.conftest import Keeper
from platforms.test_vk_failures import KINDS
from platforms.test_vk_tokens import VK_ID, VkId, likers
from platforms.vk_facing import BRISK, HOSTS, SOON, Gates, Refused, facing_vk
from platforms.vk_practice import Practice, practice

C, S, U = Kind.COMMUNITY, Kind.SERVICE, Kind.USER
SETS = ((C,), (S,), (U,), (C, S), (C, U), (C, S, U))
NAMES = {C: "community_token", S: "service_token", U: "user_token"}


@dataclass(frozen=True, kw_only=True)
class Asking:
    """A call: who may make it, in the order in which they are asked, and whether it is a write."""

    method: str
    may: tuple[Kind, ...]
    once: bool = False

    def parameters(self, post_id: int) -> dict[str, int | str]:
        given: dict[str, dict[str, int | str]] = {
            "likes.getList": {"type": "post", "owner_id": WALL, "item_id": post_id},
            "groups.isMember": {"group_id": PAGE, "user_ids": str(GLEB)},
            "wall.createComment": {"owner_id": WALL, "post_id": post_id, "message": "Hello"},
        }
        return given[self.method]


READ = Asking(method="likes.getList", may=(S, U))
ASK = Asking(method="groups.isMember", may=(C, S, U))
PUBLISH = Asking(method="wall.createComment", may=(C, U), once=True)
CALLS = (READ, ASK, PUBLISH)

# The table's rows by what a client does about them. Whatever is in none of these is final.
AGAIN = {1, 10, 36}
TOO_FAST = 6
REJECTED = {5, 17, 25, 1116, 1117, 3609, 3610}
NEVER_AGAIN = {27, 28}
ANOTHER_TOKEN = REJECTED | NEVER_AGAIN | {3, 7, 9, 14, 15, 20, 23, 29, 203, 3300}
TOKEN_RESTS = {14: 600.0, 3300: 600.0}
METHOD_RESTS = {9: 1200.0, 29: 10_800.0, 219: 3600.0, 220: 3600.0, 224: 3600.0}
TRIES = 6

CODES = sorted(code for codes in KINDS.values() for code in codes)
KIND_OF = {code: kind for kind, codes in KINDS.items() for code in codes}


@asynccontextmanager
async def tokens_of(
    vk: Practice, given: Mapping[Kind, str], gates: Gates | None = None
) -> AsyncIterator[Tokens]:
    """What asks with these tokens, in a process of its own."""
    credential = Credential(community="coffee", **{NAMES[kind]: given[kind] for kind in given})
    lanes = Lanes(gates or Gates(), HOSTS, intervals=BRISK, first_pause=SOON)
    endpoints = {"api": vk.vk.url, "oauth": vk.vk.url}
    async with Transport(HOSTS) as transport, lanes.entered(vk.vk.url) as entrance:
        administrator = Administrator(
            transport, endpoints=endpoints, credential=credential, keeper=Keeper()
        )
        yield Tokens(entrance, credential=credential, administrator=administrator)


async def fresh(vk: Practice, kinds: tuple[Kind, ...]) -> dict[Kind, str]:
    """Tokens that nothing was asked with."""
    made = {}
    for kind in kinds:
        match kind:
            case Kind.COMMUNITY:
                made[kind] = await vk.token("group", group_id=PAGE)
            case Kind.SERVICE:
                made[kind] = await vk.token("service", app_id=1)
            case Kind.USER:
                made[kind] = await vk.token("user", person_id=ANNA)
    return made


def asked(vk: Practice, given: Mapping[Kind, str], method: str) -> dict[Kind, int]:
    """How often a method was called with each of the tokens."""
    return {kind: vk.vk.site.limits.of(token).calls[method] for kind, token in given.items()}


def tries(call: Asking, kinds: tuple[Kind, ...], code: int) -> dict[Kind, int]:
    """How often each token is to be asked, if every one is answered with the code."""
    able = [kind for kind in call.may if kind in kinds]
    counts = dict.fromkeys(kinds, 0)
    if code in ANOTHER_TOKEN and not (call.once and code == 9):
        return counts | dict.fromkeys(able, 1)
    most = TRIES if code in AGAIN and not call.once else 1
    return counts | dict.fromkeys(able[:1], most)


def rests(vk: Practice, call: Asking, given: Mapping[Kind, str], code: int) -> dict[str, float]:
    """What is to rest, and for how many seconds, if every token is answered with the code."""
    were_asked = [kind for kind, count in tries(call, tuple(given), code).items() if count]
    keys = [f"vk:{digest(vk.vk.url, given[kind])}" for kind in were_asked]
    if code in TOKEN_RESTS:
        return dict.fromkeys(keys, TOKEN_RESTS[code])
    if code in METHOD_RESTS:
        return {f"{key}:{call.method}": METHOD_RESTS[code] for key in keys}
    return {}


async def refused_everywhere(
    vk: Practice, call: Asking, given: Mapping[Kind, str], code: int
) -> None:
    """One cell: the call with these tokens, all of which are refused it."""
    where = f"{call.method} {code} {sorted(given)}"
    gates = Gates()
    kinds = tuple(given)
    async with tokens_of(vk, given, gates) as tokens:
        with pytest.raises(PlatformError) as failure:
            await tokens.ask(call.method, call.parameters(vk.post_id), once=call.once)
        is_able = any(kind in call.may for kind in kinds)
        expected = KIND_OF[code] if is_able else FailureKind.UNSUPPORTED
        assert failure.value.kind is expected, where
        assert asked(vk, given, call.method) == tries(call, kinds, code), where
        assert gates.paused == rests(vk, call, given, code), where
        if is_able and code in TOKEN_RESTS:
            assert f"{vk.vk.url}/captcha" in failure.value.message, where
        for token in given.values():
            assert token not in failure.value.message, where
        if code in NEVER_AGAIN:
            with pytest.raises(PlatformError):
                await tokens.ask(call.method, call.parameters(vk.post_id), once=call.once)
            assert asked(vk, given, call.method) == tries(call, kinds, code), where


async def refused_within_a_bundle(
    vk: Practice, call: Asking, given: Mapping[Kind, str], code: int
) -> None:
    """One cell: a call is refused within an `execute`, and its neighbour there is not."""
    where = f"{call.method} {code} {sorted(given)}"
    (kind,) = given
    async with tokens_of(vk, given) as tokens:
        refused, neighbour = await asyncio.gather(
            tokens.ask(call.method, call.parameters(vk.post_id), kinds=[kind]),
            tokens.ask("users.get", {"user_ids": str(GLEB)}, kinds=[kind]),
            return_exceptions=True,
        )
    assert isinstance(refused, PlatformError), where
    assert refused.kind is KIND_OF[code], where
    assert not isinstance(neighbour, BaseException), where
    assert str(GLEB).encode() in neighbour.body, where
    assert asked(vk, given, "execute")[kind] >= 1, where


@pytest.mark.parametrize("code", [code for code in CODES if code != TOO_FAST])
async def test_what_every_token_is_refused_fails_as_the_table_says(code: int) -> None:
    """Alone, and within an `execute`, where its neighbours are carried out."""
    async with practice() as vk:
        for call in CALLS:
            await vk.make("faults", method=call.method, times=10_000, code=code)
        given = [await fresh(vk, kinds) for kinds in SETS]
        async with asyncio.TaskGroup() as cells:
            for call in CALLS:
                for tokens in given:
                    cells.create_task(refused_everywhere(vk, call, tokens, code))
        async with asyncio.TaskGroup() as cells:
            for kind in (C, S, U):
                tokens = await fresh(vk, (kind,))
                for call in (READ, ASK):
                    if kind in call.may:
                        cells.create_task(refused_within_a_bundle(vk, call, tokens, code))


async def refused_once(vk: Practice, call: Asking, given: Mapping[Kind, str], code: int) -> None:
    """One cell: the first token that may make the call is refused it, once."""
    where = f"{call.method} {code} {sorted(given)}"
    first, *others = [kind for kind in call.may if kind in given]
    await vk.make("faults", method=call.method, token=given[first], code=code)
    is_asked_again = code == TOO_FAST or (code in AGAIN and not call.once)
    is_for_others = others and code in ANOTHER_TOKEN and not (call.once and code == 9)
    counts = dict.fromkeys(given, 0) | {first: 2 if is_asked_again else 1}
    if is_for_others:
        counts |= {others[0]: 1}
    async with tokens_of(vk, given) as tokens:
        asking = tokens.ask(call.method, call.parameters(vk.post_id), once=call.once)
        if is_asked_again or is_for_others:
            assert (await asking).body, where
        else:
            with pytest.raises(PlatformError) as failure:
                await asking
            assert failure.value.kind is KIND_OF[code], where
    assert asked(vk, given, call.method) == counts, where


@pytest.mark.parametrize("code", CODES)
async def test_what_one_token_is_refused_once_goes_on_as_the_table_says(code: int) -> None:
    async with practice() as vk, asyncio.TaskGroup() as cells:
        for kinds in SETS:
            given = await fresh(vk, kinds)
            for call in CALLS:
                if any(kind in call.may for kind in kinds):
                    cells.create_task(refused_once(vk, call, given, code))


@pytest.mark.parametrize("kind", [C, S, U])
@pytest.mark.parametrize("code", [13, 36])
async def test_a_bundle_that_is_too_much_is_halved(code: int, kind: Kind) -> None:
    async with practice() as vk:
        given = await fresh(vk, (kind,))
        await vk.make("faults", method="execute", code=code)
        async with tokens_of(vk, given) as tokens:
            answers = await asyncio.gather(
                *[tokens.ask("users.get", {"user_ids": str(GLEB + n % 2)}) for n in range(8)]
            )
        assert all(answer.body for answer in answers)
        assert asked(vk, given, "execute")[kind] == 3
        assert asked(vk, given, "users.get")[kind] == 8


@pytest.mark.parametrize("code", sorted(REJECTED))
async def test_a_sign_in_is_renewed_once_and_then_to_be_made_again(code: int) -> None:
    def refuse(_: dict[str, str]) -> None:
        raise Refused(code)

    vk = VkId()
    vk.vk.methods["likes.getList"] = refuse
    async with facing_vk(vk, user_token="access-1", **VK_ID) as (adapter, _):
        with pytest.raises(PlatformError, match="connect an administrator with VK ID") as failure:
            await likers(adapter)
    assert failure.value.kind is FailureKind.CREDENTIAL_REJECTED
    assert vk.refreshes == 1
    assert set(vk.vk.asked("likes.getList")) == {"access-1", "access-2"}
