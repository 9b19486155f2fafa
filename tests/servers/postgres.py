"""A PostgreSQL server of our own: on a unix socket, without durability, gone afterwards."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any, Self

import psycopg

from tests.servers import programs

ROLE = "securityinfo"
# Nothing here outlives the tests, so nothing waits for the disk.
FAST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_connections": "400",  # 200 parallel tries, each with its own connection
    "listen_addresses": "",
}
STARTED_WITHIN = 90  # seconds


class Postgres:
    """`with Postgres() as server: server.url("name")`; start() and stop() otherwise."""

    def __init__(self, **options: str) -> None:
        self.options = FAST | options
        # A socket's path may be 107 bytes long: not below pytest's deep temporary folders.
        self.folder = Path(tempfile.mkdtemp(prefix="si-pg-", dir="/tmp"))
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def process(self) -> subprocess.Popen[bytes] | None:
        return self._process

    def start(self) -> Self:
        """Initialises the cluster at the first start; a later start finds its data again."""
        data = self.folder / "data"
        account = _account()
        if account:
            os.chown(self.folder, account["user"], account["group"])
        if not data.exists():
            self._run(
                "initdb", "-D", str(data), "-U", ROLE, "-A", "trust", "-E", "UTF8", "--no-sync"
            )
        settings = [f"--{name}={value}" for name, value in self.options.items()]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [programs.find("postgres"), "-D", data, "-k", self.folder, *settings],
                stdout=log,
                stderr=log,
                cwd=self.folder,
                start_new_session=True,
                **account,
            )
        self._wait()
        return self

    def url(self, database: str) -> str:
        return f"postgresql://{ROLE}@/{database}?host={self.folder}"

    def connect(self, database: str = "postgres") -> psycopg.Connection[Any]:
        return psycopg.connect(
            host=str(self.folder), user=ROLE, dbname=database, autocommit=True, connect_timeout=20
        )

    def create(self, database: str) -> str:
        """A new, empty database; its URL."""
        with self.connect() as connection:
            connection.execute(f'CREATE DATABASE "{database}"')  # type: ignore[call-overload]
        return self.url(database)

    def dump(self, database: str, file: Path) -> None:
        """As docs/operators.md says."""
        _done("pg_dump", "--format", "custom", "--no-owner", "--file", file, self.url(database))

    def restore(self, file: Path, database: str) -> str:
        """Into a new database; its URL."""
        url = self.create(database)
        _done("pg_restore", "--no-owner", "--exit-on-error", "--dbname", url, file)
        return url

    def kill(self) -> None:
        """As a power cut would: no client is told."""
        self._end(signal.SIGQUIT)

    def shut_down(self) -> None:
        """In order, as an upgrade would; start() finds the data again."""
        self._end(signal.SIGINT)

    def stop(self) -> None:
        self.shut_down()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _end(self, how: signal.Signals) -> None:
        if self._process:
            self._process.send_signal(how)
            self._process.wait(timeout=60)
            self._process = None

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [programs.find(program), *arguments],
            capture_output=True,
            text=True,
            cwd=self.folder,
            check=False,
            **_account(),
        )
        if done.returncode:
            raise RuntimeError(f"{program}: {done.stderr.strip() or done.stdout.strip()}")

    def _wait(self) -> None:
        end = time.monotonic() + STARTED_WITHIN
        while True:
            try:
                self.connect().close()
            except psycopg.OperationalError:
                gone = self._process is None or self._process.poll() is not None
                if gone or time.monotonic() > end:
                    log = (self.folder / "log").read_text(errors="replace")
                    raise RuntimeError(f"PostgreSQL did not start:\n{log[-2000:]}") from None
                time.sleep(0.02)
            else:
                return


def _done(program: str, *arguments: str | Path) -> None:
    subprocess.run([programs.find(program), *arguments], check=True, capture_output=True)


def _account() -> dict[str, Any]:
    """PostgreSQL refuses to run as root: then it runs as somebody who owns nothing."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            somebody = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": somebody.pw_uid, "group": somebody.pw_gid, "extra_groups": []}
    raise RuntimeError("PostgreSQL refuses to run as root, and there is no user postgres or nobody")
