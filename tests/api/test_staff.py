"""Who is taken for staff of a community, as everybody of the workspace may see it."""

import httpx

from api.answers import done
from api.staged import Stage
from contest_service.store import staff


async def test_what_is_known_of_staff_is_shown_with_when_it_was_told(
    auditor: httpx.AsyncClient, stage: Stage
) -> None:
    community = await stage.community()
    where = f"/v1/communities/{community}/staff"
    unknown = {"accounts": None, "read_at": None, "tried_at": None, "failure": ""}
    assert done(await auditor.get(where)) == unknown
    key, now = (await stage.workspace(), community), stage.rt.clock()
    async with stage.rt.pool.acquire() as conn:
        await staff.keep(conn, *key, ["2", "1"], at=now)
        await staff.note_failure(conn, *key, "VK does not answer.", at=now)
    shown = done(await auditor.get(where))
    assert (shown["accounts"], shown["failure"]) == (["1", "2"], "VK does not answer.")
    assert shown["read_at"] == shown["tried_at"]
