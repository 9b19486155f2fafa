"""Steps of migrations that hold nobody up on PostgreSQL, and are ordinary ones on SQLite.

A migration with one of them has `atomic = False` and does nothing else, because it can't be rolled
back. They wait, for as long as it takes, for every transaction that has begun before; meanwhile
all others read and write as always.
"""

from __future__ import annotations

from typing import Any

from django.contrib.postgres import operations
from django.db.migrations import AddIndex, RemoveIndex
from django.db.migrations.operations.base import Operation


class _Beside(Operation):
    """`concurrently` beside everything else on PostgreSQL, `otherwise` on other databases."""

    concurrently: Any
    otherwise: Any

    def database_forwards(self, app_label: str, schema_editor: Any, *states: Any) -> None:
        self._do("database_forwards", app_label, schema_editor, *states)

    def database_backwards(self, app_label: str, schema_editor: Any, *states: Any) -> None:
        self._do("database_backwards", app_label, schema_editor, *states)

    def _do(self, what: str, app_label: str, schema_editor: Any, *states: Any) -> None:
        if schema_editor.connection.vendor != "postgresql":
            getattr(self.otherwise, what)(self, app_label, schema_editor, *states)
            return
        # Nobody waits behind it, so there is no hurry.
        schema_editor.execute("SET lock_timeout = 0")
        getattr(self.concurrently, what)(self, app_label, schema_editor, *states)
        schema_editor.execute("RESET lock_timeout")


class AddIndexConcurrently(_Beside, operations.AddIndexConcurrently):
    concurrently, otherwise = operations.AddIndexConcurrently, AddIndex

    def database_forwards(self, app_label: str, schema_editor: Any, *states: Any) -> None:
        if schema_editor.connection.vendor == "postgresql":
            # An interrupted one has left an index that is of no use, under this name.
            self.database_backwards(app_label, schema_editor, *reversed(states))
        super().database_forwards(app_label, schema_editor, *states)


class RemoveIndexConcurrently(_Beside, operations.RemoveIndexConcurrently):
    concurrently, otherwise = operations.RemoveIndexConcurrently, RemoveIndex
