"""Many threads at once, each with a connection of its own, all let go in the same moment."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connection

THREADS = 40  # connections at once


def all_at_once(action: Callable[[int], Any], *, times: int, threads: int = THREADS) -> list[Any]:
    """What each call returned or raised, in no order; `action` is given its number."""
    threads = min(threads, times)
    ready = threading.Barrier(threads)

    def some(first: int) -> list[Any]:
        found = []
        try:
            connection.ensure_connection()
            ready.wait(timeout=90)
            for number in range(first, times, threads):
                try:
                    found.append(action(number))
                except Exception as error:  # noqa: BLE001 - the caller judges them
                    found.append(error)
        finally:
            connection.close()
        return found

    with ThreadPoolExecutor(threads) as pool:
        futures = [pool.submit(some, first) for first in range(threads)]
        return [each for future in futures for each in future.result()]
