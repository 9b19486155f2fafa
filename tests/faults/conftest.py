"""Real processes on a real PostgreSQL, with a broker and a mail server that tests may break."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers.mail import MailServer
from tests.servers.postgres import Postgres
from tests.servers.redis import Redis
from tests.servers.site import Site


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.postgresql)
            item.add_marker(pytest.mark.servers)


@pytest.fixture
def postgres() -> Iterator[Postgres]:
    """A server for this test alone, that may be killed."""
    with Postgres() as server:
        server.create("site")
        yield server


@pytest.fixture
def redis() -> Iterator[Redis]:
    with Redis() as server:
        yield server


@pytest.fixture
def mail() -> Iterator[MailServer]:
    with MailServer() as server:
        yield server


@pytest.fixture
def site(tmp_path: Path, postgres: Postgres, redis: Redis, mail: MailServer) -> Iterator[Site]:
    """Migrated, nothing running yet: `site.start_web()`, `site.start_worker()`, …"""
    site = Site(
        tmp_path, DATABASE_URL=postgres.url("site"), REDIS_URL=redis.url, EMAIL_URL=mail.url
    )
    with site.prepare():
        yield site
