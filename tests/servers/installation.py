"""A whole installation, with the processes that compose.yaml has and servers of its own."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.servers.mail import MailServer
from tests.servers.postgres import Postgres
from tests.servers.processes import Process, wait_until
from tests.servers.redis import Redis
from tests.servers.site import Site
from tests.servers.twilio import TwilioServer
from tests.servers.visitor import Visitor

TOKEN = "monitoring-token-of-the-tests"


@dataclass(frozen=True)
class Processes:
    web: Process
    codes: Process
    rest: Process  # the worker of the two other queues
    scheduler: Process


@dataclass(frozen=True)
class Installation:
    """`.site` starts further processes; what stands around it is a test's to break."""

    site: Site
    postgres: Postgres
    redis: Redis
    mail: MailServer
    twilio: TwilioServer

    def start(self) -> Processes:
        """Two web processes, a worker for codes, one for the rest, and the scheduler."""
        return Processes(
            web=self.site.start_web(),
            codes=self.site.start_worker("--queues", "codes"),
            rest=self.site.start_worker("--queues", "notices,chores"),
            scheduler=self.site.start_scheduler(),
        )

    def visitor(self, number: int = 1) -> Visitor:
        """A browser with a network address of its own."""
        return Visitor(self.site.url, address=f"198.51.{100 + number // 250}.{number % 250 + 1}")

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """What the database has now."""
        with self.postgres.connect("site") as connection:
            return connection.execute(sql).fetchall()  # type: ignore[call-overload]

    def count(self, what: str) -> int:
        """`count("messaging_message WHERE state = 'sent'")`."""
        return self.rows(f"SELECT count(*) FROM {what}")[0][0]

    def checks(self) -> dict[str, str]:
        """What /readyz says to whoever may know."""
        return json.loads(self.asked("/readyz"))["checks"]

    def number(self, name: str) -> float:
        """One sample of /metrics: `number('oldest_waiting_seconds{category="notice"}')`."""
        lines = self.asked("/metrics").splitlines()
        (value,) = [line.split()[-1] for line in lines if line.startswith(f"securityinfo_{name} ")]
        return float(value)

    def asked(self, path: str) -> str:
        request = urllib.request.Request(
            self.site.url + path, headers={"Authorization": f"Bearer {TOKEN}"}
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.read().decode()
        except urllib.error.HTTPError as refusal:
            return refusal.read().decode()

    def wait_until_ready(self) -> None:
        wait_until(lambda: set(self.checks().values()) == {"ok"}, 60, "for the installation")


@contextmanager
def installed(folder: Path, **environment: str) -> Iterator[Installation]:
    """Migrated, and nothing running yet but the servers; everything is gone afterwards."""
    with Postgres() as postgres, Redis() as redis, MailServer() as mail, TwilioServer() as twilio:
        site = Site(
            folder,
            DATABASE_URL=postgres.create("site"),
            REDIS_URL=redis.url,
            EMAIL_URL=mail.url,
            SECURITYINFO_MONITORING_TOKEN=TOKEN,
            SECURITYINFO_TRUSTED_PROXIES="127.0.0.1",
            **{"WEB_CONCURRENCY": "2"} | twilio.environment | environment,
        )
        with site.prepare():
            yield Installation(site, postgres, redis, mail, twilio)
