"""The kinds of value that the protocol's objects are made of (section 2).

Types only; what an object means stands where it is used.
"""

from typing import Annotated

import msgspec

from contest_service.proof.canonical import MAX_INT, VERSION


class Shape(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An object with exactly the keys of its fields."""


Version = Annotated[str, msgspec.Meta(pattern=rf"\A{VERSION}\Z")]
Name = Annotated[str, msgspec.Meta(min_length=1)]
Count = Annotated[int, msgspec.Meta(ge=0, le=MAX_INT)]
Time = Count
"""Unix seconds."""
Positive = Annotated[int, msgspec.Meta(ge=1, le=MAX_INT)]
Hash = Annotated[str, msgspec.Meta(pattern=r"\A[0-9a-f]{64}\Z")]
"""32 bytes in lower-case hex."""
Reason = Annotated[str, msgspec.Meta(pattern=r"\A[a-z][a-z0-9-]{0,39}\Z")]
"""A code for people to look up, never free text."""
Code = Annotated[str, msgspec.Meta(pattern=r"\A[a-z][a-z0-9_-]{0,39}\Z")]
