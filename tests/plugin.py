"""pytest's `--database` option, started before Django reads its settings."""

from __future__ import annotations

import gc
import os
from collections.abc import Generator

import pytest

from tests import environment
from tests.servers.postgres import Postgres

ON_SQLITE = "needs PostgreSQL: pytest --database=postgresql"
# A test that has none of these never asked for the database, so pytest-django refuses it to it.
ASKED_BY = ("django_db", "postgresql", "servers")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database",
        choices=("sqlite", "postgresql"),
        default="sqlite",
        help="run on SQLite in memory, or on a PostgreSQL server of our own",
    )


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None]:
    """Around pytest-django's own hook, which loads the settings."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        os.environ.pop(environment.TEST_DATABASE_URL, None)
        if early_config.known_args_namespace.database == "postgresql":
            _start_postgresql(early_config)
    return (yield)


def _start_postgresql(config: pytest.Config) -> None:
    server = Postgres().start()
    config.add_cleanup(server.stop)
    os.environ[environment.TEST_DATABASE_URL] = server.url("securityinfo")


@pytest.hookimpl(trylast=True)  # when every folder has marked its own
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("database") == "postgresql":
        _deselect(config, items, [item for item in items if not _differs(item)])
        return
    for item in items:
        if item.get_closest_marker("postgresql"):
            item.add_marker(pytest.mark.skip(reason=ON_SQLITE))


def _differs(item: pytest.Item) -> bool:
    """Whether PostgreSQL can give another result than SQLite did in the first pass."""
    if item.get_closest_marker("once"):
        return False
    asked = "django_db_setup" in getattr(item, "fixturenames", ())
    return asked or any(item.get_closest_marker(name) for name in ASKED_BY)


def _deselect(config: pytest.Config, items: list[pytest.Item], same: list[pytest.Item]) -> None:
    gone = set(same)
    items[:] = [item for item in items if item not in gone]
    config.hook.pytest_deselected(items=same)


def pytest_collection_finish() -> None:
    """What is there before the first test stays: looking at it for garbage took a tenth."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
