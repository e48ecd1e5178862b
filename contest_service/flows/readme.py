"""The bundle's README.txt, for somebody who has never heard of any of this."""

from contest_service.domain.schedule import moment
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
1. You need Python 3.8 or newer. Nothing else has to be installed.
2. Take verify.py from this bundle, or better, get it from somewhere else: its SHA-256 hash
   stands in the terms that were published when the contest started.
3. Run:   python3 verify.py BUNDLE.zip{practice}
4. The first line says whether the proof holds, and then who won.

What it proves
--------------
The list of all entries was fixed, as a hash, before a certain round of a public source of
randomness ("the beacon"). Nobody, neither the organiser nor the operator of the service,
could know or choose that round's number. The winners follow from the two by arithmetic
that the verifier does again. If anybody changed the list, the rules or the winners
afterwards, the check fails.

What it does not prove
----------------------
Arithmetic cannot show when the list was fixed, nor that there was only one. The grade that
the verifier prints says how much independent evidence of that there is. And it cannot show
that every entrant is a different human being.

What is in it
-------------
events.jsonl      every step of the contest, each holding the hash of the one before
terms/            the terms, in every version that was published, for people and machines
entries.bin       the frozen list: one anonymous code per entry, and its number of tickets
openings.jsonl    for some entries: whose they are, and the salt that proves it
verify.py         the program that checks all this
manifest.json     the names, sizes and hashes of all files
"""
_DISPUTE = """\
dispute/          evidence.txt: the hashes of all verdicts, whose own hash was frozen too;
                  records.jsonl: the verdicts behind them; and, not bound by the freeze:
                  the history of scans, the digests of what the platform answered, and the
                  decisions of persons that set a check aside

This is the dispute edition. It holds personal data: give it only to those who need it.
"""


def text(contest: Contest, chain: Chain, *, edition: Edition, link: str) -> str:
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
    parts.append(f"The contest's public page: {link}\n")
    return "\n".join(parts)


def _heading(contest: Contest) -> str:
    title = f"{contest.definition.title}, by {contest.definition.organiser}"
    return f"{title}\n{'=' * min(len(title), _WIDTH)}\nContest {contest.id}\n"


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
