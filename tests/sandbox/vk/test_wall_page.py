"""A post's page, as a browser shows it."""

from sandbox.vk.stage import GLEB, WALL, Stage


async def page(stage: Stage, name: str) -> tuple[int, str]:
    answer = await stage.client.get(f"/{name}")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    return answer.status_code, answer.text


async def test_it_shows_the_post_its_counters_and_its_comments(stage: Stage) -> None:
    await stage.act("like", GLEB)
    top = await stage.act("comment", GLEB, text="Участвую")
    await stage.act("comment", GLEB, text="И ещё раз", comment_id=top["id"])
    gone = await stage.act("comment", GLEB, text="Уже нет")
    await stage.act("erase", GLEB, comment_id=gone["id"])
    status, shown = await page(stage, f"wall{WALL}_{stage.post_id}")
    assert status == 200
    for words in ("Кофейня", "Розыгрыш!", "Нравится: 1", "комментариев: 2", "Глеб Носов"):
        assert words in shown
    assert "Участвую" in shown
    assert "И ещё раз" in shown
    assert "Уже нет" not in shown


async def test_what_people_wrote_is_text_and_nothing_else(stage: Stage) -> None:
    await stage.act("comment", GLEB, text="<script>alert(1)</script>")
    _, shown = await page(stage, f"wall{WALL}_{stage.post_id}")
    assert "<script" not in shown
    assert "&lt;script&gt;" in shown


async def test_a_post_that_is_not_there_is_404(stage: Stage) -> None:
    for name in ("wall-501_99", "wall1_1", "wall", "wallpaper", "wall-501_x"):
        status, _ = await page(stage, name)
        assert status == 404
