"""What is said of communities: how they fare, what they are connected with, what that can tell."""

from collections.abc import Callable, Mapping
from urllib.parse import urlencode

import msgspec

from contest_service.domain.accounts import Platform
from contest_service.flows.credentials import Credentials
from contest_service.flows.due import Due, What
from contest_service.flows.foresee import HowTold
from contest_service.flows.vk_id import Refusal
from contest_service.platforms.base import Deed
from contest_service.store.channels import Channel, ChannelKind, ChannelState
from contest_service.store.communities import Community, Health
from contest_service.store.resting import Resting
from contest_service.web.contest_words import Said
from contest_service.web.language import Words

_Say = Callable[[Words], str]


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """Something that is due of a community, in words, and where the next step is."""

    look: str
    word: str
    text: str
    due: Due
    action: str
    address: str


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """Things that are known or done alike: with all that is connected, with each part alone, and
    which other parts would make them better."""

    names: tuple[str, ...]
    together: Said
    alone: tuple[Said, ...]
    mends: tuple[str, ...]


def say_platform(platform: Platform, words: Words) -> str:
    match platform:
        case Platform.VK:
            return words.gettext("VKontakte")
        case Platform.BLUESKY:
            return words.gettext("Bluesky")


def say_health(health: Health, words: Words) -> Said:
    match health:
        case Health.HEALTHY:
            return Said(look="good", word=words.gettext("Works"))
        case Health.UNREACHABLE:
            return Said(look="warn", word=words.gettext("Does not answer"))
        case Health.RECONNECT:
            return Said(look="bad", word=words.gettext("Connect it again"))


def say_part(part: str, words: Words) -> str:
    """Name a part of a credential."""
    known: Mapping[str, _Say] = {
        "community": lambda words: words.gettext("Community token"),
        "service": lambda words: words.gettext("Service token"),
        "user": lambda words: words.gettext("Administrator"),
        "app_password": lambda words: words.gettext("App password"),
    }
    return known[part](words)


def say_due(due: Due, community: Community, words: Words) -> Task:
    """Say one thing that is due, and offer the next step."""
    look, word, text, action, rest = _due_words(due.what, words)
    root = f"/w/{community.workspace_id}/communities/{community.id}"
    return Task(look=look, word=word, text=text, due=due, action=action, address=f"{root}{rest}")


_DueWords = tuple[str, str, str, str, str]
"""Its look, a word, a sentence, and the next step with its place below the community's page."""


def _due_words(what: What, words: Words) -> _DueWords:
    _ = words.gettext
    match what:
        case What.RECONNECT | What.CAPTCHA | What.ENDS_SOON:
            return _due_of_credential(what, words)
        case What.UNREACHABLE:
            text = _("It is tried again by itself; what happens meanwhile is read afterwards.")
            return "warn", _("Does not answer"), text, _("See details"), ""
        case What.NOT_HEARD:
            text = _("Scans alone tell what happens, so some of it is known later.")
            return "warn", _("No events come in"), text, _("See why"), "#live"
        case What.CIRCUIT:
            word, action = _("Part of the quota is used up"), _("See how much is left")
            return "wait", word, _("It goes on by itself."), action, "#quota"


def _due_of_credential(what: What, words: Words) -> _DueWords:
    _ = words.gettext
    match what:
        case What.CAPTCHA:
            text = _("VK wants to see a human first. Until then nothing is asked with this token.")
            return "bad", _("A captcha is asked for"), text, _("See where"), "#quota"
        case What.ENDS_SOON:
            text = _("The administrator's access ends, and nothing renews it.")
            action = _("Connect an administrator anew")
            return "warn", _("Ends soon"), text, action, "/credential"
        case _other:
            text = _("The platform does not accept a credential any more.")
            return "bad", _("Connect it again"), text, _("Give a new one"), "/credential"


# What it can tell, and do ------------------------------------------------------------------------


def rows_of(credentials: Credentials, labels: Mapping[str, str], words: Words) -> list[Row]:
    """What may be known, then what may be done, with what is alike in one row; `labels` name
    conditions."""
    together, parts, missing = credentials.together, credentials.parts, credentials.missing
    known = [
        Row(
            names=(labels[kind],),
            together=say_how(how, words),
            alone=tuple(say_how(part.able.conditions[kind], words) for part in parts),
            mends=tuple(
                say_part(part, words) for part, able in missing.items() if kind in able.conditions
            ),
        )
        for kind, how in together.conditions.items()
    ]
    done = [
        Row(
            names=(say_deed(deed, words),),
            together=_yes_or_no(deed in together.deeds, words),
            alone=tuple(_yes_or_no(deed in part.able.deeds, words) for part in parts),
            mends=tuple(
                say_part(part, words) for part, able in missing.items() if deed in able.deeds
            ),
        )
        for deed in Deed
        if deed in together.deeds or any(deed in able.deeds for able in missing.values())
    ]
    return [*_joined(known), *_joined(done)]


def _joined(rows: list[Row]) -> list[Row]:
    """The same with one row for all that are alike."""
    alike: dict[tuple[Said, tuple[Said, ...], tuple[str, ...]], list[str]] = {}
    for row in rows:
        alike.setdefault((row.together, row.alone, row.mends), []).extend(row.names)
    return [
        Row(names=tuple(names), together=together, alone=alone, mends=mends)
        for (together, alone, mends), names in alike.items()
    ]


def say_how(how: HowTold, words: Words) -> Said:
    """Say how a condition is told."""
    _ = words.gettext
    match how:
        case HowTold.LISTED:
            return Said(look="good", word=_("Everybody is listed"))
        case HowTold.ASKED:
            return Said(look="good", word=_("Each account is asked about"))
        case HowTold.LIVE:
            return Said(look="warn", word=_("From live events only"))
        case HowTold.OURS:
            return Said(look="good", word=_("Known here"))
        case HowTold.NEVER:
            return Said(look="bad", word=_("Cannot be known"))


def say_deed(deed: Deed, words: Words) -> str:
    _ = words.gettext
    match deed:
        case Deed.POST:
            return _("Publish a post")
        case Deed.PICTURE:
            return _("Publish a picture")
        case Deed.COMMENT:
            return _("Comment under a post")
        case Deed.MESSAGE:
            return _("Write to winners")
        case Deed.EVENTS:
            return _("Hear of what happens at once")
        case Deed.BANS:
            return _("See whom the community has banned")


def _yes_or_no(able: bool, words: Words) -> Said:
    if able:
        return Said(look="good", word=words.gettext("Yes"))
    return Said(look="bad", word=words.gettext("No"))


# Live events, contests, sign-ins -----------------------------------------------------------------


def say_channel(channel: Channel, words: Words) -> Said:
    """Say whether live events come in."""
    _ = words.gettext
    match channel.state:
        case ChannelState.LISTENING if channel.kind is ChannelKind.CALLBACK:
            return Said(look="good", word=_("The platform sends them here"))
        case ChannelState.LISTENING:
            return Said(look="good", word=_("This service waits for them at the platform"))
        case ChannelState.NEW:
            return Said(look="wait", word=_("Being set up"))
        case ChannelState.FAILED:
            return Said(look="bad", word=_("None come in"))


def say_loss(resting: Resting, words: Words) -> str:
    """Say what a contest would lose with a community."""
    if resting.posts:
        return words.ngettext(
            "It has %(num)s post there. What people do under it would not be seen any more, and "
            "nothing could be published there.",
            "It has %(num)s posts there. What people do under them would not be seen any more, and "
            "nothing could be published there.",
            resting.posts,
        )
    return words.gettext("Who follows the community would not be known any more.")


def say_outcome(outcome: str, words: Words) -> Said | None:
    """Say how a sign-in with VK ID went, by the word in the address; None for any other word."""
    _ = words.gettext
    refusals = {
        Refusal.UNKNOWN: _("This sign-in is not known here. Begin it again."),
        Refusal.EXPIRED: _("More than ten minutes have passed. Begin the sign-in again."),
        Refusal.DENIED: _("You did not agree on VK, so nothing was connected."),
        Refusal.REFUSED: _("VK did not complete the sign-in. Begin it again."),
        Refusal.UNREACHABLE: _("VK does not answer at the moment. Begin again later."),
        Refusal.NO_ADMINISTRATOR: _(
            "This account cannot be connected to the community. Sign in on VK as one of its "
            "administrators or editors, then begin again."
        ),
        Refusal.NOT_ALLOWED: _("Your role does not allow this any more. Ask an owner."),
        Refusal.CHANGED: _("The community was changed meanwhile. Look at it, then begin again."),
        Refusal.ALREADY: _(
            "This community is connected already. Open its page and connect the administrator "
            "there."
        ),
    }
    if outcome == "connected":
        return Said(look="good", word=_("The administrator is connected."))
    refused = next((text for each, text in refusals.items() if each.value == outcome), None)
    return None if refused is None else Said(look="bad", word=refused)


def with_note(address: str, note: str) -> str:
    """An address with the name of what it is to say."""
    return f"{address}?{urlencode({'note': note})}"
