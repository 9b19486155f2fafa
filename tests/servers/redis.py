"""A Redis server of our own, on a unix socket, that can be killed and paused."""

from __future__ import annotations

import shutil
import signal
import socket
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import redis

from tests.servers import processes, programs


class Redis:
    """`with Redis() as server: server.url`; the data is gone when it stops or is killed."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="si-redis-", dir="/tmp"))
        self.socket = self.folder / "redis.sock"
        self._process: processes.Process | None = None

    @property
    def url(self) -> str:
        return f"unix://{self.socket}"

    @property
    def pid(self) -> int:
        assert self._process, "not started"
        return self._process.pid

    def start(self) -> Self:
        program = programs.find("redis-server", "valkey-server")
        where = ["--port", "0", "--unixsocket", str(self.socket), "--dir", str(self.folder)]
        self._process = processes.Process(
            [program, *where, "--save", "", "--appendonly", "no"],
            processes.environment(),
            self.folder / "log",
        )
        processes.wait_until(self._answers, 60, "for Redis")
        return self

    def client(self) -> redis.Redis:
        return redis.Redis(unix_socket_path=str(self.socket), socket_timeout=20)

    @contextmanager
    def overheard(self) -> Iterator[list[str]]:
        """Every command that anybody sends meanwhile."""
        heard: list[str] = []
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(None)
            line.connect(str(self.socket))
            line.sendall(b"MONITOR\r\n")
            listener = threading.Thread(target=_listen, args=(line, heard), daemon=True)
            listener.start()
            processes.wait_until(lambda: heard, 10, "for Redis")
            try:
                yield heard
            finally:
                line.shutdown(socket.SHUT_RDWR)
                listener.join(10)

    def pause(self) -> None:
        """It keeps every connection and answers nothing."""
        self._send(signal.SIGSTOP)

    def go_on(self) -> None:
        self._send(signal.SIGCONT)

    def kill(self) -> None:
        if self._process:
            self._process.kill()
            self._process = None
        self.socket.unlink(missing_ok=True)

    def stop(self) -> None:
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _send(self, what: signal.Signals) -> None:
        if self._process:
            self._process.send(what)

    def _answers(self) -> bool:
        try:
            with self.client() as client:
                return bool(client.ping())
        except redis.RedisError:
            return False


def _listen(line: socket.socket, heard: list[str]) -> None:
    with line.makefile(encoding="utf-8", errors="replace") as lines:
        for command in lines:
            heard.append(command)
