"""What processes use, as the kernel counts it: memory as it shares it out, time of the CPU."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path


def pss_of_children(parent: int) -> float:
    """The largest PSS among the children of a process, in MB."""
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return max(_pss(int(child)) for child in children)


def pss_of(processes: Iterable[int]) -> float:
    """All of them together, in MB."""
    return sum(map(_pss, processes))


def _pss(process: int) -> float:
    try:
        rollup = Path(f"/proc/{process}/smaps_rollup").read_text()
    except OSError:  # has just ended
        return 0.0
    found = re.search(r"^Pss:\s+(\d+) kB", rollup, re.MULTILINE)
    return int(found[1]) / 1024 if found else 0.0


def cpu_with_children(parent: int) -> float:
    """Seconds, those of children that have ended included."""
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return sum(_cpu(each) for each in (str(parent), *children))


def _cpu(process: str) -> float:
    try:
        stat = Path(f"/proc/{process}/stat").read_text()
    except OSError:  # has just ended
        return 0.0
    user, system, childrens_user, childrens_system = stat.rpartition(")")[2].split()[11:15]
    ticks = int(user) + int(system) + int(childrens_user) + int(childrens_system)
    return ticks / os.sysconf("SC_CLK_TCK")
