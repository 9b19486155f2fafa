"""The processes of a real installation find each other, whatever the broker."""

from __future__ import annotations

import pytest

from tests.servers import processes
from tests.servers.redis import Redis
from tests.servers.site import Site

pytestmark = [pytest.mark.servers, pytest.mark.slow]


@pytest.fixture(params=["redis", "folder"])
def site(request, tmp_path):
    if request.param == "folder":
        with Site(tmp_path).prepare() as site:
            yield site
        return
    with Redis() as server, Site(tmp_path, REDIS_URL=server.url).prepare() as site:
        yield site


def test_a_task_reaches_the_worker(site):
    worker = site.start_worker()

    site.run("from securityinfo.celery import app; app.send_task('messaging.sweep')")

    processes.wait_until(lambda: "succeeded" in worker.said, 60, "for the task")
    assert "messaging.sweep" in worker.said


def test_the_scheduler_sends_the_sweeper_every_few_seconds(site):
    worker = site.start_worker()
    site.start_scheduler()

    processes.wait_until(lambda: worker.said.count("succeeded") >= 2, 60, "for the scheduler")


def test_a_site_serves_its_pages(site):
    assert site.start_web().is_running
