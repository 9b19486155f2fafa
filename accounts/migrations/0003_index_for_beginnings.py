from __future__ import annotations

from typing import Any

from django.db import migrations

COLUMNS = ("username", "work_address", "full_name")


def add(apps: Any, schema_editor: Any) -> None:
    """Other databases read the whole table, which is small where they are used."""
    if schema_editor.connection.vendor == "postgresql":
        for column in COLUMNS:
            schema_editor.execute(
                f"CREATE INDEX accounts_user_{column}_begins"
                f" ON accounts_user (UPPER({column}) text_pattern_ops)"
            )


def remove(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        for column in COLUMNS:
            schema_editor.execute(f"DROP INDEX accounts_user_{column}_begins")


class Migration(migrations.Migration):
    """`istartswith` by index, whatever the collation of the database."""

    dependencies = [("accounts", "0002_known_browsers")]

    operations = [migrations.RunPython(add, remove)]
