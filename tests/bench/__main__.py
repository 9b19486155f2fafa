"""`make bench`: pages and answers against the floor, and against themselves with more people.

In the same run, as ratios. All run under gunicorn with 2 sync workers, DEBUG off, on one
PostgreSQL; wrk asks with 4 clients. Then the promises about load are tried, among the most people.
"""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import time
from pathlib import Path

from tests.bench import report, sites
from tests.bench.loads import Comparison, Page, Posts, Site
from tests.bench.memory import pss_of_children
from tests.bench.promises import run
from tests.servers.postgres import Postgres

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "11"))
SIZES = [int(each) for each in os.environ.get("BENCH_PEOPLE", "1000 100000 1000000").split()]
GROWTH_WANTED = 0.95  # of itself, from each number of people to the next
MEGABYTES_WANTED = 60
# As for a million people (docs/operators.md): what is asked for often stays in memory.
POSTGRES = {
    "autovacuum": "on",
    "shared_buffers": f"{max(1, report.memory() // 4)}GB",
    "max_wal_size": "8GB",
}


def main() -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # and end what was started here
    report.describe()
    begun = time.monotonic()
    with Postgres(**POSTGRES) as server, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        floor, *sizes = every = _sites(server, folder)
        try:
            for site in every:
                site.start()
            filled = time.monotonic()
            is_right = _report(_compare(floor, sizes), sizes)
        finally:
            for site in every:
                site.stop()
        report.say(f"\nPromises about load, among {sizes[-1].name}:")
        is_kept = run.keep(server, sizes[-1].environment, folder)
    report.say(_minutes(begun, filled))
    report.document()
    return 0 if is_right and is_kept else 1


def _sites(server: Postgres, folder: Path) -> list[Site]:
    """The floor, and the application among each number of people."""
    floor = Site(
        "the floor",
        "tests.bench.floor.wsgi",
        ["tests.bench.floor.prepare"],
        "tests.bench.floor.answers",
        "/",
        "sessionid",
        sites.environment(server, folder, "floor"),
        folder,
        server=server,
    )
    sizes = [
        Site(
            f"{number:,} people",
            "securityinfo.wsgi",
            ["tests.bench.prepare", str(number)],
            "tests.bench.answers",
            "/security-info/",
            "__Host-session",
            sites.environment(server, folder, f"people_{number}"),
            folder,
            server=server,
        )
        for number in SIZES
    ]
    return [floor, *sizes]


def _compare(floor: Site, sizes: list[Site]) -> list[Comparison]:
    """Floor and pages take turns: a machine with other work is slow for all of them."""
    page = Page(floor), tuple(Page(site) for site in sizes)
    right = Posts(floor, "right", "302 /"), _posts(sizes, "right", "302 /security-info/")
    wrong = Posts(floor, "wrong", "422 -"), _posts(sizes, "wrong", "422 -")
    bare = Posts(floor, "forgotten", "422 -"), _posts(sizes[:1], "wrong", "422 -")
    reset = "302 /password-reset/check/"
    known = Posts(floor, "reset", "302 /"), _posts(sizes, "known", reset)
    unknown = Posts(floor, "reset", "302 /"), _posts(sizes, "unknown", reset)
    compared = [
        Comparison("security info", *page, wanted=0.70),
        Comparison("second step, right code", *right, wanted=0.80),
        Comparison("second step, wrong code", *wrong, wanted=0.50),
        Comparison("… of a floor that forgets it", *bare, wanted=None),
        Comparison("reset, a name that is known", *known, wanted=None),
        Comparison("reset, one that is not", *unknown, wanted=None),
    ]
    for _ in range(ROUNDS):
        for comparison in compared:
            comparison.turn()
    return compared


def _posts(sizes: list[Site], what: str, answer: str) -> tuple[Posts, ...]:
    return tuple(Posts(site, what, answer) for site in sizes)


def _report(compared: list[Comparison], sizes: list[Site]) -> bool:
    few = sizes[0]
    memory = pss_of_children(few.process.pid if few.process else 0)
    names = "".join(f"{site.name:>17}" for site in sizes)
    report.say(f"{'requests/s':<28}{'floor':>8}{names}  of the floor  (by CPU)  of fewer people")
    for each in compared:
        rates = "".join(f"{rate:>{17 if place else 8}.0f}" for place, rate in enumerate(each.rates))
        steps = " ".join(f"{step:.2f}" for step in each.growth)
        growth = f"    {steps} {_wanted(GROWTH_WANTED)}" if steps else ""
        report.say(
            f"{each.name:<28}{rates:<{8 + 17 * len(sizes)}}"
            f"{each.ratio:>7.2f} {_wanted(each.wanted)}{each.work:>9.2f}{growth}"
        )
    report.say(f"worker memory {memory:.1f} MB PSS (wanted: {MEGABYTES_WANTED} or less)")
    report.say(f"one password's hash, in none of these: {few.run('tests.bench.hashing')}")
    for site in sizes:
        report.say(f"\nAmong {site.name}:\n{site.run('tests.bench.lists')}")
    return memory <= MEGABYTES_WANTED and all(
        min(each.growth, default=1) >= GROWTH_WANTED and each.ratio >= (each.wanted or 0)
        for each in compared
    )


def _minutes(begun: float, filled: float) -> str:
    whole, filling = (time.monotonic() - begun) / 60, (filled - begun) / 60
    return f"\n{whole:.0f} minutes, {filling:.0f} of them for making the people"


def _wanted(ratio: float | None) -> str:
    return f"≥ {ratio:.2f}" if ratio else "      "


if __name__ == "__main__":
    raise SystemExit(main())
