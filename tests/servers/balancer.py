"""What stands before several web servers: each request goes to one of those that are up."""

from __future__ import annotations

import itertools
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from tests.servers.processes import wait_until
from tests.servers.visitor import Visitor


class Balancer:
    """`with balancer.server() as url`; drain() before a server is stopped, add() afterwards."""

    def __init__(self) -> None:
        self._up: list[str] = []
        self._busy: Counter[str] = Counter()
        self._turn = itertools.count()
        self._lock = threading.Lock()

    def add(self, url: str) -> None:
        with self._lock:
            self._up.append(url)

    def drain(self, url: str) -> None:
        """No new requests; returns when those under way are answered."""
        with self._lock:
            self._up.remove(url)
        wait_until(lambda: not self._busy[url], 60, "for the last answer")

    @contextmanager
    def server(self) -> Iterator[str]:
        with self._lock:
            url = self._up[next(self._turn) % len(self._up)]
            self._busy[url] += 1
        try:
            yield url
        finally:
            with self._lock:
                self._busy[url] -= 1


class Balanced(Visitor):
    """A visitor who does not know which of the servers answers."""

    def __init__(self, balancer: Balancer, *, address: str) -> None:
        super().__init__("", address=address)
        self._balancer = balancer

    def _open(self, path: str, data: bytes | None) -> str:
        with self._balancer.server() as self.url:
            return super()._open(path, data)
