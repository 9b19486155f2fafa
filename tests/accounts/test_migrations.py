"""What happens to the rows that are there."""

from __future__ import annotations

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

BEFORE, AFTER = "0005_password_changed_at", "0006_session_public_id"


@pytest.mark.django_db(transaction=True)
def test_every_session_there_is_gets_a_name_of_its_own():
    """Nobody is signed out by a new release."""
    executor = MigrationExecutor(connection)
    executor.migrate([("accounts", BEFORE)])
    try:
        before = executor.loader.project_state([("accounts", BEFORE)]).apps
        for number in range(3):
            before.get_model("accounts", "Session").objects.create(digest=f"d{number}", data="x")
    finally:
        executor = MigrationExecutor(connection)
        executor.migrate(executor.loader.graph.leaf_nodes("accounts"))

    after = executor.loader.project_state([("accounts", AFTER)]).apps
    names = after.get_model("accounts", "Session").objects.values_list("public_id", flat=True)
    assert len(set(names)) == 3
    assert None not in names
