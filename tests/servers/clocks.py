"""A clock for one process of ours, to be set while it runs; what it measures goes on as it is."""

from __future__ import annotations

from pathlib import Path

from tests.servers import programs

# Python sleeps until a time of the monotonic clock, and libfaketime takes that for one of its own.
SLEEP = """
import select
import time
time.sleep = lambda seconds: select.select([], [], [], seconds) and None
"""


class Clock:
    """`site.start_web(**clock.environment)`; `clock.set("-1h")`, by hours, minutes or days."""

    def __init__(self, folder: Path, shift: str = "+0") -> None:
        folder.mkdir(exist_ok=True)
        self._file = folder / "clock"
        self.set(shift)
        (folder / "sitecustomize.py").write_text(SLEEP)
        self.environment = {
            "LD_PRELOAD": programs.find_library("libfaketime.so.1"),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "PYTHONPATH": str(folder),
        }

    def set(self, shift: str) -> None:
        """Against the true time, at once for whoever looks next."""
        new = self._file.with_suffix(".new")
        new.write_text(f"{shift}\n")
        new.replace(self._file)
