"""Finishing a draw without the service: the frozen list and the beacon's answer are enough.

The winners are exactly those of the service's own result. Only the time of that event is not known
here, so the one that is made holds the round's, the earliest that it may have.
"""

from contest_service.proof import check, events
from contest_service.proof.chain import Chain, State
from contest_service.proof.errors import ChainError
from contest_service.proof.events import EventType, Freeze, Result


def frozen(events_: bytes, entries: bytes | memoryview, *, practice: bool) -> tuple[Chain, Freeze]:
    """Check what was published of a contest that is frozen and not drawn.

    Raises Refusal where it does not hold, ChainError where there is nothing to finish.
    """
    listed = check.parse_events(events_)
    chain = check.begin(listed, practice=practice)
    check.fold(chain, listed, entries)
    if chain.state is not State.FROZEN or chain.freeze is None:
        raise ChainError("nothing_to_finish", _why_not(chain))
    return chain, chain.freeze


def _why_not(chain: Chain) -> str:
    if chain.void is not None:
        return "It was declared void and has no winners."
    if chain.result is not None:
        return "It is drawn already: there is nothing to finish, only to verify."
    return "Nothing is frozen yet, so there is nothing to finish."


def finish(chain: Chain, signature: str) -> tuple[bytes, Result]:
    """Append the result that the frozen round's signature (hex) gives; returns its line with LF,
    and what it says.

    Raises BeaconError if it is not that round's.
    """
    body = chain.result_body(signature)
    event = events.next_event(chain.head, EventType.RESULT, body, at=chain.round_time)
    chain.extend(event)
    return events.line(event) + b"\n", body
