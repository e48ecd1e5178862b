"""What a page says about what was just done, named in its address as `?note=…`."""

from collections.abc import Mapping
from typing import Any

from litestar import Request

from contest_service.web.language import Words, words_of


def note_of(request: Request[Any, Any, Any]) -> str:
    """The sentence that the address asks for; empty for one that is not known."""
    words = words_of(request)
    known = {**_of_workspaces(words), **_of_drafts(words), **_of_contests(words)}
    return known.get(request.query_params.get("note", ""), "")


def _of_workspaces(words: Words) -> Mapping[str, str]:
    """Of persons, settings and communities."""
    _ = words.gettext
    return {
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
        "tour-put-away": _("The tour is put away. Your own page brings it back."),
        "community-connected": _("The community is connected."),
        "community-checked": _("It was looked at just now."),
        "community-resumed": _(
            "It is asked again. If the captcha is not solved yet, it soon rests again."
        ),
        "community-removed": _("The community was removed, and its credential erased."),
        "credential-changed": _("The new credential works, and is kept."),
        "part-taken-out": _("That part was taken out and erased."),
        "sign-in-again": _(
            "The way to VK ID was shown once already. If you have not gone on, begin again."
        ),
        "shown-once": _(
            "This was done already. What it showed is shown once only; if you have not kept it, "
            "make another one."
        ),
    }


def _of_drafts(words: Words) -> Mapping[str, str]:
    """Of contests until they start, and of templates."""
    _ = words.gettext
    return {
        "scheduled": _(
            "The contest is scheduled. It starts by itself, and can be changed until then."
        ),
        "unscheduled": _("The planned start is taken back. The contest is a draft again."),
        "started": _("The contest has started: its rules are public and locked."),
        "draft-deleted": _("The draft is deleted."),
        "practice-begun": _("The practice run has begun. It goes by itself from here on."),
        "made-again": _("The draft is made. Add its posts, then go through the steps."),
        "template-kept": _("The template is kept."),
        "template-deleted": _("The template is deleted."),
        "contest-made": _("The draft is made. Nothing of it is public before the start."),
        "post-added": _("The post was added."),
        "post-removed": _("The post was removed."),
        "post-looked-at": _("The post was read again."),
        "rules-locked": _(
            "The contest has started, so its rules are locked. A change is made in public, with a "
            "reason."
        ),
    }


def _of_contests(words: Words) -> Mapping[str, str]:
    """Of contests from their start on."""
    _ = words.gettext
    return {
        "prize-claimed": _("The claim is noted."),
        "prize-delivered": _("The delivery is noted."),
        "delivery-undone": _("The delivery was taken back."),
        "telling-again": _("They are being told again."),
        "publishing-again": _("It is being published again."),
        "corrected": _("The correction is on its way."),
        "amended": _("The rules were changed in public. The announcement is on its way."),
        "cancelled": _("The contest was cancelled."),
        "completed": _("The contest is complete."),
        "out-proposed": _("It is proposed."),
        "out-approved": _("It is approved."),
        "out-withdrawn": _("The proposal was taken back."),
        "held": _("They are held. The verdict follows within seconds."),
        "released": _("They are let go. The verdict follows within seconds."),
        "nobody-new": _("Nothing had to be changed: it was so already."),
        "proposed": _("It is proposed."),
        "approved": _("It is approved, and in force."),
        "taken-back": _("It is taken back."),
        "answered": _("The answer is given. They read it where they asked."),
        "question-answered": _("The question is noted as answered."),
        "list-made": _("The list is made."),
        "list-deleted": _("The list is deleted."),
        "put-on": _("Put on the list."),
        "taken-off": _("Taken off the list."),
        "brought-in": _("The entries are brought in. Their verdicts follow within seconds."),
        "question-waits": _("The question waits again."),
    }
