"""What every platform's adapter has to keep, asked of each of them in the same way."""

import asyncio
import gc
import logging
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from contextlib import AbstractAsyncContextManager, suppress
from typing import Any

import msgspec
import pytest
from patience import PATIENCE
from structlog.testing import capture_logs

from contest_service.domain.accounts import Platform
from contest_service.domain.conditions import Language
from contest_service.domain.evidence import Action, Page, Target
from contest_service.platforms.base import Draft, PlatformAdapter, Support
from contest_service.platforms.errors import FailureKind, PlatformError
from contest_service.platforms.registry import press
from platforms.subjects import Subject, fail, on_bluesky, on_vk

KINDS = pytest.mark.parametrize("kind", list(FailureKind))

Opening = Callable[[], AbstractAsyncContextManager[Subject]]


@pytest.fixture(
    params=[
        Platform.VK,
        pytest.param(Platform.BLUESKY, marks=pytest.mark.xdist_group("network")),
    ]
)
def opening(request: pytest.FixtureRequest) -> Opening:
    """How a platform is set up; what that needs is started only where it is needed."""
    if request.param is Platform.VK:
        return on_vk
    network, community, people = map(request.getfixturevalue, ("network", "community", "people"))
    return lambda: on_bluesky(network, community, people)


@pytest.fixture
async def subject(opening: Opening) -> AsyncIterator[Subject]:
    async with opening() as opened:
        yield opened


async def read(adapter: PlatformAdapter, target: Target, after: str | None = None) -> list[Page]:
    """Read who likes the post, to the end."""
    async with asyncio.timeout(PATIENCE):
        return [page async for page in adapter.scan(target, Action.LIKE, after)]


def accounts(pages: Iterable[Page]) -> list[str]:
    return [sighting.account for page in pages for sighting in page.sightings]


def draft(subject: Subject, target: Target) -> Draft:
    """A publication under the post."""
    at, style = subject.now(), press(subject.platform)
    return Draft(
        key=style.publication_key(at, b"\1\2\3\4\5\6\7\10"),
        created_at=at,
        text=style.fit("The winner is somebody.", ""),
        link="",
        reply_to=target,
    )


def test_every_platform_is_asked() -> None:
    assert set(Platform) == {Platform.VK, Platform.BLUESKY}


async def test_paging_ends_and_lists_everybody_once(subject: Subject) -> None:
    async with subject.open() as adapter:
        pages = await read(adapter, await adapter.find_post(subject.post))
    assert len(pages) > 2
    assert [page.next is None for page in pages] == [False] * (len(pages) - 1) + [True]
    assert sorted(accounts(pages)) == sorted(subject.fans)


async def test_a_list_that_never_ends_is_not_read_forever(subject: Subject) -> None:
    async with subject.open() as adapter:
        target = await adapter.find_post(subject.post)
        subject.reading.answer_itself = subject.endless
        with suppress(PlatformError):
            await read(adapter, target)
    # Its requests are bounded, whether or not it is taken for a list.
    assert 0 < len(subject.reading.passed) < 100


async def test_a_scan_goes_on_from_any_page_in_another_process(subject: Subject) -> None:
    async with subject.open() as adapter:
        target = await adapter.find_post(subject.post)
        pages = await read(adapter, target)
    for place, page in enumerate(pages[:-1]):
        async with subject.open() as adapter:
            rest = await read(adapter, target, page.next)
        before = set(accounts(pages[: place + 1]))
        assert subject.fans - before <= set(accounts(rest))


async def test_everybody_is_listed_once_though_the_list_shifts(subject: Subject) -> None:
    async with subject.open() as adapter:
        target = await adapter.find_post(subject.post)
        subject.stir()
        read_ones = accounts(await read(adapter, target))
    now = await subject.liking()
    assert now != subject.fans
    assert now & subject.fans <= set(read_ones)
    assert len(read_ones) == len(set(read_ones))


async def test_a_scan_of_a_shifting_list_goes_on_from_any_page(subject: Subject) -> None:
    async with subject.open() as adapter:
        target = await adapter.find_post(subject.post)
        subject.stir()
        first = await anext(aiter(adapter.scan(target, Action.LIKE, None)))
    async with subject.open() as adapter:
        rest = await read(adapter, target, first.next)
    stayed = await subject.liking() & subject.fans
    assert stayed <= {*accounts([first]), *accounts(rest)}


async def test_what_is_unknown_in_answers_is_ignored(subject: Subject) -> None:
    async with subject.open() as adapter:
        target = await adapter.find_post(subject.post)
        subject.reading.changes.update(subject.unknown)
        pages = await read(adapter, target)
    assert any(b"novel" in page.body for page in pages)
    assert sorted(accounts(pages)) == sorted(subject.fans)


@pytest.mark.parametrize("number", [0, 1])
async def test_a_required_field_that_is_missing_is_named(subject: Subject, number: int) -> None:
    name, changes = list(subject.missing.items())[number]
    async with subject.open() as adapter:
        target = await adapter.find_post(subject.post)
        subject.reading.changes.update(changes)
        with pytest.raises(PlatformError, match=name) as failure:
            await read(adapter, target)
    assert failure.value.kind is FailureKind.MALFORMED


@KINDS
async def test_every_kind_of_failure_is_reached(subject: Subject, kind: FailureKind) -> None:
    async with subject.open() as adapter:
        target = await adapter.find_post(subject.post)
        fail(subject, kind)
        with pytest.raises(PlatformError) as failure:
            await read(adapter, target)
    assert failure.value.kind is kind
    assert failure.value.is_permanent is (
        kind not in (FailureKind.RATE_LIMITED, FailureKind.UNREACHABLE)
    )


@KINDS
async def test_a_credential_is_in_no_error_log_or_repr(
    subject: Subject,
    kind: FailureKind,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    with capture_logs() as logs:
        async with subject.open() as adapter:
            target = await adapter.find_post(subject.post)
            await adapter.identify()
            told = list(_reprs(adapter))
            fail(subject, kind)
            told += [await _failure(act) for act in _acts(adapter, subject, target)]
            told += _reprs(adapter)
    told += [*map(repr, logs), caplog.text, *capfd.readouterr()]
    secrets = subject.secrets()
    assert all(len(secret) > 15 for secret in secrets)
    assert [secret for secret in secrets if any(secret in each for each in told)] == []


def _acts(
    adapter: PlatformAdapter, subject: Subject, target: Target
) -> tuple[Callable[[], Awaitable[Any]], ...]:
    return (
        lambda: read(adapter, target),
        adapter.identify,
        lambda: adapter.publish(draft(subject, target)),
        lambda: adapter.standing(sorted(subject.fans)[:1]),
        lambda: adapter.counters(target),
    )


async def _failure(act: Callable[[], Awaitable[Any]]) -> str:
    """Everything that an error tells, with what it came from."""
    with pytest.raises(PlatformError) as failure:
        await act()
    error = failure.value
    return f"{error!r} {error.message} {''.join(traceback.format_exception(error))}"


def _reprs(root: object) -> Iterator[str]:
    """What every object of ours within another one shows of itself."""
    seen: set[int] = set()
    waiting: list[object] = [root]
    while waiting:
        each = waiting.pop()
        if id(each) in seen:
            continue
        seen.add(id(each))
        is_ours = type(each).__module__.startswith("contest_service")
        if is_ours:
            yield repr(each)
        if is_ours or isinstance(each, dict | list | tuple | set):
            waiting += gc.get_referents(each)


async def test_one_key_publishes_once(subject: Subject) -> None:
    async with subject.open() as adapter:
        what = draft(subject, await adapter.find_post(subject.post))
        first = await adapter.publish(what)
        assert await adapter.publish(what) == first
    assert await subject.published() == 1


async def test_one_key_publishes_once_though_the_answer_was_lost(subject: Subject) -> None:
    barrier = subject.writing.bar(subject.write, before=False, only_first=True)
    async with subject.open() as adapter:
        what = draft(subject, await adapter.find_post(subject.post))
        publishing = asyncio.ensure_future(adapter.publish(what))
        await barrier.reached()
        publishing.cancel()
        with suppress(asyncio.CancelledError):
            await publishing
    assert await subject.published() == 1
    async with subject.open() as adapter:
        found = await adapter.publish(what)
        assert await adapter.publish(what) == found
    assert await subject.published() == 1


async def test_another_key_publishes_again(subject: Subject) -> None:
    async with subject.open() as adapter:
        what = draft(subject, await adapter.find_post(subject.post))
        other = press(subject.platform).publication_key(subject.now(), b"\7\7\7\7\7\7\7\7")
        first = await adapter.publish(what)
        again = msgspec.structs.replace(what, key=other, text="The winner is somebody else.")
        assert await adapter.publish(again) != first
    assert await subject.published() == 2


async def test_a_post_that_was_deleted_is_gone(subject: Subject) -> None:
    async with subject.open() as adapter:
        target = await adapter.find_post(subject.post)
        await subject.remove()
        for act in (
            lambda: adapter.counters(target),
            lambda: adapter.find_post(subject.post),
            lambda: adapter.publish(draft(subject, target)),
        ):
            with pytest.raises(PlatformError) as failure:
                await act()
            assert failure.value.kind is FailureKind.GONE


async def test_what_cannot_be_listed_is_refused_and_not_empty(subject: Subject) -> None:
    async with subject.open() as adapter:
        target = await adapter.find_post(subject.post)
        known = adapter.capabilities.actions
        assert {each for each in Action if known.get(each) is not Support.LISTED} == set(
            subject.cannot_list
        )
        for action in subject.cannot_list:
            with pytest.raises(PlatformError) as failure:
                [page async for page in adapter.scan(target, action, None)]
            assert failure.value.kind is FailureKind.UNSUPPORTED


async def test_what_the_poorest_credential_cannot_tell_is_named_with_a_way_out(
    subject: Subject,
) -> None:
    async with subject.open_poorest() as adapter:
        told = adapter.capabilities
        target = await adapter.find_post(subject.post)
        live = [each for each, how in told.actions.items() if how is Support.LIVE]
        for action in live:
            assert [spot.mend for spot in told.blind_spots if spot.action is action] != [{}]
            with pytest.raises(PlatformError) as failure:
                [page async for page in adapter.scan(target, action, None)]
            assert failure.value.kind is FailureKind.UNSUPPORTED
    for spot in told.blind_spots:
        assert set(spot.note) == set(Language)
        assert all(said.endswith(".") for said in [*spot.note.values(), *spot.mend.values()])
        assert spot.action in told.actions
