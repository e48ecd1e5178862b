"""Each of VK's error codes, as a kind of failure with a way out, and what a scan does about it."""

import pytest

from contest_service.domain.evidence import Action
from contest_service.platforms.errors import FailureKind, PlatformError
from contest_service.platforms.vk import wire
from contest_service.platforms.vk.errors import VkError, refusal
from platforms.vk_facing import POST, Gates, Refused, Vk, facing_vk
from platforms.vk_practice import pages

KINDS = {
    FailureKind.UNREACHABLE: (1, 10, 36),
    FailureKind.RATE_LIMITED: (6, 9, 14, 29, 219, 220, 224, 3300),
    FailureKind.CREDENTIAL_REJECTED: (5, 17, 25, 27, 28, 1116, 1117, 3609, 3610),
    FailureKind.FORBIDDEN: (
        *(7, 15, 20, 24, 30, 203, 212, 213, 214, 222, 223, 225),
        *(900, 901, 902, 936, 950, 984, 1021, 2000, 13000),
    ),
    FailureKind.GONE: (18, 19, 37, 104, 210, 211),
    FailureKind.UNSUPPORTED: (3, 23, 34, 35),
    FailureKind.MALFORMED: (8, 12, 13, 100, 113, 125, 914, 424242),
}


def refused(code: int, **more: str) -> VkError:
    said = wire.Refusal(error_code=code, error_msg="Access denied", **more)
    return refusal("likes.getList", said, secret="s3cret")


@pytest.mark.parametrize(
    ("code", "kind"), [(code, kind) for kind, codes in KINDS.items() for code in codes]
)
def test_each_code_is_a_kind_of_failure_with_a_sentence(code: int, kind: FailureKind) -> None:
    error = refused(code)
    assert error.kind is kind
    assert f"VK's error {code} at likes.getList: Access denied" in error.message
    assert "{" not in error.message
    assert (error.retry_after is not None) is (kind is FailureKind.RATE_LIMITED)


@pytest.mark.parametrize("code", [14, 17, 3300])
def test_where_a_human_is_wanted_the_address_is_named(code: int) -> None:
    assert (
        "https://id.vk.ru/captcha" in refused(code, redirect_uri="https://id.vk.ru/captcha").message
    )


def test_a_token_that_a_server_repeats_is_not_told_on() -> None:
    said = wire.Refusal(error_code=15, error_msg="no s3cret here", redirect_uri="http://x?s3cret")
    error = refusal("likes.getList", said, secret="s3cret")
    assert "s3cret" not in f"{error!r}{error.message}"


@pytest.mark.parametrize("action", [Action.LIKE, Action.COMMENT])
@pytest.mark.parametrize("code", [15, 100])
async def test_a_refusal_on_a_post_that_is_there_stays_what_it_is(
    action: Action, code: int
) -> None:
    def refuse(_: dict[str, str]) -> None:
        raise Refused(code)

    vk = Vk(
        likes__getList=refuse,
        wall__getComments=refuse,
        wall__getById=lambda _: {"items": [{"id": 2, "owner_id": -1}]},
    )
    async with facing_vk(vk) as (adapter, _):
        with pytest.raises(VkError) as failure:
            await pages(adapter, POST, action)
    assert failure.value.code == code


@pytest.mark.parametrize("post", [{"id": 2, "owner_id": -1, "is_deleted": True}, {"id": 3}])
async def test_a_refusal_on_a_post_that_is_deleted_is_gone(post: dict[str, int]) -> None:
    def refuse(_: dict[str, str]) -> None:
        raise Refused(15)

    vk = Vk(likes__getList=refuse, wall__getById=lambda _: {"items": [post]})
    async with facing_vk(vk) as (adapter, _):
        with pytest.raises(PlatformError) as failure:
            await pages(adapter, POST, Action.LIKE)
    assert failure.value.kind is FailureKind.GONE


async def test_a_scan_survives_what_passes() -> None:
    failures = [10, 6, 1, 10, 36, 6]

    def likes(_: dict[str, str]) -> object:
        if failures:
            raise Refused(failures.pop())
        return {"count": 2, "items": [8, 7]}

    async with facing_vk(Vk(likes__getList=likes)) as (adapter, _):
        read = await pages(adapter, POST, Action.LIKE)
    assert [each.account for page in read for each in page.sightings] == ["8", "7"]


async def test_a_captcha_for_one_token_leaves_the_others_working() -> None:
    def likes(parameters: dict[str, str]) -> object:
        if parameters["token"] == "service-secret":
            raise Refused(14, redirect_uri="https://id.vk.ru/captcha")
        return {"count": 1, "items": [7]}

    gates = Gates()
    async with facing_vk(Vk(likes__getList=likes), gates=gates) as (adapter, _):
        read = await pages(adapter, POST, Action.LIKE)
    assert [each.account for page in read for each in page.sightings] == ["7"]
    assert len(gates.paused) == 1
