"""Where a person stands: what can be used, what may be added, what is missing."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone

from methods.models import Registration
from methods.standing import Standing
from securityinfo.policy import service as policy
from securityinfo.policy.models import MethodRule, OrgPolicy
from securityinfo.policy.rules import Purpose, Reason
from tests import kinds
from tests.methods import token

pytestmark = pytest.mark.django_db

BAKER = {"address": "bob.baker@example.net"}


def standing_of(user) -> Standing:
    return Standing.of(user, policy.current_for(user))


def test_it_takes_one_query(bob, email, django_assert_num_queries):
    for number in range(3):
        kinds.register(bob, form={"address": f"b{number}@example.net"})
    ruleset = policy.current_for(bob)

    with django_assert_num_queries(1):
        standing = Standing.of(bob, ruleset)
        assert standing.usable
        assert standing.for_sign_in
        assert standing.channels
        assert not standing.needed
        assert [each.summary for each in standing.registrations]


def test_what_is_under_way_does_not_count(bob, email):
    """K1."""
    kinds.begin(bob, email)

    assert standing_of(bob).registrations == ()


def test_methods_stand_in_the_order_of_their_kinds(bob, email, token_kind):
    mail, thing = kinds.register(bob), token.register(bob)

    assert standing_of(bob).registrations == (thing, mail)


def test_a_kind_whose_folder_is_gone_is_left_out(bob, email):
    kinds.register(bob)
    Registration.objects.create(user=bob, kind="gone", confirmed=True, details={})

    assert [each.kind for each in standing_of(bob).registrations] == ["email"]


def test_a_kind_is_usable_again_once_it_is_allowed_again(bob, email):
    """K7."""
    registration = kinds.register(bob)
    kinds.allow("email", state="off")
    off = standing_of(bob).usable
    kinds.allow("email")

    assert off == ()
    assert standing_of(bob).usable == (registration,)


def test_exclude_wins_over_include(bob, email):
    sales = Group.objects.create(name="Sales")
    bob.groups.add(sales)
    kinds.allow("email", include_everyone=True)
    MethodRule.objects.get(kind="email").exclude_groups.add(sales)
    OrgPolicy.objects.update()

    assert standing_of(bob).may_add(email).reason is Reason.EXCLUDED


def test_staff_are_not_offered_weak_kinds(email_alone, carol, email, token_kind):
    """K10."""
    assert standing_of(carol).addable == (token_kind,)


def test_kinds_are_offered_recommended_first_then_the_strongest(
    email_alone, bob, email, token_kind
):
    """RR4."""
    by_strength = standing_of(bob).addable
    kinds.allow("email", state="recommended")

    assert by_strength == (token_kind, email)
    assert standing_of(bob).addable == (email, token_kind)


def test_at_the_maximum_a_kind_is_offered_no_longer(email_alone, bob, email):
    """K4."""
    kinds.allow("email", maximum=1)
    kinds.register(bob)

    assert standing_of(bob).addable == ()
    assert standing_of(bob).may_add(email).reason is Reason.AT_MAXIMUM


def test_the_maximum_counts_what_can_not_be_used_too(bob, email):
    kinds.allow("email", maximum=1)
    kinds.register(bob)
    Registration.objects.update(suspended_at=timezone.now())

    assert standing_of(bob).may_add(email).reason is Reason.AT_MAXIMUM


def test_two_registrations_on_one_channel_are_one_proof(bob, email, token_kind):
    """RR3."""
    one, other = kinds.register(bob), kinds.register(bob, form=BAKER)
    before = standing_of(bob).channels
    Registration.objects.filter(pk=other.pk).update(channel=one.channel)

    assert before == 2
    assert standing_of(bob).channels == 1


def test_suspended_methods_serve_no_purpose(bob, email):
    kinds.register(bob)
    Registration.objects.update(suspended_at=timezone.now())
    standing = standing_of(bob)

    assert not any(standing.may_use(standing.registrations[0], purpose) for purpose in Purpose)
    assert standing.has_sign_in_method


def test_nobody_is_asked_for_more_than_the_policy_allows(email_alone, bob, email):
    """RR8: two are asked for, but only one address is possible."""
    kinds.allow("email", maximum=1)
    kinds.register(bob)

    assert not standing_of(bob).needed


def test_who_has_too_few_is_asked_for_more_by_a_day(bob, email):
    """RR1 (b)."""
    kinds.register(bob)
    needed = standing_of(bob).needed

    assert (needed.state, needed.channels, needed.required) == ("more_methods", 1, 2)
    assert not needed.overdue


def test_without_one_it_is_as_after_the_deletion(bob, email):
    one, other = kinds.register(bob), kinds.register(bob, form=BAKER)

    left = standing_of(bob).without(one)

    assert left.registrations == (other,)
    assert left.channels == 1
