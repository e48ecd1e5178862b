"""What signs the log on the stage: a key that everybody knows, and a memory in a folder."""

import dataclasses
from pathlib import Path
from typing import Any

from contest_service.flows.signer import Answer, Signer, UnreachableError
from contest_service.log_keys import FileMemory, seeds

SEED = bytes(range(32))


async def nobody(url: str, _body: bytes, *, content_type: str) -> Answer:
    """Nobody answers."""
    raise UnreachableError(f"{url} does not answer ({content_type}).")


def signer(folder: Path, **changes: Any) -> Signer:
    """A signer whose memory is in a folder."""
    made = Signer(
        seeds=seeds(SEED),
        base="example.org/log",
        is_named=True,
        memory=FileMemory(folder),
        post=nobody,
    )
    return dataclasses.replace(made, **changes)
