"""Sign: a checkpoint over the log's head, within seconds of every event.

Whatever was written while one was being signed shares the next. Nothing is signed that does not
extend all that was signed before, for all that the database, the file beside the key and the
witnesses remember: a backup that is too old says so instead of contradicting what is public.
"""

import structlog

from contest_service.domain.errors import ConflictError
from contest_service.flows import log_tree, witnesses
from contest_service.flows.log_tree import Growth
from contest_service.flows.runtime import Runtime
from contest_service.flows.signer import (
    WAY_OUT,
    LogKeyError,
    LogRewoundError,
    Signer,
    SigningKey,
    require_signer,
)
from contest_service.proof import notes
from contest_service.proof.errors import NoteError
from contest_service.proof.merkle import EMPTY_ROOT
from contest_service.proof.notes import Checkpoint, KeyKind, Note
from contest_service.store import contests, work
from contest_service.store import log as store
from contest_service.store.log import Log, Signed
from contest_service.store.rows import Connection
from contest_service.store.work import Work

log = structlog.get_logger(__name__)


async def run_sign(rt: Runtime, job: Work) -> None:
    """Let a contest's events stand in a checkpoint, and see to it that others vouch for it."""
    signer = require_signer(rt.signer)
    async with rt.pool.acquire() as conn:
        contest = await contests.read(conn, job.workspace_id, job.subject)
    await sign_head(rt, Log.of(contest))
    key, now = (job.workspace_id, work.Kind.VOUCH, job.subject), rt.clock()
    async with rt.pool.acquire() as conn, conn.transaction():
        has_others = signer.witnesses or signer.authorities
        due = [await work.plan(conn, *key, due_at=now)] if has_others else []
        await work.finish(conn, job)
    await rt.ring(due)


async def plan_unsigned(rt: Runtime) -> None:
    """See to it that everything is signed: also what was written before there were signatures."""
    async with rt.pool.acquire() as conn:
        for unsigned in await store.count_unsigned(conn):
            if unsigned.leaves > 0:
                await work.plan_unsigned(conn, unsigned.log, unsigned.signed, due_at=rt.clock())


async def sign_head(rt: Runtime, name: Log) -> Signed | None:
    """Return a checkpoint of all leaves that there are now; None for a log without any.

    Raises LogRewoundError, LogKeyError, and UnreachableError where nobody can say whether this is
    the log that was signed before.
    """
    signer = require_signer(rt.signer)
    async with rt.pool.acquire() as conn:
        last = await store.newest(conn, name)
        size = await store.head_size(conn, name)
    if size == (last.size if last else 0):
        return last
    try:
        before = _last_of_this_name(rt, signer, name, last)
        answered = await witnesses.compare(rt, signer, before)
        async with rt.pool.acquire() as conn, conn.transaction():
            await store.lock_signing(conn, name)
            return await _extend(conn, rt, name, is_confirmed=answered > 0)
    except LogRewoundError as error:
        log.error("log_rewound", log=name, error=error.message)  # noqa: TRY400 - no defect of ours
        raise


async def _extend(conn: Connection, rt: Runtime, name: Log, *, is_confirmed: bool) -> Signed | None:
    """Sign the head in the caller's transaction, which nobody else does meanwhile."""
    signer = require_signer(rt.signer)
    last, size = await store.newest(conn, name), await store.head_size(conn, name)
    signed_size = last.size if last else 0
    if size < signed_size:
        raise LogRewoundError(
            f"The {name} log has {size} events, and {signed_size} were signed. {WAY_OUT}"
        )
    if size == signed_size:
        return last
    key = _key(signer, name, last)
    root = await _grow(conn, name, last, size=size)
    new = Checkpoint(origin=key.name, size=size, root=root)
    await _compare_memory(conn, signer, name, new=new, is_confirmed=is_confirmed)
    signed = _signed(rt, name, key, new=new, before=signed_size)
    # Before the commit: whatever anybody sees of it is remembered outside the database.
    signer.memory.remember(name, new)
    await store.add_checkpoint(conn, signed)
    log.info("log_signed", log=name, size=size)
    return signed


async def _grow(conn: Connection, name: Log, last: Signed | None, *, size: int) -> bytes:
    """Hash the leaves that no checkpoint covers yet; return the root over all."""
    start = last.size if last else 0
    try:
        growth = Growth(start, await log_tree.peaks(conn, name, start))
    except log_tree.MissingHashError as error:
        raise LogRewoundError(f"The {name} log lacks {error}. {WAY_OUT}") from error
    if last is not None and growth.root != last.root:
        raise LogRewoundError(
            f"The {name} log's hashes are not those that were signed at size {start}. {WAY_OUT}"
        )
    try:
        async for leaves in store.leaves_in_batches(conn, name, start, size):
            whole = [one for leaf in leaves for one in growth.add(leaf)]
            await store.add_hashes(conn, name, whole)
    except ConflictError as error:
        raise LogRewoundError(
            f"The {name} log has hashes beyond what was signed, which is {start}. {WAY_OUT}"
        ) from error
    if growth.size != size:
        raise LogRewoundError(f"The {name} log lacks events below {size}. {WAY_OUT}")
    return growth.root


async def _compare_memory(
    conn: Connection, signer: Signer, name: Log, *, new: Checkpoint, is_confirmed: bool
) -> None:
    """Raise LogRewoundError unless `new` extends what the file beside the key remembers."""
    remembered = signer.memory.recall(name)
    if remembered is None or remembered.origin != new.origin:
        if signer.witnesses and not is_confirmed:
            raise LogKeyError(
                "Nothing beside the log's key remembers what was signed, and no witness answers "
                "either. It is tried again; check CONTEST_WITNESSES and CONTEST_LOG_MEMORY."
            )
        return
    if remembered.size > new.size:
        raise LogRewoundError(
            f"The {name} log has {new.size} events, and {remembered.size} were signed. {WAY_OUT}"
        )
    if await log_tree.root(conn, name, remembered.size) != remembered.root:
        raise LogRewoundError(
            f"The {name} log is not the one that was signed at size {remembered.size}. {WAY_OUT}"
        )


def _last_of_this_name(rt: Runtime, signer: Signer, name: Log, last: Signed | None) -> Signed:
    """What was signed last under the present name; the empty log if nothing was."""
    key = _key(signer, name, last)
    if last is not None and checkpoint_of(last).origin == key.name:
        return last
    empty = Checkpoint(origin=key.name, size=0, root=EMPTY_ROOT)
    return _signed(rt, name, key, new=empty, before=0)


def _signed(rt: Runtime, name: Log, key: SigningKey, *, new: Checkpoint, before: int) -> Signed:
    note = Note(text=new.text, signatures=(key.sign(new),))
    return Signed(
        log=name,
        size=new.size,
        before=before,
        root=new.root,
        note=note.encoded,
        signed_at=rt.clock(),
    )


def _key(signer: Signer, name: Log, last: Signed | None) -> SigningKey:
    """The key to sign with. Raises LogKeyError if another one has this name already."""
    before = None if last is None else checkpoint_of(last)
    key = signer.key(name, before)
    if last is not None and before is not None and before.origin == key.name:
        try:
            is_ours = notes.find_log_signature(
                notes.parse_note(last.note), key.verifier(KeyKind.LOG)
            )
        except NoteError:
            is_ours = False
        if not is_ours:
            raise LogKeyError(
                f"The log {key.name} was signed with another key. Give that one as "
                "CONTEST_LOG_KEY_FILE, or set CONTEST_LOG_ORIGIN to a name that was never used."
            )
    return key


async def present_key(conn: Connection, signer: Signer, name: Log) -> SigningKey:
    """The key that signs a log next. Raises LogKeyError as signing does."""
    return _key(signer, name, await store.newest(conn, name))


def checkpoint_of(signed: Signed) -> Checkpoint:
    """Read what was signed."""
    return notes.parse_checkpoint(notes.parse_note(signed.note).text)
