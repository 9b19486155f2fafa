"""Deleting: never the last one that the organization asks for."""

from __future__ import annotations

import pytest
from django.db.models.signals import pre_save
from django.utils import timezone

from methods import changes, deletion
from methods.models import Challenge, Outcome, Registration
from methods.signals import security_info_changed
from methods.standing import Standing
from securityinfo.audit.models import Event
from securityinfo.messaging.models import Message
from securityinfo.policy import service as policy
from securityinfo.policy.models import OrgPolicy
from securityinfo.policy.rules import Purpose, Reason
from tests import kinds
from tests.methods import token

pytestmark = pytest.mark.django_db

BOB, BAKER = {"address": "bob@example.net"}, {"address": "bob.baker@example.net"}
CEDRIC = {"address": "cedric@example.net"}


@pytest.fixture
def three(bob, email):
    """Three addresses, where two are asked for."""
    return [kinds.register(bob, form=form) for form in (BOB, BAKER, CEDRIC)]


def delete(registration, **options):
    ruleset = policy.current_for(registration.user)
    actor = kinds.actor_for(registration.user)
    return deletion.delete(registration, ruleset=ruleset, actor=actor, **options)


def tags() -> list[str]:
    return list(Event.objects.order_by("id").values_list("tag", flat=True))


def test_one_more_than_needed_may_go(bob, three):
    delete(three[2])

    assert Registration.objects.of(bob).count() == 2
    assert tags()[-1] == "method.deleted"


def test_what_is_needed_stays_and_the_attempt_is_recorded(bob, three):
    """R083, MG6."""
    delete(three[2])

    with pytest.raises(changes.Refused) as refusal:
        delete(three[1])

    assert refusal.value.reason is Reason.TOO_FEW
    assert Registration.objects.of(bob).count() == 2
    event = Event.objects.get(tag="method.delete_refused")
    assert (event.result, event.reason) == ("refused", "too_few")
    assert tags()[-1] == "method.delete_refused"


def test_deleting_both_of_two_leaves_one(bob, email):
    """R083."""
    OrgPolicy.objects.update(methods_to_register=1)
    one, other = kinds.register(bob, form=BOB), kinds.register(bob, form=BAKER)
    delete(one)

    with pytest.raises(changes.Refused) as refusal:
        delete(other)

    assert refusal.value.reason is Reason.LAST_SIGN_IN
    assert Registration.objects.of(bob).get() == other


def test_one_that_is_for_reset_alone_does_not_replace_the_last_one_for_sign_in(
    bob, email, token_kind
):
    """MG6: "no usable sign-in method"."""
    OrgPolicy.objects.update(methods_to_register=1)
    for_sign_in = token.register(bob)
    kinds.register(bob)
    kinds.allow("email", for_sign_in=False)

    with pytest.raises(changes.Refused) as refusal:
        delete(for_sign_in)

    assert refusal.value.reason is Reason.LAST_SIGN_IN


@pytest.mark.parametrize("state", ["not allowed", "suspended"])
def test_what_can_not_be_used_may_always_go(bob, email, state):
    """MG6."""
    registration = kinds.register(bob)
    if state == "suspended":
        Registration.objects.update(suspended_at=timezone.now())
    else:
        kinds.allow("email", state="off")

    delete(Registration.objects.get(pk=registration.pk))

    assert not Registration.objects.of(bob).exists()


def test_a_method_that_can_not_be_used_does_not_count_as_one_that_is_left(bob, email, token_kind):
    kinds.register(bob, form=BOB)
    kinds.register(bob, form=BAKER)
    suspended = token.register(bob)
    Registration.objects.filter(pk=suspended.pk).update(suspended_at=timezone.now())

    with pytest.raises(changes.Refused):
        delete(Registration.objects.of(bob).first())


def test_where_none_is_required_the_last_one_goes_with_consent(bob, email):
    """MG6: "Sign in with my password only"."""
    OrgPolicy.objects.update(registration_required=False)
    registration = kinds.register(bob)
    with pytest.raises(changes.Refused) as refusal:
        delete(registration)

    delete(registration, password_only=True)

    assert refusal.value.reason is Reason.NEEDS_CONSENT
    assert not Registration.objects.of(bob).exists()


def test_consent_opens_nothing_where_methods_are_required(bob, email):
    registration = kinds.register(bob)

    with pytest.raises(changes.Refused):
        delete(registration, password_only=True)


def test_when_the_default_goes_the_strongest_is_asked_for_first(bob, email, token_kind):
    """MG8."""
    default = kinds.register(bob, form=BOB)
    kinds.register(bob, form=BAKER)
    strongest = token.register(bob)

    heir = delete(default)

    assert heir.pk == strongest.pk
    assert Registration.objects.get(is_default=True).pk == strongest.pk


def test_among_equals_the_one_used_last_is_asked_for_first(bob, three):
    """MG8."""
    Registration.objects.filter(pk=three[2].pk).update(last_used_at=timezone.now())

    assert delete(three[0]).pk == three[2].pk


def test_deleting_another_one_keeps_the_default(bob, three):
    assert delete(three[2]).pk == three[0].pk


def test_the_deleted_address_is_told_too(bob, three):
    """NO1, N3: each once."""
    Message.objects.all().delete()

    delete(three[2])

    told = sorted(message.sealed["to"] for message in Message.objects.filter(category="notice"))
    assert told == [
        "bob.baker@example.net",
        "bob@example.net",
        "bob@example.org",
        "cedric@example.net",
    ]


def test_what_was_asked_of_it_ends(bob, three):
    kinds.challenges.start(
        three[2],
        purpose=Purpose.SIGN_IN,
        flow="s1",
        settings=policy.current_for(bob).settings,
        actor=kinds.actor_for(bob),
    )

    delete(three[2])

    left = Challenge.objects.filter(user=bob, purpose=Purpose.SIGN_IN)
    assert not left.exclude(outcome=Outcome.CANCELED).exists()


def test_deleting_twice_deletes_once(bob, three):
    """R131: one event, one set of notices."""
    delete(three[2])
    messages = Message.objects.count()

    again = delete(three[2])

    assert again.pk == three[0].pk
    assert tags().count("method.deleted") == 1
    assert Message.objects.count() == messages


def test_another_persons_method_is_not_deleted(bob, eve, three):
    for form in (BOB, BAKER, CEDRIC):
        kinds.register(eve, form=form)
    stolen = Registration.objects.get(pk=three[2].pk)
    stolen.user = eve

    delete(stolen)

    assert Registration.objects.filter(pk=three[2].pk).exists()


@pytest.mark.parametrize("sender", [Event, Message, None])
def test_a_fault_between_the_writes_leaves_everything(bob, three, sender):
    """R086."""

    def fail(**_):
        raise RuntimeError("between the writes")

    signal = pre_save if sender else security_info_changed
    before = (tags(), Message.objects.count())
    signal.connect(fail, sender=sender or Registration)
    try:
        with pytest.raises(RuntimeError):
            delete(three[0])
    finally:
        signal.disconnect(fail, sender=sender or Registration)

    assert (tags(), Message.objects.count()) == before
    assert Registration.objects.of(bob).count() == 3
    assert Registration.objects.get(is_default=True).pk == three[0].pk


def test_the_page_and_the_service_judge_alike(bob, three):
    standing = Standing.of(bob, policy.current_for(bob))

    decisions = [bool(deletion.may_delete(each, standing)) for each in standing.registrations]

    assert decisions == [True, True, True]
