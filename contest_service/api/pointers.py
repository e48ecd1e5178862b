"""Where faults stand in a request, when a flow was given a part of it."""

from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from contest_service.domain.errors import InvalidError


@contextmanager
def within(prefix: str, *, beside: tuple[str, ...] = ()) -> Iterator[None]:
    """Put `prefix` before the pointers of faults, but those that stand `beside` the part."""
    try:
        yield
    except InvalidError as error:
        raise InvalidError(
            [
                fault
                if fault.pointer in beside
                else msgspec.structs.replace(fault, pointer=prefix + fault.pointer)
                for fault in error.faults
            ]
        ) from None
