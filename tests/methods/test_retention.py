"""What is over is cleared away after a day, and nothing else."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from methods import retention
from methods.models import Challenge, Registration
from methods.tasks import purge
from securityinfo.audit import tags
from securityinfo.audit.models import Event
from tests import kinds

pytestmark = pytest.mark.django_db

BAKER = {"address": "bob.baker@example.net"}


def age(**duration) -> None:
    kinds.pass_time(**duration)
    Registration.objects.update(created_at=timezone.now() - timedelta(**duration))


def test_what_was_never_proved_goes_after_a_day(bob, email):
    """K2."""
    kinds.begin(bob, email)
    age(hours=25)

    retention.purge()

    assert not Registration.objects.exists()
    assert not Challenge.objects.exists()


def test_what_is_younger_stays(bob, email):
    kinds.begin(bob, email)
    age(hours=23)

    purge()

    assert Registration.objects.count() == Challenge.objects.count() == 1


def test_confirmed_methods_stay_for_ever(bob, email):
    kinds.register(bob)
    age(days=1000)

    purge()

    assert Registration.objects.get().confirmed
    assert not Challenge.objects.exists()


def test_a_forgotten_change_leaves_the_method(bob, email):
    old = kinds.register(bob)
    kinds.begin(bob, email, BAKER, replaces=old)
    age(hours=25)

    purge()

    assert Registration.objects.get() == old


def test_many_are_deleted_in_batches(bob, email, monkeypatch):
    monkeypatch.setattr(retention, "BATCH", 2)
    registration = kinds.register(bob)
    for _ in range(5):
        kinds.challenges.start(
            registration,
            purpose=kinds.challenges.Purpose.SIGN_IN,
            flow="s",
            settings=kinds.policy.current_for(bob).settings,
            actor=kinds.actor_for(bob),
        )
    age(hours=25)

    assert retention.purge() == 6
    assert retention.purge() == 0


def test_a_code_that_nobody_entered_is_told_once(bob, email):
    """AD1: `challenge.expired`."""
    kinds.begin(bob, email)
    age(hours=25)

    retention.purge()
    retention.purge()

    told = Event.objects.get(tag=tags.CHALLENGE_EXPIRED)
    assert (told.subject, told.kind, told.purpose) == (bob.public_id, "email", "register")


def test_of_a_code_that_was_entered_nothing_is_told(bob):
    kinds.register(bob)
    age(days=2)

    retention.purge()

    assert not Event.objects.filter(tag=tags.CHALLENGE_EXPIRED).exists()
