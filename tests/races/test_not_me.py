""" "This wasn't me" and equal notices, many at once."""

from __future__ import annotations

import pytest
from django.db import transaction
from django.test import Client

from accounts import disown
from accounts.models import Disowning, User
from methods.models import Registration
from securityinfo import disown_links
from securityinfo.actor import Actor
from securityinfo.audit import log, tags
from securityinfo.audit.models import Event
from securityinfo.messaging import alarms
from securityinfo.messaging.content import Contact
from securityinfo.messaging.models import Message
from tests import kinds
from tests.races.crowd import all_at_once

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]


def test_of_twenty_presses_at_once_one_protects_the_account(bob):
    """R086, R089: each is told that it is done."""
    kinds.allow("email")
    registration = kinds.register(bob)
    event = Event.objects.get(tag=tags.METHOD_REGISTERED)
    address = disown_links.page_for(event.pk)
    Message.objects.all().delete()

    answers = all_at_once(lambda _: Client().post(address)["Location"], times=20)

    assert set(answers) == {f"{address}done/"}
    assert Disowning.objects.count() == 1
    for tag in (tags.ACCOUNT_DISOWNED, tags.ACCOUNT_FROZEN, tags.METHOD_SUSPENDED):
        assert Event.objects.filter(tag=tag).count() == 1, tag
    assert Message.objects.filter(user=bob).count() == 2  # contacts
    registration.refresh_from_db()
    assert registration.suspended_at is not None


def test_a_method_that_is_added_while_the_account_freezes_is_added_before_or_never(make_person):
    """Whichever comes first: nothing counts that came after the freeze."""
    kinds.allow("email")
    for number in range(6):
        person = make_person(f"person{number}")
        challenge = kinds.begin(
            person, kinds.registry.get("email"), {"address": f"p{number}@example.net"}
        )
        event = log_event(person)

        def act(which: int, challenge=challenge, event=event) -> object:
            if which:
                return disown.protect(event, Actor())
            return kinds.confirm(kinds.reload(challenge))

        all_at_once(act, times=2)

        person.refresh_from_db()
        frozen = Event.objects.get(tag=tags.ACCOUNT_FROZEN, subject=person.public_id)
        added = Event.objects.filter(tag=tags.METHOD_REGISTERED, subject=person.public_id).first()
        assert person.frozen_at is not None
        confirmed = Registration.objects.of(person).confirmed().count()
        assert confirmed == (1 if added and added.pk < frozen.pk else 0)


@transaction.atomic
def log_event(person: User) -> Event:
    return log.record(
        tags.SIGN_IN_COMPLETED, actor=kinds.actor_for(person), subject=person.public_id
    )


def test_equal_notices_at_once_are_all_counted_and_one_message_waits(bob):
    """NO4: none is lost, and no two wait for the same quarter of an hour."""
    contact = Contact("email", "bob@example.org", "b•••@example.org")
    event = log_event(bob)

    @transaction.atomic
    def tell(_number: int) -> None:
        alarms.second_step_failed(bob, contacts=[contact], actor=kinds.actor_for(bob), event=event)

    tell(0)
    all_at_once(tell, times=30)

    at_once, waiting = Message.objects.order_by("folds")
    assert (at_once.folds, waiting.folds) == (0, 31)
