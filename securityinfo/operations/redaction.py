"""Takes every secret of this installation out of a text that others wrote, such as an error."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote, unquote, urlsplit

from django.conf import settings

from securityinfo.env import HIDDEN
from securityinfo.logs import one_line

LONGEST = 300  # characters of an error that anybody reads
_SHORTEST = 4  # characters: a shorter one would be found in every other word


def safe(text: object) -> str:
    """One line of bounded length in which none of our secrets stands."""
    line = " ".join(str(text).split())
    for secret in sorted(set(_secrets()), key=len, reverse=True):
        line = line.replace(secret, HIDDEN)
    return one_line(line)[:LONGEST]


def of_error(error: BaseException) -> str:
    text = safe(error)
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _secrets() -> Iterator[str]:
    for secret in _configured():
        for spelling in (secret, quote(secret, safe=""), unquote(secret)):
            if len(spelling) >= _SHORTEST:
                yield spelling


def _configured() -> Iterator[str]:
    yield settings.SECRET_KEY
    for pair in settings.ENCRYPTION_KEYS:
        yield pair.partition(":")[2]
    yield settings.MONITORING_TOKEN
    yield settings.DATABASES["default"].get("PASSWORD") or ""
    yield settings.SMTP["password"]
    yield urlsplit(settings.REDIS_URL).password or ""
    if settings.TWILIO:
        yield settings.TWILIO.auth_token
    if settings.GATEWAY:
        yield settings.GATEWAY.secret
        yield settings.GATEWAY.url
