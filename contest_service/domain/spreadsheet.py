"""Tables as people exchange them: CSV that a spreadsheet may open without running any of it. Pure.

What is written has a byte order mark, so that spreadsheets read it as UTF-8, every cell in quotes,
and lines that end in CR LF (RFC 4180). A cell that a spreadsheet would take for a formula gets an
apostrophe before it (OWASP, CSV Injection); what is read loses exactly that one again. Where a
fault stands is said as `/lines/7/account`: the line as an editor counts it, and the column.
"""

import csv
import enum
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from contest_service.domain.errors import Fault

MOST_LINES = 100_000
"""Of one file, without its header."""
MOST_FAULTS = 200
"""That are told of one file at once."""

_MARK = "\ufeff"
_FORMULA = re.compile("'*[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
_NEUTRAL = re.compile("'+[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
_QUOTED = re.compile('"(?:[^"]|"")*"')
_LINE = re.compile("[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\\Z")
"""As editors count lines: `str.splitlines` divides at further signs."""


class Separator(enum.StrEnum):
    """What stands between two cells. Spreadsheets expect the one of their own language."""

    COMMA = "comma"
    SEMICOLON = "semicolon"
    TAB = "tab"

    @property
    def sign(self) -> str:
        return {Separator.COMMA: ",", Separator.SEMICOLON: ";", Separator.TAB: "\t"}[self]


def neutralised(text: str) -> str:
    """The text as a cell that no spreadsheet takes for a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


def restored(text: str) -> str:
    """What `neutralised` was given."""
    return text[1:] if _NEUTRAL.match(text) else text


def write_lines(
    rows: Iterable[Sequence[str]], separator: Separator = Separator.COMMA, *, is_first: bool = False
) -> bytes:
    """Write rows of a table; the first piece of a file begins with the byte order mark."""
    lines = (
        separator.sign.join(_quoted(neutralised(cell)) for cell in row) + "\r\n" for row in rows
    )
    text = (_MARK if is_first else "") + "".join(lines)
    # A lone surrogate, which no text in the database has, must not stop a download.
    return text.encode("utf-8", "replace")


def _quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"'


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A row that was read: its cells by column, those that are missing as empty ones."""

    number: int
    cells: Mapping[str, str]

    def at(self, column: str) -> str:
        """The pointer of one of its cells."""
        return f"/lines/{self.number}/{column}"


class Columns(msgspec.Struct, frozen=True, kw_only=True):
    """Which columns a table may have. What is `passed_over` comes from our own exports."""

    required: tuple[str, ...]
    optional: tuple[str, ...] = ()
    passed_over: tuple[str, ...] = ()

    @property
    def known(self) -> tuple[str, ...]:
        return self.required + self.optional


def read_lines(data: bytes, columns: Columns) -> tuple[list[Line], list[Fault]]:
    """Read a table with a header. Commas, semicolons and tabs are told apart by the header.

    Lines come with the faults of all others; what is wrong with the file as a whole comes alone.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        detail = "is not UTF-8: save the file as “CSV UTF-8”, and send it again"
        return [], [Fault(pointer=f"/lines/{line}", detail=detail)]
    lines: list[Line] = []
    faults: list[Fault] = []
    header: list[str] | None = None
    for number, record in _records(text):
        if isinstance(record, Fault):
            faults.append(record)
        elif header is None:
            header = [name.strip().lower() for name in record]
            if faults := _header_faults(number, header, columns):
                return [], faults
        elif len(record) > len(header):
            faults.append(_too_many(number, cells=len(record), named=len(header)))
        elif len(lines) >= MOST_LINES:
            detail = f"is one too many: a file holds at most {MOST_LINES} lines, so divide it"
            return [], [Fault(pointer=f"/lines/{number}", detail=detail)]
        else:
            lines.append(_line(number, header, record))
    if not lines and not faults:
        detail = "is empty: give a line with the names of the columns, and a line for each entry"
        faults.append(Fault(pointer="/lines", detail=detail))
    return lines, faults


def first_of(faults: Sequence[Fault]) -> list[Fault]:
    """As many faults of a file as are told at once, and how many more there are."""
    if len(faults) <= MOST_FAULTS:
        return list(faults)
    detail = f"There are {len(faults) - MOST_FAULTS} more faults; mend these first"
    return [*faults[:MOST_FAULTS], Fault(pointer="/lines", detail=detail)]


def _records(text: str) -> Iterator[tuple[int, list[str] | Fault]]:
    """Every record that is not empty, with its first line; what cannot be read ends the file."""
    lines = (found[0] for found in _LINE.finditer(text))
    reader = csv.reader(lines, delimiter=_separator(text), strict=True)
    while True:
        number = reader.line_num + 1
        try:
            record = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            detail = (
                f"cannot be read ({error}): put cells with quotes, separators or line breaks in "
                "quotes, and write a quote within them twice"
            )
            yield number, Fault(pointer=f"/lines/{number}", detail=detail)
            return
        if any(cell.strip() for cell in record):
            yield number, [restored(cell) for cell in record]


def _separator(text: str) -> str:
    """The sign that the header has most of, outside of quotes; a comma where it has none."""
    header = _QUOTED.sub("", text.lstrip("\r\n").partition("\n")[0])
    return max((",", ";", "\t"), key=header.count)


def _header_faults(number: int, header: Sequence[str], columns: Columns) -> list[Fault]:
    at = f"/lines/{number}"
    known = ", ".join(columns.known)
    faults = [
        Fault(pointer=at, detail=f"names no column “{name}”; the columns are {known}")
        for name in columns.required
        if name not in header
    ]
    taken = {*columns.known, *columns.passed_over}
    faults += [
        Fault(pointer=at, detail=f"names a column “{name[:100]}”; the columns are {known}")
        for name in header
        if name not in taken
    ]
    faults += [
        Fault(pointer=at, detail=f"names the column “{name}” more than once")
        for name in dict.fromkeys(header)
        if name in taken and header.count(name) > 1
    ]
    return faults


def _too_many(number: int, *, cells: int, named: int) -> Fault:
    detail = (
        f"has {cells} cells, and the header names {named} columns: put cells that hold the "
        "separator in quotes"
    )
    return Fault(pointer=f"/lines/{number}", detail=detail)


def _line(number: int, header: Sequence[str], record: Sequence[str]) -> Line:
    missing = [""] * (len(header) - len(record))
    return Line(number=number, cells=dict(zip(header, [*record, *missing], strict=True)))
