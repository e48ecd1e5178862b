"""What flows of people and signing in find wrong, in the visitor's words."""

from typing import Any

from contest_service.domain.errors import ConflictError, InvalidError
from contest_service.domain.passwords import LEAST, MOST
from contest_service.web.forms import Form
from contest_service.web.language import Words


def take_faults(form: Form[Any], error: InvalidError, words: Words) -> None:
    """Put a flow's faults beside the fields that have their names, and the rest on top."""
    for fault in error.faults:
        name = fault.pointer.strip("/").partition("/")[0]
        said = say_fault(fault.detail, words)
        if name in form.typed:
            form.add(name, said)
        else:
            form.add("", f"{fault.pointer}: {said}" if fault.pointer else said)


def say_fault(detail: str, words: Words) -> str:
    """Say a fault that a flow told in English."""
    _ = words.gettext
    known = {
        "is not your password": _("This is not your password."),
        "is not the code of this moment": _(
            "This is not the code of this moment. Wait for the next one, and check that your "
            "phone's clock is right."
        ),
        "give 1 to 200 characters": _("Give 1 to 200 characters."),
        f"give {LEAST} to {MOST} characters": _(
            "Give %(least)s to %(most)s characters; several words are easy to remember.",
            least=LEAST,
            most=MOST,
        ),
        "repeats too few characters": _("This repeats too few characters."),
        "is your name or your address": _("This is your name or your address."),
        "is not an e-mail address": _("This is not an e-mail address."),
        "is needed to sign in": _("You need this to sign in with your password."),
        "lies in the past": _("This lies in the past."),
    }
    return known.get(detail) or _as_sentence(words.refusal(detail))


def say_conflict(error: ConflictError, words: Words) -> str:
    """Say why something cannot be done as things stand."""
    _ = words.gettext
    known = {
        "email_taken": _(
            "Somebody has this e-mail address already. If it is you, sign in first; else give "
            "another."
        ),
        "name_taken": _("This name is taken already; choose another one."),
        "already_member": _("This person is in the workspace already."),
        "last_owner": _("This person is the only owner. Make somebody else an owner first."),
        "other_address": _(
            "This invitation is for another e-mail address than yours. Ask for one without."
        ),
    }
    return known.get(error.code) or words.refusal(error.message)


def _as_sentence(said: str) -> str:
    """Begin with a capital and end with a full stop, as what stands alone beside a field."""
    ends = said.endswith((".", "!", "?", "…", ")"))
    return f"{said[:1].upper()}{said[1:]}{'' if ends else '.'}"
