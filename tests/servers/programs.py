"""Finds the programs that the servers of the tests need, or says how to get them."""

from __future__ import annotations

import shutil
from pathlib import Path

# The same engine without windows, menus and extensions: a third of the work.
BROWSERS = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome-stable",
    "google-chrome",
)
# Program → Debian's package.
PACKAGES = {
    "chromium-headless-shell": "chromium-headless-shell",
    "faketime": "faketime",
    "initdb": "postgresql",
    "wrk": "wrk",
    "postgres": "postgresql",
    "msgfmt": "gettext",
    "oathtool": "oathtool",
    "redis-server": "redis-server",
}
INSTEAD = {"chromium-headless-shell": "chromium"}  # where a distribution has no such package
# Debian keeps PostgreSQL's server programs off the path, a folder for each version.
FOLDERS = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql*/bin")

LIBRARIES = ("/usr/lib/*/faketime", "/usr/lib/faketime", "/usr/lib64/faketime")


class ProgramMissing(Exception):
    """Its text names the program and the command that installs it."""


def find(*names: str) -> str:
    """The path of the first of these programs that is installed."""
    for name in names:
        if path := shutil.which(name) or _in_folders(name):
            return path
    package = PACKAGES.get(names[0], names[0])
    raise ProgramMissing(f"{names[0]} is missing; install it with: apt-get install {package}")


def find_library(name: str) -> str:
    """The path of a library that a program of ours preloads."""
    found = [path for folder in LIBRARIES for path in Path("/").glob(f"{folder[1:]}/{name}")]
    if found:
        return str(found[0])
    raise ProgramMissing(f"{name} is missing; install it with: apt-get install faketime")


def _in_folders(name: str) -> str | None:
    found = [path for folder in FOLDERS for path in Path("/").glob(f"{folder[1:]}/{name}")]
    return str(max(found)) if found else None
