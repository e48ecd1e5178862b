"""How the program logs: one event per fact, key=value or JSON, on standard error.

Owns the chain of structlog and the redaction of secrets; whoever logs calls `structlog.get_logger`.
Context such as the request's or job's id is bound with `structlog.contextvars` and appears on every
line within it.
"""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

from contest_service.settings import LogFormat

REDACTED = "[redacted]"

_SECRET_WORDS = (
    "authorization",
    "cookie",
    "credential",
    "database_url",
    "passwd",
    "password",
    "redis_url",
    "secret",
    "token",
)
_HARMLESS = ("token_id",)
_FIRST_KEYS = ["timestamp", "level", "event"]


def configure_logs(*, log_format: LogFormat, level: str) -> None:
    """Set up logging for this process; what libraries log through `logging` comes out alike.

    `level` is debug, info, warning or error.
    """
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        redact,
    ]
    number = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(number),
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared[:-1], structlog.stdlib.ExtraAdder(), redact],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _renderer(log_format),
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=number, force=True)
    # What these say of every start, request and job, we say ourselves, and with less.
    for name in ("arq", "httpx", "uvicorn"):
        logging.getLogger(name).setLevel(logging.WARNING)


def redact(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Hide the value of every key that names a secret, also within mappings and lists."""
    for key, value in event.items():
        event[key] = REDACTED if _is_secret(key) else _redacted(value)
    return event


def _redacted(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: REDACTED if _is_secret(str(key)) else _redacted(inner)
            for key, inner in value.items()
        }
    if isinstance(value, list | tuple):
        return [_redacted(inner) for inner in value]
    return value


def _is_secret(key: str) -> bool:
    lowered = key.lower()
    return lowered not in _HARMLESS and any(word in lowered for word in _SECRET_WORDS)


def _renderer(log_format: LogFormat) -> structlog.typing.Processor:
    match log_format:
        case LogFormat.TEXT:
            return structlog.processors.LogfmtRenderer(key_order=_FIRST_KEYS, bool_as_flag=False)
        case LogFormat.JSON:
            return structlog.processors.JSONRenderer(ensure_ascii=False)
