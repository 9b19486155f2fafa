"""An index that is made while everybody works."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from securityinfo.messaging.models import Message
from tests.servers.processes import wait_until

BEFORE, AFTER = ("messaging", "0007_country"), ("messaging", "0008_unfinished")
NAME = "messaging_unfinished"
IS_WAITING = """
    SELECT 1 FROM pg_stat_activity
    WHERE query LIKE 'CREATE INDEX CONCURRENTLY%' AND wait_event_type = 'Lock'
    AND clock_timestamp() > query_start + current_setting('lock_timeout')::interval
"""


@pytest.fixture
def before(db) -> Iterator[None]:
    MigrationExecutor(connection).migrate([BEFORE])
    yield
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


def indexes() -> dict[str, bool]:
    """Those of messages by name, and whether they may be used."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, indisvalid FROM pg_index JOIN pg_class ON oid = indexrelid "
            "WHERE indrelid = %s::regclass",
            [Message._meta.db_table],
        )
        return dict(cursor.fetchall())


def migrate() -> None:
    MigrationExecutor(connection).migrate([AFTER])


@pytest.mark.django_db(transaction=True)
@pytest.mark.postgresql
def test_it_waits_for_whoever_reads_for_longer_than_others_wait_for_a_lock(before):
    """A backup under way: giving up half-way would leave an index that is of no use."""
    reader = connection.copy()
    with closing(reader), reader.cursor() as cursor:
        cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("SELECT 1 FROM messaging_message")

        def end_when_waited_for() -> None:
            wait_until(lambda: _finds(cursor, IS_WAITING))
            cursor.execute("COMMIT")

        other = threading.Thread(target=end_when_waited_for)
        other.start()
        migrate()
        other.join()

    assert indexes()[NAME] is True


@pytest.mark.django_db(transaction=True)
@pytest.mark.postgresql
def test_what_an_interrupted_one_has_left_is_made_anew(before):
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE INDEX {NAME} ON messaging_message (id)")
        cursor.execute(
            "UPDATE pg_index SET indisvalid = false WHERE indexrelid = %s::regclass", [NAME]
        )
    migrate()

    assert indexes()[NAME] is True


@pytest.mark.django_db(transaction=True)
def test_it_can_be_taken_back(before):
    migrate()
    MigrationExecutor(connection).migrate([BEFORE])

    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, "messaging_message")
    assert NAME not in found


def _finds(cursor, sql: str) -> bool:
    cursor.execute("SELECT pg_stat_clear_snapshot()")
    cursor.execute(sql)
    return cursor.fetchone() is not None
