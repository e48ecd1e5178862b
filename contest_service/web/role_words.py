"""Roles as people read them."""

from contest_service.domain.people import Role
from contest_service.web.language import Words


def say_role(role: Role, words: Words) -> str:
    """Name a role."""
    match role:
        case Role.OWNER:
            return words.gettext("Owner")
        case Role.EDITOR:
            return words.gettext("Editor")
        case Role.AUDITOR:
            return words.gettext("Auditor")


def role_choices(words: Words) -> list[tuple[str, str]]:
    """The roles to choose from, with what each may do, the least first."""
    _ = words.gettext
    return [
        (Role.AUDITOR.value, _("Auditor: sees everything, changes nothing")),
        (Role.EDITOR.value, _("Editor: makes contests and runs them")),
        (
            Role.OWNER.value,
            _("Owner: also people, tokens, communities, and what cannot be undone"),
        ),
    ]
