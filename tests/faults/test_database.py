"""Connections that are kept: found broken before a request, without asking at every request."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from django.db import DatabaseError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import ConnectionHandler
from pytest_django import DjangoDbBlocker

from securityinfo import backends
from tests.servers.postgres import Postgres


@pytest.fixture
def kept(postgres: Postgres, django_db_blocker: DjangoDbBlocker) -> Iterator[BaseDatabaseWrapper]:
    """A connection of the application, used once and kept for the next request."""
    handler = ConnectionHandler({"default": backends.database(urlsplit(postgres.url("site")))})
    connection = handler["default"]
    with django_db_blocker.unblock():
        assert ask(connection, "SELECT 42") == 42
        next_request(connection)
        yield connection
        connection.close()


def ask(connection: BaseDatabaseWrapper, sql: str) -> object:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        (value,) = cursor.fetchone()
    return value


def next_request(connection: BaseDatabaseWrapper) -> None:
    """What Django does before and after each."""
    connection.health_check_done = False
    connection.close_if_unusable_or_obsolete()


def backend_of(connection: BaseDatabaseWrapper) -> int:
    return connection.connection.info.backend_pid


def end(postgres: Postgres, pid: int) -> None:
    with postgres.connect() as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))


def test_a_healthy_connection_is_asked_nothing(kept, postgres):
    kept.close_if_health_check_failed()

    with postgres.connect() as other:
        row = other.execute(
            "SELECT query FROM pg_stat_activity WHERE pid = %s", (backend_of(kept),)
        ).fetchone()
    assert row == ("SELECT 42",)


def test_a_connection_that_the_server_has_ended_is_made_anew(kept, postgres):
    before = backend_of(kept)
    end(postgres, before)

    assert ask(kept, "SELECT 1") == 1
    assert backend_of(kept) != before


@pytest.mark.parametrize("how", ["restart", "kill"])
def test_a_restart_of_the_server_breaks_no_request_that_comes_after_it(kept, postgres, how):
    if how == "kill":
        postgres.kill()
    else:
        postgres.shut_down()
    postgres.start()

    assert ask(kept, "SELECT 1") == 1


def test_a_connection_that_we_have_closed_is_made_anew(kept):
    kept.connection.close()

    assert ask(kept, "SELECT 1") == 1


def test_after_an_error_the_server_is_asked(kept, postgres):
    with pytest.raises(DatabaseError):
        ask(kept, "SELECT nonsense")
    next_request(kept)
    healthy = backend_of(kept)

    end(postgres, healthy)
    with pytest.raises(DatabaseError):
        ask(kept, "SELECT 1")  # in the middle of a request nothing can be mended
    next_request(kept)

    assert ask(kept, "SELECT 1") == 1
    assert backend_of(kept) != healthy


def test_no_statement_and_no_lock_is_waited_for_without_end(kept):
    """R129, F09."""
    assert ask(kept, "SHOW lock_timeout") == "5s"
    assert ask(kept, "SHOW statement_timeout") == "10s"
