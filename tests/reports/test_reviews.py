"""Overdue reviews are counted as each person would be asked."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import review
from accounts.models import User
from methods.headcount import Headcount
from methods.models import Registration
from methods.standing import Standing
from securityinfo.policy import service as policy
from securityinfo.policy.models import OrgPolicy
from securityinfo.policy.rules import Strength
from tests import kinds

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("days", [0, 30, 730])
def test_they_are_as_many_as_would_be_asked(make_person, email, days):
    OrgPolicy.objects.update(review_days=days)
    now = timezone.now()
    for number, (registered, reviewed, frozen) in enumerate(
        [(40, None, False), (40, 10, False), (40, 35, False), (5, None, False), (40, None, True)]
    ):
        person = make_person(f"p{number}")
        kinds.register(person)
        Registration.objects.filter(user=person).update(
            confirmed_at=now - timedelta(days=registered)
        )
        User.objects.filter(pk=person.pk).update(
            reviewed_at=reviewed and now - timedelta(days=reviewed),
            frozen_at=now if frozen else None,
        )
    make_person("without")

    overdue = Headcount(policy.in_force()).where(review=True)
    found = {user.username for user in User.objects.filter(pk__in=overdue)}

    assert found == {user.username for user in User.objects.all() if is_asked(user)}
    assert len(found) == (2 if days == 30 else 0)


def is_asked(user: User) -> bool:
    return review.is_due(Standing.of(user, policy.current_for(user)), Strength.STRONG)


def test_they_have_their_list(admin, bob, email):
    kinds.register(bob)
    Registration.objects.update(confirmed_at=timezone.now() - timedelta(days=200))

    page = admin.get("/admin/reports/").content.decode()
    listed = admin.get("/admin/reports/people/", {"review": "yes"})

    assert "Review overdue" in page
    assert [line.person.username for line in listed.context["lines"]] == ["bob"]
