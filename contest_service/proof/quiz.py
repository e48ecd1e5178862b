"""Quizzes: the accepted answers, committed to before the start and opened after the close (8.10).

The terms hold commitments; a file of the bundle opens each. How answers are compared stands in the
rules and is the domain's.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated

import msgspec

from contest_service.proof.canonical import VERSION, decode, encode, sha256, tag
from contest_service.proof.errors import BundleError
from contest_service.proof.shapes import Code, Hash, Name, Shape, Version
from contest_service.proof.terms import Terms

MAX_QUIZ = 1 << 20
"""Bytes of an opened quiz."""

_QUIZ_TAG = tag("quiz")


class OpenedQuiz(Shape, frozen=True, kw_only=True):
    """A file `quiz/<commitment>.json`."""

    v: Version
    contest: Name
    quiz: Code
    answers: Annotated[tuple[Name, ...], msgspec.Meta(min_length=1)]
    salt: Hash

    @property
    def commitment(self) -> bytes:
        return commit_quiz(
            contest=self.contest,
            quiz=self.quiz,
            answers=self.answers,
            salt=bytes.fromhex(self.salt),
        )


def commit_quiz(*, contest: str, quiz: str, answers: Sequence[str], salt: bytes) -> bytes:
    """Return the commitment to a quiz's accepted answers. `salt` has 32 bytes.

    Raises CanonicalError for an answer outside the profile.
    """
    sealed = {"answers": list(answers), "contest": contest, "quiz": quiz}
    return sha256(_QUIZ_TAG + salt + encode(sealed))


def quiz_bytes(*, contest: str, quiz: str, answers: Sequence[str], salt: bytes) -> bytes:
    """Return the bytes of the file that opens a quiz."""
    opened = OpenedQuiz(
        v=VERSION, contest=contest, quiz=quiz, answers=tuple(answers), salt=salt.hex()
    )
    return encode(opened)


def promised_quizzes(versions: Sequence[Terms]) -> dict[str, str]:
    """Return the commitment of every quiz that any version of the terms names, by quiz.

    Raises BundleError where a later version has another commitment for the same quiz.
    """
    promised: dict[str, str] = {}
    for terms in versions:
        for each in terms.quizzes or ():
            if promised.setdefault(each.quiz, each.commitment) != each.commitment:
                raise BundleError("quiz_changed", "A later version has other answers to a quiz.")
    return promised


def check_quiz(data: bytes, *, contest: str, quiz: str, commitment: str) -> OpenedQuiz:
    """Check a file against what the terms promised. Raises CanonicalError or BundleError."""
    try:
        opened = msgspec.convert(decode(data), OpenedQuiz)
    except msgspec.ValidationError as error:
        raise BundleError("bad_quiz", f"The opened quiz has another shape: {error}.") from error
    if (opened.contest, opened.quiz) != (contest, quiz):
        raise BundleError("foreign_quiz", "The answers are of another contest or quiz.")
    if opened.commitment.hex() != commitment:
        raise BundleError("other_answers", "These are not the answers that the terms committed to.")
    return opened


def require_opened(promised: Mapping[str, str], present: frozenset[str], *, frozen: bool) -> None:
    """Require files for all commitments of a frozen contest, and for no other commitments.

    `present` are the commitments of which there is a file. Raises BundleError.
    """
    if not present <= set(promised.values()):
        raise BundleError("unknown_quiz", "There are answers to a quiz that no terms name.")
    if frozen and present != set(promised.values()):
        raise BundleError("missing_quiz", "The list is frozen, and the answers are not opened.")
