"""What stands in the audit log, as sentences."""

from collections.abc import Mapping

from contest_service.domain.people import Role
from contest_service.store.audit import NamedEntry
from contest_service.web.language import Words
from contest_service.web.role_words import say_role


def kinds(words: Words) -> dict[str, str]:
    """What somebody may look for, by the beginning of an action's code."""
    _ = words.gettext
    return {
        "session": _("Sessions"),
        "person": _("Persons"),
        "invitation": _("Invitations"),
        "token": _("Tokens"),
        "workspace": _("Workspace"),
        "community": _("Communities"),
        "contest": _("Contests"),
        "entries": _("Entries"),
        "quarantine": _("Holding"),
        "list": _("Lists"),
        "erasure": _("Erasure"),
        "picture": _("Pictures"),
        "template": _("Templates"),
    }


def say_entry(entry: NamedEntry, words: Words) -> str:
    """Say what was done; an action that is not known is shown as its code."""
    said = {**_people(entry, words), **_contests(words), **_rest(words)}
    return said.get(entry.action, entry.action)


def _people(entry: NamedEntry, words: Words) -> Mapping[str, str]:
    _ = words.gettext
    whom = entry.subject_person or _("somebody")
    role = _role(entry, words)
    return {
        "session.begun": _by(str(entry.detail.get("by", "")), words),
        "session.ended": _("ended a session"),
        "session.refused": _("somebody tried to sign in again and again"),
        "person.password_set": _("set a password; other sessions ended"),
        "person.totp_begun": _("set up an authenticator"),
        "person.totp_ended": _("took the authenticator of %(whom)s away", whom=whom),
        "person.recovery_codes_renewed": _("made new recovery codes"),
        "person.described": _("changed their own name or address"),
        "person.link_made": _("made a link to sign in for %(whom)s", whom=whom),
        "person.added": _("added %(whom)s: %(role)s", whom=whom, role=role),
        "person.removed": _("removed %(whom)s", whom=whom),
        "person.role_changed": _("gave %(whom)s a role: %(role)s", whom=whom, role=role),
        "invitation.made": _("made an invitation: %(role)s", role=role),
        "invitation.withdrawn": _("took an invitation back"),
        "invitation.accepted": _("came in by an invitation: %(role)s", role=role),
        "token.created": _(
            "made the token “%(name)s”: %(role)s", name=entry.detail.get("name", ""), role=role
        ),
        "token.revoked": _("ended a token"),
        "workspace.created": _("opened the workspace"),
        "workspace.renamed": _(
            "renamed the workspace to “%(name)s”", name=entry.detail.get("name", "")
        ),
        "workspace.accent_changed": _("changed the accent colour"),
        "workspace.logo_changed": _("changed the logo"),
        "workspace.logo_removed": _("took the logo away"),
        "workspace.totp_required": _("now asks everybody for a code of an authenticator"),
        "workspace.totp_optional": _("asks nobody for a code of an authenticator any more"),
    }


def _by(how: str, words: Words) -> str:
    _ = words.gettext
    match how:
        case "link":
            return _("signed in by a link")
        case "code":
            return _("signed in by a password or link, and a code")
        case "recovery":
            return _("signed in by a recovery code")
        case "invitation":
            return _("signed in by an invitation")
        case _:
            return _("signed in by a password")


def _role(entry: NamedEntry, words: Words) -> str:
    given = entry.detail.get("role")
    return next((say_role(each, words) for each in Role if each.value == given), "")


def _contests(words: Words) -> Mapping[str, str]:
    _ = words.gettext
    return {
        "contest.created": _("made a contest"),
        "contest.updated": _("changed a contest"),
        "contest.deleted": _("deleted a draft"),
        "contest.cloned": _("made a contest like another one"),
        "contest.scheduled": _("scheduled a contest"),
        "contest.unscheduled": _("took a planned start back"),
        "contest.started": _("started a contest"),
        "contest.dry_run": _("started a practice run"),
        "contest.amended": _("changed the rules of a running contest"),
        "contest.cancelled": _("cancelled a contest"),
        "contest.completed": _("completed a contest"),
        "contest.disqualification_proposed": _("proposed to take an entry out"),
        "contest.disqualification_approved": _("approved that an entry is taken out"),
        "contest.disqualification_withdrawn": _("took a proposal back"),
        "contest.override_proposed": _("proposed to let an entrant in or out"),
        "contest.override_approved": _("approved that an entrant is let in or out"),
        "contest.override_withdrawn": _("took a proposal back"),
        "contest.post_attached": _("attached a post"),
        "contest.post_detached": _("detached a post"),
        "contest.quiz_sealed": _("sealed the answers to a question"),
        "contest.quiz_forgotten": _("forgot the answers to a question"),
        "contest.entry_disqualified": _("an entry was taken out"),
        "contest.prize_delivered": _("noted that a prize was delivered"),
        "contest.prize_delivery_undone": _("took back that a prize was delivered"),
        "contest.bundle_downloaded": _("downloaded a bundle"),
        "announcement.corrected": _("corrected an announcement"),
        "contest.prize_claimed": _("noted that a prize was claimed"),
        "contest.appeal_answered": _("answered an appeal"),
        "contest.override_effective": _("a proposal about an entrant or the coverage took effect"),
        "question.answered": _("noted that a question is answered"),
        "question.reopened": _("let a question wait again"),
        "announcement.retried": _("tried an announcement again"),
        "notice.retried": _("tried to tell a winner again"),
    }


def _rest(words: Words) -> Mapping[str, str]:
    _ = words.gettext
    return {
        "community.connected": _("connected a community"),
        "community.administrator_connected": _("connected an administrator of a community"),
        "community.credential_replaced": _("replaced a community's credential"),
        "community.checked": _("checked a community"),
        "community.rest_ended": _("went on with a community after a captcha"),
        "community.removed": _("removed a community"),
        "entries.imported": _("brought entries in"),
        "entries.undone": _("took entries back that were brought in"),
        "entries.linked": _("two accounts were linked to one entry"),
        "entries.parted": _("two linked accounts were parted"),
        "quarantine.held": _("held entrants for checking"),
        "quarantine.released": _("let entrants go"),
        "signals.settings_changed": _("changed how signals are weighed"),
        "picture.added": _("added a picture"),
        "template.kept": _("kept a template"),
        "template.renamed": _("renamed a template"),
        "template.used": _("made a contest from a template"),
        "template.deleted": _("deleted a template"),
        "list.created": _("made a list"),
        "list.deleted": _("deleted a list"),
        "list.accounts_added": _("put accounts on a list"),
        "list.imported": _("put accounts of a file on a list"),
        "list.accounts_removed": _("took accounts off a list"),
        "erasure.requested": _("asked for an erasure"),
        "erasure.done": _("an erasure was done"),
    }
