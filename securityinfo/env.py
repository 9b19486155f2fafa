"""Readers for environment variables: what is not understood refuses to start."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from django.core.exceptions import ImproperlyConfigured

_FLAGS = {"1": True, "true": True, "yes": True, "on": True}
_FLAGS |= {"0": False, "false": False, "no": False, "off": False}
_HOST = r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\]"
_ORIGIN = re.compile(rf"https?://(?:{_HOST})(?::\d{{1,5}})?", re.IGNORECASE)


def text(name: str, default: str | None = None) -> str:
    """The value of `name`. Without a default the variable is required."""
    value = os.environ.get(name, "").strip()
    if value:
        return value
    if default is None:
        raise ImproperlyConfigured(f"{name} is not set.")
    return default


def flag(name: str, *, default: bool) -> bool:
    """on/off in the usual spellings; any other spelling is an error, never silently False."""
    value = os.environ.get(name, "").strip().lower()
    if not value:
        return default
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
    path = os.environ.get(f"{name}_FILE", "").strip()
    if not path:
        return text(name, default)
    if os.environ.get(name, "").strip():
        raise ImproperlyConfigured(f"Set {name} or {name}_FILE, not both.")
    try:
        value = Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise ImproperlyConfigured(f"{name}_FILE: {path} cannot be read.") from None
    if not value:
        raise ImproperlyConfigured(f"{name}_FILE: {path} is empty.")
    return value


def origin(name: str) -> str:
    """Scheme, one host and perhaps a port: no pattern of hosts, no path, nobody's password."""
    value = text(name).rstrip("/")
    if not _ORIGIN.fullmatch(value):
        raise ImproperlyConfigured(f"{name} must be written as https://host or https://host:port.")
    return value


def url(name: str, default: str | None = None, *, schemes: tuple[str, ...]) -> SplitResult:
    """An address of one of the `schemes`; a variable that holds a password may be a file."""
    try:
        parts = urlsplit(secret(name, default))
        _port = parts.port  # reading it is what checks it
    except ValueError:  # its text would repeat the address, password included
        raise ImproperlyConfigured(f"{name} is not an address.") from None
    if parts.scheme not in schemes:
        raise ImproperlyConfigured(f"{name} must start with one of: {', '.join(schemes)}.")
    return parts
