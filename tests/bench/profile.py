"""Profiles one sort of request in one process: `python -m tests.bench.profile wrong`.

Of `page`, `right`, `wrong`, `known` and `unknown` (these two begin a reset) and `refused` (a guess
at a password beyond the limit). With a file's name behind it, the profile is kept there too, for
pstats.
"""

from __future__ import annotations

import cProfile
import io
import itertools
import os
import pstats
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.bench import sites
from tests.servers.postgres import Postgres

WARM_UP, REQUESTS = 20, 300
PEOPLE = 2_000  # every second one has an app, and each answer is somebody else's


def main() -> None:
    what = sys.argv[1] if len(sys.argv) > 1 else "page"
    with Postgres() as server, tempfile.TemporaryDirectory() as folder:
        os.environ.update(sites.environment(server, Path(folder)))
        key = subprocess.run(
            [sys.executable, "-m", "tests.bench.prepare", str(PEOPLE)],
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        ).stdout.strip()
        _profile(_pages(key) if what == "page" else _answers(what))


def _pages(key: str) -> Iterator[dict[str, Any]]:
    cookie = f"__Host-session={key}; __Host-csrf={sites.CSRF}"
    return itertools.repeat(_environ(f"GET /security-info/ HTTP/1.1\r\nCookie: {cookie}\r\n\r\n"))


def _answers(what: str) -> Iterator[dict[str, Any]]:
    from tests.bench import answers

    return map(_environ, getattr(answers, what)(WARM_UP + 2 * REQUESTS, 0))


def _profile(requests: Iterator[dict[str, Any]]) -> None:
    from securityinfo.wsgi import application

    def ask(times: int) -> None:
        for _ in range(times):
            environ = next(requests)  # no silent end: each figure is divided by the number
            statuses: list[str] = []
            # A wrapper of the test's own keeps what it was called with.
            answer = application(
                environ | {"wsgi.input": io.BytesIO(environ["body"])},
                lambda status, headers, seen=statuses: seen.append(status),
            )
            b"".join(answer)
            answer.close()
            seen.add(statuses[0])

    seen: set[str] = set()
    ask(WARM_UP)
    started = time.process_time()
    ask(REQUESTS)
    each = (time.process_time() - started) / REQUESTS
    profiler = cProfile.Profile()
    profiler.enable()
    ask(REQUESTS)
    profiler.disable()
    if sys.argv[2:]:
        profiler.dump_stats(sys.argv[2])
    out = io.StringIO()
    stats = pstats.Stats(profiler, stream=out).strip_dirs()
    calls = stats.total_calls / REQUESTS
    stats.sort_stats("cumulative").print_stats(100)
    stats.sort_stats("tottime").print_stats(25)
    sys.stdout.write(out.getvalue())
    sys.stdout.write(
        f"{', '.join(seen)}: {each * 1000:.2f} ms of the application's CPU and "
        f"{calls:.0f} calls a request\n"
    )


def _environ(request: str) -> dict[str, Any]:
    """What gunicorn makes of a request."""
    head, _, body = request.partition("\r\n\r\n")
    first, *lines = head.split("\r\n")
    method, path, _version = first.split(" ")
    headers = dict(line.split(": ", 1) for line in lines)
    length, kind = headers.pop("Content-Length", ""), headers.pop("Content-Type", "")
    return {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "CONTENT_LENGTH": length,
        "CONTENT_TYPE": kind,
        "SERVER_NAME": sites.PUBLIC_HOST,
        "SERVER_PORT": "443",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": sites.PUBLIC_HOST,
        "HTTP_X_FORWARDED_PROTO": "https",
        "HTTP_X_FORWARDED_FOR": "192.0.2.10",
        **{f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()},
        "body": body.encode(),
        "wsgi.url_scheme": "http",
        "wsgi.errors": sys.stderr,
        "wsgi.version": (1, 0),
        "wsgi.multithread": False,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }


if __name__ == "__main__":
    main()
