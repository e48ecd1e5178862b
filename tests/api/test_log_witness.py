"""A witness over HTTP (C2SP tlog-witness): what it cosigns, and what it answers to all else."""

import asyncio
import base64
import dataclasses
from typing import Any

import httpx
import msgspec
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from contest_service.log_settings import LogSettings
from contest_service.proof import merkle, notes
from contest_service.proof.notes import Checkpoint, KeyKind, Note, VerifierKey
from contest_service.settings import Settings

PRIVATE, STRANGER = b"\1" * 32, b"\2" * 32
ORIGIN = "log.test/contests"
KEY = VerifierKey(name=ORIGIN, kind=KeyKind.LOG, public=notes.public_of(PRIVATE))
WITNESS = VerifierKey(name="witness.test", kind=KeyKind.WITNESS, public=notes.public_of(b"\3" * 32))
LEAVES = [f"leaf {number}".encode() for number in range(40)]
FORKED = [b"another", *LEAVES[1:]]
OTHER_SIZE = "text/x.tlog.size"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """A witness of one log."""
    log = LogSettings(witness_of=(KEY,), witness_key="03" * 32, witness_name="witness.test")
    return msgspec.structs.replace(settings, log=log)


def checkpoint(size: int, leaves: list[bytes] = LEAVES, *, origin: str = ORIGIN) -> Checkpoint:
    return Checkpoint(origin=origin, size=size, root=merkle.root(leaves[:size]))


def signed(text: bytes, private: bytes = PRIVATE, name: str = ORIGIN) -> bytes:
    return Note(text=text, signatures=(notes.sign(private, name, text),)).encoded


def proof(old: int, size: int, leaves: list[bytes] = LEAVES) -> list[bytes]:
    return merkle.consistency_proof([merkle.leaf_hash(leaf) for leaf in leaves[:size]], old)


def body(old: object, lines: list[bytes], note: bytes) -> bytes:
    encoded = [base64.b64encode(line).decode() for line in lines]
    return "\n".join([f"old {old}", *encoded, "", ""]).encode() + note


def step(old: int, size: int, leaves: list[bytes] = LEAVES) -> bytes:
    """A sound request from one size to another."""
    return body(old, proof(old, size, leaves), signed(checkpoint(size, leaves).text))


async def post(api: httpx.AsyncClient, content: bytes) -> httpx.Response:
    return await api.post("/witness/add-checkpoint", content=content)


def seen(answer: httpx.Response, size: int) -> int | None:
    """When the witness says that it saw the checkpoint of this size."""
    text = checkpoint(size).text
    note = notes.parse_note(text + b"\n" + answer.content)
    return notes.find_cosignature(note, WITNESS)


async def test_a_log_that_grows_is_cosigned_step_by_step(api: httpx.AsyncClient) -> None:
    old = 0
    for size in (1, 2, 7, 8, 8, 40):
        answer = await post(api, step(old, size))
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"
        assert seen(answer, size) is not None
        old = size


async def test_the_first_checkpoint_needs_no_proof_whatever_its_size(
    api: httpx.AsyncClient,
) -> None:
    assert (await post(api, step(0, 40))).status_code == 200


async def test_the_empty_log_may_be_shown_to_learn_what_is_held(api: httpx.AsyncClient) -> None:
    assert (await post(api, step(0, 0))).status_code == 200
    await post(api, step(0, 7))
    answer = await post(api, step(0, 0))
    assert (answer.status_code, answer.text) == (409, "7\n")
    assert answer.headers["content-type"] == OTHER_SIZE


async def test_another_old_size_is_told_the_one_that_is_held(api: httpx.AsyncClient) -> None:
    await post(api, step(0, 7))
    for old in (0, 3, 8):
        answer = await post(api, step(old, 9))
        assert (answer.status_code, answer.text) == (409, "7\n")
        assert answer.headers["content-type"] == OTHER_SIZE


async def test_another_root_of_the_same_size_is_a_conflict(api: httpx.AsyncClient) -> None:
    await post(api, step(0, 7))
    answer = await post(api, step(7, 7, FORKED))
    assert (answer.status_code, answer.text) == (409, "7\n")


async def test_a_forked_log_has_no_proof(api: httpx.AsyncClient) -> None:
    await post(api, step(0, 7))
    assert (await post(api, step(7, 9, FORKED))).status_code == 422
    assert (await post(api, step(7, 9))).status_code == 200


SPOILT_PROOFS = {
    "no proof": [],
    "a line too few": proof(7, 9)[:-1],
    "a line too many": [*proof(7, 9), bytes(32)],
    "another order": proof(7, 9)[::-1],
    "another hash": [bytes(32), *proof(7, 9)[1:]],
}


@pytest.mark.parametrize("lines", SPOILT_PROOFS.values(), ids=list(SPOILT_PROOFS))
async def test_a_proof_that_does_not_hold_is_refused(
    api: httpx.AsyncClient, lines: list[bytes]
) -> None:
    await post(api, step(0, 7))
    answer = await post(api, body(7, lines, signed(checkpoint(9).text)))
    assert answer.status_code == 422
    assert (await post(api, step(7, 9))).status_code == 200


async def test_a_proof_for_the_first_checkpoint_is_refused(api: httpx.AsyncClient) -> None:
    lines = [bytes(32)]
    assert (await post(api, body(0, lines, signed(checkpoint(9).text)))).status_code == 422


async def test_an_unknown_log_is_not_found(api: httpx.AsyncClient) -> None:
    text = checkpoint(3, origin="elsewhere.test/log").text
    note = signed(text, name="elsewhere.test/log")
    assert (await post(api, body(0, [], note))).status_code == 404


FOREIGN = {
    "somebody else's key": signed(checkpoint(3).text, STRANGER),
    "another text": signed(checkpoint(4).text).replace(checkpoint(4).text, checkpoint(3).text),
    "another name": signed(checkpoint(3).text, name="elsewhere.test/log"),
}


@pytest.mark.parametrize("note", FOREIGN.values(), ids=list(FOREIGN))
async def test_what_the_log_did_not_sign_is_forbidden(api: httpx.AsyncClient, note: bytes) -> None:
    assert (await post(api, body(0, [], note))).status_code == 403
    assert (await post(api, step(0, 3))).status_code == 200


async def test_signatures_of_others_beside_the_logs_are_ignored(api: httpx.AsyncClient) -> None:
    text = checkpoint(3).text
    lines = (notes.sign(STRANGER, "other", text), notes.sign(PRIVATE, ORIGIN, text))
    note = Note(text=text, signatures=lines).encoded
    assert (await post(api, body(0, [], note))).status_code == 200


async def test_further_lines_of_a_checkpoint_are_cosigned_too(api: httpx.AsyncClient) -> None:
    text = checkpoint(3).text + b"an extension\n"
    answer = await post(api, body(0, [], signed(text)))
    assert answer.status_code == 200
    note = notes.parse_note(text + b"\n" + answer.content)
    assert notes.find_cosignature(note, WITNESS) is not None


NOTE = signed(checkpoint(3).text)
MALFORMED = {
    "nothing": b"",
    "no note": b"old 0\n\n",
    "no size": NOTE,
    "no empty line": b"old 0\n" + NOTE,
    "a leading zero": body("00", [], NOTE),
    "a negative size": body("-1", [], NOTE),
    "a size in other digits": "old \u0663\n\n".encode() + NOTE,
    "an old size that is larger": body(4, [], NOTE),
    "a hash that is too short": body(0, [b"short"], NOTE),
    "a hash that is no base64": b"old 0\n!!!\n\n" + NOTE,
    "more than 63 lines": body(1, [bytes(32)] * 64, NOTE),
    "a note without signatures": body(0, [], checkpoint(3).text + b"\n"),
    "two lines": body(0, [], signed(b"log.test/contests\n3\n")),
    "no UTF-8": body(0, [], b"\xff" + NOTE),
}


@pytest.mark.parametrize("content", MALFORMED.values(), ids=list(MALFORMED))
async def test_what_cannot_be_read_is_a_bad_request(api: httpx.AsyncClient, content: bytes) -> None:
    assert (await post(api, content)).status_code == 400
    assert (await post(api, step(0, 3))).status_code == 200


async def test_what_is_too_long_is_not_read(api: httpx.AsyncClient) -> None:
    assert (await post(api, b"x" * 100_000)).status_code == 413


async def test_of_several_at_once_one_is_first_and_none_goes_back(
    api: httpx.AsyncClient, connection: Any
) -> None:
    """A smaller checkpoint never replaces a larger one, whichever comes first."""
    await post(api, step(0, 1))
    sizes = range(2, 12)
    answers = await asyncio.gather(*(post(api, step(1, size)) for size in sizes))
    statuses = [answer.status_code for answer in answers]
    assert sorted(statuses) == [200] + [409] * (len(sizes) - 1)
    first = sizes[statuses.index(200)]
    assert {answer.text for answer in answers if answer.status_code == 409} == {f"{first}\n"}
    assert await connection.fetchval("SELECT size FROM witnessed") == first


@hypothesis(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(requests=st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12), st.booleans())))
async def test_all_that_was_cosigned_lies_on_one_history(
    api: httpx.AsyncClient, connection: Any, requests: list[tuple[int, int, bool]]
) -> None:
    """Whatever is asked in whatever order: sizes only grow, and no two roots disagree."""
    await connection.execute("DELETE FROM witnessed")
    histories = {True: LEAVES, False: FORKED}
    cosigned: list[tuple[int, bool]] = []
    for old, size, honest in requests:
        if old > size:
            continue
        answer = await post(api, step(old, size, histories[honest]))
        if answer.status_code == 200:
            cosigned.append((size, honest))
    assert [size for size, _ in cosigned] == sorted(size for size, _ in cosigned)
    assert len({honest for size, honest in cosigned if size > 0}) <= 1


async def test_an_installation_that_is_no_witness_knows_no_log(
    api: httpx.AsyncClient, app: Any
) -> None:
    app.state.rt = dataclasses.replace(app.state.rt, cosigner=None)
    assert (await post(api, step(0, 3))).status_code == 404
