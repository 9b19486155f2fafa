"""Turns DATABASE_URL and EMAIL_URL into what Django's settings expect."""

from __future__ import annotations

from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote

from django.core.exceptions import ImproperlyConfigured

# Every process of the embedded default writes to one file: queue for it, and never wait for long.
SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
}
# A request must not hang on a database that is gone: connect within 5 s, no statement over 10 s.
POSTGRESQL_OPTIONS: dict[str, Any] = {
    "connect_timeout": 5,
    "options": "-c statement_timeout=10s -c lock_timeout=5s -c timezone=UTC",
    # What a connection asks for the sixth time is planned no more: half of PostgreSQL's work.
    "server_side_binding": True,
    "prepare_threshold": 5,
}

# A code must not cross a network in clear text.
LOOPBACK = ("127.0.0.1", "::1", "localhost")


def database(url: SplitResult) -> dict[str, Any]:
    """`sqlite:///relative.db`, `sqlite:////absolute.db` or `postgresql://user:password@host/name`.

    A socket directory is given as `?host=/run/postgresql`. `?prepare_threshold=none` is for a
    pooler that gives each transaction another connection, where nothing prepared is found again.
    """
    if url.scheme == "sqlite":
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": unquote(url.path[1:]),
            "OPTIONS": SQLITE_OPTIONS,
        }
    if not url.path.strip("/"):
        raise ImproperlyConfigured("DATABASE_URL names no database: postgresql://host/name.")
    query: dict[str, Any] = dict(parse_qsl(url.query))
    if query.get("prepare_threshold") == "none":
        query["prepare_threshold"] = None
    return {
        "ENGINE": "securityinfo.postgresql",
        "NAME": unquote(url.path[1:]),
        "USER": unquote(url.username or ""),
        "PASSWORD": unquote(url.password or ""),
        "HOST": query.pop("host", url.hostname or ""),
        "PORT": query.pop("port", str(url.port or "")),
        "CONN_MAX_AGE": 600,  # a new connection costs as much as a whole page
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {**POSTGRESQL_OPTIONS, **query},
    }


def email(url: SplitResult) -> dict[str, Any]:
    """`smtp://user:password@host:port` (STARTTLS) or `smtps://…`; `smtp+plain://` on loopback."""
    if url.scheme == "smtp+plain" and url.hostname not in LOOPBACK:
        raise ImproperlyConfigured(
            "EMAIL_URL: smtp+plain:// is for this machine only; use smtp://."
        )
    if not url.hostname:
        raise ImproperlyConfigured("EMAIL_URL names no mail server.")
    return {
        "host": url.hostname or "",
        "port": url.port or {"smtps": 465, "smtp": 587}.get(url.scheme, 25),
        "username": unquote(url.username or ""),
        "password": unquote(url.password or ""),
        "use_tls": url.scheme == "smtp",
        "use_ssl": url.scheme == "smtps",
    }
