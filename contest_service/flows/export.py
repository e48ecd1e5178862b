"""Export: the audit bundle of a contest, streamed from one consistent read.

The public edition holds the openings of whoever holds or held a prize and agreed to be named; the
dispute edition all that is still kept, with the evidence.
"""

from collections.abc import AsyncIterator
from uuid import UUID

from contest_service.domain.schedule import unix
from contest_service.flows import log_slice, quiz, readme
from contest_service.flows.ledger import load_chain
from contest_service.flows.runtime import Runtime
from contest_service.flows.set_aside import count_set_aside
from contest_service.proof import bundle, canonical, dispute
from contest_service.proof.bundle import BundleWriter, Edition
from contest_service.proof.chain import Chain
from contest_service.proof.check import ENTRIES, EVENTS, OPENINGS
from contest_service.proof.entries import Opening
from contest_service.store import contests, dossier, entrants, proof
from contest_service.store.contests import Contest
from contest_service.store.rows import Connection

TRIES = 3
"""Times that the log is signed for an export, while more is written to the contest."""


async def export_bundle(
    rt: Runtime, workspace_id: UUID, contest_id: UUID, edition: Edition
) -> AsyncIterator[bytes]:
    """Yield a bundle's zip, piece by piece. Raises NotFoundError before the first piece."""
    for left in reversed(range(TRIES)):
        is_signed = await log_slice.sign_before_export(rt, workspace_id, contest_id)
        async with (
            rt.pool.acquire() as conn,
            conn.transaction(isolation="repeatable_read", readonly=True),
        ):
            contest = await contests.read(conn, workspace_id, contest_id)
            extent = await log_slice.extent_of(conn, contest)
            if extent is None and is_signed and left and contest.terms_version:
                continue  # something was written between the signature and this read
            async for piece in _pieces(conn, rt, contest, edition=edition, extent=extent):
                yield piece
            return


async def _pieces(
    conn: Connection,
    rt: Runtime,
    contest: Contest,
    *,
    edition: Edition,
    extent: log_slice.Extent | None,
) -> AsyncIterator[bytes]:
    chain = await load_chain(conn, contest)
    writer = BundleWriter(edition=edition, contest=str(contest.id))
    async for piece in _proof(conn, contest, chain, writer):
        yield piece
    if extent is not None:
        async for piece in log_slice.write_log(conn, contest, extent, writer):
            yield piece
    async for piece in _openings(conn, contest, chain, writer=writer, edition=edition):
        yield piece
    if edition is Edition.DISPUTE:
        async for piece in _dispute(conn, contest, chain, writer):
            yield piece
    text = readme.text(
        contest,
        chain,
        edition=edition,
        link=rt.contest_link(contest.id),
        set_aside=await count_set_aside(conn, contest),
    )
    yield writer.add(bundle.README, text.encode())
    yield writer.finish()


async def _proof(
    conn: Connection, contest: Contest, chain: Chain, writer: BundleWriter
) -> AsyncIterator[bytes]:
    """Events, the frozen list, the terms, and the verifiers that the terms in force name."""
    key = (contest.workspace_id, contest.id)
    lines = await proof.event_lines(conn, *key)
    yield writer.add(EVENTS, b"".join(line + b"\n" for line in lines))
    yield writer.begin(ENTRIES)
    async for chunk in proof.chunks(conn, *key, "entries"):
        yield writer.write(chunk)
    yield writer.end()
    for version in await proof.terms(conn, *key):
        yield writer.add(bundle.terms_name(version.sha256.hex()), version.bytes)
    for opened in await quiz.opened_files(conn, contest):
        yield writer.add(bundle.quiz_name(opened.commitment), opened.data)
    for sha256 in await dossier.verifiers_in_force(conn, contest):
        verifier = await proof.verifier(conn, sha256)
        if verifier is not None:
            yield writer.add(verifier.name, verifier.bytes)


async def _openings(
    conn: Connection, contest: Contest, chain: Chain, *, writer: BundleWriter, edition: Edition
) -> AsyncIterator[bytes]:
    yield writer.begin(OPENINGS)
    if edition is Edition.DISPUTE:
        async for batch in dossier.frozen_openings(conn, contest):
            yield writer.write(b"".join(_opening_line(contest, each) for each in batch))
    elif contest.definition.naming:
        held = await entrants.openings(conn, contest.workspace_id, contest.id, _holders(chain))
        yield writer.write(b"".join(_opening_line(contest, each) for each in held.values()))
    yield writer.end()


def _holders(chain: Chain) -> list[bytes]:
    """Commitments that hold or held a prize."""
    slots = [
        slot for draws in (chain.initial, chain.final) for draw in draws or () for slot in draw
    ]
    return sorted({bytes.fromhex(slot.commit) for slot in slots if slot.commit})


def _opening_line(contest: Contest, opening: entrants.Opening) -> bytes:
    return (
        canonical.encode(
            Opening(
                contest=str(contest.id),
                entry=str(opening.entrant_id),
                label=opening.label,
                subject=opening.subject,
                salt=opening.salt.hex(),
            )
        )
        + b"\n"
    )


async def _dispute(
    conn: Connection, contest: Contest, chain: Chain, writer: BundleWriter
) -> AsyncIterator[bytes]:
    key = (contest.workspace_id, contest.id)
    if chain.freeze is not None and chain.freeze.evidence is not None:
        yield writer.begin(bundle.EVIDENCE)
        async for chunk in proof.chunks(conn, *key, "evidence"):
            digests = (chunk[at : at + 32] for at in range(0, len(chunk), 32))
            yield writer.write(b"".join(map(dispute.evidence_line, digests)))
        yield writer.end()
        yield writer.begin(bundle.RECORDS)
        async for records in dossier.records(conn, contest):
            yield writer.write(b"".join(_record_line(each) for each in records))
        yield writer.end()
    yield writer.begin(bundle.SCANS)
    async for scans in dossier.scans(conn, contest):
        yield writer.write(b"".join(_line(_scan(each)) for each in scans))
    yield writer.end()
    yield writer.begin(bundle.PAGES)
    async for pages in dossier.pages(conn, contest):
        yield writer.write(b"".join(_line(_page(each)) for each in pages))
    yield writer.end()
    overrides = await contests.overrides(conn, *key)
    yield writer.add(bundle.OVERRIDES, b"".join(_line(_override(each)) for each in overrides))


def _line(shape: dispute.Scan | dispute.PageDigest | dispute.Override) -> bytes:
    return canonical.encode(shape) + b"\n"


def _record_line(record: dossier.SealedRecord) -> bytes:
    # The record is kept in its canonical bytes, and "record" stands before "salt".
    return b'{"record":%s,"salt":"%s"}\n' % (record.record.encode(), record.salt.hex().encode())


def _scan(scan: dossier.ScanLine) -> dispute.Scan:
    return dispute.Scan(
        scan=str(scan.id),
        target=scan.target,
        action=scan.action,
        closing=scan.closing,
        started_at=unix(scan.started_at),
        finished_at=None if scan.finished_at is None else unix(scan.finished_at),
        state=scan.state,
        pages=scan.pages,
        seen=scan.seen,
        claimed=scan.claimed,
        hidden=scan.hidden,
    )


def _page(page: dossier.PageLine) -> dispute.PageDigest:
    return dispute.PageDigest(
        scan=str(page.scan_id),
        seq=page.seq,
        sha256=page.sha256.hex(),
        size=page.size,
        fetched_at=unix(page.fetched_at),
    )


def _override(override: contests.Override) -> dispute.Override:
    return dispute.Override(
        at=unix(override.at),
        kind=override.kind,
        reason=override.reason,
        person=None if override.person_id is None else str(override.person_id),
        entrant=None if override.entrant_id is None else str(override.entrant_id),
    )
