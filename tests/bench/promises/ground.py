"""A whole installation on a database that is filled: what the promises are tried on."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg

from tests.bench import sites
from tests.bench.memory import cpu_with_children
from tests.bench.promises.receivers import Receivers
from tests.bench.promises.visits import Answer, Browser
from tests.servers import processes
from tests.servers.postgres import Postgres
from tests.servers.processes import Process
from tests.servers.redis import Redis
from tests.servers.site import Site

# Of the environment in which the database was filled: what is sealed has to open.
KEPT = ("DATABASE_URL", "SECURITYINFO_ENCRYPTION_KEYS", "SECURITYINFO_SECRET_KEY")


@dataclass(frozen=True)
class Person:
    name: str
    secret: str  # the key of the app, or the number that is texted
    public_id: str
    known_browser: str


@dataclass
class Ground:
    """`.web` and the workers run; `.apps` and `.texts` are people who may come."""

    site: Site
    server: Postgres
    receivers: Receivers
    redis: Redis
    web: Process
    workers: list[Process]
    apps: list[Person]
    texts: list[Person]
    sessions: list[str]

    def browser(self, number: int, person: Person | None = None) -> Browser:
        """At an address of its own; where this person has been before, or nobody."""
        cookies = {"known-browser": person.known_browser} if person else {}
        return Browser(self.site.port, address(number), cookies)

    def number(self, sql: str, *values: Any) -> int:
        """The one that this query finds."""
        with self._connect() as connection:
            return connection.execute(sql, values).fetchall()[0][0]  # type: ignore[call-overload]

    def change(self, sql: str) -> None:
        with self._connect() as connection:
            connection.execute(sql)  # type: ignore[call-overload]

    def _connect(self) -> psycopg.Connection[Any]:
        database = urlsplit(self.site.environment["DATABASE_URL"]).path.strip("/")
        return self.server.connect(database)

    def cpu(self) -> dict[str, float]:
        """Seconds that each part has computed so far."""
        database = self.server.process
        return {
            "web": cpu_with_children(self.web.pid),
            "workers": sum(cpu_with_children(each.pid) for each in self.workers),
            "database": cpu_with_children(database.pid if database else 0),
            "broker": cpu_with_children(self.redis.pid),
            "the bench itself": time.process_time(),  # the others are its children
        }

    def run(self, code: str) -> str:
        """In a process of the installation, for as long as it takes; what it prints."""
        return run(self.site, code)


def address(number: int) -> str:
    """The first thousand are as good as any."""
    return f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


def run(site: Site, code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", f"import django; django.setup()\n{code}"],
        env=site.environment,
        cwd=processes.PROJECT,
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise SystemExit(done.stderr[-5_000:])
    return done.stdout


async def enter_password(browser: Browser, person: Person, *, due: float | None = None) -> Answer:
    form = {"name": person.name, "password": sites.PASSWORD, "next": ""}
    return await browser.post("/sign-in/", form, due=due)


@contextmanager
def standing(
    server: Postgres, filled: dict[str, str], folder: Path, *prepare: str
) -> Iterator[Ground]:
    """Two web workers, two for codes, two for the rest, the scheduler, as compose.yaml has them.

    `prepare`: Python that runs before anything else does; the last says who lives there. All of it
    runs as the tests do, because only they may have a gateway without TLS.
    """
    with Redis() as redis, Receivers() as receivers:
        site = Site(
            folder,
            REDIS_URL=redis.url,
            SECURITYINFO_TRUSTED_PROXIES="127.0.0.1",
            WEB_CONCURRENCY="2",
            **receivers.environment,
            **{name: filled[name] for name in KEPT},
        )
        *before, move_in = prepare
        for code in before:
            run(site, code)
        told = json.loads(run(site, move_in))
        with site:
            web = site.start_web()
            workers = [
                site.start_worker("--queues", "codes"),
                site.start_worker("--queues", "notices,chores"),
                site.start_scheduler(),
            ]
            workers[1].give_way()
            people = ([Person(**each) for each in told[name]] for name in ("apps", "texts"))
            yield Ground(site, server, receivers, redis, web, workers, *people, told["sessions"])
