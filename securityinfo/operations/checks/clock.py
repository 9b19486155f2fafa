"""Do this machine and the database agree on the time? Every decision follows the database's."""

from __future__ import annotations

import time

from django.db import connection

from securityinfo.operations.findings import Findings, ok, wrong

ABOUT = "clock"
MOST = 1.0  # second: R130


def findings() -> Findings:
    if connection.vendor != "postgresql":
        yield ok(ABOUT, "The database is on this machine.")
        return
    off = offset()
    if is_off(off):
        yield wrong(ABOUT, f"The database is {off:+.1f} s from us: run NTP on both machines.")
    else:
        yield ok(ABOUT, f"The database is {off:+.2f} s from us.")


def is_off(seconds: float) -> bool:
    return abs(seconds) > MOST


def offset() -> float:
    """Seconds by which the database's clock is ahead of ours, the way there and back allowed for.

    0 where the database is a file.
    """
    if connection.vendor != "postgresql":
        return 0.0
    with connection.cursor() as cursor:
        before = time.time()
        cursor.execute("SELECT extract(epoch FROM clock_timestamp())")
        after = time.time()
        (theirs,) = cursor.fetchone()
    return float(theirs) - (before + after) / 2
