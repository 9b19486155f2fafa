"""Installs the programs that the tests need, or names in one line the command that does.

What else is wanted is named: `python -m tests.servers.install wrk`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from tests.servers import programs

NEEDED = (
    ("initdb",),
    ("redis-server", "valkey-server"),
    programs.BROWSERS,
    ("faketime",),
    ("msgfmt",),
    ("oathtool",),
)


def main(*wanted: str) -> None:
    needed = (*NEEDED, *((name,) for name in wanted))
    packages = sorted({programs.PACKAGES[names[0]] for names in needed if not _is_there(names)})
    if not packages:
        return
    command = ["apt-get", "install", "--yes", "--no-install-recommends"]
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        by_hand = " ".join(["sudo", *command, *packages])
        sys.exit(f"The tests need {', '.join(packages)}; install with: {by_hand}")
    _run("apt-get", "update")
    packages = [
        programs.INSTEAD.get(each, each) if _is_unknown(each) else each for each in packages
    ]
    sys.stdout.write(f"Installing {', '.join(packages)} …\n")
    _run(*command, *packages)


def _run(*command: str) -> None:
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=environment)


def _is_unknown(package: str) -> bool:
    """Not every distribution has the same ones."""
    show = ["apt-cache", "show", package]
    return subprocess.run(show, check=False, capture_output=True).returncode != 0


def _is_there(names: tuple[str, ...]) -> bool:
    try:
        programs.find(*names)
    except programs.ProgramMissing:
        return False
    return True


if __name__ == "__main__":
    main(*sys.argv[1:])
