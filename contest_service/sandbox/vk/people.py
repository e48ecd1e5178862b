"""The people of the practice world: some described one by one, most of them drawn from crowds.

A crowd is a range of ids whose people follow from the id alone, so that a million of them cost
nothing until they are looked at. Whoever changes is kept from then on. Owns nothing of what people
do.
"""

import hashlib
from collections.abc import Iterator

import msgspec

from contest_service.sandbox.vk.params import whole
from contest_service.sandbox.vk.records import Person, Place

FIRST_ID = 1001

_WOMEN = ("Анна", "Вера", "Дарья", "Елена", "Ирина", "Ксения", "Мария", "Ольга", "Софья", "Юлия")
_MEN = ("Антон", "Борис", "Глеб", "Денис", "Егор", "Игорь", "Лев", "Максим", "Олег", "Павел")
_FAMILIES = (
    "Белов", "Волков", "Громов", "Дроздов", "Ершов", "Журавлёв", "Зимин", "Ильин", "Козлов",
    "Лебедев", "Морозов", "Носов", "Орлов", "Попов", "Рыбаков", "Соколов", "Титов", "Уваров",
)  # fmt: skip
_CITIES = (
    Place(id=1, title="Москва"),
    Place(id=2, title="Санкт-Петербург"),
    Place(id=49, title="Екатеринбург"),
    Place(id=60, title="Казань"),
    Place(id=99, title="Новосибирск"),
)
_FIRST_OTHER_CITY = 10_001
_COUNTRY = Place(id=1, title="Россия")
_LAST_SEEN = 1_790_000_000


class Crowd(msgspec.Struct, frozen=True, kw_only=True):
    """A range of people. The shares are in percent, and hold about, not exactly."""

    first: int
    count: int
    closed: int = 20
    deactivated: int = 2
    photoless: int = 10
    cities: tuple[str, ...] = ()
    """Where half of those live who name a city; none for the usual ones."""


class People:
    """Everybody by id."""

    def __init__(self) -> None:
        self.described: dict[int, Person] = {}
        self.crowds: list[Crowd] = []
        self.friends: dict[int, set[int]] = {}
        self.next_id = FIRST_ID
        self._names: dict[str, int] = {}

    def __contains__(self, id_: int) -> bool:
        return id_ in self.described or self._crowd(id_) is not None

    def get(self, id_: int) -> Person | None:
        """Return a person, or None if nobody has this id."""
        person = self.described.get(id_)
        if person is None and (crowd := self._crowd(id_)) is not None:
            person = _drawn(crowd, id_)
        return person

    def named(self, screen_name: str) -> Person | None:
        """Return whoever has a screen name; `id1001` is everybody's own."""
        name = screen_name.lower()
        if name in self._names:
            return self.get(self._names[name])
        digits = name.removeprefix("id")
        id_ = whole(digits) if name != digits else None
        return None if id_ is None else self.get(id_)

    def put(self, person: Person) -> None:
        """Keep a person as described, new or changed."""
        self.described[person.id] = person
        self.next_id = max(self.next_id, person.id + 1)
        if person.screen_name:
            self._names[person.screen_name.lower()] = person.id

    def gather(self, crowd: Crowd) -> None:
        """Add a crowd whose ids are free."""
        self.crowds.append(crowd)
        self.next_id = max(self.next_id, crowd.first + crowd.count)

    def befriend(self, one: int, other: int) -> None:
        """Make two people friends: they see each other's closed profiles."""
        self.friends.setdefault(one, set()).add(other)
        self.friends.setdefault(other, set()).add(one)

    def are_friends(self, one: int, other: int) -> bool:
        """Whether two people are friends."""
        return other in self.friends.get(one, ())

    def sees(self, viewer: int, person: Person) -> bool:
        """Whether a viewer sees the profile: it is open, their own, or a friend's; 0 is nobody."""
        return not person.is_closed or viewer == person.id or self.are_friends(viewer, person.id)

    def first(self, count: int) -> Iterator[Person]:
        """Iterate over some people, those described first."""
        ids = [*self.described, *(id_ for c in self.crowds for id_ in range(c.first, c.first + 20))]
        for id_ in list(dict.fromkeys(ids))[:count]:
            if (person := self.get(id_)) is not None:
                yield person

    def _crowd(self, id_: int) -> Crowd | None:
        for crowd in self.crowds:
            if crowd.first <= id_ < crowd.first + crowd.count:
                return crowd
        return None


def _drawn(crowd: Crowd, id_: int) -> Person:
    """Compute a member of a crowd: the same one each time."""
    chance = hashlib.sha256(b"practice vk person %d" % id_).digest()
    is_woman = chance[0] % 2 == 0
    family = _FAMILIES[chance[2] % len(_FAMILIES)]
    state = _percent(chance, 4)
    return Person(
        id=id_,
        first_name=(_WOMEN if is_woman else _MEN)[chance[1] % 10],
        last_name=family + "а" if is_woman else family,
        sex=1 if is_woman else 2,
        bdate=_birthday(chance),
        city=_city(crowd, chance) if chance[7] % 4 else None,
        country=_COUNTRY if chance[7] % 4 else None,
        has_photo=_percent(chance, 10) >= crowd.photoless,
        is_closed=_percent(chance, 12) < crowd.closed,
        deactivated=("deleted", "banned")[chance[6] % 2] if state < crowd.deactivated else "",
        verified=False,
        has_mobile=chance[8] % 10 != 0,
        followers_count=int.from_bytes(chance[14:16], "big") % 800,
        last_seen=_LAST_SEEN - int.from_bytes(chance[16:18], "big") * 60,
    )


def _city(crowd: Crowd, chance: bytes) -> Place:
    if crowd.cities and chance[22] % 2:
        place = chance[3] % len(crowd.cities)
        return Place(id=_FIRST_OTHER_CITY + place, title=crowd.cities[place])
    return _CITIES[chance[3] % 5]


def _birthday(chance: bytes) -> str:
    """Compute a birthday, with its year, without, or none."""
    day, month, year = 1 + chance[18] % 28, 1 + chance[19] % 12, 1960 + chance[20] % 50
    return ("", f"{day}.{month}", f"{day}.{month}.{year}", f"{day}.{month}.{year}")[chance[21] % 4]


def _percent(chance: bytes, place: int) -> int:
    """A number from 0 to 99 out of two bytes."""
    return int.from_bytes(chance[place : place + 2], "big") % 100
