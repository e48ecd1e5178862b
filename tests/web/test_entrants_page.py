"""The table of entrants by page: several filters together, pages on and back, and the file."""

import csv
import html
import io

from api.staged import Stage
from litestar import Litestar

from contest_service.store.rows import Connection
from web.decided import Team, assembled
from web.test_holding_pages import measured

OUT = """
UPDATE entrants SET state = 'invalid', reason = 'liked.undone', tickets = 0,
    kind = kind_of('bluesky', 'invalid', 'liked.undone', '')
WHERE id = $1
"""
TALLY = """
INSERT INTO entrant_tallies (workspace_id, contest_id, platform, state, reason, marks, entrants,
    tickets)
SELECT workspace_id, id, 'bluesky', t.* FROM contests,
    (VALUES ('valid', 'all_conditions_hold', '', -1, -1), ('invalid', 'liked.undone', '', 1, 0)) t
"""


async def several(app: Litestar, connection: Connection, stage: Stage) -> Team:
    """Sixty people, of whom the first one undid the like; some stand out."""
    names = ("@anna", "@anton", *(f"p{number:02}" for number in range(58)))
    team = await assembled(app, connection, stage, names=names)
    await connection.execute(OUT, team.ids[0])
    await connection.execute(TALLY)
    await measured(connection, team, 100, 90, 40)
    return team


async def test_filters_go_together(app: Litestar, connection: Connection, stage: Stage) -> None:
    team = await several(app, connection, stage)
    where, desk = f"{team.root}/entrants", team.auditor
    for asked, count, here, away in (
        ("", "60 were found.", "p57", "@anna"),
        ("state=invalid&search=an", "1 was found.", "@anna", "@anton"),
        ("state=valid&search=an", "1 was found.", "@anton", "@anna"),
        ("state=valid&score=50", "1 was found.", "@anton", "@anna"),
        ("reason=invalid/liked.undone&source=bluesky", "1 was found.", "@anna", "@anton"),
        ("source=vk&state=valid", "Nobody was found", "Show everybody", "@anton"),
        ("order=name", "60 were found.", "@anna", "p57"),
        ("score=50", "2 were found.", "@anna", "p01"),
    ):
        assert (await desk.open(f"{where}?{asked}")).status_code == 200
        assert count in desk.text, asked
        assert here in desk.text.split("found.")[-1], asked
        assert away not in desk.text.split("found.")[-1], asked


async def test_pages_keep_the_choice_and_the_file_holds_all_of_it(
    app: Litestar, connection: Connection, stage: Stage
) -> None:
    team = await several(app, connection, stage)
    desk = team.auditor
    await desk.open(f"{team.root}/entrants?state=valid&search=p")
    first = desk.page.text
    (onward,) = [line for line in first.splitlines() if 'rel="next"' in line]
    query = html.unescape(onward.partition('href="')[2].partition('"')[0])
    await desk.open(f"{team.root}/entrants{query}")
    assert "p57" in desk.text
    assert "p00" not in desk.text
    assert 'rel="prev"' in desk.page.text
    for asked, count in (("", 60), ("state=invalid", 1), ("state=valid&search=p&score=1", 1)):
        answer = await desk.client.get(f"{team.root}/entrants/file?{asked}")
        assert answer.headers["content-disposition"].startswith("attachment")
        rows = list(csv.DictReader(io.StringIO(answer.text.lstrip("\ufeff"))))
        assert len(rows) == count, asked
    assert rows[0]["label"] == "p00"
    answer = await desk.client.get(f"{team.root}/entrants/file?separator=semicolon&lang=ru")
    assert answer.text.lstrip("\ufeff").startswith('"id";"label"')
