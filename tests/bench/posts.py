"""Requests made before they are sent: each with a browser and an address of its own."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from urllib.parse import urlencode

from tests.bench import sites

BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def post(
    path: str, form: Mapping[str, str], cookies: Mapping[str, str], *, number: int, origin: str = ""
) -> str:
    """A whole HTTP request; `number` makes its address."""
    body = urlencode(form)
    headers = {
        "Host": sites.PUBLIC_HOST,
        "User-Agent": BROWSER,
        "Accept": "text/html",
        "Accept-Language": "en",
        "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()),
        "Content-Type": "application/x-www-form-urlencoded",
        "Content-Length": str(len(body)),
        "X-Forwarded-Proto": "https",
        "X-Forwarded-For": f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}",
    }
    if origin:
        headers["Origin"] = origin
    lines = [f"POST {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", body])


def serve(makers: Mapping[str, Callable[[int, int], Iterable[str]]]) -> None:
    """Answers each line "what how-many from-which file" on stdin once the requests are there."""
    for line in sys.stdin:
        what, count, first, file = line.rstrip("\n").split(" ", 3)
        Path(file).write_text("\0".join(makers[what](int(count), int(first))))
        sys.stdout.write("there\n")
        sys.stdout.flush()
