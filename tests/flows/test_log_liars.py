"""Those who are asked to vouch, and lie, ramble or keep silent: nothing of it is kept."""

import asyncio
import base64
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from contest_service import evidence_client
from contest_service.evidence_client import MOST_BYTES, open_evidence_client
from contest_service.flows import witnesses
from contest_service.flows.signer import Answer, LogKeyError, UnreachableError, Witness
from contest_service.log_keys import FileMemory
from contest_service.proof import notes
from contest_service.proof.notes import KeyKind, Signature, VerifierKey
from contest_service.store import vouchers
from contest_service.store.log import Signed
from flows.logged import PRACTICE, LogStage, open_log

PRIVATE = b"\5" * 32
KEY = VerifierKey(name="w.test", kind=KeyKind.WITNESS, public=notes.public_of(PRIVATE))
WITNESS = Witness(key=KEY, url="http://w.test")
NOW = 1_800_000_000

Say = Callable[[bytes], str]
"""The body of an answer to the text of a checkpoint."""


def line(text: bytes, *, private: bytes = PRIVATE, name: str = KEY.name, time: int = NOW) -> str:
    return notes.cosign(private, name, text, time=time).line + "\n"


def forged(text: bytes) -> str:
    """A line with the witness's name and key id, and somebody else's signature."""
    real = notes.cosign(b"\6" * 32, KEY.name, text, time=NOW)
    return Signature(name=KEY.name, key_id=KEY.id, signature=real.signature).line + "\n"


LIES: dict[str, tuple[int, Say]] = {
    "another checkpoint": (200, lambda text: line(text.replace(b"\n1\n", b"\n2\n"))),
    "a forged signature": (200, forged),
    "somebody else's key": (200, lambda text: line(text, private=b"\6" * 32)),
    "another name": (200, lambda text: line(text, name="other.test")),
    "the log's own kind of signature": (
        200,
        lambda text: notes.sign(PRIVATE, KEY.name, text).line + "\n",
    ),
    "a forged line beside a true one": (200, lambda text: forged(text) + line(text)),
    "nothing": (200, lambda _: ""),
    "no line": (200, lambda _: "thank you\n"),
    "a line without its end": (200, lambda text: line(text).rstrip()),
    "more lines than a note has": (200, lambda text: line(text, name="o.test") * 65),
    "no number": (409, lambda _: "many\n"),
    "another size every time": (409, lambda _: "0\n"),
    "an error": (500, lambda _: ""),
    "that it does not know the log": (404, lambda _: ""),
    "that we did not sign": (403, lambda _: ""),
    "that we cannot write": (400, lambda _: ""),
    "that we should look elsewhere": (302, lambda _: ""),
}


@asynccontextmanager
async def answering(pool: Any, folder: Path, status: int, say: Say) -> AsyncIterator[LogStage]:
    """A log whose witness answers like this."""

    async def post(_url: str, body: bytes, *, content_type: str) -> Answer:
        assert content_type.startswith("text/plain")
        text = notes.parse_note(body.partition(b"\n\n")[2]).text
        return Answer(status=status, body=say(text).encode())

    async with open_log(pool, folder) as log:
        await log.start()
        await log.sign()
        log.use(post=post, witnesses=(WITNESS,))
        yield log


async def kept(log: LogStage) -> list[vouchers.Cosignature]:
    async with log.stage.rt.pool.acquire() as conn:
        return await vouchers.cosignatures(conn, PRACTICE, first=1, last=9)


async def signed(log: LogStage) -> Signed:
    return await log.sign()


@pytest.mark.parametrize(("status", "say"), LIES.values(), ids=list(LIES))
async def test_a_lie_is_not_kept(pool: Any, tmp_path: Path, status: int, say: Say) -> None:
    lies = answering(pool, tmp_path, status, say)
    async with lies as log:
        with pytest.raises(UnreachableError, match=r"w\.test"):
            await witnesses.submit(log.stage.rt, WITNESS, await signed(log))
        assert await kept(log) == []


async def test_lines_of_others_beside_the_witnesss_are_ignored(pool: Any, tmp_path: Path) -> None:
    def say(text: bytes) -> str:
        return line(text, name="other.test") + line(text)

    async with answering(pool, tmp_path, 200, say) as log:
        await witnesses.submit(log.stage.rt, WITNESS, await signed(log))
        (one,) = await kept(log)
    assert (one.witness, one.time) == (KEY.text, NOW)


async def test_a_witness_that_does_not_know_the_log_yet_keeps_nobody_from_beginning(
    pool: Any, tmp_path: Path
) -> None:
    async with answering(pool, tmp_path, 404, lambda _: "") as log:
        FileMemory(tmp_path).path(PRACTICE).unlink()
        await log.start()
        assert (await log.sign()).size == 2


@pytest.mark.parametrize("status", [400, 403, 500])
async def test_one_that_says_nothing_of_what_it_holds_is_no_memory(
    pool: Any, tmp_path: Path, status: int
) -> None:
    async with answering(pool, tmp_path, status, lambda _: "") as log:
        FileMemory(tmp_path).path(PRACTICE).unlink()
        await log.start()
        with pytest.raises(LogKeyError, match="no witness answers"):
            await log.sign()


@asynccontextmanager
async def serving(answer: bytes, *, pause: float = 0.0) -> AsyncIterator[str]:
    """A server that says the same to everybody."""

    handling = set()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        handling.add(asyncio.current_task())
        await reader.readuntil(b"\r\n\r\n")
        await asyncio.sleep(pause)
        writer.write(answer)
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    async with server:
        host, port = server.sockets[0].getsockname()
        yield f"http://{host}:{port}"
        await asyncio.gather(*handling)


async def ask(url: str) -> Answer:
    async with open_evidence_client() as post:
        return await post(url, b"x", content_type="text/plain")


def response(body: bytes, *headers: bytes, status: bytes = b"200 OK") -> bytes:
    lines = [b"HTTP/1.1 " + status, b"Content-Length: %d" % len(body), *headers, b"", b""]
    return b"\r\n".join(lines) + body


async def test_an_answer_is_taken_as_it_is() -> None:
    async with serving(response(b"good")) as url:
        assert await ask(url) == Answer(status=200, body=b"good")


async def test_an_answer_that_is_too_long_is_not_read_to_its_end() -> None:
    async with serving(response(b"x" * (MOST_BYTES + 1))) as url:
        with pytest.raises(UnreachableError, match="more than"):
            await ask(url)


async def test_a_packed_answer_is_not_unpacked() -> None:
    packed = base64.b64decode("H4sIAAAAAAAAA0vPz08BAOlMxdAEAAAA")
    async with serving(response(packed, b"Content-Encoding: gzip")) as url:
        assert (await ask(url)).body == packed


async def test_whoever_is_slow_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evidence_client, "PATIENCE", 0.2)
    async with serving(response(b"late"), pause=1.0) as url:
        with pytest.raises(UnreachableError, match="does not answer"):
            await ask(url)


async def test_nobody_is_followed_elsewhere() -> None:
    async with serving(response(b"here")) as elsewhere:
        location = b"Location: " + elsewhere.encode()
        async with serving(response(b"", location, status=b"302 Found")) as url:
            assert (await ask(url)).status == 302


@pytest.mark.parametrize("answer", [b"", b"not HTTP at all", b"HTTP/1.1 200 OK\r\nContent-"])
async def test_what_is_no_answer_is_none(answer: bytes) -> None:
    async with serving(answer) as url:
        with pytest.raises(UnreachableError):
            await ask(url)
