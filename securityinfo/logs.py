"""Log lines: one line a record, with the request's id, and nothing that forges another line.

A record with `fields`, as each event has, is written as a JSON object, for whatever reads logs.

A record of level CRITICAL is an alert: somebody has to look at it now.
"""

from __future__ import annotations

import json
import logging
import re
import time
from contextvars import ContextVar

# Addresses that anybody who reads the log could use: "This wasn't me", and a first password.
_TOKEN = re.compile(r"(/(?:not-me|welcome)/)[^/\s]+")

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
UNPROCESSABLE = 422  # form_pages: a form that comes back
BUSY = 503

_request_id: ContextVar[str] = ContextVar("request_id", default="")


def bind_request_id(request_id: str) -> None:
    """Every later log line of this thread or task carries `request_id`, until the next call.

    There is no unbinding: Django logs a refused request after its last middleware has returned.
    """
    _request_id.set(request_id)


def request_id() -> str:
    """Of the request, or of the task that it has led to; empty outside of both."""
    return _request_id.get()


class RequestIdFilter(logging.Filter):
    """Adds `request_id` to each record; "-" outside of a request."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = request_id() or "-"
        return True


class AnswerFilter(logging.Filter):
    """Drops what Django says of two answers that are no news.

    What a refused form means for security is an event. Whoever finds that we are busy says so in
    better words, and not for each of a thousand requests (accounts/crowd.py, hashers.py); but what
    an exception has led to is always said.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        status = getattr(record, "status_code", 0)
        return status != UNPROCESSABLE and (status != BUSY or bool(record.exc_info))


class OneLineFormatter(logging.Formatter):
    """`2026-01-31T09:30:00.123Z WARNING name [request id] message`, tracebacks included."""

    converter = staticmethod(time.gmtime)
    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"

    def __init__(self) -> None:
        super().__init__(
            "%(asctime)s %(levelname)s %(name)s [%(request_id)s] %(message)s",
            defaults={"request_id": "-"},
        )

    def format(self, record: logging.LogRecord) -> str:
        if getattr(record, "fields", None) is not None:
            return _as_json(self, record)
        return one_line(_TOKEN.sub(r"\1…", super().format(record)))


class JsonFormatter(logging.Formatter):
    """One JSON object a record, whatever it is of."""

    converter = staticmethod(time.gmtime)
    default_time_format = OneLineFormatter.default_time_format
    default_msec_format = OneLineFormatter.default_msec_format

    def format(self, record: logging.LogRecord) -> str:
        more = {"message": record.getMessage()}
        if record.exc_info:
            more["exception"] = self.formatException(record.exc_info)
        if record.stack_info:
            more["stack"] = self.formatStack(record.stack_info)
        return _as_json(self, record, **more)


def _as_json(formatter: logging.Formatter, record: logging.LogRecord, **more: str) -> str:
    """One object a line, in ASCII: nothing in it can look like another line."""
    said: dict[str, object] = {
        "time": formatter.formatTime(record),
        "level": record.levelname,
        "logger": record.name,
        "request": getattr(record, "request_id", "") or "-",
    }
    said |= {name: _TOKEN.sub(r"\1…", text) for name, text in more.items()}
    return json.dumps(said | dict(getattr(record, "fields", None) or {}), default=str)


FORMATTERS = {"line": OneLineFormatter, "json": JsonFormatter}


def one_line(text: str) -> str:
    r"""The text with every character that doesn't print written as an escape, as in `\n`.

    Line breaks of all scripts, terminal control sequences, and signs that reverse the reading
    direction: with any of these a stranger's input could pass for another log line.
    """
    if text.isprintable():
        return text
    return "".join(sign if sign.isprintable() else _escaped(sign) for sign in text)


def _escaped(sign: str) -> str:
    return sign.encode("unicode_escape").decode("ascii")
