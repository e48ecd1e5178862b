"""Quiz: right answers are given before the start, bound by the terms, and told after the close.

Between the two nobody is told them, whoever asks, and nothing is judged by them: they stand
encrypted, and are decrypted only to be opened for everybody, once the closing scans have read all
comments. So no verdict, list or text can tell earlier who is right, and whoever reads them then
answers too late.
"""

import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from contest_service.domain.conditions.answered import QUIZ, Answered
from contest_service.domain.contest import EDITABLE, Definition, Status
from contest_service.domain.errors import (
    ConflictError,
    ContestError,
    Fault,
    InvalidError,
    NotFoundError,
)
from contest_service.domain.people import Actor
from contest_service.domain.quiz import (
    answer_faults,
    practice_answers,
    question_faults,
    questions,
)
from contest_service.flows.runtime import Runtime
from contest_service.proof.quiz import commit_quiz, quiz_bytes
from contest_service.store import audit, contests
from contest_service.store import quiz as store
from contest_service.store.contests import Contest
from contest_service.store.quiz import Quiz, SealedQuiz
from contest_service.store.rows import Connection

_SALT = 32


class Secret(msgspec.Struct, frozen=True, kw_only=True):
    """What is encrypted of a quiz."""

    answers: tuple[str, ...]
    salt: bytes


class AnswersLostError(ContestError):
    """Sealed answers cannot be decrypted, or are not those of the commitment."""

    code = "answers_lost"


async def seal_answers(
    conn: Connection,
    rt: Runtime,
    actor: Actor,
    contest_id: UUID,
    quiz: str,
    *,
    answers: Sequence[str],
    now: datetime,
) -> Quiz:
    """Encrypt the accepted answers to a quiz of a contest that has not started.

    They take the place of those given before. Raises InvalidError with all faults, ConflictError.
    """
    contest = await _read_editable(conn, actor, contest_id)
    asked = [each for _, each in questions(contest.definition) if each.quiz == quiz]
    faults = answer_faults(answers, asked)
    if not QUIZ.fullmatch(quiz):
        raise NotFoundError("A quiz has a code of small letters, digits, _ and -, a letter first.")
    if faults:
        raise InvalidError(faults)
    kept = await _seal(conn, rt, contest, quiz, answers=answers, now=now)
    await audit.record(
        conn,
        actor,
        "contest.quiz_sealed",
        subject=contest.id,
        at=now,
        detail={"quiz": quiz, "commitment": kept.commitment},
    )
    return kept


async def forget_answers(
    conn: Connection, actor: Actor, contest_id: UUID, quiz: str, *, now: datetime
) -> None:
    """Delete the answers to a quiz of a contest that has not started."""
    contest = await _read_editable(conn, actor, contest_id)
    if not await store.drop(conn, contest, quiz):
        raise NotFoundError("No answers to this quiz were given.")
    await audit.record(
        conn, actor, "contest.quiz_forgotten", subject=contest.id, at=now, detail={"quiz": quiz}
    )


async def seal_practice_answers(
    conn: Connection, rt: Runtime, contest: Contest, *, now: datetime
) -> None:
    """Give a dry run answers of its own: it tells them before the contest that it tries out."""
    for _, asked in questions(contest.definition):
        await _seal(conn, rt, contest, asked.quiz, answers=practice_answers(asked), now=now)


async def promise_answers(
    conn: Connection, rt: Runtime, contest: Contest, *, now: datetime
) -> dict[str, str]:
    """Bind the contest to its answers: the commitment, in hex, of every quiz that its rules ask.

    Raises what `commitments` raises.
    """
    promised = await commitments(conn, rt, contest)
    await store.promise(conn, contest, sorted(promised), at=now)
    return promised


async def commitments(conn: Connection, rt: Runtime, contest: Contest) -> dict[str, str]:
    """The commitment, in hex, of every quiz that a contest's rules ask; nothing is bound by it.

    Raises InvalidError for questions without answers, and for answers that no comment could be
    compared with.
    """
    asked = list(questions(contest.definition))
    if not asked:
        return {}
    known = {each.quiz: each.commitment for each in await store.of_contest(conn, contest)}
    faults = question_faults(contest.definition)
    faults += [
        Fault(pointer=f"{pointer}/quiz", detail=_UNANSWERED.format(quiz=each.quiz))
        for pointer, each in asked
        if each.quiz not in known
    ]
    if not contest.terms_version:
        for sealed in await store.lock_sealed(conn, contest):
            faults += _unfit(asked, sealed.quiz, _decrypt(rt, contest, sealed))
    if faults:
        raise InvalidError(faults)
    return {code: known[code] for code in sorted({each.quiz for _, each in asked})}


_UNANSWERED = "has no answers yet; give them first, with PUT /v1/contests/{{id}}/quizzes/{quiz}"


def _unfit(asked: Iterable[tuple[str, Answered]], quiz: str, secret: Secret) -> list[Fault]:
    """Say where answers that were given do not fit how the rules compare them by now."""
    detail = "its answers do not fit how they are compared; give them again"
    return [
        Fault(pointer=f"{pointer}/quiz", detail=detail)
        for pointer, each in asked
        if each.quiz == quiz and answer_faults(secret.answers, [each])
    ]


async def amendment_faults(
    conn: Connection, contest: Contest, definition: Definition
) -> list[Fault]:
    """What an amendment may not do: ask a new question, or undo what the opened answers settle."""
    promised = [each for each in await store.of_contest(conn, contest) if each.promised_at]
    known = {each.quiz for each in promised}
    faults = [
        Fault(pointer=f"{pointer}/quiz", detail="is new; a question is asked before the start")
        for pointer, each in questions(definition)
        if each.quiz not in known
    ]
    if not any(each.opened_at for each in promised):
        return faults
    if definition.schedule.closes_at != contest.closes_at:
        detail = "cannot change any more: the right answers are public since the close"
        faults.append(Fault(pointer="/schedule/closes_at", detail=detail))
    if list(questions(definition)) != list(questions(contest.definition)):
        detail = "the right answers are public, so questions cannot be changed any more"
        faults.append(Fault(pointer="/rules", detail=detail))
    return faults


async def open_answers(rt: Runtime, contest: Contest) -> bool:
    """Tell everybody the answers to a closing contest's quizzes, and judge by them from now on.

    All comments have been read by now. False if the contest changed meanwhile. Raises
    AnswersLostError if some cannot be decrypted; then none is opened.
    """
    async with rt.pool.acquire() as conn, conn.transaction():
        if not await contests.lock_unchanged(conn, contest) or contest.status is not Status.CLOSING:
            return False
        for sealed in await store.lock_sealed(conn, contest):
            if not sealed.is_promised:
                continue  # no question of the rules ever asked for these
            secret = _decrypt(rt, contest, sealed)
            await store.open_quiz(
                conn,
                contest,
                sealed.quiz,
                answers=secret.answers,
                salt=secret.salt,
                at=rt.clock(),
            )
    return True


async def opened_answers(conn: Connection, contest: Contest) -> dict[str, tuple[str, ...]]:
    """The accepted answers of every quiz that is opened: what the judge may know."""
    known = await store.of_contest(conn, contest)
    return {each.quiz: each.answers for each in known if each.answers is not None}


class OpenedFile(msgspec.Struct, frozen=True, kw_only=True):
    """The file that opens a quiz (docs/draw-protocol.md, 8.10), and its commitment in hex."""

    commitment: str
    data: bytes


async def opened_files(conn: Connection, contest: Contest) -> list[OpenedFile]:
    """The files of all quizzes that are opened."""
    return [
        OpenedFile(
            commitment=each.commitment,
            data=quiz_bytes(
                contest=str(contest.id),
                quiz=each.quiz,
                answers=each.answers,
                salt=bytes.fromhex(each.salt or ""),
            ),
        )
        for each in await store.of_contest(conn, contest)
        if each.answers is not None
    ]


async def _read_editable(conn: Connection, actor: Actor, contest_id: UUID) -> Contest:
    contest = await contests.read_locked(conn, actor.workspace_id, contest_id)
    if contest.status not in EDITABLE or contest.terms_version:
        raise ConflictError(
            "The contest has started, and its terms hold a commitment to the answers: they cannot "
            "be changed any more. They are opened after the close."
        )
    return contest


async def _seal(
    conn: Connection,
    rt: Runtime,
    contest: Contest,
    quiz: str,
    *,
    answers: Sequence[str],
    now: datetime,
) -> Quiz:
    secret = Secret(answers=tuple(answers), salt=secrets.token_bytes(_SALT))
    return await store.seal(
        conn,
        contest,
        quiz,
        commitment=_commitment(contest, quiz, secret),
        sealed=rt.vault.seal(msgspec.json.encode(secret)),
        at=now,
    )


def _decrypt(rt: Runtime, contest: Contest, sealed: SealedQuiz) -> Secret:
    """Raises AnswersLostError."""
    try:
        secret = msgspec.json.decode(rt.vault.open(sealed.sealed), type=Secret)
    except ContestError:
        raise AnswersLostError(
            f"The answers to the quiz {sealed.quiz} cannot be decrypted: the operator has to give "
            "the key again that encrypted them, after the newest one."
        ) from None
    if _commitment(contest, sealed.quiz, secret).hex() != sealed.commitment:
        raise AnswersLostError(
            f"The answers to the quiz {sealed.quiz} are not those of their commitment: the "
            "operator has to restore them from a backup."
        )
    return secret


def _commitment(contest: Contest, quiz: str, secret: Secret) -> bytes:
    return commit_quiz(contest=str(contest.id), quiz=quiz, answers=secret.answers, salt=secret.salt)
