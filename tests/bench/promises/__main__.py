"""The promises of docs/security.md about load, each tried: `python -m tests.bench.promises L1 L5`.

Without names all of them, among 10,000 people; PEOPLE=100000 for more. `make bench` tries them
among its largest number.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from tests.bench import sites
from tests.bench.promises import run
from tests.servers.postgres import Postgres

PEOPLE = os.environ.get("PEOPLE", "10000")


def main() -> int:
    with Postgres(autovacuum="on") as server, tempfile.TemporaryDirectory() as name:
        filled = sites.environment(server, Path(name))
        sites.run(filled, "tests.bench.prepare", PEOPLE)
        return 0 if run.keep(server, filled, Path(name), sys.argv[1:]) else 1


if __name__ == "__main__":
    raise SystemExit(main())
