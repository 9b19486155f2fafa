"""Runs a few programs together: all of them or none, and nobody is left behind."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Self

from securityinfo.demo import watchman

LOOK = 0.1  # seconds between two looks at the children
PATIENCE = 15  # seconds in which a child may finish what it does
TAIL = 15  # lines of a child's log, shown when it ended by itself


class Ended(Exception):
    """A program ended that should not have; the text says which, and what it said last."""


class Interrupted(Exception):
    """Ctrl-C, or the terminal was closed, or somebody asked us to end."""


@dataclass
class Child:
    """One program, in a session of its own: Ctrl-C in the terminal reaches only us."""

    name: str
    command: Sequence[str]
    folder: Path  # where it works
    log: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> int:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self.folder,
                env={**os.environ, **self.environment},
                start_new_session=True,
            )
        return self.process.pid

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def ask_to_end(self) -> None:
        if self.process and self.is_running:
            self.process.terminate()

    def make_an_end(self) -> None:
        """For whatever is left of the child's session, its own children included."""
        if self.process:
            watchman.end(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def last_words(self) -> str:
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join(f"    {line}" for line in lines[-TAIL:])


class Supervisor:
    """`with Supervisor() as house: house.start(child); …; house.watch()`."""

    def __init__(self) -> None:
        self.children: list[Child] = []
        self._interrupts = 0
        self._watchman: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_signal)
        self._watchman = subprocess.Popen(
            [sys.executable, "-I", watchman.__file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._interrupts += 1

    def start(self, child: Child) -> None:
        session = child.start()
        self.children.append(child)
        self._tell_watchman(str(session))

    def run(self, child: Child) -> None:
        """Something that ends by itself, and ends well."""
        self.start(child)
        self._wait_while(lambda: child.is_running)
        if child.process is None or child.process.returncode != 0:
            raise Ended(f"The {child.name} failed. It said:\n{child.last_words()}")
        self.children.remove(child)

    def wait_until(self, is_ready: Callable[[], bool], seconds: float, complaint: str) -> None:
        end = time.monotonic() + seconds
        while not is_ready():
            self._look()
            if time.monotonic() > end:
                raise Ended(complaint)
            time.sleep(LOOK)

    def watch(self) -> None:
        """Returns never; raises Interrupted, or Ended when one of the children has ended."""
        while True:
            self._look()
            time.sleep(LOOK)

    def stop(self) -> None:
        """In reverse order, each when the one before is gone; at once after another Ctrl-C."""
        asked_before = self._interrupts
        for child in reversed(self.children):
            child.ask_to_end()
            end = time.monotonic() + PATIENCE
            while child.is_running and time.monotonic() < end and self._interrupts == asked_before:
                time.sleep(LOOK / 5)
            child.make_an_end()
        self.children.clear()
        self._tell_watchman("done")

    def _look(self) -> None:
        self._wait_while(lambda: False)
        for child in self.children:
            if not child.is_running:
                raise Ended(f"The {child.name} ended by itself. It said:\n{child.last_words()}")
        if self._watchman and self._watchman.poll() is not None:
            raise Ended("The watchman, who ends the others if we are killed, was ended.")

    def _wait_while(self, goes_on: Callable[[], bool]) -> None:
        while True:
            if self._interrupts:
                raise Interrupted
            if not goes_on():
                return
            time.sleep(LOOK / 5)

    def _tell_watchman(self, line: str) -> None:
        if self._watchman and self._watchman.stdin:
            with contextlib.suppress(BrokenPipeError):
                self._watchman.stdin.write(f"{line}\n".encode())
                self._watchman.stdin.flush()
