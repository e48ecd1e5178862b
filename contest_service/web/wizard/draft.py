"""A contest that is being made, as the steps see it: read at once, with what is foreseen of it."""

from datetime import datetime
from uuid import UUID

import msgspec

from contest_service.domain.contest import EDITABLE, Definition
from contest_service.domain.errors import NotFoundError
from contest_service.flows.foresee import Foreseen, foresee, impossible
from contest_service.store import communities, contests, quiz, targets
from contest_service.store.communities import Community
from contest_service.store.contests import Contest
from contest_service.store.rows import Connection
from contest_service.store.targets import StoredTarget
from contest_service.web.gate import AnyRequest, actor_of, runtime_of
from contest_service.web.language import language_of
from contest_service.web.wizard.steps import Step, edit_root

MOST_COMMUNITIES = 200


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A contest with its posts, and the workspace's communities by their ids.

    `foreseen` is what the posts' platforms cannot tell; it is None while a post's community is not
    connected any more, of which nothing can be foreseen. `answered` are the codes of the quizzes to
    which answers were given.
    """

    contest: Contest
    posts: list[StoredTarget]
    communities: dict[UUID, Community]
    foreseen: list[Foreseen] | None
    answered: frozenset[str]
    now: datetime

    @property
    def definition(self) -> Definition:
        return self.contest.definition

    @property
    def zone(self) -> str:
        return self.contest.definition.schedule.zone

    @property
    def root(self) -> str:
        """The address of the steps."""
        return edit_root(self.contest.workspace_id, self.contest.id)

    @property
    def is_open(self) -> bool:
        """Whether the rules are not locked yet."""
        return is_open(self.contest)

    @property
    def never(self) -> frozenset[str]:
        """The places of conditions that nobody can be known to fulfil on any post."""
        faults = impossible(self.foreseen or [], len(self.posts))
        return frozenset(each.pointer.removeprefix("/definition") for each in faults)

    def address(self, step: Step) -> str:
        return f"{self.root}/{step}"


def is_open(contest: Contest) -> bool:
    """Whether a contest's rules are not locked yet."""
    return contest.status in EDITABLE and not contest.terms_version


async def read_draft(request: AnyRequest, contest_id: UUID) -> Draft:
    """Read a contest of the page's workspace. Raises NotFoundError."""
    rt, workspace_id = runtime_of(request), actor_of(request).workspace_id
    async with rt.pool.acquire() as conn:
        contest = await contests.read(conn, workspace_id, contest_id)
        posts = await targets.posts(conn, workspace_id, contest_id)
        try:
            told = await foresee(conn, rt, contest, language=language_of(request))
        except NotFoundError:
            told = None
        return Draft(
            contest=contest,
            posts=posts,
            communities=await communities_of(conn, workspace_id),
            foreseen=told,
            answered=frozenset(each.quiz for each in await quiz.of_contest(conn, contest)),
            now=rt.clock(),
        )


async def communities_of(conn: Connection, workspace_id: UUID) -> dict[UUID, Community]:
    """The workspace's connected communities, oldest first."""
    found = await communities.list_page(conn, workspace_id, after=None, limit=MOST_COMMUNITIES)
    return {each.id: each for each in found}
