"""What runs in the demo: a broker if there is one, the web server, the worker, the scheduler."""

from __future__ import annotations

import re
import shutil
import sys
import tempfile
from pathlib import Path

from securityinfo.demo.supervisor import Child

CELERY = (sys.executable, "-m", "celery", "-A", "securityinfo.celery")
# A socket's path may be 107 bytes long, 103 on macOS; and it becomes part of a URL.
SHORT_AND_PLAIN = re.compile(r"[\w./-]{1,100}\Z")


class Programs:
    def __init__(self, project: Path, folder: Path) -> None:
        self.project = project
        self.folder = folder
        self.log = folder / "log"
        self.environment: dict[str, str] = {}

    def redis(self) -> Child | None:
        """A Redis server of our own on a socket; None if none is installed."""
        server = shutil.which("redis-server") or shutil.which("valkey-server")
        if not server:
            return None
        socket = self._socket()
        socket.unlink(missing_ok=True)
        self.environment["REDIS_URL"] = f"unix://{socket}"
        # Nothing is kept on disk: what the broker forgets, the sweeper publishes again.
        options = ("--port", "0", "--unixsocket", str(socket), "--save", "", "--appendonly", "no")
        return self._child("broker", server, *options, "--dir", str(self.folder))

    def preparation(self) -> Child:
        return self._child("preparation", *self._manage("demo", "--prepare"))

    def web(self) -> Child:
        child = self._child("web server", sys.executable, "-m", "gunicorn")
        child.environment = {**self.environment, "BIND": "127.0.0.1"}
        return child

    def worker(self) -> Child:
        """prefork: only there a task that hangs is ended by its time limit."""
        quiet = ("--without-gossip", "--without-mingle", "--without-heartbeat")
        options = ("--pool", "prefork", "--concurrency", "2", "--loglevel", "WARNING")
        return self._child("worker", *CELERY, "worker", *options, *quiet)

    def scheduler(self) -> Child:
        files = ("--schedule", str(self.folder / "schedule"), "--pidfile", "")
        return self._child("scheduler", *CELERY, "beat", *files, "--loglevel", "WARNING")

    def _manage(self, *arguments: str) -> tuple[str, ...]:
        return (sys.executable, str(self.project / "manage.py"), *arguments)

    def _child(self, name: str, *command: str) -> Child:
        log = self.log / f"{name.replace(' ', '-')}.log"
        return Child(name, command, folder=self.project, log=log, environment=self.environment)

    def _socket(self) -> Path:
        socket = self.folder / "redis.sock"
        if SHORT_AND_PLAIN.match(str(socket)):
            return socket
        return Path(tempfile.mkdtemp(prefix="securityinfo-")) / "redis.sock"
