"""The bundle's README.txt, for somebody who has never heard of any of this."""

from collections.abc import Sequence

from contest_service.domain.schedule import moment
from contest_service.flows.set_aside import SetAside
from contest_service.proof.bundle import Edition
from contest_service.proof.chain import Chain
from contest_service.store.contests import Contest

_WIDTH = 76

_INTRODUCTION = """\
This file came with an audit bundle: a zip that proves how the winners of a contest were
drawn. Everything in it can be checked on any computer, without the internet and without
trusting the organiser or the service that made it.

How to check it
---------------
In a browser: open verify.html from this bundle, even without the internet, and drop the
bundle on it. Or with Python 3.8 or newer, and nothing else installed:

    python3 verify.py BUNDLE.zip{practice}

Both say first whether the proof holds, and then who won. Better than the ones in here, get
them from somewhere else: their SHA-256 hashes stand in the terms that were published when
the contest started. Whoever holds a promise or a receipt from when they entered can give
it too (--receipt FILE) and see where they came.

What it proves
--------------
The list of all entries was fixed, as a hash, before a certain round of a public source of
randomness ("the beacon"). Nobody, neither the organiser nor the operator of the service,
could know or choose that round's number. The winners follow from the two by arithmetic
that the verifier does again. If anybody changed the list, the rules or the winners
afterwards, the check fails.

What it does not prove
----------------------
Arithmetic cannot show when the list was fixed, nor that there was only one. For that the
bundle holds the operator's log with what independent witnesses saw of it. Say whom of them
you trust (--trust FILE), and the grade from A to D says what that evidence comes to. And
nothing can show that every entrant is a different human being.

What is in it
-------------
events.jsonl      every step of the contest, each holding the hash of the one before
terms/            the terms, in every version that was published, for people and machines
quiz/             where the rules ask a question: the right answers, which the terms fixed
                  by a hash before anybody could answer
entries.bin       the frozen list: one anonymous code per entry, and its number of tickets
openings.jsonl    for some entries: whose they are, and the salt that proves it
log/              the operator's log from the first event of this contest on, and what was
                  signed of it
evidence/         timestamps of independent authorities
verify.html       the page that checks all this, and
verify.py         the program that does
manifest.json     the names, sizes and hashes of all files
"""
_DISPUTE = """\
dispute/          evidence.txt: the hashes of all verdicts, whose own hash was frozen too;
                  records.jsonl: the verdicts behind them; and, not bound by the freeze:
                  the history of scans, the digests of what the platform answered, and the
                  decisions of persons that set a check aside

This is the dispute edition. It holds personal data: give it only to those who need it.
"""


def text(
    contest: Contest,
    chain: Chain,
    *,
    edition: Edition,
    link: str,
    set_aside: Sequence[SetAside],
) -> str:
    """Explain the bundle of a contest in plain words."""
    practice = " --practice" if contest.practice else ""
    parts = [_heading(contest), _INTRODUCTION.format(practice=practice)]
    if contest.practice:
        parts.insert(
            1,
            "THIS WAS A PRACTICE DRAW. Its beacon belongs to the service itself, so the draw\n"
            "proves nothing about chance.\n",
        )
    if edition is Edition.DISPUTE:
        parts[-1] += _DISPUTE
    parts.append(_standing(chain))
    parts += _overridden(set_aside)
    parts.append(f"The contest's public page: {link}\n")
    return "\n".join(parts)


def _heading(contest: Contest) -> str:
    title = f"{contest.definition.title}, by {contest.definition.organiser}"
    return f"{title}\n{'=' * min(len(title), _WIDTH)}\nContest {contest.id}\n"


def _overridden(set_aside: Sequence[SetAside]) -> list[str]:
    if not set_aside:
        return []
    lines = [
        "Persons set this aside before the list was fixed, each time two of them or, where there",
        "were no two, after it had been shown in public:",
        *(f"- {each.kind}: {each.reason} ({each.by}), {_times(each.times)}" for each in set_aside),
    ]
    return ["\n".join(lines) + "\n"]


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _standing(chain: Chain) -> str:
    if chain.void is not None:
        return f"The contest ended without a draw. Reason: {chain.void.reason}\n"
    if chain.freeze is None:
        return "The contest had not been frozen when this bundle was made.\n"
    at = f"{moment(chain.round_time):%Y-%m-%d %H:%M:%S} UTC"
    frozen = (
        f"Entries: {chain.freeze.entries.count}, tickets: {chain.freeze.entries.weight}.\n"
        f"Hash of the freeze: {(chain.freeze_hash or b'').hex()}\n"
        f"Round {chain.freeze.round} of the beacon, due {at}.\n"
    )
    if chain.result is None:
        return frozen + "The winners had not been drawn when this bundle was made.\n"
    return frozen
