"""Memory of processes as the kernel shares it out: the proportional set size."""

from __future__ import annotations

import re
from pathlib import Path


def pss_of_children(parent: int) -> float:
    """The largest PSS among the children of a process, in MB."""
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return max(_pss(int(child)) for child in children)


def _pss(process: int) -> float:
    rollup = Path(f"/proc/{process}/smaps_rollup").read_text()
    found = re.search(r"^Pss:\s+(\d+) kB", rollup, re.MULTILINE)
    return int(found[1]) / 1024 if found else 0.0
