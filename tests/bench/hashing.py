"""What hashing one password costs, which no request here does: `python -m tests.bench.hashing`."""

from __future__ import annotations

import os
import statistics
import sys
import time

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "securityinfo.settings"
django.setup()

from django.contrib.auth.hashers import make_password  # noqa: E402 - after setup

TIMES = 9


def main() -> None:
    times = []
    for _ in range(TIMES):
        started = time.perf_counter()
        make_password("bench-only-password")
        times.append(time.perf_counter() - started)
    sys.stdout.write(f"{statistics.median(times) * 1000:.0f} ms")


if __name__ == "__main__":
    main()
