"""Browsers by the hundred in one process: each request begins when it is due, as people do it.

However slow the answers are, the next one comes: a wait is counted from the moment it was due.
"""

from __future__ import annotations

import asyncio
import math
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar
from urllib.parse import urlencode

from tests.bench import sites
from tests.bench.posts import BROWSER

PATIENCE = 60  # seconds, then a visitor is gone
NO_ANSWER = 0
_COOKIE = re.compile(r"^set-cookie: ([^=]+)=([^;\r]*)", re.IGNORECASE | re.MULTILINE)
_LOCATION = re.compile(r"^location: (\S+)", re.IGNORECASE | re.MULTILINE)
T = TypeVar("T")


@dataclass(frozen=True)
class Answer:
    status: int  # NO_ANSWER: none came
    to: str  # where it leads
    seconds: float


class _Exchange(asyncio.Protocol):
    """One request and the head of its answer: streams would take twice the time of the bench."""

    def __init__(self, request: bytes) -> None:
        loop = asyncio.get_running_loop()
        self.request, self.answer = request, b""
        self.over: asyncio.Future[None] = loop.create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        transport.write(self.request)

    def data_received(self, data: bytes) -> None:
        self.answer += data

    def connection_lost(self, exc: Exception | None) -> None:
        """gunicorn's sync workers end each connection, and with it the answer."""
        if not self.over.done():
            self.over.set_result(None)


async def _exchange(port: int, request: str) -> str:
    """Raises OSError, and EOFError if there is no whole head in time."""
    loop = asyncio.get_running_loop()
    transport, exchange = await loop.create_connection(
        lambda: _Exchange(request.encode()), "127.0.0.1", port
    )
    patience = loop.call_later(PATIENCE, transport.abort)
    await exchange.over
    patience.cancel()
    head, end, _body = exchange.answer.partition(b"\r\n\r\n")
    if not end:
        raise EOFError
    return head.decode("latin-1")


@dataclass
class Browser:
    """One person's, behind a network address of its own; it follows no redirect by itself."""

    port: int
    address: str
    cookies: dict[str, str] = field(default_factory=dict)

    async def get(self, path: str, *, due: float | None = None) -> Answer:
        return await self._ask("GET", path, "", due)

    async def post(self, path: str, form: dict[str, str], *, due: float | None = None) -> Answer:
        token = self.cookies.setdefault("csrf", sites.CSRF)
        body = urlencode({"csrfmiddlewaretoken": token} | form)
        return await self._ask("POST", path, body, due)

    def twin(self, address: str) -> Browser:
        """The same cookies somewhere else."""
        return Browser(self.port, address, dict(self.cookies))

    async def _ask(self, method: str, path: str, body: str, due: float | None) -> Answer:
        clock = asyncio.get_running_loop().time
        begun = clock() if due is None else due
        try:
            head = await _exchange(self.port, self._request(method, path, body))
        except (OSError, EOFError):
            return Answer(NO_ANSWER, "", clock() - begun)
        self.cookies.update(_COOKIE.findall(head))
        found = _LOCATION.search(head)
        return Answer(int(head.split(" ", 2)[1]), found[1] if found else "", clock() - begun)

    def _request(self, method: str, path: str, body: str) -> str:
        host = f"127.0.0.1:{self.port}"
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        lines = [
            f"{method} {path} HTTP/1.1",
            f"Host: {host}",
            f"Origin: http://{host}",
            f"User-Agent: {BROWSER}",
            "Accept-Language: en",
            f"X-Forwarded-For: {self.address}",
            f"Cookie: {cookies}",
        ]
        if method == "POST":
            lines += [
                "Content-Type: application/x-www-form-urlencoded",
                f"Content-Length: {len(body)}",
            ]
        return "\r\n".join([*lines, "", body])


Visit = Callable[[int, float], Awaitable[T]]  # number and moment at which it is due


async def at_rate(rate: float, seconds: float, visit: Visit[T]) -> list[T]:
    """So many visits a second, whatever became of those before."""
    clock = asyncio.get_running_loop().time
    start, under_way = clock(), []
    for number in range(int(rate * seconds)):
        due = start + number / rate
        await asyncio.sleep(max(0.0, due - clock()))
        under_way.append(asyncio.ensure_future(visit(number, due)))
    return await asyncio.gather(*under_way)


async def at_once(count: int, visit: Visit[T]) -> list[T]:
    now = asyncio.get_running_loop().time()
    return await asyncio.gather(*(visit(number, now) for number in range(count)))


def percentile(values: Sequence[float], part: int) -> float:
    """The value that `part` in a hundred don't exceed; endless if there are none."""
    ordered = sorted(values)
    return ordered[math.ceil(len(ordered) * part / 100) - 1] if ordered else math.inf
