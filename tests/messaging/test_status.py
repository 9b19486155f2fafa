from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from securityinfo.messaging import service
from securityinfo.messaging.models import Message, Reason, State
from securityinfo.messaging.status import DeliveryState, DeliveryStatus
from tests.messaging.conftest import age, an_email


def asked(message):
    return service.status_of(message.reference, message.generation)


def put(message, **fields):
    Message.objects.filter(pk=message.pk).update(**fields)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"state": State.PENDING}, DeliveryState.SENDING),
        ({"state": State.CLAIMED, "tries": 1}, DeliveryState.SENDING),
        ({"state": State.PENDING, "published_at": None, "tries": 1}, DeliveryState.SENDING),
        ({"state": State.PENDING, "published_at": None}, DeliveryState.DELAYED),
        ({"state": State.SENT}, DeliveryState.SENT),
        ({"state": State.DELIVERED}, DeliveryState.DELIVERED),
        ({"state": State.UNKNOWN}, DeliveryState.UNCLEAR),
        ({"state": State.FAILED, "reason": Reason.UNDELIVERABLE}, DeliveryState.REFUSED),
        ({"state": State.FAILED, "reason": Reason.OPTED_OUT}, DeliveryState.OPTED_OUT),
        ({"state": State.FAILED, "reason": Reason.MISCONFIGURED}, DeliveryState.NOT_WORKING),
        ({"state": State.FAILED, "reason": Reason.LOST}, DeliveryState.NOT_WORKING),
        ({"state": State.EXPIRED}, DeliveryState.EXPIRED),
        ({"state": State.STALE}, DeliveryState.EXPIRED),
    ],
)
def test_each_state_of_a_row_has_its_meaning_for_the_person(queue_code, fields, expected):
    """DE3."""
    message = queue_code()
    put(message, **fields)

    assert asked(message).state == expected


def test_a_code_that_nobody_comes_for_is_delayed(queue_code):
    """R095: the page says so, instead of an error."""
    message = queue_code()
    age(message, created_at=-timedelta(seconds=11))

    assert asked(message).state == DeliveryState.DELAYED


def test_only_the_asked_generation_counts(queue_code):
    message = queue_code(generation=2)
    service.deliver(message.pk, an_email)

    assert service.status_of(message.reference, 2).state == DeliveryState.SENT
    assert service.status_of(message.reference, 1) is None


@pytest.mark.parametrize(
    ("state", "channel", "text"),
    [
        ("sending", "email", "Sending your code…"),
        ("delayed", "email", "Sending your code… It is delayed. Wait, or choose another way."),
        ("sent", "email", "Sent at 14:25. It can take a minute."),
        ("delivered", "text", "Delivered at 14:25."),
        (
            "unclear",
            "text",
            "Sent at 14:25. If nothing arrives within a minute, ask for a new code.",
        ),
        (
            "refused",
            "text",
            "This could not be delivered. Check the number, or choose another way.",
        ),
        (
            "refused",
            "email",
            "This could not be delivered. Check the address, or choose another way.",
        ),
        (
            "opted_out",
            "text",
            "This number has blocked our text messages. Reply START to our last message, "
            "or choose another way.",
        ),
        ("not_working", "text", "Text messages aren't working right now. Choose another way."),
        ("not_working", "email", "Email isn't working right now. Choose another way."),
        ("not_working", "call", "Phone calls aren't working right now. Choose another way."),
        ("expired", "email", "This code expired before it could be sent. Ask for a new one."),
    ],
)
def test_the_sentences_are_those_of_the_product(clock, state, channel, text):
    clock.move_to(datetime(2026, 11, 22, 13, 26, tzinfo=UTC))
    status = DeliveryStatus(
        DeliveryState(state), channel=channel, at=datetime(2026, 11, 22, 13, 25, tzinfo=UTC)
    )

    with timezone.override("Europe/Amsterdam"):
        assert status.text == text


@pytest.mark.parametrize(
    ("state", "channel", "is_final", "is_failure"),
    [
        ("sending", "email", False, False),
        ("delayed", "email", False, False),
        ("sent", "email", True, False),
        ("sent", "text", False, False),
        ("unclear", "text", False, False),
        ("delivered", "text", True, False),
        ("refused", "email", True, True),
        ("not_working", "email", True, True),
        ("expired", "email", True, True),
    ],
)
def test_the_page_knows_when_to_stop_asking(state, channel, is_final, is_failure):
    status = DeliveryStatus(DeliveryState(state), channel=channel)

    assert (status.is_final, status.is_failure) == (is_final, is_failure)
