"""A small town with planted bots: most of them are flagged, and hardly anybody else.

The bounds are far from what `benchmarks/signals.py` finds: they say that nothing is broken. In so
small a town of each text there are too few copies to flag anybody by them.
"""

from pathlib import Path

from benchmarks.bot_town import measure_town
from benchmarks.bots import SHARES, town

PEOPLE = 600


async def test_most_bots_are_flagged_and_hardly_anybody_honest(
    database: str, redis_url: str, tmp_path: Path
) -> None:
    found = await measure_town(town(PEOPLE), url=database, folder=tmp_path, redis_url=redis_url)
    assert found.count("") >= 0.9 * PEOPLE
    assert found.flagged("") <= 0.03 * found.count("")
    assert sum(map(found.flagged, SHARES)) >= 0.5 * sum(map(found.count, SHARES))
    assert found.flagged("likers") >= 0.8 * found.count("likers")
