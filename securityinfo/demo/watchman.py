"""Ends the demo's programs when the demo itself was killed before it could.

Reads the ids of their sessions from standard input, one a line, until `done` or the end, which
comes when the other side of the pipe has died, by whatever means and on every Unix.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time

PATIENCE = 3  # seconds in which they may end by themselves


def main() -> None:
    sessions: list[int] = []
    for line in sys.stdin:
        if line.strip() == "done":
            return
        sessions.append(int(line))
    for session in reversed(sessions):
        end(session, signal.SIGTERM)
    time.sleep(PATIENCE)
    for session in sessions:
        end(session, signal.SIGKILL)


def end(session: int, how: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(session, how)


if __name__ == "__main__":
    main()
