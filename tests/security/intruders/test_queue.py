"""L4, DoS: beyond every limit each anonymous form still publishes a job to the queue of codes."""

import pytest
from django.test import Client

from accounts import reset_delivery
from tests.flows.reset_steps import choose, identify

pytestmark = pytest.mark.django_db


def test_a_limited_reset_gives_the_workers_nothing_to_do(
    monkeypatch, django_capture_on_commit_callbacks
):
    jobs = []
    monkeypatch.setattr(reset_delivery.messaging, "publish", lambda *job: jobs.append(job) or True)
    from tests import kinds

    kinds.allow("email")
    with django_capture_on_commit_callbacks(execute=True):
        for _ in range(100):
            client = Client()
            identify(client, "ghost")
            choose(client, "email")
    assert len(jobs) <= 20, f"{len(jobs)} jobs by one address"
