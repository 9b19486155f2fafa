"""A site of people who sign in, on a PostgreSQL that its tests may break."""

from __future__ import annotations

import base64
import secrets
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.faults.invariants import DATABASE
from tests.faults.sign_ins import BEHIND_A_PROXY
from tests.servers.postgres import Postgres
from tests.servers.site import Site

MONITORING = "a-token-of-the-monitoring-of-the-tests"
# The same for all: what one site has migrated is the beginning of all others.
ENVIRONMENT = BEHIND_A_PROXY | {
    "SECURITYINFO_ENCRYPTION_KEYS": f"k1:{base64.b64encode(secrets.token_bytes(32)).decode()}",
    "SECURITYINFO_MONITORING_TOKEN": MONITORING,
    "SECURITYINFO_SECRET_KEY": secrets.token_urlsafe(48),
}
# What was committed outlives the server's own death, as in production.
OPTIONS = {"synchronous_commit": "on"}


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The files of a server that is not running, with the tables of this release."""
    with Postgres(**OPTIONS) as server:
        server.create(DATABASE)
        site_on(server, tmp_path_factory.mktemp("site")).prepare()
        server.shut_down()
        yield server.folder / "data"


@pytest.fixture
def options() -> dict[str, str]:
    """Of the server: a module of tests may have its own."""
    return {}


@pytest.fixture
def postgres(options: dict[str, str], migrated: Path) -> Iterator[Postgres]:
    server = Postgres(**OPTIONS | options)
    begin_with(server, migrated)
    with server:
        yield server


@pytest.fixture
def site(tmp_path: Path, postgres: Postgres) -> Iterator[Site]:
    """Migrated; nothing runs yet."""
    with site_on(postgres, tmp_path) as site:
        yield site


def begin_with(server: Postgres, files: Path) -> None:
    """Not begun yet: it will find these. `cp` keeps their owner."""
    subprocess.run(["cp", "-a", files, server.folder / "data"], check=True)


def site_on(server: Postgres, folder: Path, **environment: Any) -> Site:
    return Site(folder, DATABASE_URL=server.url(DATABASE), **ENVIRONMENT | environment)
