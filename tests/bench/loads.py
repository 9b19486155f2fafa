"""Sites under load: one gunicorn each, asked by wrk for the same page or for prepared requests."""

from __future__ import annotations

import itertools
import re
import statistics
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench import sites
from tests.bench.memory import cpu_with_children
from tests.servers import processes, programs
from tests.servers.postgres import Postgres

SECONDS = 2
CLIENTS = 4
FIRST_TURN = 600  # requests; later turns have what the one before took, and a half more
MOST = 2_000
LUA = Path(__file__).parent / "requests.lua"


@dataclass
class Site:
    """One gunicorn, with a person whose page it shows and a maker of requests."""

    name: str
    module: str
    prepare: list[str]
    maker: str
    path: str
    cookie: str
    environment: dict[str, str]
    folder: Path
    port: int = 0
    key: str = ""
    server: Postgres | None = None
    process: subprocess.Popen[bytes] | None = None
    _maker: subprocess.Popen[str] | None = None

    def start(self) -> None:
        self.key = self.run(*self.prepare)
        self.port = processes.free_port()
        # A refused form is a warning to Django; a thousand of them are no news here.
        self.process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "--config", "gunicorn.conf.py", self.module],
            env=self.environment | {"PORT": str(self.port)},
            stderr=(self.folder / f"{self.name}.log").open("wb"),
        )
        self._maker = subprocess.Popen(
            [sys.executable, "-m", self.maker],
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._wait()

    def stop(self) -> None:
        for process in (self.process, self._maker):
            if process:
                process.terminate()
                process.wait(20)

    def run(self, *module: str) -> str:
        """What a module of the bench prints, in this site's environment."""
        return sites.run(self.environment, *module)

    def make(self, what: str, count: int, first: int) -> Path:
        """A file with so many requests."""
        file = self.folder / f"{self.name}-{what}"
        if not (self._maker and self._maker.stdin and self._maker.stdout):
            raise RuntimeError(f"{self.name} has not started")
        self._maker.stdin.write(f"{what} {count} {first} {file}\n")
        self._maker.stdin.flush()
        if not self._maker.stdout.readline():
            raise SystemExit(f"{self.name}: no requests for {what}")
        return file

    def cpu(self) -> float:
        """Seconds that its workers and the database have computed so far."""
        parents = [self.process, self.server.process if self.server else None]
        return sum(cpu_with_children(each.pid) for each in parents if each)

    @property
    def headers(self) -> dict[str, str]:
        return {
            "Host": sites.PUBLIC_HOST,
            "Cookie": f"{self.cookie}={self.key}; __Host-csrf={sites.CSRF}",
            "X-Forwarded-Proto": "https",
            "X-Forwarded-For": "192.0.2.10",
        }

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}{self.path}"

    def _wait(self) -> None:
        for _ in range(600):
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


@dataclass
class Page:
    """The same page again and again."""

    site: Site
    rates: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)  # milliseconds of each request

    def prepare(self) -> None:
        """Nothing: reading changes nothing."""

    def measure(self) -> None:
        headers = [f"{name}: {value}" for name, value in self.site.headers.items()]
        before = self.site.cpu()
        report = _wrk(*(word for header in headers for word in ("-H", header)), self.site.url)
        self.cpu.append((self.site.cpu() - before) * 1000 / max(_requests(report), 1))
        if "Non-2xx" in report or "Socket errors" in report:
            raise SystemExit(f"{self.site.name} did not answer well:\n{report}")
        self.rates.append(_rate(report))


@dataclass
class Posts:
    """Prepared requests, each sent once; `answer` is the one that all of them have to get."""

    site: Site
    what: str
    answer: str  # "422 -", "302 /security-info/"
    rates: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    sent: int = 0
    _file: Path | None = None

    def prepare(self) -> None:
        wanted = int(self.rates[-1] * SECONDS * 1.5) if self.rates else FIRST_TURN
        count = min(wanted, MOST)
        self._file = self.site.make(self.what, count, self.sent)
        self.sent += count

    def measure(self) -> None:
        before = self.site.cpu()
        report = _wrk("-s", str(LUA), self.site.url, "--", str(self._file))
        self.cpu.append((self.site.cpu() - before) * 1000 / max(_requests(report), 1))
        answers = dict(re.findall(r"^answered: (.+) (\d+)$", report, re.MULTILINE))
        if set(answers) != {self.answer} or "Socket errors" in report:
            raise SystemExit(f"{self.site.name} did not answer {self.what} well:\n{report}")
        self.rates.append(sum(map(int, answers.values())) / _seconds(report))


Load = Page | Posts


@dataclass
class Comparison:
    """One request at each number of people, the fewest first, and its floor."""

    name: str
    floor: Load
    sites: tuple[Load, ...]
    wanted: float | None  # of the floor's requests a second

    def turn(self) -> None:
        """Each next to the one that it is compared with."""
        loads = (self.floor, *self.sites)
        for load in loads:
            load.prepare()
        for load in loads:
            load.measure()

    @property
    def work(self) -> float:
        """The ratio by seconds computed for a request, instead of seconds passed."""
        few = self.sites[0]
        return statistics.median(a / b for a, b in zip(self.floor.cpu, few.cpu, strict=True))

    @property
    def ratio(self) -> float:
        return _median_of_ratios(self.sites[0], self.floor)

    @property
    def growth(self) -> list[float]:
        """Of each size by the one before it."""
        return [_median_of_ratios(many, few) for few, many in itertools.pairwise(self.sites)]

    @property
    def rates(self) -> list[float]:
        return [statistics.median(each.rates) for each in (self.floor, *self.sites)]


def _median_of_ratios(one: Load, other: Load) -> float:
    """Over neighboring turns: a machine with other work is slow for both."""
    return statistics.median(a / b for a, b in zip(one.rates, other.rates, strict=True))


def _wrk(*arguments: str) -> str:
    command = [programs.find("wrk"), "-t1", f"-c{CLIENTS}", f"-d{SECONDS}s", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def _requests(report: str) -> int:
    found = re.search(r"(\d+) requests in", report)
    return int(found[1]) if found else 0


def _seconds(report: str) -> float:
    """From the first prepared request to the last answer."""
    found = re.search(r"^seconds: ([\d.]+)$", report, re.MULTILINE)
    return float(found[1]) if found else SECONDS


def _rate(report: str) -> float:
    found = re.search(r"Requests/sec:\s+([\d.]+)", report)
    return float(found[1]) if found else 0.0
