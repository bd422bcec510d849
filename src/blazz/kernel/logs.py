"""Structured logs that never hold message bodies, tokens or full phone numbers.

Redaction happens at the sink, by key and by pattern, so that a careless call cannot leak (security row S-22).
"""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

_SECRET_KEY = re.compile(
    r"(token|secret|password|authorization|cookie|api_key|credential|body|text|content|pin)$", re.IGNORECASE
)
_PHONE = re.compile(r"(?<![\w.-])(\+?\d{4,6})\d{3,7}(\d{3})(?![\w.-])")
_BEARER = re.compile(r"(blz_(?:live|test)_|EAA|Bearer\s+|sk_(?:live|test)_|whsec_)[\w.~+/=-]{6,}")
_URL_PASSWORD = re.compile(r"(://[^:/\s@]+:)[^@\s/]+@")
_SAFE_KEYS = frozenset({"timestamp", "level", "event", "process", "port", "pid", "count", "rows", "seconds", "id"})


def redact(text: str) -> str:
    """Mask phone numbers, bearer tokens and passwords in URLs; escape line breaks."""
    text = _BEARER.sub(lambda match: match.group(1) + "•••", text)
    text = _URL_PASSWORD.sub(r"\1•••@", text)
    text = _PHONE.sub(r"\1•••\2", text)
    return text.replace("\r", "\\r").replace("\n", "\\n")


def _redact_entry(_logger: object, _method: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key, value in list(entry.items()):
        if key not in _SAFE_KEYS and _SECRET_KEY.search(key):
            entry[key] = "•••"
        elif isinstance(value, str) and key not in {"timestamp", "exception"}:
            entry[key] = redact(value)
        elif key == "exception" and isinstance(value, str):
            entry[key] = "\n".join(redact(line) for line in value.splitlines())
    return entry


def configure_logs(process: str, *, level: str = "INFO", json: bool | None = None) -> None:
    """Send structlog and the standard library's loggers to stderr, redacted; JSON unless a person is reading."""
    as_json = (not sys.stderr.isatty()) if json is None else json
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _redact_entry,
    ]
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for noisy in ("uvicorn.access", "pgqueuer", "aiohttp.access", "asyncio"):
        logging.getLogger(noisy).setLevel("WARNING")
    structlog.contextvars.bind_contextvars(process=process)
