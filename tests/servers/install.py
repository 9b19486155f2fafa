"""Installs the programs that the tests need, or names in one line the command that does."""

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
    ("msgfmt",),
    ("oathtool",),
)


def main() -> None:
    packages = sorted({programs.PACKAGES[names[0]] for names in NEEDED if not _is_there(names)})
    if not packages:
        return
    command = ["apt-get", "install", "--yes", "--no-install-recommends", *packages]
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        sys.exit(f"The tests need {', '.join(packages)}; install with: sudo {' '.join(command)}")
    sys.stdout.write(f"Installing {', '.join(packages)} …\n")
    quiet = {
        "stdout": subprocess.DEVNULL,
        "env": os.environ | {"DEBIAN_FRONTEND": "noninteractive"},
    }
    subprocess.run(["apt-get", "update"], check=True, **quiet)
    subprocess.run(command, check=True, **quiet)


def _is_there(names: tuple[str, ...]) -> bool:
    try:
        programs.find(*names)
    except programs.ProgramMissing:
        return False
    return True


if __name__ == "__main__":
    main()
