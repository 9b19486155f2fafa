"""What monitoring sees of a site."""

from __future__ import annotations

import json
import urllib.error
import urllib.request

from tests.faults.database.conftest import MONITORING
from tests.servers.processes import wait_until
from tests.servers.site import Site

# Where no scheduler runs: as if scheduler and workers were seen all the time, for an hour.
AT_WORK = """
from datetime import timedelta
from django.db.models.functions import Now
from securityinfo.operations import heartbeats
from securityinfo.operations.models import Heartbeat
for name in heartbeats.EXPECTED:
    heartbeats.beat(name)
Heartbeat.objects.update(at=Now() + timedelta(hours=1))
"""


def readiness(site: Site) -> tuple[int, dict[str, str]]:
    """What /readyz answers, and each of its checks."""
    status, said = _asked(site, "/readyz")
    return status, json.loads(said)["checks"]


def numbers(site: Site) -> dict[str, float]:
    """Of /metrics, by name and labels."""
    _, said = _asked(site, "/metrics")
    lines = [line.rpartition(" ") for line in said.splitlines() if line[0] != "#"]
    return {name: float(value) for name, _, value in lines}


def await_ready(site: Site) -> None:
    """Each process looks once in two seconds."""
    wait_until(lambda: readiness(site)[0] == 200, 20, "for /readyz")


def await_red(site: Site) -> dict[str, str]:
    """The checks of the first answer that says so."""
    seen = []

    def is_red() -> bool:
        seen.append(readiness(site))
        return seen[-1][0] == 503

    wait_until(is_red, 20, "for /readyz")
    return seen[-1][1]


def _asked(site: Site, page: str) -> tuple[int, str]:
    request = urllib.request.Request(
        site.url + page, headers={"Authorization": f"Bearer {MONITORING}"}
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refusal:
        return refusal.status, refusal.read().decode()
