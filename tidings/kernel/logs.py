"""Logs as one JSON object a line on standard error, or plain lines for a person at a terminal; nothing personal in them."""

import logging
import logging.config
import re
from collections.abc import Mapping, MutableMapping, Sequence
from typing import Any

import structlog

_ADDRESS = re.compile(r"[\w.+'-]+@[\w-]+(?:\.[\w-]+)*", re.UNICODE)
_TELEPHONE = re.compile(r"(?<!\w)\+\d[\d ()-]{6,18}\d")
_SECRET = re.compile(r"(?i)\b((?:postgres(?:ql)?|https?|smtps?|amqp)://[^\s:/@]+):[^\s@]+@")
_SECRET_KEYS = re.compile(r"(?i)password|passphrase|secret|token|authorization|cookie|api_?key")
HIDDEN = "[hidden]"


_QUIETER = {
    "procrastinate": {"level": "WARNING"},  # its lines tell every job's arguments; ours tell code and number
    "httpx": {"level": "WARNING"},
    "psycopg.pool": {"level": "ERROR"},  # `worker.reopening` says it once
}
GRANIAN = {"loggers": {"_granian": {"propagate": True}}}
"""For the web server, which would write lines of its own kind: hands them to what `configure` set up."""


def configure(level: str = "INFO", *, plain: bool = False) -> None:
    """For every process of ours, once, before it does anything: our own lines, Django's and the libraries' come out alike.

    Called in `config/command.py` for whatever is a `tidings` command, and by the two halves of the web server. `plain`
    is for a command that a person gave at a terminal.
    """
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "foreign_pre_chain": shared,
        "processors": [
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            hide_personal,
            structlog.dev.ConsoleRenderer(colors=False)
            if plain
            else structlog.processors.JSONRenderer(ensure_ascii=False, default=str),
        ],
    }
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"json": formatter},
            "handlers": {
                "out": {"class": "logging.StreamHandler", "stream": "ext://sys.stderr", "formatter": "json"}
            },
            "root": {"handlers": ["out"], "level": level},
            "loggers": _QUIETER,
        }
    )


def hide_personal(_: Any, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The last net, for what should never have been handed to a log: addresses, telephone numbers, passwords. A database's
    "Key (email)=(…) already exists" comes this way.
    """
    for key, value in line.items():
        line[key] = HIDDEN if _SECRET_KEYS.search(key) else _hidden(value)
    return line


def _hidden(value: Any) -> Any:
    if isinstance(value, str):
        value = _SECRET.sub(rf"\1:{HIDDEN}@", value)
        return _TELEPHONE.sub(HIDDEN, _ADDRESS.sub(HIDDEN, value))
    if isinstance(value, Mapping):
        return {
            key: HIDDEN if _SECRET_KEYS.search(str(key)) else _hidden(inner) for key, inner in value.items()
        }
    if isinstance(value, Sequence) and not isinstance(value, bytes):
        return [_hidden(inner) for inner in value]
    return value
