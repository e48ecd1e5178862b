"""Freshen: bring up to date what changes by itself about who may not take part.

Who helps to run the communities is asked anew, and accounts whose time on a list is over stop
counting there. Comments that are new are looked through, where the rules ask whether they are
copies. Comes before judging; what is due next, the judge is told.
"""

from datetime import datetime

from contest_service.flows import copies, lists, staff
from contest_service.flows.runtime import Runtime
from contest_service.store.contests import Contest


async def freshen(rt: Runtime, contest: Contest, *, since: datetime | None = None) -> bool:
    """Bring all of it up to date; what a platform told before `since` is asked for anew.

    False if a platform could not answer that may do so in a moment.
    """
    await lists.lapse(rt, contest.workspace_id)
    await copies.look_through_for_rules(rt, contest)
    return await staff.read_staff(rt, contest, since=since)


async def next_due(rt: Runtime, contest: Contest) -> datetime | None:
    """When something of it changes next for a running contest; None if nothing does."""
    times = (await staff.next_reading(rt, contest), await lists.next_lapse(rt, contest))
    due_at = min((at for at in times if at is not None), default=None)
    return None if due_at is None or due_at >= contest.closes_at else due_at
