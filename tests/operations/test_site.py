"""What the processes of a real installation say of each other."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest

from tests.servers.mail import MailServer
from tests.servers.postgres import Postgres
from tests.servers.processes import wait_until
from tests.servers.redis import Redis
from tests.servers.site import Site
from tests.servers.twilio import ACCOUNT, TwilioServer

pytestmark = [pytest.mark.servers, pytest.mark.slow, pytest.mark.postgresql]

DOCTOR = """
from securityinfo.operations import doctor
for finding in doctor.examine():
    print(finding.level, finding.about, finding.text)
"""


@pytest.fixture
def redis() -> Iterator[Redis]:
    with Redis() as server:
        yield server


@pytest.fixture
def postgres() -> Iterator[Postgres]:
    with Postgres() as server:
        yield server


@pytest.fixture
def site(tmp_path, redis, postgres) -> Iterator[Site]:
    with MailServer() as mail, TwilioServer() as twilio:
        site = Site(
            tmp_path,
            DATABASE_URL=postgres.create("site"),
            REDIS_URL=redis.url,
            EMAIL_URL=mail.url,
            SECURITYINFO_MONITORING_NETWORKS="127.0.0.1",
            **twilio.environment,
        )
        with site.prepare():
            yield site


def ready(site: Site) -> tuple[int, dict[str, str]]:
    try:
        with urllib.request.urlopen(f"{site.url}/readyz", timeout=30) as answer:
            return answer.status, json.loads(answer.read())["checks"]
    except urllib.error.HTTPError as refusal:
        return refusal.code, json.loads(refusal.read())["checks"]


def test_a_whole_site_is_well_and_what_is_taken_away_is_named(site, redis, postgres):
    """R133: also by the processes that are left when another is gone."""
    site.start_web()
    site.start_worker()
    scheduler = site.start_scheduler()
    site.manage("verify_audit")
    wait_until(lambda: ready(site)[0] == 200, 60, "for the heartbeats")

    well = site.run(DOCTOR)
    redis.kill()
    scheduler.stop()
    ill = site.run(DOCTOR)
    wait_until(lambda: ready(site)[0] == 503, 20, "for readiness to be asked again")
    without_broker = ready(site)
    postgres.kill()
    wait_until(lambda: "database" in not_ok(ready(site)[1]), 20, "for readiness to be asked again")
    alive = urllib.request.urlopen(f"{site.url}/livez", timeout=30).status
    dead = site.run(DOCTOR)

    assert "wrong" not in well
    assert "ok worker codes" in well
    assert "wrong broker Not reached" in ill
    assert (without_broker[0], not_ok(without_broker[1])) == (503, {"broker"})
    assert alive == 200
    assert "wrong database Not reached" in dead
    for secret in (ACCOUNT.auth_token, site.environment["SECURITYINFO_SECRET_KEY"]):
        assert secret not in well + ill + dead


def not_ok(checks: dict[str, str]) -> set[str]:
    return {name for name, said in checks.items() if said != "ok"}
