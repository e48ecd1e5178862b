"""Rules as chips: conditions as sentences, in groups, with what cannot be known of them."""

import msgspec

from contest_service.domain.conditions import AnyCondition, Condition
from contest_service.domain.contest import Definition
from contest_service.domain.rule_edits import RULES, GroupKind, bonus_at, kind_of
from contest_service.domain.rules import AtLeast, Group, Rule, bonus_sentences
from contest_service.store.targets import StoredTarget
from contest_service.web.contest_words import say_platform
from contest_service.web.language import Words, address
from contest_service.web.wizard.condition_form import kind_named
from contest_service.web.wizard.draft import Draft


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """Something that cannot be known of a condition: where, what, and how to mend it.

    `mended_at` is the page of the community to which something else would have to be connected;
    empty where nothing helps, or something else does.
    """

    where: str
    text: str
    mend: str
    mended_at: str
    is_never: bool


class Chip(msgspec.Struct, frozen=True, kw_only=True, tag="chip"):
    """A condition at a place. `is_never` if nobody can be known to fulfil it on any post."""

    at: str
    label: str
    sentence: str
    notes: list[Note]
    is_never: bool
    can_go: bool


class Cluster(msgspec.Struct, frozen=True, kw_only=True, tag="cluster"):
    """A group at a place, and what is in it."""

    at: str
    kind: GroupKind
    n: int
    heading: str
    items: list["Chip | Cluster"]
    is_root: bool


class BonusView(msgspec.Struct, frozen=True, kw_only=True):
    """A bonus: what it gives in a sentence, and its rule."""

    at: str
    heading: str
    rule: Chip | Cluster


def rules_view(draft: Draft, words: Words) -> Chip | Cluster:
    """The rules, from their root."""
    return _view(draft, draft.definition.rules, RULES, words=words)


def bonuses_view(draft: Draft, words: Words) -> list[BonusView]:
    """Every bonus in its order."""
    return [
        BonusView(
            at=bonus_at(number),
            heading=bonus_sentences(bonus, words.language)[0].partition(": ")[0],
            rule=_view(draft, bonus.rule, bonus_at(number), words=words),
        )
        for number, bonus in enumerate(draft.definition.tickets.bonuses)
    ]


def _view(draft: Draft, rule: Rule, at: str, *, words: Words) -> Chip | Cluster:
    if isinstance(rule, Condition):
        return _chip(draft, rule, at, words=words)
    return Cluster(
        at=at,
        kind=kind_of(rule),
        n=rule.n if isinstance(rule, AtLeast) else 1,
        heading=say_group(rule, words),
        items=[
            _view(draft, branch, f"{at}/of/{number}", words=words)
            for number, branch in enumerate(rule.of)
        ],
        is_root="/of/" not in at,
    )


def _chip(draft: Draft, condition: AnyCondition, at: str, *, words: Words) -> Chip:
    name = str(condition.__struct_config__.tag)
    return Chip(
        at=at,
        label=kind_named(name).label[words.language],
        sentence=condition.sentence(words.language),
        notes=notes_at(draft, at, words),
        is_never=at in draft.never,
        can_go=at != RULES and not _is_last(draft.definition, at),
    )


def _is_last(definition: Definition, at: str) -> bool:
    """Whether nothing would be left of the rules without what is at a place."""
    rules = definition.rules
    return at == f"{RULES}/of/0" and not isinstance(rules, Condition) and len(rules.of) == 1


def notes_at(draft: Draft, at: str, words: Words) -> list[Note]:
    """What cannot be known of the condition at a place, each said once, with where it is so.

    An empty place is that of all of them.
    """
    posts = {each.id: each for each in draft.posts}
    where: dict[tuple[str, str, bool], list[StoredTarget]] = {}
    for each in draft.foreseen or ():
        if each.at == at:
            places = where.setdefault((each.note, each.mend, each.is_never), [])
            if posts[each.post_id] not in places:
                places.append(posts[each.post_id])
    return [
        Note(
            where="; ".join(_say_post(each, words) for each in places),
            text=text,
            mend=mend,
            mended_at=_community_page(places[0]) if mend and not is_never else "",
            is_never=is_never,
        )
        for (text, mend, is_never), places in where.items()
    ]


def _say_post(post: StoredTarget, words: Words) -> str:
    return f"{say_platform(post.platform.value, words)}, {address(post.url)}"


def _community_page(post: StoredTarget) -> str:
    return f"/w/{post.workspace_id}/communities/{post.community_id}"


def say_group(group: Group, words: Words) -> str:
    """Say how many branches of a group have to hold."""
    match kind_of(group):
        case GroupKind.ALL_OF:
            return words.gettext("All of these")
        case GroupKind.ANY_OF:
            return words.gettext("One of these is enough")
        case GroupKind.AT_LEAST:
            n = group.n if isinstance(group, AtLeast) else 1
            return words.ngettext("At least %(num)s of these", "At least %(num)s of these", n)


def group_choices(words: Words) -> list[tuple[str, str]]:
    """The kinds of groups to choose from."""
    return [
        (GroupKind.ALL_OF.value, words.gettext("All of these")),
        (GroupKind.ANY_OF.value, words.gettext("One of these is enough")),
        (GroupKind.AT_LEAST.value, words.gettext("At least so many of these")),
    ]
