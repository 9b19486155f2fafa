"""pytest's `--database` option, started before Django reads its settings."""

from __future__ import annotations

import os
from collections.abc import Generator

import pytest

from tests import environment
from tests.servers.postgres import Postgres

ON_SQLITE = "needs PostgreSQL: pytest --database=postgresql"


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


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("database") == "postgresql":
        return
    for item in items:
        if item.get_closest_marker("postgresql"):
            item.add_marker(pytest.mark.skip(reason=ON_SQLITE))
