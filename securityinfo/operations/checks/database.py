"""Is the database there, of the right kind, and up to this release?"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection

from securityinfo.backends import LOOPBACK
from securityinfo.operations import redaction, room, schema
from securityinfo.operations.findings import Findings, ok, warning, wrong

ABOUT = "database"
OLDEST_POSTGRESQL = 14


def findings() -> Findings:
    try:
        connection.ensure_connection()
    except DatabaseError as error:
        yield wrong(ABOUT, f"Not reached: start it, or correct DATABASE_URL. {_told(error)}")
        return
    if connection.vendor == "postgresql":
        yield from _postgresql()
    else:
        yield from _sqlite()
    yield from _room()
    missing = schema.missing()
    if missing:
        names = ", ".join(sorted(f"{app}.{name}" for app, name in missing)[:3])
        yield wrong(ABOUT, f"{len(missing)} migrations are missing ({names}): manage.py migrate.")
    else:
        yield ok(ABOUT, "All migrations of this release are applied.")


def _room() -> Findings:
    try:
        room.ask()
    except DatabaseError as error:
        yield wrong(ABOUT, f"It can't write: is its disk full? {_told(error)}")


def _postgresql() -> Findings:
    version = connection.pg_version // 10_000  # type: ignore[attr-defined]  # PostgreSQL's own
    encoding = _ask("SHOW server_encoding")
    if version < OLDEST_POSTGRESQL:
        yield wrong(ABOUT, f"PostgreSQL {version} is too old: use {OLDEST_POSTGRESQL} or newer.")
    elif encoding != "UTF8":
        yield wrong(ABOUT, f"Its encoding is {encoding}: make it anew with ENCODING 'UTF8'.")
    else:
        yield ok(ABOUT, f"PostgreSQL {version} answers, in UTF-8.")
    if _ask("SELECT rolsuper FROM pg_roles WHERE rolname = current_user"):
        yield warning(ABOUT, "Our role is a superuser: give it this database and no more.")
    if _is_elsewhere() and not _ask("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"):
        yield warning(ABOUT, "No TLS: add ?sslmode=verify-full to DATABASE_URL.")


def _is_elsewhere() -> bool:
    host = settings.DATABASES["default"]["HOST"]
    return bool(host) and not host.startswith("/") and host not in LOOPBACK


def _sqlite() -> Findings:
    if settings.PRODUCTION:
        yield warning(ABOUT, "SQLite is for a very small installation: consider PostgreSQL.")
    else:
        yield ok(ABOUT, "SQLite answers.")


def _ask(sql: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        row = cursor.fetchone()
    return row[0] if row else None


def _told(error: DatabaseError) -> str:
    return redaction.safe(error)
