"""Tables that somebody brings: a file is looked through first, and done with in a second step.

Between the two the file lives in the page itself, byte by byte, so that nothing is kept here of
what nobody went on with, and what is done is what was looked at.
"""

import base64
from typing import Any

import msgspec

from contest_service.domain.errors import Fault
from contest_service.web.forms import Form
from contest_service.web.language import Words

MOST_BYTES = 1024 * 1024
"""Of a file that is brought by a page; larger ones come by the API."""
MOST_BODY = 2 * MOST_BYTES


class LineFault(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong with a line, as an editor counts them; 0 is the file as a whole."""

    line: int
    column: str
    text: str


class Sheet(msgspec.Struct, frozen=True, kw_only=True):
    """A file that came; `is_kept` if the page had it already."""

    data: bytes
    is_kept: bool

    @property
    def packed(self) -> str:
        """As the page keeps it."""
        return base64.b64encode(self.data).decode()


async def read_sheet(form: Form[Any], words: Words) -> Sheet | None:
    """The file of a form, from its field `file` or as the page kept it; else notes a fault."""
    if kept := form.typed.get("kept"):
        try:
            return Sheet(data=base64.b64decode(kept[-1], validate=True), is_kept=True)
        except ValueError:
            form.add("file", words.gettext("Choose the file again."))
            return None
    given = form.files.get("file")
    data = b"" if given is None else await given.read()
    if not data:
        form.add("file", words.gettext("Choose a file."))
        return None
    if len(data) > MOST_BYTES:
        form.add("file", words.gettext("This file is larger than 1 MB. Divide it, or use the API."))
        return None
    return Sheet(data=data, is_kept=False)


def line_faults(faults: list[Fault], words: Words) -> list[LineFault]:
    """What is wrong with the lines of a file, in the reader's words."""
    found = []
    for fault in faults:
        number, _, column = fault.pointer.removeprefix("/lines").strip("/").partition("/")
        line = int(number) if number.isdigit() else 0
        found.append(LineFault(line=line, column=column, text=words.refusal(fault.detail)))
    return found
