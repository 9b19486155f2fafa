"""What a run says: on the terminal, and with BENCH_DOCS=1 in docs/performance.md as well."""

from __future__ import annotations

import os
import platform
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from tests.servers import programs

DOCUMENT = Path(__file__).parents[2] / "docs" / "performance.md"
BLOCK = re.compile(r"(?<=<!-- one run -->\n\n```text\n).*?(?=```)", re.DOTALL)

_said: list[str] = []


def say(line: str) -> None:
    _said.append(line)
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def describe() -> None:
    """The machine, and how busy it is with other things: figures of a busy one say nothing."""
    say(f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores ({_processor()}), {memory()} GB")
    busy = os.getloadavg()[0]
    say(f"{platform.system()} {platform.release()}, load {busy:.2f} before the run")
    say(f"Python {platform.python_version()}, {_version('postgres')}, {_redis()}")


def memory() -> int:
    """Of this machine, in GB."""
    return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3)


def document() -> None:
    """Put what was said into the document, in place of the run before."""
    if not os.environ.get("BENCH_DOCS"):
        return
    text = DOCUMENT.read_text()
    said = "\n".join(line.rstrip() for line in _said)
    DOCUMENT.write_text(BLOCK.sub(lambda _: f"{said}\n", text))


def _processor() -> str:
    found = re.search(r"^model name\s*: (.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return found[1] if found else platform.machine()


def _version(*names: str) -> str:
    asked = subprocess.run(
        [programs.find(*names), "--version"], check=True, capture_output=True, text=True
    )
    return asked.stdout.strip()


def _redis() -> str:
    found = re.search(r"v=(\S+)", _version("redis-server", "valkey-server"))
    return f"Redis {found[1]}" if found else "Redis"
