"""A table is locked, no connection is left, the disk is full (F09)."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import psycopg
import pytest

from tests.faults.database.conftest import OPTIONS, begin_with
from tests.faults.database.monitoring import AT_WORK, await_ready, await_red
from tests.faults.invariants import DATABASE, Invariants
from tests.faults.sign_ins import SIGN_IN, Browser, Person, people
from tests.servers.postgres import Postgres
from tests.servers.site import Site

CONNECTIONS = 16
DISK = "256m"
END_OF_OTHERS = (
    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
    "WHERE datname = %s AND application_name = ''"
)
OURS = "the test"


@pytest.fixture
def options() -> dict[str, str]:
    return {"max_connections": str(CONNECTIONS), "superuser_reserved_connections": "0"}


@pytest.fixture
def person(site: Site) -> Person:
    """And monitoring finds everybody at work."""
    (person,) = people(site, 1)
    site.run(AT_WORK)
    return person


# --- A lock ---------------------------------------------------------------------------------------


@contextmanager
def locked(postgres: Postgres, table: str) -> Iterator[None]:
    with postgres.connect(DATABASE) as admin, admin.transaction():
        admin.execute(psycopg.sql.SQL("LOCK TABLE {}").format(psycopg.sql.Identifier(table)))
        yield


def test_a_locked_table_holds_up_nobody_who_does_not_need_it(postgres, site, person):
    """R129: whoever needs it is told to come back after 5 s; the others go on."""
    before = Invariants(postgres, site)
    site.start_web()
    browser, other = Browser.of(person, site), Browser.of(person, site)
    assert browser.password()
    code = person.code()

    with ThreadPoolExecutor(1) as pool, locked(postgres, "methods_challenge"):
        answer = pool.submit(browser.code, code)
        while not answer.done():
            other.get(SIGN_IN)
        is_in = answer.result()
    refused = browser.asked[-1]

    assert not is_in
    assert (refused.status, refused.retry_after) == (503, "60")
    assert {each.status for each in other.asked} == {200}
    assert browser.code(code)
    before.hold()


# --- Connections ----------------------------------------------------------------------------------


@contextmanager
def no_connection_left(postgres: Postgres) -> Iterator[None]:
    """All are ours until the block ends, those of the site included."""
    with ExitStack() as stack:
        admin = stack.enter_context(connected(postgres))
        while True:
            try:
                stack.enter_context(connected(postgres))
            except psycopg.OperationalError:
                ended = admin.execute(END_OF_OTHERS, (DATABASE,)).fetchall()
                if not ended:
                    break
        yield


def connected(postgres: Postgres) -> psycopg.Connection:
    return psycopg.connect(
        host=str(postgres.folder),
        user="securityinfo",
        dbname=DATABASE,
        autocommit=True,
        application_name=OURS,
    )


def test_without_a_free_connection_pages_say_when_to_come_back(postgres, site, person):
    """R129, R133, I8."""
    before = Invariants(postgres, site)
    web = site.start_web()
    await_ready(site)
    browser = Browser.of(person, site)

    with no_connection_left(postgres):
        for _ in range(4):
            browser.get(SIGN_IN)
        checks = await_red(site)
    refused = browser.asked

    assert [(each.status, each.retry_after) for each in refused] == [(503, "60")] * 4
    assert "OperationalError" in checks["database"]
    assert "too many clients" in web.said
    assert browser.password()
    assert browser.code(person.code())
    await_ready(site)
    before.hold()


# --- The disk -------------------------------------------------------------------------------------


class TestDisk:
    @pytest.fixture
    def postgres(self, migrated: Path) -> Iterator[Postgres]:
        """On a disk of its own."""
        if os.geteuid() != 0:
            pytest.skip("only root may mount a small disk")
        server = Postgres(**OPTIONS | {"min_wal_size": "32MB", "max_wal_size": "64MB"})
        mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK},mode=755", "tmpfs", server.folder]
        done = subprocess.run(mount, capture_output=True, text=True, check=False)
        if done.returncode:
            server.folder.rmdir()
            pytest.skip(f"a small disk can't be mounted here: {done.stderr.strip()}")
        try:
            begin_with(server, migrated)
            with server:
                yield server
        finally:
            subprocess.run(["umount", "--lazy", server.folder], check=True)
            server.folder.rmdir()

    def test_a_full_disk_lets_nobody_in_and_is_noticed(self, postgres, site, person):
        """R129, R133, I1–I3, I7, I8: what can't be counted is not compared."""
        before = Invariants(postgres, site)
        web = site.start_web()
        await_ready(site)
        browser = Browser.of(person, site)

        with no_room_on(postgres.folder):
            is_in = browser.password() and browser.code(person.code())
            refused = browser.asked[-1]
            checks = await_red(site)
            said = site.fails("doctor")

        assert not is_in
        assert (refused.status, refused.retry_after) == (503, "60")
        assert "No space left on device" in web.said
        assert checks["database"] == "ok"
        assert "No space left on device" in checks["room"]
        assert "is its disk full?" in said
        await_ready(site)
        assert browser.password()
        assert browser.code(person.code())
        before.hold()


@contextmanager
def no_room_on(folder: Path) -> Iterator[None]:
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(1 << 20))
    try:
        yield
    finally:
        ballast.unlink()
