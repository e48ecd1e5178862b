"""Questions in comments by page: found, answered, filtered, and whose they are."""

import base64
from datetime import timedelta
from typing import Any

from api.staged import POST, SHOP, Stage
from litestar import Litestar

from contest_service.store.rows import Connection
from web.decided import Team, assembled, may_not

RULES = {"kind": "all_of", "of": [{"kind": "liked"}, {"kind": "commented"}]}
SAY = """
INSERT INTO actions (workspace_id, target_id, action, account, ref, seen_scan, seen_at, text, tags,
    mentions)
VALUES ($1, $2, 'comment', $3, $4, uuidv7(), $5, $6, '{}', '{}')
"""


async def said(connection: Connection, stage: Stage, team: Team, **texts: str) -> None:
    """Let people comment, one after the other."""
    post = await connection.fetchval("SELECT id FROM targets WHERE ref = $1", POST)
    for number, (name, text) in enumerate(texts.items()):
        account = SHOP if name == "shop" else f"did:plc:{name}"
        at = stage.rt.clock() + timedelta(seconds=number)
        ref = f"at://{account}/app.bsky.feed.post/{number}"
        await connection.execute(SAY, team.contest.workspace_id, post, account, ref, at, text)


async def test_questions_are_found_answered_and_kept_apart(
    app: Litestar, connection: Connection, stage: Stage
) -> None:
    team = await assembled(app, connection, stage, rules=RULES)
    where = f"{team.home}/questions"
    await team.editor.open(where)
    assert "Nobody waits for an answer" in team.editor.text
    await said(
        connection,
        stage,
        team,
        ann="А когда итоги",
        bob="Участвую!",
        zoe="Is it open worldwide",
        shop="Who wants a mug?",
        eve="<b>Можно ли дважды</b>",
    )
    await team.editor.open(where)
    text = team.editor.text
    assert text.index("Можно ли дважды") < text.index("Is it open") < text.index("А когда итоги")
    assert "Участвую!" not in text
    assert "Who wants a mug?" not in text
    assert "it has the Russian “ли”" in text
    assert f'href="{team.root}/entrants/{team.ids[0]}">ann</a>' in team.editor.page.text
    assert 'href="https://bsky.app/profile/did:plc:ann/post/0"' in team.editor.page.text

    comment: dict[str, Any] = {
        name: team.editor.hidden(name) for name in ("target", "account", "ref")
    }
    assert comment["account"] == "did:plc:eve"
    assert await may_not(team.auditor, f"{where}/answered", **comment)
    await team.editor.open(where)
    await team.editor.send(f"{where}/answered", **comment)
    assert "The question is noted as answered." in team.editor.text
    assert "Можно ли дважды" not in team.editor.text
    await team.owner.open(f"{where}?show=answered")
    assert "Можно ли дважды" in team.owner.text
    assert "Editor" in team.owner.text
    await team.owner.send(f"{where}/waiting", **comment, show="answered")
    assert "There is none" in team.owner.text
    await team.owner.open(team.root)
    assert "Можно ли дважды" in team.owner.text
    answer = await team.owner.send(f"{where}/answered", **comment | {"ref": "at://other"})
    assert answer.status_code in (403, 404)
    early = base64.urlsafe_b64encode(b'["0001-01-01T00:00:00+14:00","a","b"]').decode()
    behind = base64.urlsafe_b64encode(b'["2001-01-01T00:00:00.000001Z","a","b"]').decode()
    await team.owner.open(f"{where}?after={behind}")
    assert "Можно ли дважды" not in team.owner.text
    for after in ("zz", "WyIyMDI2IiwiYSJd", "%D0%B6", early):
        assert (await team.owner.open(f"{where}?after={after}")).status_code == 200


async def test_where_no_comment_is_asked_for_none_is_read(
    app: Litestar, connection: Connection, stage: Stage
) -> None:
    team = await assembled(app, connection, stage)
    await team.auditor.open(f"{team.home}/questions")
    assert "Comments are not read" in team.auditor.text
