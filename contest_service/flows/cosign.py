"""Vouch for the logs of others: the witness's side of C2SP tlog-witness.

A checkpoint is cosigned only if it extends, by a proof, the last one that was cosigned here of the
same log. That is noted, durably, before the cosignature leaves.
"""

import base64
import binascii
import re

import msgspec

from contest_service.domain.schedule import unix
from contest_service.flows.runtime import Runtime
from contest_service.flows.signer import Cosigner
from contest_service.proof import merkle, notes
from contest_service.proof.errors import NoteError
from contest_service.proof.notes import Checkpoint, Note
from contest_service.store import vouchers
from contest_service.store.vouchers import Witnessed

MOST_BYTES = notes.MAX_NOTE + 8192
"""Of a request: a note, and a proof before it."""
MOST_PROOF = 63
"""Lines of a proof."""
_OLD = re.compile(r"old (0|[1-9][0-9]{0,18})")
_BODY_LINES = 3


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """What the witness answers, in HTTP's words."""

    status: int
    body: str
    media_type: str = "text/plain; charset=utf-8"


class Submission(msgspec.Struct, frozen=True, kw_only=True):
    """A checkpoint, and the proof that it extends the one of `old` leaves."""

    old: int
    proof: tuple[bytes, ...]
    note: Note
    checkpoint: Checkpoint


class _RefusedError(Exception):
    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.body)
        self.reply = reply


async def add_checkpoint(rt: Runtime, body: bytes) -> Reply:
    """Cosign a submitted checkpoint, or say why not."""
    try:
        submission = _parse(body)
        cosigner = _require_known(rt.cosigner, submission)
        return await _cosign(rt, cosigner, submission)
    except _RefusedError as refused:
        return refused.reply


async def _cosign(rt: Runtime, cosigner: Cosigner, submission: Submission) -> Reply:
    new, now = submission.checkpoint, rt.clock()
    async with rt.pool.acquire() as conn, conn.transaction():
        held = await vouchers.lock_witnessed(conn, new.origin, empty_root=merkle.EMPTY_ROOT, at=now)
        _require_extension(held, submission)
        seen = Witnessed(origin=new.origin, size=new.size, root=new.root)
        await vouchers.see(conn, seen, at=now)
    key = cosigner.key
    line = notes.cosign(key.private, key.name, submission.note.text, time=unix(now)).line
    return Reply(status=200, body=f"{line}\n")


def _parse(body: bytes) -> Submission:
    head, separator, note_bytes = body.partition(b"\n\n")
    try:
        old, *proof = head.decode("ascii").split("\n")
        found = _OLD.fullmatch(old)
        if not separator or found is None or len(proof) > MOST_PROOF:
            raise _RefusedError(_bad("The request is not a size, a proof and a checkpoint."))
        hashes = tuple(_hash(line) for line in proof)
        note = notes.parse_note(note_bytes)
        # Further lines are the log's business: what is vouched for stands in the first three.
        lines = note.text.split(b"\n", _BODY_LINES)
        checkpoint = notes.parse_checkpoint(b"\n".join([*lines[:_BODY_LINES], b""]))
    except (UnicodeDecodeError, NoteError) as error:
        raise _RefusedError(_bad(f"The request cannot be read: {error}")) from error
    if int(found[1]) > checkpoint.size:
        raise _RefusedError(_bad("The old size is larger than the checkpoint."))
    return Submission(old=int(found[1]), proof=hashes, note=note, checkpoint=checkpoint)


def _hash(line: str) -> bytes:
    try:
        data = base64.b64decode(line, validate=True)
    except (binascii.Error, ValueError):
        data = b""
    if len(data) != len(merkle.EMPTY_ROOT):
        raise _RefusedError(_bad("A line of the proof is not a hash in base64."))
    return data


def _require_known(cosigner: Cosigner | None, submission: Submission) -> Cosigner:
    """Refuse a log that nobody asked to vouch for, and a note that it did not sign."""
    origin = submission.checkpoint.origin
    keys = [key for key in cosigner.logs if key.name == origin] if cosigner else []
    if cosigner is None or not keys:
        raise _RefusedError(Reply(status=404, body="This witness does not know the log.\n"))
    for key in keys:
        try:
            if notes.find_log_signature(submission.note, key):
                return cosigner
        except NoteError:
            continue
    raise _RefusedError(Reply(status=403, body="The log did not sign this.\n"))


def _require_extension(held: Witnessed, submission: Submission) -> None:
    new, old = submission.checkpoint, submission.old
    if old != held.size or (new.size == held.size and new.root != held.root):
        raise _RefusedError(Reply(status=409, body=f"{held.size}\n", media_type="text/x.tlog.size"))
    if not merkle.verify_consistency(
        old_size=old,
        old_root=held.root,
        size=new.size,
        root=new.root,
        proof=submission.proof,
    ):
        raise _RefusedError(Reply(status=422, body="The proof does not hold.\n"))


def _bad(why: str) -> Reply:
    return Reply(status=400, body=f"{why}\n")
