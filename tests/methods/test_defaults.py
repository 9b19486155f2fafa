"""Which method is asked for first."""

from __future__ import annotations

import pytest
from django.utils import timezone

from methods import changes, defaults, registry
from methods.models import Registration
from methods.standing import Standing
from securityinfo.audit.models import Event
from securityinfo.messaging.models import Message
from securityinfo.policy import service as policy
from tests import kinds
from tests.methods import token

pytestmark = pytest.mark.django_db

BAKER = {"address": "bob.baker@example.net"}


@pytest.fixture
def two(bob, email):
    return kinds.register(bob), kinds.register(bob, form=BAKER)


def make_default(registration) -> bool:
    ruleset = policy.current_for(registration.user)
    return defaults.make_default(
        registration, ruleset=ruleset, actor=kinds.actor_for(registration.user)
    )


def the_default(user) -> Registration:
    return Registration.objects.of(user).get(is_default=True)


def test_the_chosen_one_is_asked_for_first(bob, two):
    assert make_default(two[1])

    assert the_default(bob) == two[1]


def test_the_change_is_recorded_and_told_once(bob, two):
    """N4, R131: the second click changes nothing and tells nobody."""
    Message.objects.all().delete()
    make_default(two[1])
    told = Message.objects.count()

    again = make_default(two[1])

    assert not again
    assert Event.objects.filter(tag="method.default_changed").count() == 1
    assert Message.objects.count() == told == 3


def test_what_is_not_for_sign_in_is_refused(bob, two, token_kind):
    other = token.register(bob)
    kinds.allow(token.KIND, for_sign_in=False)

    with pytest.raises(changes.Refused):
        make_default(other)

    assert the_default(bob) == two[0]


@pytest.mark.parametrize("field", [{"confirmed": False}, {"suspended_at": timezone.now()}])
def test_what_can_not_be_used_is_refused(bob, two, field):
    Registration.objects.filter(pk=two[1].pk).update(**field)

    with pytest.raises(changes.Refused):
        make_default(two[1])


def test_another_persons_method_is_refused(bob, eve, two):
    stolen = Registration.objects.get(pk=two[1].pk)
    stolen.user = eve

    with pytest.raises(changes.Refused):
        make_default(stolen)

    assert the_default(bob) == two[0]


def test_a_default_that_can_not_be_used_now_is_not_forgotten(bob, email, token_kind):
    """MG8: skipped at sign-in, not forgotten."""
    default = token.register(bob)
    kinds.allow(token.KIND, state="off")

    kinds.register(bob)

    assert the_default(bob) == default


def test_the_heir_is_the_one_that_deleting_makes_the_default(bob, two):
    standing = Standing.of(bob, policy.current_for(bob))

    assert defaults.heir_of(standing.default, standing).pk == two[1].pk
    assert defaults.heir_of(two[1], standing) is None


def test_who_has_only_methods_for_reset_has_no_default(bob, email):
    kinds.allow("email", for_sign_in=False)

    kinds.register(bob)

    assert not Registration.objects.filter(is_default=True).exists()


def confirmed_in_the_wizard(bob) -> Registration:
    challenge = kinds.begin(bob, token_method(), {"serial": "S-1"})
    assert kinds.confirm(challenge, {"serial": "S-1", "count": 1}, required=True)
    return kinds.reload(challenge).registration


def token_method():
    return registry.get(token.KIND)


def test_the_strongest_of_the_required_registration_becomes_the_default(bob, email, token_kind):
    """RR7."""
    kinds.register(bob)

    strong = confirmed_in_the_wizard(bob)

    assert the_default(bob) == strong


def test_a_method_added_later_leaves_the_default_alone(bob, email, token_kind):
    first = kinds.register(bob)

    token.register(bob)

    assert the_default(bob) == first
