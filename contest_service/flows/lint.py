"""Lint: say what platforms' rules and laws would object to, before the start and after it.

It warns and blocks nothing. How many warnings were open when a contest started, or was amended, is
in the audit log.
"""

import functools
from collections.abc import Collection, Sequence
from importlib import resources
from typing import Any

from contest_service.domain import lint as data
from contest_service.domain.conditions import Language
from contest_service.domain.contest import Definition
from contest_service.domain.lint.linting import Lint, lint
from contest_service.domain.lint.rules import FILES, LintRule, read_rules
from contest_service.domain.lint.venues import Subject, Venue
from contest_service.domain.schedule import unix
from contest_service.store import targets, versions
from contest_service.store.contests import Contest
from contest_service.store.rows import Connection


@functools.cache
def known_rules() -> tuple[LintRule, ...]:
    """Read the rules that this version of the service knows."""
    folder = resources.files(data)
    return read_rules((folder / name).read_bytes() for name in FILES)


def lint_definition(
    definition: Definition,
    *,
    venues: Collection[Venue],
    language: Language,
    texts: Sequence[str] = (),
    is_amended: bool = False,
) -> Lint:
    """Lint a definition that is shown at `venues`; `texts` are those of its posts, if known."""
    subject = Subject(
        definition=definition,
        venues=frozenset(venues),
        texts=tuple(texts),
        is_amended=is_amended,
    )
    return lint(subject, known_rules(), language)


async def lint_contest(
    conn: Connection,
    contest: Contest,
    *,
    language: Language,
    also_on: Collection[Venue] = (),
) -> Lint:
    """Lint a contest as it stands, on its posts' platforms and on those where it is shown too."""
    posts = await targets.posts(conn, contest.workspace_id, contest.id)
    told = await targets.texts(conn, contest.workspace_id, contest.id)
    known = await versions.of_contest(conn, contest)
    since = min((each.in_force_at for each in known), default=None)
    subject = Subject(
        definition=contest.definition,
        venues=frozenset({*also_on, *(Venue(post.platform.value) for post in posts)}),
        texts=tuple(each.text for each in told),
        is_amended=contest.terms_version > 1,
        earlier=tuple(each.definition for each in known if each.version < contest.terms_version),
        is_post_changed=since is not None
        and any(each.text_changed_at and unix(each.text_changed_at) > since for each in told),
    )
    return lint(subject, known_rules(), language)


async def lint_on_record(conn: Connection, contest: Contest) -> dict[str, Any]:
    """What the audit log keeps of the remarks that are open: how many, and the rules' codes."""
    found = await lint_contest(conn, contest, language=contest.definition.language)
    codes = sorted({remark.code for remark in found.remarks})
    return {"warnings": found.warnings, "hints": found.hints, "codes": codes}
