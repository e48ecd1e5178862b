"""What a page says about what was just done, named in its address as `?note=…`."""

from typing import Any

from litestar import Request

from contest_service.web.language import words_of


def note_of(request: Request[Any, Any, Any]) -> str:
    """The sentence that the address asks for; empty for one that is not known."""
    _ = words_of(request).gettext
    known = {
        "saved": _("Saved."),
        "password-set": _("Your password is set. All other sessions have ended."),
        "totp-ended": _("No code is asked for any more."),
        "totp-required": _(
            "This workspace asks everybody for a code of an authenticator. Set one up to go on."
        ),
        "session-ended": _("The session has ended."),
        "sessions-ended": _("All other sessions have ended."),
        "joined": _("You are in the workspace now."),
        "opened": _("The workspace is open."),
        "role-changed": _("The role was changed."),
        "person-removed": _("The person was removed, and so were their tokens."),
        "withdrawn": _("The invitation was taken back."),
        "revoked": _("The token has ended, for ever."),
        "shown-once": _(
            "This was done already. What it showed is shown once only; if you have not kept it, "
            "make another one."
        ),
    }
    return known.get(request.query_params.get("note", ""), "")
