"""A contest's public pages, and what others put into theirs: the widget, its code, the pictures."""

from urllib.parse import urlencode
from uuid import UUID

from litestar import Response, get
from litestar.params import FromPath

from contest_service.domain.conditions import Language
from contest_service.store import contests
from contest_service.web.card import SIZES, Shape
from contest_service.web.embed_page import Theme
from contest_service.web.forms import blank
from contest_service.web.gate import AnyRequest, runtime_of
from contest_service.web.language import NAMES, PARAMETER, Words, words_of
from contest_service.web.oembed import TALL, frame_for
from contest_service.web.page import CONTENT_POLICY, render

_POLICY = {"Content-Security-Policy": f"{CONTENT_POLICY}; frame-src 'self'"}
"""The widget is shown as others will see it."""
_AUTO = Theme.AUTO.value


@get("/w/{workspace_id:uuid}/contests/{contest_id:uuid}/share", operation_id="page_share")
async def page_share(
    request: AnyRequest, workspace_id: FromPath[UUID], contest_id: FromPath[UUID]
) -> Response[bytes]:
    """With `?theme=` and `?language=` the code for a widget that looks and speaks so."""
    rt, words, query = runtime_of(request), words_of(request), request.query_params
    async with rt.pool.acquire() as conn:
        contest = await contests.read(conn, workspace_id, contest_id)
    theme = _chosen(query.get("theme", ""), [each.value for each in Theme])
    language = _chosen(query.get("language", ""), [_AUTO, *(each.value for each in Language)])
    asked = {
        name: value for name, value in ((PARAMETER, language), ("theme", theme)) if value != _AUTO
    }
    code = frame_for(
        rt,
        contest_id,
        title=contest.definition.title,
        width="100%",
        height=TALL,
        query=asked,
    )
    return render(
        request,
        "share.html",
        headers=_POLICY,
        contest=contest,
        is_public=contest.terms_version > 0,
        link=rt.contest_link(contest_id),
        record=rt.organiser_link(workspace_id),
        site=rt.public_url,
        code=code,
        form=blank(theme=theme, language=language),
        themes=_themes(words),
        languages_of_widget=[
            (_AUTO, words.gettext("As the reader prefers")),
            *((each.value, name) for each, name in NAMES.items()),
        ],
        language_of_widget=language,
        theme=theme,
        query=urlencode(asked),
        height=TALL,
        shapes=[(_say_shape(each, words), each.value, *SIZES[each]) for each in Shape],
    )


def _chosen(given: str, known: list[str]) -> str:
    """What is asked for, if there is such a thing; else the first."""
    return given if given in known else known[0]


def _themes(words: Words) -> list[tuple[str, str]]:
    _ = words.gettext
    said = {
        Theme.AUTO: _("As the reader prefers"),
        Theme.LIGHT: _("Light"),
        Theme.DARK: _("Dark"),
    }
    return [(theme.value, text) for theme, text in said.items()]


def _say_shape(shape: Shape, words: Words) -> str:
    _ = words.gettext
    said = {Shape.WIDE: _("For links"), Shape.SQUARE: _("For posts"), Shape.STORY: _("For stories")}
    return said[shape]
