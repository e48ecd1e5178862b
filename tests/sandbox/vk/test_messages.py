"""Messages of a community: who can be written to, and the once of a random_id."""

from typing import Any

import pytest

from sandbox.vk.stage import DARYA, EGOR, GLEB, PAGE, Refused, Stage


async def _send(stage: Stage, **given: Any) -> Any:
    asked = {"peer_id": GLEB, "random_id": 0, "message": "Вы выиграли", **given}
    return await stage.call("messages.send", stage.page, **asked)


async def _sent(stage: Stage, person: int = GLEB) -> list[str]:
    dialog = await stage.look("messages", group_id=PAGE, person=person)
    return [message["text"] for message in dialog["messages"]]


async def test_only_who_allowed_it_is_written_to(stage: Stage) -> None:
    asked = {"group_id": PAGE, "user_id": GLEB}
    allowed = "messages.isMessagesFromGroupAllowed"
    assert await stage.call(allowed, stage.page, **asked) == {"is_allowed": 0}
    with pytest.raises(Refused) as refused:
        await _send(stage)
    assert refused.value.code == 901
    await stage.act("allow", GLEB)
    assert await stage.call(allowed, stage.page, **asked) == {"is_allowed": 1}
    assert await _send(stage) > 0
    await stage.act("deny", GLEB)
    with pytest.raises(Refused):
        await _send(stage)
    assert await _sent(stage) == ["Вы выиграли"]


async def test_writing_to_a_community_allows_its_answer(stage: Stage) -> None:
    await stage.act("write", GLEB, text="Здравствуйте")
    await _send(stage)
    assert await _sent(stage) == ["Здравствуйте", "Вы выиграли"]
    darya = await stage.token("user", person_id=DARYA)
    await stage.call("messages.send", darya, peer_id=-PAGE, random_id=5, message="Привет")
    await _send(stage, peer_id=DARYA)
    assert await _sent(stage, DARYA) == ["Привет", "Вы выиграли"]


async def test_refusals_have_their_codes(stage: Stage) -> None:
    await stage.act("refuse_messages", EGOR)
    for person in (GLEB, DARYA):
        await stage.act("allow", person)
    await stage.act("block", DARYA)
    wrong = [
        ({"peer_id": EGOR}, 902),
        ({"peer_id": DARYA}, 900),
        ({"peer_id": 5}, 936),
        ({"message": "я" * 9001}, 914),
        ({"keyboard": "{"}, 911),
        ({"message": ""}, 100),
        ({"random_id": None}, 100),
        ({"peer_id": None}, 100),
    ]
    for given, code in wrong:
        with pytest.raises(Refused) as refused:
            await _send(stage, **given)
        assert refused.value.code == code
    assert await _sent(stage) == []


async def test_a_random_id_sends_once_within_an_hour(stage: Stage) -> None:
    await stage.act("allow", GLEB)
    first = await _send(stage, random_id=77)
    stage.clock.now += 3599
    assert await _send(stage, random_id=77) == first
    assert await _send(stage, random_id=78) != first
    assert len(await _sent(stage)) == 2
    stage.clock.now += 1
    assert await _send(stage, random_id=77) != first


async def test_a_random_id_is_forgotten_after_a_hundred_messages(stage: Stage) -> None:
    await stage.act("allow", GLEB)
    first = await _send(stage, random_id=77)
    for number in range(99):
        await _send(stage, random_id=1000 + number)
    assert await _send(stage, random_id=77) == first
    await _send(stage, random_id=2000)
    assert await _send(stage, random_id=77) != first


async def test_zero_is_no_random_id(stage: Stage) -> None:
    await stage.act("allow", GLEB)
    assert await _send(stage) != await _send(stage)


async def test_many_are_written_to_with_an_answer_for_each(stage: Stage) -> None:
    await stage.act("allow", GLEB)
    sent = await _send(stage, peer_id=None, peer_ids=f"{GLEB},{DARYA}")
    assert sent[0]["message_id"] > 0
    assert (sent[0]["peer_id"], sent[0]["conversation_message_id"]) == (GLEB, 1)
    assert (sent[1]["peer_id"], sent[1]["error"]["code"]) == (DARYA, 901)
    with pytest.raises(Refused, match="less or equal than 100"):
        await _send(stage, peer_id=None, peer_ids=",".join(["1004"] * 101))


async def test_a_dialog_is_read_newest_first_by_both_who_are_in_it(stage: Stage) -> None:
    await stage.act("write", GLEB, text="Здравствуйте")
    await _send(stage, random_id=7)
    ours = await stage.call("messages.getHistory", stage.page, peer_id=GLEB, count=1)
    assert ours["count"] == 2
    (said,) = ours["items"]
    assert (said["text"], said["out"], said["random_id"]) == ("Вы выиграли", 1, 7)
    theirs = await stage.call("messages.getHistory", stage.gleb, peer_id=-PAGE)
    assert [(each["text"], each["out"]) for each in theirs["items"]] == [
        ("Вы выиграли", 0),
        ("Здравствуйте", 1),
    ]
    assert "random_id" not in theirs["items"][0]
    nobody = await stage.call("messages.getHistory", stage.page, peer_id=DARYA)
    assert nobody == {"count": 0, "items": []}
    with pytest.raises(Refused) as refused:
        await stage.call("messages.getHistory", stage.page, peer_id=5)
    assert refused.value.code == 936
