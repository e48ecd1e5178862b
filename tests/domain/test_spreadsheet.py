"""CSV: what goes out is no formula, and comes back as it was; faults say line and column."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contest_service.domain.spreadsheet import (
    MOST_FAULTS,
    MOST_LINES,
    Columns,
    Separator,
    first_of,
    neutralised,
    read_lines,
    restored,
    write_lines,
)

COLUMNS = Columns(required=("a",), optional=("b",), passed_over=("c",))
TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=20) | st.text(
    "'=+-@\t\r\n\",;a", max_size=6
)


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+7", "'+7"),
        ("-501", "'-501"),
        ("@anna", "'@anna"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("＝1", "'＝1"),
        ("'=1", "''=1"),
        ("''@", "'''@"),
        ("'quoted'", "'quoted'"),
        ("a=1", "a=1"),
        ("", ""),
    ],
)
def test_what_a_spreadsheet_would_run_gets_an_apostrophe(text: str, cell: str) -> None:
    assert neutralised(text) == cell
    assert restored(cell) == text


@given(TEXTS)
def test_the_apostrophe_comes_off_again_and_no_cell_is_a_formula(text: str) -> None:
    cell = neutralised(text)
    assert restored(cell) == text
    assert not cell.startswith(tuple("=+-@\t\r\n＝＋－＠"))


@given(
    st.lists(st.tuples(TEXTS, TEXTS).filter(lambda row: any(map(str.strip, row))), max_size=5),
    st.sampled_from(Separator),
)
def test_whatever_is_written_is_read_as_it_was(
    rows: list[tuple[str, str]], separator: Separator
) -> None:
    data = write_lines([("a", "b")], separator, is_first=True) + write_lines(rows, separator)
    lines, faults = read_lines(data, COLUMNS)
    assert [(line.cells["a"], line.cells["b"]) for line in lines] == rows
    assert bool(faults) is not bool(rows)
    # And by anybody else's reader, with the apostrophes.
    text = io.StringIO(data.decode("utf-8-sig"), newline="")
    others = list(csv.reader(text, delimiter=separator.sign))[1:]
    assert others == [[neutralised(cell) for cell in row] for row in rows]


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("sign", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_marks_separators_and_line_ends_are_all_understood(
    mark: bytes, sign: str, end: str
) -> None:
    text = end.join([f"B{sign} a ", "", f'"one{end}two"{sign}1', f'x{sign}"a,b;c\td""e"', "y"])
    lines, faults = read_lines(mark + text.encode(), COLUMNS)
    assert faults == []
    assert [(line.number, line.cells["b"], line.cells["a"]) for line in lines] == [
        (3, f"one{end}two", "1"),
        (5, "x", 'a,b;c\td"e'),
        (6, "y", ""),
    ]
    assert lines[1].at("a") == "/lines/5/a"


@pytest.mark.parametrize(
    ("data", "pointer", "said"),
    [
        ("а\nб".encode("cp1251"), "/lines/1", "CSV UTF-8"),
        (b"a,b\n1,2\n3,\xff\n", "/lines/3", "CSV UTF-8"),
        ("a,b\n1".encode("utf-16"), "/lines/1", "CSV UTF-8"),
        (b"", "/lines", "is empty"),
        (b"a,b\n\n,\n", "/lines", "is empty"),
        (b"b\n1\n", "/lines/1", "no column “a”"),
        (b"a,d\n1,2\n", "/lines/1", "“d”; the columns are a, b"),
        (b"a,b,a\n1,2,3\n", "/lines/1", "more than once"),
        (b"a,b\n1,2\n1,2,3\n", "/lines/3", "3 cells, and the header names 2"),
        (b'a,b\n1,"2\n3,4\n', "/lines/2", "cannot be read"),
        (b'a,b\n1,"2"x\n', "/lines/2", "cannot be read"),
        (b"a\n" + b"x" * 200_000, "/lines/2", "cannot be read"),
    ],
)
def test_what_is_wrong_says_where(data: bytes, pointer: str, said: str) -> None:
    _, faults = read_lines(data, COLUMNS)
    assert faults[0].pointer == pointer
    assert said in faults[0].detail


def test_all_that_is_wrong_is_told_at_once_up_to_a_number() -> None:
    lines, faults = read_lines(b"a\n1\n1,2\n3\n1,2\n", COLUMNS)
    assert ([line.number for line in lines], len(faults)) == ([2, 4], 2)
    _, faults = read_lines(b"a\n" + b"1,2\n" * (MOST_FAULTS + 7), COLUMNS)
    told = first_of(faults)
    assert len(told) == MOST_FAULTS + 1
    assert told[-1].detail == "There are 7 more faults; mend these first"
    lines, faults = read_lines(b"a\n" + b"1\n" * (MOST_LINES + 1), COLUMNS)
    assert lines == []
    assert [fault.pointer for fault in faults] == [f"/lines/{MOST_LINES + 2}"]
