"""The product as real processes: web server, workers and scheduler on a database of its own."""

from __future__ import annotations

import base64
import http.client
import secrets
import subprocess
import sys
from pathlib import Path
from typing import Self

from tests.servers import processes

CELERY = [sys.executable, "-m", "celery", "-A", "securityinfo.celery"]
QUIET = ["--without-gossip", "--without-mingle", "--without-heartbeat"]


class Site:
    """Processes start one by one, so that a test can choose who dies when; stop() ends them all.

    `Site(tmp_path, DATABASE_URL=…, REDIS_URL=…, EMAIL_URL=…)`; without them SQLite, and a broker
    in a folder. It runs under the tests' settings flag, so named failpoints exist: `FAILPOINT=…`.
    """

    def __init__(self, folder: Path, **environment: str) -> None:
        self.folder = folder
        self.port = processes.free_port()
        key = base64.b64encode(secrets.token_bytes(32)).decode()
        self.environment = processes.environment(
            **{
                "DJANGO_SETTINGS_MODULE": "securityinfo.settings",
                "DATABASE_URL": f"sqlite:///{folder / 'site.db'}",
                "PORT": str(self.port),
                "SECURITYINFO_BROKER_DIR": str(folder / "broker"),
                "SECURITYINFO_ENCRYPTION_KEYS": f"k1:{key}",
                "SECURITYINFO_PUBLIC_URL": self.url,
                "SECURITYINFO_SECRET_KEY": secrets.token_urlsafe(48),
                "SECURITYINFO_TESTING": "on",
            }
            | environment
        )
        self.running: list[processes.Process] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def manage(self, *arguments: str) -> str:
        """`manage.py` in this site's environment; its output."""
        return self._run([sys.executable, "manage.py", *arguments])

    def fails(self, *arguments: str) -> str:
        """`manage.py` that ends with an exit code; what it says of that."""
        done = self._done([sys.executable, "manage.py", *arguments])
        assert done.returncode, done.stdout
        return done.stdout + done.stderr

    def run(self, code: str) -> str:
        """Python in this site, with Django set up; what it prints."""
        return self._run([sys.executable, "-c", f"import django; django.setup()\n{code}"])

    def prepare(self) -> Self:
        self.manage("migrate", "--verbosity", "0")
        return self

    def start_web(self, *, port: int = 0, **environment: str) -> processes.Process:
        """At the public address; another one beside it at a `port` of its own."""
        port = port or self.port
        command = [sys.executable, "-m", "gunicorn"]
        web = self._start("web", command, environment | {"PORT": str(port)})
        processes.wait_until(lambda: self._answers(web, port), 90, "for the web server")
        return web

    def refuses_to_start(self, *command: str) -> str:
        """A process of these words that ends by itself; what it says of that."""
        process = self._start("refused", [sys.executable, "-m", *command], {})
        assert process.wait(60), process.said
        return process.said

    def start_worker(self, *options: str, **environment: str) -> processes.Process:
        """A real worker with two processes; returns when it takes tasks."""
        command = [*CELERY, "worker", "--concurrency", "2", "--loglevel", "INFO", *QUIET, *options]
        worker = self._start("worker", command, environment)
        start = len(self.running)
        processes.wait_until(lambda: " ready." in worker.said, 90, f"for worker {start}")
        return worker

    def start_scheduler(self, **environment: str) -> processes.Process:
        files = ["--schedule", str(self.folder / "schedule"), "--pidfile", ""]
        return self._start("scheduler", [*CELERY, "beat", *files], environment)

    def start_command(self, *arguments: str) -> processes.Process:
        """`manage.py` beside everything else, to be killed half-way."""
        return self._start("command", [sys.executable, "manage.py", *arguments], {})

    def stop(self) -> None:
        for process in reversed(self.running):
            process.stop()
        self.running.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _start(self, name: str, command: list[str], more: dict[str, str]) -> processes.Process:
        log = self.folder / f"{name}-{len(self.running)}.log"
        process = processes.Process(command, self.environment | more, log)
        self.running.append(process)
        return process

    def _run(self, command: list[str]) -> str:
        done = self._done(command)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def _done(self, command: list[str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            env=self.environment,
            cwd=processes.PROJECT,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    def _answers(self, web: processes.Process, port: int) -> bool:
        assert web.is_running, web.said
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        try:
            connection.request("GET", "/sign-in/")
            return connection.getresponse().status == http.client.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()
