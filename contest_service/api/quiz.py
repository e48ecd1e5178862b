"""`/v1/contests/{id}/quizzes`: right answers are given before the start, and told after the close.

They come in here and are never told again by any operation before they are opened for everybody.
"""

from datetime import datetime
from uuid import UUID

import msgspec
from litestar import Response, delete, get, put
from litestar.params import FromPath, JSONBody

from contest_service.api.describe import read, write
from contest_service.api.given import GivenActor, GivenRuntime, GivenWrite
from contest_service.api.pages import Page
from contest_service.domain.quiz import questions
from contest_service.flows import quiz as flow
from contest_service.flows.runtime import Runtime
from contest_service.store import contests
from contest_service.store import quiz as store
from contest_service.store.contests import Contest
from contest_service.store.quiz import Quiz
from contest_service.store.rows import Connection


class Answers(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The accepted answers to a question, with all spellings that are to count.

    Capital letters, е and ё, signs and extra spaces make no difference anyway.
    """

    answers: tuple[str, ...]


class QuizPage(Page[Quiz], frozen=True, kw_only=True):
    """All quizzes of a contest."""


class PublicQuiz(msgspec.Struct, frozen=True, kw_only=True):
    """A question of a contest as everybody sees it, and the commitment to its answers.

    `answers` and `url`, the file that opens the commitment, are null until the answers are opened.
    """

    quiz: str
    question: str
    commitment: str
    opened_at: datetime | None
    answers: tuple[str, ...] | None
    url: str | None


async def quizzes_of(conn: Connection, rt: Runtime, contest: Contest) -> list[PublicQuiz]:
    """The quizzes of a contest that started, for everybody to read."""
    asked = {each.quiz: each.question for _, each in questions(contest.definition)}
    return [
        PublicQuiz(
            quiz=each.quiz,
            question=asked.get(each.quiz, ""),
            commitment=each.commitment,
            opened_at=each.opened_at,
            answers=each.answers,
            url=None
            if each.opened_at is None
            else f"{rt.contest_files(contest.id)}/quiz/{each.commitment}.json",
        )
        for each in await store.of_contest(conn, contest)
        if each.promised_at is not None
    ]


@get(
    "/contests/{contest_id:uuid}/quizzes",
    **read("list_quizzes", "List the quizzes whose answers are sealed or opened", 404),
)
async def list_quizzes(contest_id: FromPath[UUID], actor: GivenActor, rt: GivenRuntime) -> QuizPage:
    """Answers and salts are null until they are opened, for owners too."""
    async with rt.pool.acquire() as conn:
        contest = await contests.read(conn, actor.workspace_id, contest_id)
        found = await store.of_contest(conn, contest)
    return QuizPage(items=found, next=None)


@put(
    "/contests/{contest_id:uuid}/quizzes/{quiz:str}",
    **write("seal_quiz", "Give the accepted answers to a quiz, before the start", 404),
)
async def seal_quiz(
    contest_id: FromPath[UUID], quiz: FromPath[str], data: JSONBody[Answers], write: GivenWrite
) -> Response[Quiz]:
    """They replace those given before. From the start on the terms hold a commitment to them.

    `quiz` is the code by which a condition `answered` names them. They are opened after the close.
    """
    async with write.transaction() as tx:
        kept = await flow.seal_answers(
            tx.conn, write.rt, write.actor, contest_id, quiz, answers=data.answers, now=tx.now
        )
        return await tx.reply_unkept(kept)


@delete(
    "/contests/{contest_id:uuid}/quizzes/{quiz:str}",
    **write("forget_quiz", "Forget the answers to a quiz, before the start", 404),
)
async def forget_quiz(
    contest_id: FromPath[UUID], quiz: FromPath[str], write: GivenWrite
) -> Response[None]:
    async with write.transaction() as tx:
        await flow.forget_answers(tx.conn, write.actor, contest_id, quiz, now=tx.now)
        return await tx.reply(None)
