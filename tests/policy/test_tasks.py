"""Keeping data: what the policy no longer wants kept goes, and nothing else."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.db.models.functions import Now

from securityinfo.messaging.models import Message, State
from securityinfo.policy import tasks
from securityinfo.policy.models import OrgPolicy

pytestmark = pytest.mark.django_db


@pytest.fixture
def delivered(bob):
    """`delivered(days=8)`: a message that came to its end so long ago."""

    def make(**ago):
        return Message.objects.create(
            user=bob,
            job="messaging.send_notice",
            category="notice",
            channel="email",
            reference=uuid.uuid4(),
            language="en",
            state=State.SENT,
            expires_at=Now(),
            finished_at=Now() - timedelta(**ago),
        )

    return make


def test_delivery_records_are_kept_as_long_as_the_policy_says(delivered):
    """R118."""
    OrgPolicy.objects.update(delivery_days=7)
    young, _old = delivered(days=6, hours=23), delivered(days=7, hours=1)

    tasks.retire_audit()

    assert Message.objects.get() == young


def test_a_message_that_still_waits_is_never_forgotten(delivered):
    waiting = delivered(days=400)
    Message.objects.update(state=State.PENDING, finished_at=None)

    tasks.retire_audit()

    assert Message.objects.get() == waiting
