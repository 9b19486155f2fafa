"""Steps of migrations that hold nobody up on PostgreSQL, and are ordinary ones on SQLite.

A migration with one of them has `atomic = False`, and does nothing else: it can't be rolled back.
"""

from __future__ import annotations

from typing import Any

from django.contrib.postgres import operations
from django.db.migrations import AddIndex, RemoveIndex
from django.db.migrations.operations.base import Operation


class _Either(Operation):
    """One of two: what PostgreSQL does beside everything else, or what every database can do."""

    concurrently: type[Operation]
    otherwise: type[Operation]

    def database_forwards(self, app_label: str, schema_editor: Any, *states: Any) -> None:
        self._on(schema_editor).database_forwards(self, app_label, schema_editor, *states)

    def database_backwards(self, app_label: str, schema_editor: Any, *states: Any) -> None:
        self._on(schema_editor).database_backwards(self, app_label, schema_editor, *states)

    def _on(self, schema_editor: Any) -> Any:
        is_postgresql = schema_editor.connection.vendor == "postgresql"
        return self.concurrently if is_postgresql else self.otherwise


class AddIndexConcurrently(_Either, operations.AddIndexConcurrently):
    concurrently, otherwise = operations.AddIndexConcurrently, AddIndex


class RemoveIndexConcurrently(_Either, operations.RemoveIndexConcurrently):
    concurrently, otherwise = operations.RemoveIndexConcurrently, RemoveIndex
