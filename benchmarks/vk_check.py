"""Whether scans of VK stored all that there was: the database against the sandbox's own truth.

As a program, in a process of its own. Whoever was there before the scan and after it has to be
stored as there; who came or left meanwhile may be; nobody else, nobody twice, and every scan has to
be complete.
"""

import asyncio
from collections import Counter

import msgspec

from benchmarks import fresh
from benchmarks.ground import connection
from benchmarks.vk_town import Sizes, Town
from contest_service.store.rows import Connection

_SCANS = "SELECT state, failure FROM scans ORDER BY id"
_PRESENT = "SELECT account FROM actions WHERE action = $1 AND gone_at IS NULL"
_GONE = "SELECT account FROM actions WHERE action = $1 AND gone_at IS NOT NULL"


async def _main() -> None:
    given = fresh.arguments()
    town = msgspec.convert(given["town"], Town)
    sizes = msgspec.convert(given["sizes"], Sizes)
    truth = await town.look("post", **town.query, history=1)
    likes = set(truth["likes"])
    ever = {who for _, deed, who, _ in truth["history"] if deed == "like"}
    left = {who for _, deed, who, _ in truth["history"] if deed == "unlike"}
    stayers = likes - (ever - {*likes, *left})
    async with connection(given["url"]) as conn:
        scans = await conn.fetch(_SCANS)
        assert len(scans) == given["scans"], scans
        assert all((row["state"], row["failure"]) == ("complete", None) for row in scans), scans
        stored = await _stored(conn, "like")
        gone = {int(row["account"]) for row in await conn.fetch(_GONE, "like")}
        arrived = _arrived(truth["history"], sizes.likes)
        assert max(stored.values(), default=1) == 1
        assert (stayers - arrived) <= stored.keys() <= ever
        assert not gone & likes
        if given["is_still"]:
            assert stored.keys() == likes
        assert await _stored(conn, "repost") == Counter(truth["copies"] if sizes.copies else ())
        said = Counter(each["from_id"] for each in truth["comments"] if sizes.comments)
        assert await _stored(conn, "comment") == said
    fresh.answer(stored=len(stored), arrived=len(arrived), left=len(left))


async def _stored(conn: Connection, action: str) -> Counter[int]:
    return Counter(int(row["account"]) for row in await conn.fetch(_PRESENT, action))


def _arrived(history: list[tuple[int, str, int, int]], first: int) -> set[int]:
    """Who liked after the world was built, which had so many likes at first."""
    return set([who for _, deed, who, _ in history if deed == "like"][first:])


if __name__ == "__main__":
    asyncio.run(_main())
