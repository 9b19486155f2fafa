"""`make bench`: the security-info page against the floor, and against itself with more people.

In the same run, as ratios. All run under gunicorn with 2 sync workers, DEBUG off, on one
PostgreSQL; wrk asks with 4 clients.
"""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench import sites
from tests.bench.memory import pss_of_children
from tests.servers import processes, programs
from tests.servers.postgres import Postgres

# Floor and pages take turns, and each turn is compared with its neighbor: a machine with other work
# is slow for both.
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "15"))
SECONDS = 2
RATIO_WANTED = 0.70
GROWTH_WANTED = 0.95  # of itself, when people grow a hundredfold
MEGABYTES_WANTED = 60
FEW, MANY = 1_000, int(os.environ.get("BENCH_PEOPLE", "100000"))


@dataclass
class Site:
    """One gunicorn with its page, and what was measured of it."""

    name: str
    module: str
    prepare: list[str]
    path: str
    cookie: str
    environment: dict[str, str]
    port: int = 0
    key: str = ""
    process: subprocess.Popen[bytes] | None = None
    rates: list[float] = field(default_factory=list)

    def start(self) -> None:
        self.key = subprocess.run(
            [sys.executable, "-m", *self.prepare],
            env=self.environment,
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        ).stdout.strip()
        self.port = processes.free_port()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "--config", "gunicorn.conf.py", self.module],
            env=self.environment | {"PORT": str(self.port)},
        )
        self._wait()

    def stop(self) -> None:
        if self.process:
            self.process.terminate()
            self.process.wait(20)

    @property
    def headers(self) -> dict[str, str]:
        return {
            "Host": sites.PUBLIC_HOST,
            "Cookie": f"{self.cookie}={self.key}; __Host-csrf={sites.CSRF}",
            "X-Forwarded-Proto": "https",
            "X-Forwarded-For": "192.0.2.10",
        }

    def measure(self) -> None:
        command = [programs.find("wrk"), "-t1", "-c4", f"-d{SECONDS}s"]
        for name, value in self.headers.items():
            command += ["-H", f"{name}: {value}"]
        report = subprocess.run(
            [*command, self.url], check=True, capture_output=True, text=True
        ).stdout
        if "Non-2xx" in report or "Socket errors" in report:
            raise SystemExit(f"{self.name} did not answer well:\n{report}")
        found = re.search(r"Requests/sec:\s+([\d.]+)", report)
        self.rates.append(float(found[1]) if found else 0.0)

    @property
    def rate(self) -> float:
        return statistics.median(self.rates)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}{self.path}"

    def _wait(self) -> None:
        for _ in range(100):
            request = urllib.request.Request(self.url, headers=self.headers)
            try:
                with urllib.request.urlopen(request, timeout=5) as answer:
                    if b"bob" not in answer.read():
                        raise SystemExit(f"{self.name} does not show its person")
                    return
            except urllib.error.HTTPError as error:
                raise SystemExit(f"{self.name} answers {error.code}") from error
            except OSError:
                time.sleep(0.1)
        raise SystemExit(f"{self.name} does not start")


def main() -> int:
    with Postgres(autovacuum="on") as server, tempfile.TemporaryDirectory() as folder:
        floor = Site(
            "the floor",
            "tests.bench.floor.wsgi",
            ["tests.bench.floor.prepare"],
            "/",
            "sessionid",
            sites.environment(server, Path(folder), "floor"),
        )
        few, many = (
            Site(
                f"{number:,} people",
                "securityinfo.wsgi",
                ["tests.bench.prepare", str(number)],
                "/security-info/",
                "__Host-session",
                sites.environment(server, Path(folder), name),
            )
            for name, number in (("few", FEW), ("many", MANY))
        )
        try:
            return _compare(floor, few, many)
        finally:
            for site in (floor, few, many):
                site.stop()


def _compare(floor: Site, few: Site, many: Site) -> int:
    for site in (floor, few, many):
        site.start()
    for _ in range(ROUNDS):
        # Each page between the two that it is compared with.
        for site in (floor, few, many):
            site.measure()
    memory = pss_of_children(many.process.pid if many.process else 0)
    ratio, growth = _ratio(few, floor), _ratio(many, few)
    sys.stdout.write(
        f"{floor.name:<24}{floor.rate:>8.0f} requests/s\n"
        f"{'page, ' + few.name:<24}{few.rate:>8.0f} requests/s\n"
        f"{'page, ' + many.name:<24}{many.rate:>8.0f} requests/s\n"
        f"{'page / floor':<24}{ratio:>8.2f} (wanted: {RATIO_WANTED:.2f} or more)\n"
        f"{'many / few people':<24}{growth:>8.2f} (wanted: {GROWTH_WANTED:.2f} or more)\n"
        f"{'worker memory':<24}{memory:>8.1f} MB PSS (wanted: {MEGABYTES_WANTED} or less)\n"
    )
    for site in (few, many):
        sys.stdout.write(f"\nAmong {site.name}:\n{_lists(site)}")
    right = ratio >= RATIO_WANTED and growth >= GROWTH_WANTED and memory <= MEGABYTES_WANTED
    return 0 if right else 1


def _ratio(one: Site, other: Site) -> float:
    """The median over neighboring turns."""
    return statistics.median(a / b for a, b in zip(one.rates, other.rates, strict=True))


def _lists(site: Site) -> str:
    return subprocess.run(
        [sys.executable, "-m", "tests.bench.lists"],
        env=site.environment,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    ).stdout


if __name__ == "__main__":
    raise SystemExit(main())
