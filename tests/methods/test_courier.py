"""The message of a code is made when it is sent; a code that is over is not sent."""

from __future__ import annotations

import pytest
from django.db.models.functions import Now

from methods import challenges, courier, registrations
from methods.models import Challenge, Registration
from securityinfo.messaging.models import Message, State
from securityinfo.messaging.transports.memory import MemoryTransport
from securityinfo.policy import service as policy
from tests import kinds

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def outbox():
    MemoryTransport.clear()
    yield MemoryTransport.outbox
    MemoryTransport.clear()


@pytest.fixture
def challenge(bob, email):
    return kinds.begin(bob, email)


def deliver(generation: int = 0) -> str:
    message = Message.objects.get(category="code", generation=generation)
    courier.deliver(message.pk)
    message.refresh_from_db()
    return message.state


def test_the_code_goes_to_the_stored_address(challenge, outbox):
    """R032."""
    assert deliver() == State.SENT

    (sent,) = outbox
    assert sent.outgoing.to == "bob@example.net"
    assert kinds.right(challenge)["code"] in sent.outgoing.text
    assert f"ref {challenge.reference}" in sent.outgoing.text


def test_a_second_delivery_sends_nothing(challenge, outbox):
    deliver()
    deliver()

    assert len(outbox) == 1


def test_an_older_code_is_not_sent_after_a_newer_one(challenge, outbox):
    """2.4: a job that comes late does nothing."""
    kinds.pass_time(seconds=31)
    challenges.resend(
        kinds.reload(challenge),
        settings=policy.current_for(challenge.user).settings,
        actor=kinds.actor_for(challenge.user),
    )

    assert deliver(generation=0) == State.STALE
    assert deliver(generation=1) == State.SENT
    (sent,) = outbox
    assert kinds.right(kinds.reload(challenge))["code"] in sent.outgoing.text


@pytest.mark.parametrize("end", ["answered", "exhausted", "canceled", "gone"])
def test_a_code_that_has_ended_is_not_sent(challenge, outbox, end):
    user = challenge.user
    if end == "answered":
        kinds.confirm(challenge)
    elif end == "exhausted":
        for _ in range(5):
            kinds.confirm(kinds.reload(challenge), kinds.wrong(challenge))
    elif end == "canceled":
        challenges.cancel(challenge.registration)
    else:
        registrations.cancel(
            user,
            flow=challenge.flow,
            ruleset=policy.current_for(user),
            actor=kinds.actor_for(user),
        )

    assert deliver() == State.STALE
    assert [sent.outgoing for sent in outbox if "code" in sent.outgoing.subject] == []


def test_an_expired_code_is_not_sent(challenge, outbox):
    Challenge.objects.update(expires_at=Now())
    Message.objects.update(expires_at=Now())

    assert deliver() == State.EXPIRED
    assert outbox == []


def test_a_code_is_not_sent_to_an_address_that_was_changed_meanwhile(challenge, outbox):
    """C2."""
    Registration.objects.update(fingerprint="another")

    assert deliver() == State.STALE
    assert outbox == []


def test_no_code_is_stored_anywhere(challenge):
    """R002: neither with the challenge nor with its message."""
    code = kinds.right(challenge)["code"]
    rows = [*Challenge.objects.values(), *Message.objects.values(), *Registration.objects.values()]

    assert code not in str(rows)
