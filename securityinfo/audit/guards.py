"""Database triggers that refuse what the application would refuse, to whoever else writes.

SQLite drops a table's triggers with each rebuild of the table, so a migration that alters one of
these tables ends with `guards.install`; `verify_audit` says so when they are missing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

EVENT, ORIGIN, SEAL, MARK, HEAD = (
    f"audit_{name}" for name in ("event", "eventorigin", "seal", "mark", "head")
)

# Retention first writes a mark, and then may remove what lies at or below it.
_RETIRED = f"(SELECT COALESCE(MAX(position), 0) FROM {MARK})"  # noqa: S608 - constants
_EVENT_RETIRED = f"EXISTS (SELECT 1 FROM {SEAL} WHERE event_id = OLD.id AND position <= {_RETIRED})"  # noqa: S608

# For each table: when an UPDATE, and when a DELETE, is refused.
_REFUSED = {
    EVENT: ("TRUE", f"NOT {_EVENT_RETIRED}"),
    ORIGIN: ("TRUE", None),
    SEAL: ("TRUE", f"OLD.position > {_RETIRED}"),
    MARK: ("TRUE", "TRUE"),
    HEAD: ("NEW.position <= OLD.position", "TRUE"),
}
_MESSAGE = "the audit log is append-only"


def install(connection: BaseDatabaseWrapper) -> None:
    """Makes all of them anew, whichever were there."""
    _run(connection, _remove_statements(connection) + _install_statements(connection))


def remove(connection: BaseDatabaseWrapper) -> None:
    _run(connection, _remove_statements(connection))


@contextmanager
def lifted(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Without guards, for emptying a whole database."""
    remove(connection)
    try:
        yield
    finally:
        install(connection)


def missing(connection: BaseDatabaseWrapper) -> list[str]:
    """Names of the guards that should be there and are not."""
    query = (
        "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'"
        if connection.vendor == "postgresql"
        else "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
        there = {name for (name,) in cursor.fetchall()}
    return [name for name, _ in _guards(connection) if name not in there]


def _run(connection: BaseDatabaseWrapper, statements: list[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _guards(connection: BaseDatabaseWrapper) -> list[tuple[str, str]]:
    """Name and table of each guard."""
    kinds = ["update", "delete"] + ["truncate"] * (connection.vendor == "postgresql")
    return [
        (f"{table}_no_{kind}", table)
        for table, (_, deletion) in _REFUSED.items()
        for kind in kinds
        if kind != "delete" or deletion
    ]


def _remove_statements(connection: BaseDatabaseWrapper) -> list[str]:
    if connection.vendor == "postgresql":
        dropped = [
            f"DROP TRIGGER IF EXISTS {name} ON {table}" for name, table in _guards(connection)
        ]
        functions = [f"DROP FUNCTION IF EXISTS {table}_guard()" for table in _REFUSED]
        return dropped + functions
    return [f"DROP TRIGGER IF EXISTS {name}" for name, _ in _guards(connection)]


def _install_statements(connection: BaseDatabaseWrapper) -> list[str]:
    if connection.vendor == "postgresql":
        return _on_postgresql(connection)
    return _on_sqlite()


def _on_sqlite() -> list[str]:
    return [
        f"CREATE TRIGGER {table}_no_{kind} BEFORE {kind.upper()} ON {table} "
        f"FOR EACH ROW WHEN {condition} BEGIN SELECT RAISE(ABORT, '{_MESSAGE}'); END"
        for table, conditions in _REFUSED.items()
        for kind, condition in zip(("update", "delete"), conditions, strict=True)
        if condition
    ]


def _on_postgresql(connection: BaseDatabaseWrapper) -> list[str]:
    statements = []
    for table, (update, deletion) in _REFUSED.items():
        statements.append(
            f"CREATE FUNCTION {table}_guard() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF TG_OP = 'TRUNCATE' THEN RAISE restrict_violation USING MESSAGE = '{_MESSAGE}'; "
            f"ELSIF TG_OP = 'UPDATE' THEN IF {update} THEN {_raise()} END IF; RETURN NEW; "
            f"ELSE IF {deletion or 'FALSE'} THEN {_raise()} END IF; RETURN OLD; "
            "END IF; END $$"
        )
    for name, table in _guards(connection):
        kind = name.rpartition("_")[2].upper()
        each = "STATEMENT" if kind == "TRUNCATE" else "ROW"
        statements.append(
            f"CREATE TRIGGER {name} BEFORE {kind} ON {table} "
            f"FOR EACH {each} EXECUTE FUNCTION {table}_guard()"
        )
    return statements


def _raise() -> str:
    return f"RAISE restrict_violation USING MESSAGE = '{_MESSAGE}';"


def migrate_forwards(apps: Any, schema_editor: Any) -> None:
    install(schema_editor.connection)


def migrate_backwards(apps: Any, schema_editor: Any) -> None:
    remove(schema_editor.connection)
