"""What a contest publishes, in words: what it is about, and where it stands."""

from contest_service.flows.texts_ahead import Occasion
from contest_service.store.announcements import Announcement, AnnouncementKind
from contest_service.web.language import Words
from contest_service.web.winner_words import Fact


def say_kind(kind: AnnouncementKind, words: Words) -> str:
    """Say what an announcement is about."""
    _ = words.gettext
    said = {
        AnnouncementKind.FREEZE: _("The list is fixed"),
        AnnouncementKind.RESULT: _("The winners"),
        AnnouncementKind.SUCCESSION: _("A prize changed hands"),
        AnnouncementKind.AMENDMENT: _("The rules changed"),
        AnnouncementKind.VOID: _("The contest ended without a draw"),
        AnnouncementKind.CORRECTION: _("A correction"),
    }
    return said[kind]


def say_occasion(occasion: Occasion, words: Words) -> str:
    """Say what a text is for that may still come."""
    _ = words.gettext
    match occasion:
        case Occasion.MESSAGE:
            return _("To each winner alone, by a message")
        case Occasion.MENTION:
            return _("To a winner who cannot be written to, under the post")
        case _:
            return say_kind(AnnouncementKind(occasion.value), words)


def say_state(it: Announcement, words: Words) -> Fact:
    """Say whether an announcement is out, and what has to be done if it is not."""
    _ = words.gettext
    match it.state:
        case "published":
            return Fact(
                look="good",
                word=_("Published"),
                text=_("See the publication"),
                at=it.published_at,
                link=it.published_url or "",
            )
        case "failed":
            return Fact(
                look="bad",
                word=_("Not published"),
                text=_("Mend what is in the way, then try again. It goes out once."),
                detail=it.failure or "",
            )
        case _ if it.failure:
            return Fact(
                look="unknown",
                word=_("Not certain"),
                text=_(
                    "The platform did not answer as it should. It is tried again by itself, and "
                    "if it arrived after all, that is found first."
                ),
                detail=it.failure,
            )
        case _:
            return Fact(look="wait", word=_("On its way"), text=_("It is out within seconds."))
