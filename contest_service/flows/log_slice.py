"""The log's part of a bundle: the leaves since the contest began, and who vouched for them in time.

A bundle holds either all of it or nothing: without a checkpoint over every event of the contest
there is no slice, and the bundle stands on the operator's word.
"""

from collections.abc import AsyncIterator
from uuid import UUID

import msgspec
import structlog

from contest_service.domain.errors import ContestError
from contest_service.flows import log_tree
from contest_service.flows.log import sign_head
from contest_service.flows.log_tiles import cosigned_note
from contest_service.flows.runtime import Runtime
from contest_service.proof import events, log_files
from contest_service.proof.bundle import BundleWriter
from contest_service.proof.grade import deadlines
from contest_service.proof.slice import slice_bytes
from contest_service.store import contests, proof, vouchers
from contest_service.store import log as store
from contest_service.store.contests import Contest
from contest_service.store.log import Log, Signed
from contest_service.store.rows import Connection

MOST_CHECKPOINTS = 200
"""In one bundle; a contest that is not amended all the time needs a handful."""
_log = structlog.get_logger(__name__)


class Extent(msgspec.Struct, frozen=True, kw_only=True):
    """From which leaf to which checkpoint a bundle shows the log."""

    log: Log
    indices: list[int]
    """Of the contest's events, by number."""
    newest: Signed

    @property
    def first(self) -> int:
        """The index of the contest's first event."""
        return self.indices[0]


async def sign_before_export(rt: Runtime, workspace_id: UUID, contest_id: UUID) -> bool:
    """Sign the head of a contest's log; False if that cannot be now. Raises NotFoundError."""
    async with rt.pool.acquire() as conn:
        contest = await contests.read(conn, workspace_id, contest_id)
    if rt.signer is None:
        return False
    try:
        await sign_head(rt, Log.of(contest))
    except ContestError as error:
        _log.warning("exported_unsigned", contest=str(contest_id), error=error.message)
        return False
    return True


async def extent_of(conn: Connection, contest: Contest) -> Extent | None:
    """What a bundle can show of the log; None unless all of the contest's events are signed."""
    log = Log.of(contest)
    indices, newest = await store.indices(conn, contest), await store.newest(conn, log)
    if not indices or newest is None or newest.size <= indices[-1]:
        return None
    return Extent(log=log, indices=indices, newest=newest)


async def write_log(
    conn: Connection, contest: Contest, extent: Extent, writer: BundleWriter
) -> AsyncIterator[bytes]:
    """Yield the slice, its checkpoints and their timestamps; needs a transaction."""
    log, first, size = extent.log, extent.first, extent.newest.size
    left = await log_tree.peaks(conn, log, first)
    yield writer.add(log_files.SLICE_HEAD, slice_bytes(first, left))
    yield writer.begin(log_files.SLICE)
    async for leaves in store.leaves_in_batches(conn, log, first, size):
        yield writer.write(b"".join(leaves))
    yield writer.end()
    for signed in await store.checkpoints(conn, log, await _sizes(conn, contest, extent)):
        here = {"first": signed.size, "last": signed.size}
        note = cosigned_note(signed, await vouchers.cosignatures(conn, log, **here))
        yield writer.add(log_files.checkpoint_name(signed.size), note)
        for number, stamp in enumerate(await vouchers.stamps(conn, log, **here), start=1):
            name = log_files.timestamp_name(signed.size, number)
            yield writer.add(name, stamp.response)


async def _sizes(conn: Connection, contest: Contest, extent: Extent) -> list[int]:
    """The newest checkpoint, and by each deadline the last of everybody who vouched in time.

    The last one covers every event that an earlier one of the same voucher does.
    """
    lines = await proof.event_lines(conn, contest.workspace_id, contest.id)
    above: dict[int, int] = {}
    for each in deadlines(map(events.parse, lines)):
        above.setdefault(each.time, extent.indices[each.seq])
    sizes = {extent.newest.size}
    for before in sorted(above, reverse=True):
        limits = {"above": above[before], "before": before}
        cosigned = await vouchers.cosigned_in_time(conn, extent.log, **limits)
        stamped = await vouchers.stamped_in_time(conn, extent.log, **limits)
        if len(sizes) + len(cosigned) + len(stamped) > MOST_CHECKPOINTS:
            break
        sizes.update(cosigned.values(), stamped.values())
    return sorted(sizes)
