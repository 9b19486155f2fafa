"""One process of our own: in its own session, with an environment of its own, with a log."""

from __future__ import annotations

import os
import re
import secrets
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from securityinfo.messaging.failpoints import STANDS_AT

PROJECT = Path(__file__).resolve().parents[2]
INHERITED = ("PATH", "HOME", "LANG", "TMPDIR", "VIRTUAL_ENV")


def environment(**values: str) -> dict[str, str]:
    """What every process gets, and nothing of the tests' own settings."""
    inherited = {name: os.environ[name] for name in INHERITED if name in os.environ}
    return inherited | {"PYTHONWARNINGS": "ignore", "PYTHONUNBUFFERED": "1"} | values


# Below those that the system gives to outgoing connections: a port that was free a moment ago is
# not taken by a browser's next request.
PORTS = range(15_000, 32_000)
POLITE = 10  # on the scale of `nice`


def free_port() -> int:
    while True:
        port = secrets.choice(PORTS)  # random's seed is the same in all processes of a run
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def wait_until(condition: Callable[[], object], seconds: float = 60, what: str = "") -> None:
    """Looks again and again, and fails in the end: never a sleep in the hope that it is enough."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"waited {seconds} s in vain {what}".strip())
        time.sleep(0.05)


class Process:
    def __init__(self, command: list[str], env: Mapping[str, str], log: Path) -> None:
        self.log = log
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as out:
            self._popen = subprocess.Popen(
                command,
                env=dict(env),
                cwd=PROJECT,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        return self._popen.pid

    @property
    def is_running(self) -> bool:
        return self._popen.poll() is None

    @property
    def said(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    def send(self, what: signal.Signals) -> None:
        self._popen.send_signal(what)

    def wait(self, seconds: float = 60) -> int:
        return self._popen.wait(timeout=seconds)

    def give_way(self) -> None:
        """From now on it gets a tenth of what others get, where all want the processor.

        As `cpu_shares` of compose.yaml and CPUWeight= of the units do it. Linux shares between
        sessions before it looks at who is nice in each.
        """
        for pid in session_members(self.pid):
            os.setpriority(os.PRIO_PROCESS, pid, POLITE)
        share = Path(f"/proc/{self.pid}/autogroup")
        if share.exists():
            share.write_text(str(POLITE))

    def kill(self) -> None:
        """The process and all of its children, at once."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self.wait()

    def kill_at(self, failpoint: str, seconds: float = 90) -> int:
        """Wait until one of its processes stands there, and kill that one alone; its id."""
        stands = re.compile(rf"{STANDS_AT} {re.escape(failpoint)}: (\d+)\n")
        wait_until(lambda: stands.search(self.said), seconds, f"for {failpoint}")
        pid = int(stands.findall(self.said)[-1])
        assert pid in session_members(self.pid), f"{pid} is none of ours"
        os.kill(pid, signal.SIGKILL)
        return pid

    def stop(self, seconds: float = 20) -> None:
        """In order; whatever is left after that is killed."""
        with suppress(ProcessLookupError, subprocess.TimeoutExpired):
            self.send(signal.SIGTERM)
            self.wait(seconds)
        self.kill()


def session_members(session: int) -> list[int]:
    """Who lives in this session now."""
    listing = subprocess.run(
        ["ps", "-A", "-o", "pid=,sess=,stat="], capture_output=True, text=True, check=True
    ).stdout
    rows = [line.split() for line in listing.splitlines()]
    return [int(pid) for pid, sid, stat in rows if sid == str(session) and not stat.startswith("Z")]
