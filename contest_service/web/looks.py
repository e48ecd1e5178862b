"""How a workspace's pages look: forms for its accent colour and its logo, on its settings page."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath

from contest_service.domain import accent
from contest_service.domain.errors import InvalidError
from contest_service.flows import looks as flow
from contest_service.flows.pictures import Use, keep_picture
from contest_service.web.forms import Form, read_form
from contest_service.web.gate import AnyRequest, actor_of, runtime_of
from contest_service.web.language import words_of
from contest_service.web.submissions import require_unsent, submission
from contest_service.web.workspaces import show_settings

MOST_BYTES = 12 * 1024 * 1024
"""Of a form with one picture: a little more than one may have, so that its field can say so."""

Text = Annotated[str, msgspec.Meta(max_length=50)]


class AccentForm(msgspec.Struct, frozen=True, kw_only=True):
    accent: Text | None = None
    usual: bool = False
    """Whether the button for the usual colour was pressed."""


class LogoForm(msgspec.Struct, frozen=True, kw_only=True):
    """A form of which all that matters is its file, `logo`."""


@post("/w/{workspace_id:uuid}/settings/accent", operation_id="change_accent", status_code=200)
async def change_accent(request: AnyRequest, workspace_id: FromPath[UUID]) -> Response[bytes]:
    """Give the workspace another accent colour, or its usual one back."""
    form: Form[AccentForm] = await read_form(request, AccentForm)
    filled, words = form.filled, words_of(request)
    if filled is not None:
        given = None if filled.usual else filled.accent or ""
        try:
            async with submission(request) as sent:
                await flow.change_accent(sent.conn, actor_of(request), given, now=sent.now)
                return await sent.go(f"/w/{workspace_id}/settings?note=saved#look")
        except InvalidError:
            colour = accent.parse(filled.accent or "")
            if colour is None:
                said = words.gettext("This is no colour. Write it as # and six digits.")
            else:
                said = words.gettext(
                    "%(colour)s is too pale on white to be read: its contrast is %(contrast)s, and "
                    "%(least)s is the least. The nearest that fits is %(nearest)s.",
                    colour=colour,
                    contrast=ratio(accent.shades(colour).light.contrast),
                    least=ratio(accent.LEAST),
                    nearest=accent.nearest(colour),
                )
            form.add("accent", said)
    return show_settings(request, accent_form=form, status_code=422)


@post(
    "/w/{workspace_id:uuid}/settings/logo",
    operation_id="change_logo",
    status_code=200,
    request_max_body_size=MOST_BYTES,
)
async def change_logo(request: AnyRequest, workspace_id: FromPath[UUID]) -> Response[bytes]:
    """Make a picture anew, and make it the workspace's logo."""
    await require_unsent(request)
    form: Form[LogoForm] = await read_form(request, LogoForm)
    words, actor = words_of(request), actor_of(request)
    data = await _read(form.files.get("logo"))
    if not data:
        form.add("logo", words.gettext("Choose a picture first."))
    else:
        try:
            picture = await keep_picture(runtime_of(request), actor, data, use=Use.LOGO)
            async with submission(request) as sent:
                await flow.change_logo(sent.conn, actor, picture, now=sent.now)
                return await sent.go(f"/w/{workspace_id}/settings?note=saved#look")
        except InvalidError as error:
            for fault in error.faults:
                form.add("logo", words.refusal(fault.detail))
    return show_settings(request, logo_form=form, status_code=422)


@post("/w/{workspace_id:uuid}/settings/logo/remove", operation_id="remove_logo", status_code=200)
async def remove_logo(request: AnyRequest, workspace_id: FromPath[UUID]) -> Response[bytes]:
    async with submission(request) as sent:
        await flow.change_logo(sent.conn, actor_of(request), None, now=sent.now)
        return await sent.go(f"/w/{workspace_id}/settings?note=saved#look")


async def _read(file: UploadFile | None) -> bytes:
    return await file.read() if file is not None and file.filename else b""


def ratio(contrast: float) -> str:
    """A contrast as people write it, rounded down, so that it never says more than there is."""
    return f"{int(contrast * 10) / 10:.1f} : 1"
