"""What required registration asks of a person, and since when."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import required
from accounts.models import User
from accounts.required import Asked
from securityinfo.policy import service as policy_service
from securityinfo.policy.required import NeededState
from tests.accounts.doors import allow, has_method, policy

pytestmark = pytest.mark.django_db


def asked_of(user: User) -> Asked:
    return Asked.of(user, policy_service.current_for(user))


def test_a_person_without_a_method_is_asked_at_once(bob):
    assert asked_of(bob).needed.state == NeededState.FIRST_METHOD
    assert not asked_of(bob).may_finish


def test_a_person_with_too_few_may_wait(bob):
    allow(maximum=3)
    has_method(bob)

    assert asked_of(bob).needed.state == NeededState.MORE_METHODS
    assert asked_of(bob).may_finish


@pytest.mark.parametrize("required", [True, False])
def test_a_method_that_is_no_longer_allowed_is_replaced_without_delay(bob, required):
    """RR11, whatever grace there is."""
    policy(registration_required=required, grace_days=9, grace_skips=9, more_methods_days=9)
    has_method(bob)
    allow(state="off")

    needed = asked_of(bob).needed

    assert needed.state == NeededState.FIRST_METHOD
    assert needed.must_register


def test_agents_are_asked_for_nothing_that_is_not_installed(email_alone, carol):
    assert asked_of(carol).needed.state == NeededState.NOT_NEEDED


def test_the_date_of_the_first_time_is_kept(bob):
    required.note(bob, asked_of(bob).needed)
    first = User.objects.get(pk=bob.pk).asked_first_at
    required.note(bob, asked_of(bob).needed)

    assert first is not None
    assert User.objects.get(pk=bob.pk).asked_first_at == first


def test_the_days_for_more_methods_begin_when_they_are_first_missed_and_end_when_not(bob):
    allow(maximum=3)
    has_method(bob)
    required.note(bob, asked_of(bob).needed)
    assert User.objects.get(pk=bob.pk).short_since is not None

    has_method_too(bob)
    required.note(bob, asked_of(bob).needed)
    assert User.objects.get(pk=bob.pk).short_since is None


def has_method_too(user: User) -> None:
    from methods.models import Registration

    Registration.objects.filter(user=user).update(is_default=False)
    has_method(user, "second@example.net")


def test_of_two_clicks_on_skip_one_counts(bob):
    policy(grace_days=5, grace_skips=5)
    same = User.objects.get(pk=bob.pk)

    assert [required.use_skip(bob), required.use_skip(same)] == [True, False]
    assert User.objects.get(pk=bob.pk).skips_used == 1


def test_the_last_day_of_waiting_is_the_policys(bob):
    allow(maximum=3)
    policy(more_methods_days=3)
    has_method(bob)
    bob.short_since = timezone.now() - timedelta(days=3)

    assert asked_of(bob).needed.overdue
