"""`make demo`, as a newcomer starts it, in a folder of its own."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import sys
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from tests.servers import processes

PASSWORD = "demo-only-password"
_MANAGE = """
import os, sys
from securityinfo.demo import start
os.environ.update(start.environment(os.environ["PORT"]))
from django.core.management import execute_from_command_line
execute_from_command_line(["manage.py", *sys.argv[1:]])
"""


class Demo:
    """`with Demo(folder) as demo: demo.url, demo.newcomer(), demo.phone()`."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.folder = folder
        self.port = processes.free_port()
        self.environment = processes.environment(
            **{"SECURITYINFO_DEMO_DIR": str(folder / "var"), "PORT": str(self.port)} | environment
        )
        del self.environment["PYTHONUNBUFFERED"]  # it must say at once that it is open
        self._process: processes.Process | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def process(self) -> processes.Process:
        assert self._process is not None, "not started"
        return self._process

    def launch(self) -> Self:
        """Begins to start."""
        command = [sys.executable, "-m", "securityinfo.demo.start"]
        log = self.folder / f"demo-{uuid.uuid4().hex}.log"
        self._process = processes.Process(command, self.environment, log)
        return self

    def start(self) -> Self:
        """Returns when it says that it is open."""
        self.launch()
        processes.wait_until(self._is_open, 120, "for the demo")
        return self

    def interrupt(self) -> None:
        """Ctrl-C."""
        self.process.send(signal.SIGINT)

    def stop(self) -> None:
        if self._process and self._process.is_running:
            self.interrupt()
            self._process.wait(60)

    def manage(self, *arguments: str) -> str:
        """What `manage.py` prints, in the demo's own environment."""
        command = [sys.executable, "-c", _MANAGE, *arguments]
        ran = subprocess.run(
            command, env=self.environment, capture_output=True, check=True, text=True, timeout=120
        )
        return ran.stdout

    def phone(self) -> dict[str, Any]:
        with urllib.request.urlopen(f"{self.url}/demo/phone.json", timeout=30) as answer:
            return json.load(answer)

    def messages(self, name: str, to: str = "") -> list[dict[str, Any]]:
        """Whatever this person got (at this address), newest first; the phone shows the last."""
        query = """
            SELECT message.* FROM demo_demomessage message
            JOIN accounts_user ON accounts_user.id = message.user_id
            WHERE username = :name AND :to IN ("to", '') ORDER BY sent_at DESC
        """
        with self.database() as rows:
            rows.row_factory = sqlite3.Row
            return [dict(each) for each in rows.execute(query, {"name": name, "to": to})]

    def newcomer(self, name: str = "") -> str:
        """Another person like alice, who has registered nothing; the user name."""
        name = name or f"new-{uuid.uuid4().hex[:8]}"
        with self.database() as rows:
            rows.row_factory = sqlite3.Row
            alice = rows.execute("SELECT * FROM accounts_user WHERE username='alice'").fetchone()
            person = dict(alice) | {
                "username": name,
                "work_address": f"{name}@example.org",
                "public_id": uuid.uuid4().hex,
            }
            del person["id"]
            columns, marks = ", ".join(person), ", ".join("?" * len(person))
            statement = f"INSERT INTO accounts_user ({columns}) VALUES ({marks})"
            rows.execute(statement, tuple(person.values()))
        return name

    @contextmanager
    def database(self) -> Iterator[sqlite3.Connection]:
        """Behind the site's back; what was written holds when the block ends."""
        connection = sqlite3.connect(self.folder / "var" / "securityinfo.db", timeout=60)
        try:
            with connection:
                yield connection
        finally:
            connection.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _is_open(self) -> bool:
        assert self.process.is_running, self.process.said
        return " is open:" in self.process.said
