"""Readers for environment variables: what is not understood refuses to start."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from django.core.exceptions import ImproperlyConfigured

_FLAGS = {"1": True, "true": True, "yes": True, "on": True}
_FLAGS |= {"0": False, "false": False, "no": False, "off": False}
_HOST = r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\]"
_ORIGIN = re.compile(rf"https?://(?:{_HOST})(?::\d{{1,5}})?", re.IGNORECASE)
_MAILBOX = re.compile(r"[!#-'*+\-./0-9=?A-Z^-~]{1,64}@[A-Za-z0-9.\[\]:-]{1,253}")

ENVIRONMENT, DEFAULT = "environment", "default"
HIDDEN = "•••"


@dataclass(frozen=True)
class Reading:
    """What this process has read of one variable: where from, and what may be shown of it."""

    name: str
    source: str  # ENVIRONMENT, DEFAULT, or the path of a file
    shown: str
    may_be_a_file: bool = False


readings: dict[str, Reading] = {}  # by the name of the variable, in the order of reading


def text(name: str, default: str | None = None) -> str:
    """The value of `name`. Without a default the variable is required."""
    value, source = _read(name, default)
    readings[name] = Reading(name, source, value)
    return value


def _read(name: str, default: str | None) -> tuple[str, str]:
    value = os.environ.get(name, "").strip()
    if value:
        return value, ENVIRONMENT
    if default is None:
        raise ImproperlyConfigured(f"{name} is not set.")
    return default, DEFAULT


def flag(name: str, *, default: bool) -> bool:
    """on/off in the usual spellings; any other spelling is an error, never silently False."""
    value = text(name, "on" if default else "off").lower()
    if value not in _FLAGS:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(_FLAGS)}, not {value!r}.")
    return _FLAGS[value]


def number(name: str, default: int, *, low: int, high: int) -> int:
    """A whole number from `low` to `high`, both included."""
    value = text(name, str(default))
    if not value.isascii() or not value.isdigit() or not low <= int(value) <= high:
        raise ImproperlyConfigured(f"{name} must be a number from {low} to {high}, not {value!r}.")
    return int(value)


def choice(name: str, default: str, *, of: Iterable[str]) -> str:
    """One of some words; any other spelling is an error."""
    value = text(name, default)
    if value not in of:
        known = ", ".join(word for word in of if word)
        raise ImproperlyConfigured(f"{name} must be one of {known}, not {value!r}.")
    return value


def words(name: str, default: str = "") -> list[str]:
    """A list separated by commas or spaces."""
    return text(name, default).replace(",", " ").split()


def secret(name: str, default: str | None = None) -> str:
    """`NAME`, or the content of the file named by `NAME_FILE`; both at once is an error."""
    value, source = _read_secret(name, default)
    shown = HIDDEN if value else ""
    readings[name] = Reading(name, source, shown, may_be_a_file=True)
    return value


def _read_secret(name: str, default: str | None) -> tuple[str, str]:
    path = os.environ.get(f"{name}_FILE", "").strip()
    if not path:
        return _read(name, default)
    if os.environ.get(name, "").strip():
        raise ImproperlyConfigured(f"Set {name} or {name}_FILE, not both.")
    try:
        value = Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise ImproperlyConfigured(f"{name}_FILE: {path} cannot be read.") from None
    if not value:
        raise ImproperlyConfigured(f"{name}_FILE: {path} is empty.")
    return value, path


def email_address(name: str, default: str) -> str:
    """One plain address, without anybody's name before it."""
    value = text(name, default)
    if not _MAILBOX.fullmatch(value):
        raise ImproperlyConfigured(f"{name} must be one address, such as no-reply@example.org.")
    return value


def origin(name: str) -> str:
    """Scheme, one host and perhaps a port: no pattern of hosts, no path, nobody's password."""
    value = text(name).rstrip("/")
    if not _ORIGIN.fullmatch(value):
        raise ImproperlyConfigured(f"{name} must be written as https://host or https://host:port.")
    return value


def url(name: str, default: str | None = None, *, schemes: tuple[str, ...]) -> SplitResult:
    """An address of one of the `schemes`; a variable that holds a password may be a file."""
    return urlsplit(address(name, default, schemes=schemes))


def address(name: str, default: str | None = None, *, schemes: tuple[str, ...]) -> str:
    """The same as it is written; empty only by default."""
    value, source = _read_secret(name, default)
    try:
        parts = urlsplit(value)
        _port = parts.port  # reading it is what checks it
    except ValueError:  # its text would repeat the address, password included
        raise ImproperlyConfigured(f"{name} is not an address.") from None
    if value and parts.scheme not in schemes:
        raise ImproperlyConfigured(f"{name} must start with one of: {', '.join(schemes)}.")
    readings[name] = Reading(name, source, _without_secrets(parts), may_be_a_file=True)
    return value


def _without_secrets(parts: SplitResult) -> str:
    """Scheme, host and port, and the name of a database; path and query may hold a token."""
    if not parts.scheme:
        return ""
    _, signed_in, place = parts.netloc.rpartition("@")
    is_web = parts.scheme in ("http", "https")
    path = f"/{HIDDEN}" if parts.path.strip("/") and (is_web or "@" in parts.path) else parts.path
    query = f"?{HIDDEN}" if parts.query else ""
    return f"{parts.scheme}://{f'{HIDDEN}@' if signed_in else ''}{place}{path}{query}"
