"""Which migrations of this release the database doesn't have yet."""

from __future__ import annotations

from functools import cache

from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

Name = tuple[str, str]  # app, migration


def missing() -> set[Name]:
    """One query. A newer release's migrations don't matter: it may have come before us."""
    return _of_this_release() - set(MigrationRecorder(connection).applied_migrations())


@cache
def _of_this_release() -> set[Name]:
    """Read from the files once: they don't change while a process runs."""
    loader = MigrationLoader(None, ignore_no_migrations=True)
    replaced = {name for migration in loader.replacements.values() for name in migration.replaces}
    return set(loader.disk_migrations) - replaced
