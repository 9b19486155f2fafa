"""Profiles the security-info page in one process: `python -m tests.bench.profile`."""

from __future__ import annotations

import cProfile
import io
import os
import pstats
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.bench import sites
from tests.servers.postgres import Postgres

REQUESTS = 300


def main() -> None:
    with Postgres() as server, tempfile.TemporaryDirectory() as folder:
        os.environ.update(sites.environment(server, Path(folder)))
        key = subprocess.run(
            [sys.executable, "-m", "tests.bench.prepare"],
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        ).stdout.strip()
        _profile(key)


def _profile(key: str) -> None:
    from securityinfo.wsgi import application

    def ask() -> None:
        statuses: list[str] = []
        answer = application(_environ(key), lambda status, headers: statuses.append(status))
        b"".join(answer)
        answer.close()
        if not statuses[0].startswith("200"):
            raise SystemExit(statuses[0])

    for _ in range(20):
        ask()
    started = time.process_time()
    for _ in range(REQUESTS):
        ask()
    each = (time.process_time() - started) / REQUESTS
    profiler = cProfile.Profile()
    profiler.enable()
    for _ in range(REQUESTS):
        ask()
    profiler.disable()
    out = io.StringIO()
    stats = pstats.Stats(profiler, stream=out).strip_dirs()
    calls = stats.total_calls / REQUESTS
    stats.sort_stats("cumulative").print_stats(70)
    stats.sort_stats("tottime").print_stats(25)
    sys.stdout.write(out.getvalue())
    sys.stdout.write(
        f"{each * 1000:.2f} ms of the application's CPU and {calls:.0f} calls a request\n"
    )


def _environ(key: str) -> dict[str, Any]:
    return {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": "/security-info/",
        "SERVER_NAME": sites.PUBLIC_HOST,
        "SERVER_PORT": "443",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": sites.PUBLIC_HOST,
        "HTTP_COOKIE": f"__Host-session={key}; __Host-csrf={sites.CSRF}",
        "HTTP_X_FORWARDED_PROTO": "https",
        "HTTP_X_FORWARDED_FOR": "192.0.2.10",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": sys.stderr,
        "wsgi.version": (1, 0),
        "wsgi.multithread": False,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }


if __name__ == "__main__":
    main()
