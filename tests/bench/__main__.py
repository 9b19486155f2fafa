"""`make bench`: pages and answers against the floor, and against themselves with more people.

In the same run, as ratios. All run under gunicorn with 2 sync workers, DEBUG off, on one
PostgreSQL; wrk asks with 4 clients.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from tests.bench import sites
from tests.bench.loads import Comparison, Page, Posts, Site
from tests.bench.memory import pss_of_children
from tests.servers.postgres import Postgres

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "15"))
GROWTH_WANTED = 0.95  # of itself, when people grow a hundredfold
MEGABYTES_WANTED = 60
FEW, MANY = 1_000, int(os.environ.get("BENCH_PEOPLE", "100000"))


def main() -> int:
    with Postgres(autovacuum="on") as server, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
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
        few, many = (
            Site(
                f"{number:,} people",
                "securityinfo.wsgi",
                ["tests.bench.prepare", str(number)],
                "tests.bench.answers",
                "/security-info/",
                "__Host-session",
                sites.environment(server, folder, database),
                folder,
                server=server,
            )
            for database, number in (("few", FEW), ("many", MANY))
        )
        try:
            for site in (floor, few, many):
                site.start()
            return _report(_compare(floor, few, many), few, many)
        finally:
            for site in (floor, few, many):
                site.stop()


def _compare(floor: Site, few: Site, many: Site) -> list[Comparison]:
    """Floor and pages take turns: a machine with other work is slow for all of them."""
    pages = (Page(site) for site in (floor, few, many))
    right = Posts(floor, "right", "302 /"), *_posts(few, many, "right", "302 /security-info/")
    wrong = Posts(floor, "wrong", "422 -"), *_posts(few, many, "wrong", "422 -")
    bare = Posts(floor, "forgotten", "422 -"), *_posts(few, many, "wrong", "422 -")
    reset = "302 /password-reset/check/"
    known = Posts(floor, "reset", "302 /"), *_posts(few, many, "known", reset)
    unknown = Posts(floor, "reset", "302 /"), *_posts(few, many, "unknown", reset)
    compared = [
        Comparison("security info", *pages, wanted=0.70),
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


def _posts(few: Site, many: Site, what: str, answer: str) -> tuple[Posts, Posts]:
    return Posts(few, what, answer), Posts(many, what, answer)


def _report(compared: list[Comparison], few: Site, many: Site) -> int:
    memory = pss_of_children(many.process.pid if many.process else 0)
    _write(
        f"{'requests/s':<28}{'floor':>8}{few.name:>16}{many.name:>16}"
        "  of the floor  (by CPU)  of few"
    )
    for each in compared:
        floor, one, other = each.rates
        _write(
            f"{each.name:<28}{floor:>8.0f}{one:>16.0f}{other:>16.0f}"
            f"{each.ratio:>7.2f} {_wanted(each.wanted)}{each.work:>9.2f}"
            f"{each.growth:>9.2f} ≥ {GROWTH_WANTED:.2f}"
        )
    _write(f"worker memory {memory:.1f} MB PSS (wanted: {MEGABYTES_WANTED} or less)")
    _write(f"one password's hash, in none of these: {few.run('tests.bench.hashing')}")
    for site in (few, many):
        _write(f"\nAmong {site.name}:\n{site.run('tests.bench.lists')}")
    right = memory <= MEGABYTES_WANTED and all(
        each.growth >= GROWTH_WANTED and each.ratio >= (each.wanted or 0) for each in compared
    )
    return 0 if right else 1


def _wanted(ratio: float | None) -> str:
    return f"≥ {ratio:.2f}" if ratio else "      "


def _write(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main())
