"""Presences: what becomes of one that was hidden for a while."""

from contest_service.domain.conditions import Reposted
from contest_service.domain.evidence import Action
from domain.cases import case, did


def test_a_presence_joined_across_hiding_keeps_its_known_beginning() -> None:
    before = did(Action.REPOST, absent=1100, seen=1300, hidden=1500)
    after = did(Action.REPOST, absent=1490, seen=1700)
    (joined,) = Reposted().judge(case(after, before)).evidence
    assert (joined.absent_at, joined.seen_at, joined.gone_at) == (1100, 1300, None)
