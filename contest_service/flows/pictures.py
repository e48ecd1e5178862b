"""Pictures: what somebody uploads is made anew by a program of its own, and only that is kept.

Nobody is ever sent the bytes that were uploaded. A picture is known by the SHA-256 of what was made
of it, and never changes.
"""

import asyncio
import enum
import hashlib
import sys
from datetime import timedelta

import msgspec

from contest_service.domain.errors import Fault, InvalidError
from contest_service.domain.people import Actor
from contest_service.flows.runtime import Runtime
from contest_service.store import audit, pictures
from contest_service.store.pictures import Picture

MOST_KEPT = 2_000
"""Pictures of one workspace."""
_PATIENCE = 20.0
_AT_ONCE = asyncio.Semaphore(2)
_PROGRAM = "contest_service.picture_program"


class Use(enum.Enum):
    """What a picture is for, and its longest side in pixels."""

    PRIZE = 1600
    LOGO = 512


FAULTS = {
    "too_large": "The file has more than 10 MB; save it smaller.",
    "vector": "This is an SVG drawing, which can hold programs; save it as PNG.",
    "not_a_picture": "This is no JPEG, PNG or WebP picture; save it as one of them.",
    "too_many_pixels": "The picture has more than 40 million pixels; make it smaller.",
    "too_small": "The picture is smaller than 16 by 16 pixels; take a larger one.",
    "not_readable": "The picture is damaged, or not what it says it is; save it anew.",
}
"""What a code of the program means, and the way out."""
_FULL = (
    "The workspace keeps as many pictures as it may, and all are in use; take some out of drafts "
    "or templates first."
)
_FORGOTTEN = timedelta(days=1)
"""After which a picture that nothing shows may go."""


class _Answer(msgspec.Struct, frozen=True):
    fault: str = ""
    media_type: str = ""
    width: int = 0
    height: int = 0


async def keep_picture(rt: Runtime, actor: Actor, sent: bytes, *, use: Use) -> Picture:
    """Make a picture anew and keep it for the actor's workspace; return what is known of it.

    Raises InvalidError for what is no picture or too large. The same pixels sent again are one
    picture. No connection is held while it is made. Where the workspace has as many as it may,
    those go that nothing shows.
    """
    answer, made = await _make(sent, use)
    if answer.fault:
        raise InvalidError([Fault(pointer="/picture", detail=FAULTS[answer.fault])])
    picture = Picture(
        digest=hashlib.sha256(made).digest(),
        media_type=answer.media_type,
        width=answer.width,
        height=answer.height,
    )
    async with rt.pool.acquire() as conn, conn.transaction():
        if await pictures.is_kept(conn, actor.workspace_id, picture.digest):
            return picture
        now = rt.clock()
        if await pictures.count(conn, actor.workspace_id) >= MOST_KEPT:
            await pictures.drop_unused(conn, actor.workspace_id, before=now - _FORGOTTEN)
        if await pictures.count(conn, actor.workspace_id) >= MOST_KEPT:
            raise InvalidError([Fault(pointer="/picture", detail=_FULL)])
        await pictures.keep(conn, actor.workspace_id, picture, made, now=now)
        detail = {"digest": picture.digest.hex()}
        await audit.record(conn, actor, "picture.added", subject=None, at=now, detail=detail)
    return picture


async def _make(sent: bytes, use: Use) -> tuple[_Answer, bytes]:
    """Let the program work, not for long; one that dies at a picture refuses it.

    It knows nothing of ours: no environment, in which keys may stand, and no folder's modules.
    """
    async with _AT_ONCE:
        program = await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",
            "-m",
            _PROGRAM,
            str(use.value),
            env={},
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            async with asyncio.timeout(_PATIENCE):
                out, _ = await program.communicate(sent)
        except TimeoutError:
            out = b""
        finally:
            if program.returncode is None:
                program.kill()
                await program.wait()
    head, _, made = out.partition(b"\n")
    try:
        return msgspec.json.decode(head, type=_Answer), made
    except msgspec.DecodeError:
        return _Answer(fault="not_readable"), b""
