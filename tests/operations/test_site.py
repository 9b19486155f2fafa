"""What the processes of a real installation say of each other."""

from __future__ import annotations

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
def site(tmp_path, redis) -> Iterator[Site]:
    with Postgres() as postgres, MailServer() as mail, TwilioServer() as twilio:
        site = Site(
            tmp_path,
            DATABASE_URL=postgres.create("site"),
            REDIS_URL=redis.url,
            EMAIL_URL=mail.url,
            **twilio.environment,
        )
        with site.prepare():
            yield site


def test_the_doctor_finds_a_whole_site_well_and_names_what_is_taken_away(site, redis):
    worker = site.start_worker()
    scheduler = site.start_scheduler()
    site.manage("verify_audit")
    wait_until(lambda: worker.said.count("operations.beat") >= 6, 60, "for the heartbeats")

    well = site.run(DOCTOR)
    redis.kill()
    scheduler.stop()
    ill = site.run(DOCTOR)

    assert "wrong" not in well
    assert "ok scheduler" in well
    assert "ok worker codes" in well
    assert "wrong broker Not reached" in ill
    for secret in (ACCOUNT.auth_token, site.environment["SECURITYINFO_SECRET_KEY"]):
        assert secret not in well + ill
