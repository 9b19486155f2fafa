"""Named places at which a process waits for the test that kills it."""

from __future__ import annotations

import os
import time

from django.conf import settings

VARIABLE = "FAILPOINT"
STANDS_AT = "stands at"  # the log then says: "stands at <name>: <process id>"

_STDERR = 2  # itself: Celery puts a logger in the place of sys.stderr


def reach(name: str) -> None:
    """Stop here if the tests ask for it: say so, and do nothing more until killed."""
    if settings.TESTING and os.environ.get(VARIABLE) == name:
        os.write(_STDERR, f"{STANDS_AT} {name}: {os.getpid()}\n".encode())
        while True:
            time.sleep(1)
