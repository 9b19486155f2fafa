"""What messaging borrows from above, and what it tells upwards."""

from __future__ import annotations

from datetime import timedelta

import pytest

from methods import courier
from securityinfo.audit.models import Event
from securityinfo.messaging import letterhead, outcomes, service, sweeper
from securityinfo.messaging.transports import base
from securityinfo.messaging.transports.memory import MemoryTransport
from securityinfo.policy import stationery
from securityinfo.policy.models import OrgPolicy
from tests.messaging.conftest import age, an_email


@pytest.fixture(autouse=True)
def _as_the_application_does(_fresh, monkeypatch):
    monkeypatch.setattr(outcomes, "_listeners", [courier.record_end])
    monkeypatch.setattr(letterhead, "_providers", [stationery.letterhead])


def test_the_letterhead_is_that_of_the_policy(db):
    policy = OrgPolicy.objects.get()
    policy.organization_name, policy.helpdesk_phone = "Acme", "020 765 4321"
    policy.save()

    head = letterhead.current()

    assert head.name == "Acme"
    assert head.helpdesk == "your IT helpdesk (020 765 4321)"


def test_a_delivered_notice_is_an_event(queue_notice, bob):
    service.deliver(queue_notice().pk, an_email)

    event = Event.objects.get(tag="notice.sent")
    assert event.subject == bob.public_id
    assert event.actor_role == "system"


def test_a_dead_letter_is_an_event(queue_notice, bob):
    message = queue_notice()
    MemoryTransport.problems.append(base.Undeliverable("550"))

    service.deliver(message.pk, an_email)

    event = Event.objects.get(tag="notice.failed")
    assert (event.subject, event.reason) == (bob.public_id, "undeliverable")


def test_a_code_that_failed_is_an_event_and_one_that_arrived_is_none(queue_code):
    service.deliver(queue_code().pk, an_email)
    MemoryTransport.problems.append(base.Undeliverable("550"))
    service.deliver(queue_code().pk, an_email)

    assert [event.tag for event in Event.objects.all()] == ["delivery.failed"]


def test_a_dead_letter_found_by_the_sweeper_is_an_event(queue_notice):
    age(queue_notice(), expires_at=-timedelta(seconds=1))

    sweeper.tidy()

    assert Event.objects.get().tag == "notice.failed"
