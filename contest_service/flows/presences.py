"""What live events make of what is known to be there. Pure: no clock and no database.

An event may come twice, late, or before an earlier one; nothing here depends on that it does not.
What is wrong after it was out of order, the next complete scan sets right.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import msgspec

from contest_service.domain.evidence import Action, Change, Heard, Sighting
from contest_service.store.heard import Completion, Ending, NewPresence, OpenPresence

_LATEST = 1 << 33
"""Unix seconds, in the year 2242: a later time is none, and could not be stored."""

_Key = tuple[str, str, UUID]


@dataclass(kw_only=True)
class Ledger:
    """The presences of one action on one target, and what events change of them, in order.

    `is_scanning` if a pass is under way, which may have seen what vanishes now.
    """

    action: Action
    is_scanning: bool
    opened: dict[_Key, NewPresence] = field(default_factory=dict)
    closed: list[Ending] = field(default_factory=list)
    completed: list[Completion] = field(default_factory=list)
    _open: dict[_Key, OpenPresence] = field(default_factory=dict)

    def know(self, presences: Sequence[OpenPresence]) -> None:
        """Take over what is open before the first event."""
        self._open.update((_key(each), each) for each in presences)

    @property
    def is_changed(self) -> bool:
        """Whether anything began, ended or became clearer."""
        return bool(self.opened or self.closed or self.completed)

    @property
    def touched(self) -> set[str]:
        """The accounts of whatever began, ended or became clearer."""
        known = [each.presence for each in self.closed]
        known += [each.presence for each in self.completed]
        opened = [each.sighting.account for each in self.opened.values()]
        return {*opened, *(each.account for each in known)}

    def hear(self, told: Sequence[Heard], *, event_id: UUID, at: datetime) -> None:
        """Work in what one event tells of this action on this target; it came in `at`."""
        appeared = [each.sighting for each in told if each.change is Change.APPEARED]
        stays = {seen.ref for seen in appeared}
        is_edit = len(appeared) < len(told)
        for each in told:
            if each.change is Change.VANISHED:
                self._vanish(each.sighting, stays, event_id=event_id, at=at)
        for seen in appeared:
            self._appear(_storable(seen), event_id=event_id, at=at, is_edit=is_edit)

    def _appear(self, seen: Sighting, *, event_id: UUID, at: datetime, is_edit: bool) -> None:
        theirs = [each for each in self._open.values() if each.account == seen.account]
        same = next((each for each in theirs if each.ref == seen.ref), None)
        if same is not None:
            self._complete(same, seen)
        elif is_edit or not any(self._is_version(each.ref, seen.ref) for each in theirs):
            presence = OpenPresence(
                account=seen.account,
                ref=seen.ref,
                seen_scan=event_id,
                has_time=seen.at is not None,
            )
            self._open[_key(presence)] = presence
            self.opened[_key(presence)] = NewPresence(sighting=seen, event_id=event_id, seen_at=at)

    def _is_version(self, known: str, other: str) -> bool:
        """Whether two refs are of one comment: the text that is known was then written later."""
        prefix, dot, _ = known.rpartition(".")
        return self.action is Action.COMMENT and bool(dot) and other.startswith(prefix + dot)

    def _complete(self, known: OpenPresence, seen: Sighting) -> None:
        if known.has_time or seen.at is None:
            return
        key = _key(known)
        self._open[key] = msgspec.structs.replace(known, has_time=True)
        if key in self.opened:
            self.opened[key] = msgspec.structs.replace(self.opened[key], sighting=seen)
        else:
            self.completed.append(Completion(presence=known, sighting=seen))

    def _vanish(self, gone: Sighting, stays: set[str], *, event_id: UUID, at: datetime) -> None:
        ending = [
            each
            for each in self._open.values()
            if gone.account in ("", each.account)
            and _is_meant(gone.ref, each.ref)
            and each.ref not in stays
        ]
        for each in ending:
            self._end(each, event_id=event_id, at=at)
        if not ending and self.is_scanning and gone.account and not gone.ref.endswith("."):
            # Lest the pass bring back what it read before.
            self.opened[gone.account, gone.ref, event_id] = NewPresence(
                sighting=gone, event_id=event_id, seen_at=at, gone_at=at, gone_by=event_id
            )

    def _end(self, presence: OpenPresence, *, event_id: UUID, at: datetime) -> None:
        key = _key(presence)
        del self._open[key]
        if key in self.opened:
            self.opened[key] = msgspec.structs.replace(
                self.opened[key], gone_at=at, gone_by=event_id
            )
        else:
            self.closed.append(Ending(presence=presence, event_id=event_id, at=at))


def _key(presence: OpenPresence) -> _Key:
    return presence.account, presence.ref, presence.seen_scan


def _is_meant(ref: str, known: str) -> bool:
    """Whether `ref` names a known one, or with a full stop at its end all versions of it."""
    return known.startswith(ref) if ref.endswith(".") else known == ref


def _storable(seen: Sighting) -> Sighting:
    """The sighting without a time that no date can stand for."""
    if seen.at is None or 0 < seen.at < _LATEST:
        return seen
    return msgspec.structs.replace(seen, at=None)
