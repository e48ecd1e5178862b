"""Logs: one event a line, context on each, no secret on any."""

import json
import logging
from collections.abc import Callable, Iterator

import pytest
import structlog

from contest_service.logs import REDACTED, configure_logs
from contest_service.settings import LogFormat

Lines = Callable[[], list[str]]


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> Iterator[Lines]:
    """Gives what was logged; logging is as it was afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield lambda: capsys.readouterr().err.splitlines()
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def test_text_is_key_equals_value_with_the_event_in_front(lines: Lines) -> None:
    configure_logs(log_format=LogFormat.TEXT, level="info")
    structlog.get_logger().info("scan ended", pages=3, post="a b")
    (line,) = lines()
    assert line.startswith("timestamp=")
    assert 'level=info event="scan ended"' in line
    assert "pages=3" in line
    assert line.endswith('post="a b"')


def test_json_is_one_object_a_line_also_for_what_libraries_log(lines: Lines) -> None:
    configure_logs(log_format=LogFormat.JSON, level="info")
    structlog.get_logger().info("one", name="Ж")
    logging.getLogger("somebody").warning("two %s", 2)
    one, two = (json.loads(line) for line in lines())
    assert (one["event"], one["name"], one["level"]) == ("one", "Ж", "info")
    assert (two["event"], two["level"]) == ("two 2", "warning")


def test_bound_context_is_on_every_line(lines: Lines) -> None:
    configure_logs(log_format=LogFormat.JSON, level="info")
    with structlog.contextvars.bound_contextvars(request_id="r1"):
        structlog.get_logger().info("inside")
        logging.getLogger("somebody").warning("inside too")
    structlog.get_logger().info("outside")
    ids = [json.loads(line).get("request_id") for line in lines()]
    assert ids == ["r1", "r1", None]


def test_secrets_are_hidden_by_the_name_of_their_key(lines: Lines) -> None:
    configure_logs(log_format=LogFormat.JSON, level="info")
    structlog.get_logger().info(
        "signed in",
        password="hush",
        token="hush",
        token_id="t1",
        headers={"Authorization": "hush", "accept": "x"},
        several=[{"session_secret": "hush"}],
        DATABASE_URL="hush",
    )
    logging.getLogger("somebody").warning("x", extra={"api_token": "hush"})
    written = lines()
    assert "hush" not in "".join(written)
    event = json.loads(written[0])
    assert event["password"] == REDACTED
    assert event["token_id"] == "t1"
    assert event["headers"] == {"Authorization": REDACTED, "accept": "x"}


def test_what_is_below_the_level_is_left_out(lines: Lines) -> None:
    configure_logs(log_format=LogFormat.TEXT, level="warning")
    structlog.get_logger().info("quiet")
    structlog.get_logger().warning("loud")
    (line,) = lines()
    assert "loud" in line


def test_an_exception_is_on_the_line_of_its_event(lines: Lines) -> None:
    configure_logs(log_format=LogFormat.TEXT, level="info")
    try:
        _ = 1 / 0
    except ZeroDivisionError:
        structlog.get_logger().exception("failed")
    (line,) = lines()
    assert "ZeroDivisionError: division by zero" in line
