"""A town with planted bots: who they are, what everybody does, and when. Follows from a seed alone.

What is assumed was written down before anything was measured, from what organisers tell of such
accounts, and knows nothing of how the signals are computed. A workspace ran five contests on two
pages within ten weeks, and runs a sixth for a week, in which everybody here takes part.

Honest people, 92.5 per cent. Ids: 60 % from before 2018, the rest since, and 3 % made in the last
four months, of whom a sixth in the last week. A picture is missing for 8 % (of the new for 30 %),
fewer than ten follow 8 % (60 %), no city is told by 25 %, no whole birthday by 45 %, closed are
20 %. Half come in the first hours, 15 % within two hours after a large page names the contest on
the third day, 5 % on the last evening, the others at any time. Of them 70 % comment: half with one
of thirty short sayings, most others in words of their own, 1 % with one of forty formulas of eight
to ten words, and 2 % copy what somebody else wrote. 60 % repost, 35 % are members already, 45 %
more join, 4 % leave again. One in twenty-five is a regular who took part in most of the other
contests; anybody else took part in each with 8 %, and did there what is said above; of those who
joined in another contest 5 % left within two weeks after it.

Bots, in five kinds:

- *farm*, 400 of 1,500: made in the last three weeks, fifty at a time within one to three hours;
  85 % without a picture, 90 % with fewer than ten followers, a fifth tell city and birthday; they
  like and join within two days, and 60 % write a short saying.
- *copiers*, 300: bought accounts, as old as honest ones, 80 % with a picture, up to 200 followers;
  they like, repost, and comment in waves of a hundred within ten minutes with one of six texts of
  ten to sixteen words, three in ten with a word changed, most with a picture or a greeting added.
- *likers*, 300: made one to three years ago in runs of fifty, one to four ids apart; half without a
  picture; each run likes within three minutes, half of them join.
- *hunters*, 300: as honest people but for this: they repost each contest with 90 %.
- *leavers*, 200: as honest people but for this: they join in each contest with 90 %, and leave
  within five days after it with 90 %.
"""

from collections.abc import Callable, Iterator, Mapping

import msgspec

from benchmarks.townsfolk import (
    DAY,
    HOUR,
    LASTS,
    MINUTE,
    OPENS_AT,
    OTHERS,
    OTHERS_LAST,
    SAYINGS,
    Deed,
    Somebody,
    arrival,
    copied,
    free,
    honest,
    lives,
    number_at,
    sentence,
    somebody,
)
from contest_service.sandbox.vk.chance import Chance

SHARES = {"farm": 400, "copiers": 300, "likers": 300, "hunters": 300, "leavers": 200}
"""Of each kind among 20,000 people."""
_BATCH = 50
"""Accounts of a farm that are made in one go, and of a run of likers."""
_WAVE = 100
"""Copiers who come together."""
_TEXTS = 6


class Town(msgspec.Struct, frozen=True, kw_only=True):
    """Everybody, and all that they do, in order."""

    people: list[Somebody]
    deeds: list[Deed]


def town(people: int, *, seed: str = "bots") -> Town:
    """Make a town of so many people, with bots in proportion."""
    counts = {kind: round(count * people / 20_000) for kind, count in SHARES.items()}
    others = people - sum(counts.values())
    taken: set[int] = set()
    everybody = [honest(seed, number, taken) for number in range(others)]
    deeds: list[Deed] = []
    for number, each in enumerate(everybody):
        deeds += lives(Chance(seed, "lives", number), each.id, is_member=each.is_member)
    said = sorted(deed for deed in deeds if deed.do == "comment" and not deed.contest)
    deeds = [copied(seed, deed, said) for deed in deeds]
    for kind, count in counts.items():
        for number in range(count):
            chance = Chance(seed, kind, number)
            bot = _bot(kind, number, chance, taken)
            everybody.append(bot)
            deeds += _BEHAVES[kind](chance, bot, number)
    return Town(people=everybody, deeds=sorted(deeds))


Behaves = Callable[[Chance, Somebody, int], Iterator[Deed]]


def _bot(kind: str, number: int, chance: Chance, taken: set[int]) -> Somebody:
    """Make a bot: most look like anybody else."""
    batch, place = divmod(number, _BATCH)
    made = Chance(kind, "batch", batch)
    if kind == "farm":
        first = number_at(OPENS_AT - int(21 * DAY * made.share()))
        span = number_at(OPENS_AT) - number_at(OPENS_AT - int((1 + 2 * made.share()) * HOUR))
        looks = Somebody(
            id=free(chance, first, first + span, taken),
            kind=kind,
            has_photo=not chance.happens(85),
            followers=chance.below(9) if chance.happens(90) else 10 + chance.below(50),
            has_city=chance.happens(20),
            has_birthday=chance.happens(20),
            is_closed=False,
        )
    elif kind == "likers":
        first = number_at(OPENS_AT - int((365 + 730 * made.share()) * DAY))
        id_ = free(chance, first + 4 * place, first + 4 * place + 4, taken)
        looks = somebody(chance, id_, kind=kind)
        looks = msgspec.structs.replace(looks, has_photo=chance.happens(50), is_member=False)
    else:
        first, last = (1, 480_000_000) if chance.happens(60) else (480_000_000, 980_000_000)
        looks = somebody(chance, free(chance, first, last, taken), kind=kind)
        if kind == "copiers":
            followers = chance.below(200)
            looks = msgspec.structs.replace(
                looks, has_photo=chance.happens(80), followers=followers
            )
    return msgspec.structs.replace(looks, kind=kind)


def _farm(chance: Chance, bot: Somebody, number: int) -> Iterator[Deed]:
    came = OPENS_AT + DAY + int(2 * DAY * chance.share())
    yield Deed(came, bot.id, "like")
    yield Deed(came + 5, bot.id, "join")
    if chance.happens(60):
        yield Deed(came + 20, bot.id, "comment", 0, chance.one_of(SAYINGS))


def _copiers(chance: Chance, bot: Somebody, number: int) -> Iterator[Deed]:
    wave = Chance("wave", number // _WAVE)
    came = OPENS_AT + int(LASTS * (0.2 + 0.6 * wave.share()))
    came += int(10 * MINUTE * chance.share())
    yield Deed(came, bot.id, "like")
    yield Deed(came + 5, bot.id, "repost")
    text = chance.below(_TEXTS)
    words = sentence(Chance("master", text), 10 + text).split(" ")
    if chance.happens(30):
        words[chance.below(len(words))] = chance.one_of(SAYINGS).split(" ")[0]
    said = " ".join(words) + chance.one_of(("", "", "!", " 🍀", "!!!"))
    yield Deed(came + 10, bot.id, "comment", 0, chance.one_of(("", "", "Привет! ")) + said)


def _likers(chance: Chance, bot: Somebody, number: int) -> Iterator[Deed]:
    run = Chance("run", number // _BATCH)
    came = OPENS_AT + int(LASTS * (0.1 + 0.8 * run.share())) + int(3 * MINUTE * chance.share())
    yield Deed(came, bot.id, "like")
    if chance.happens(50):
        yield Deed(came + 10, bot.id, "join")


def _hunters(chance: Chance, bot: Somebody, number: int) -> Iterator[Deed]:
    for contest, opens_at in enumerate(OTHERS, 1):
        if chance.happens(90):
            came = opens_at + int(OTHERS_LAST * chance.share())
            yield Deed(came, bot.id, "like", contest)
            yield Deed(came + 10, bot.id, "repost", contest)
    came = arrival(chance)
    yield Deed(came, bot.id, "like")
    yield Deed(came + 10, bot.id, "repost")
    if chance.happens(70):
        yield Deed(came + 40, bot.id, "comment", 0, chance.one_of(SAYINGS))


def _leavers(chance: Chance, bot: Somebody, number: int) -> Iterator[Deed]:
    for contest, opens_at in enumerate(OTHERS, 1):
        if chance.happens(90):
            came = opens_at + int(OTHERS_LAST * chance.share())
            yield Deed(came, bot.id, "like", contest)
            yield Deed(came + 10, bot.id, "join", contest)
            if chance.happens(90):
                left = opens_at + OTHERS_LAST + int(5 * DAY * chance.share())
                yield Deed(left, bot.id, "leave", contest)
    came = arrival(chance)
    yield Deed(came, bot.id, "like")
    yield Deed(came + 10, bot.id, "join")


_BEHAVES: Mapping[str, Behaves] = {
    "farm": _farm,
    "copiers": _copiers,
    "likers": _likers,
    "hunters": _hunters,
    "leavers": _leavers,
}
