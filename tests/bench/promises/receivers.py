"""Asks the process at the other end what it was sent; it runs apart, so that it can't be late."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any, Self


class Receivers:
    """`with Receivers() as receivers: receivers.environment, receivers.taken()`."""

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.promises.other_end"],
            env=os.environ | {"SECURITYINFO_LOG_LEVEL": "ERROR"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.environment: dict[str, str] = self._read()
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(20)

    def taken(self) -> tuple[list[dict[str, Any]], int]:
        """The texts since the last time, each with the moment it came; the number of mails."""
        assert self._process.stdin
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        found = self._read()
        return found["texts"], found["mails"]

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout
        return json.loads(self._process.stdout.readline())
