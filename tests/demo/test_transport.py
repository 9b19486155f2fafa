"""The transport of the demo delivers to the simulated phone."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from securityinfo.demo.models import DemoMessage
from securityinfo.demo.transport import DemoTransport
from securityinfo.messaging.content import CallContent, CallScript, EmailContent, TextContent
from securityinfo.messaging.models import Message
from securityinfo.messaging.transports.base import Misconfigured

EMAIL = EmailContent(
    to="bob@example.net",
    subject="Your Example Org verification code",
    text="Example Org\n\nUse this code:\n\n073040\n\nIt works once.\n",
    html="<p>073040</p>",
)


@pytest.fixture
def delivery(bob):
    return Message.objects.create(
        user=bob,
        job="methods.deliver",
        category="code",
        channel="email",
        reference=uuid.uuid4(),
        language="en",
        expires_at=timezone.now() + timedelta(minutes=10),
    )


def test_an_email_arrives_at_the_person_it_was_for(delivery, bob):
    DemoTransport().send(EMAIL, delivery.id)

    message = DemoMessage.objects.get()
    assert message.as_data() == {
        "id": str(delivery.id),
        "user": bob.username,
        "channel": "email",
        "to": "bob@example.net",
        "subject": "Your Example Org verification code",
        "body": EMAIL.text,
        "sent_at": message.sent_at.isoformat(),
        "state": "sent",
    }


def test_the_same_delivery_handed_over_twice_arrives_once(delivery):
    DemoTransport().send(EMAIL, delivery.id)
    DemoTransport().send(EMAIL, delivery.id)

    assert DemoMessage.objects.count() == 1


def test_a_text_message_arrives_as_one(delivery):
    DemoTransport().send(TextContent(to="+31612345678", text="073040 is your code."), delivery.id)

    message = DemoMessage.objects.get()
    assert (message.channel, message.to, message.subject) == ("sms", "+31612345678", "")


def test_a_call_arrives_with_what_it_says(delivery):
    script = CallScript("Key in the number.", "Right.", "Wrong.", "Silence.", "Reported.", "Over.")

    DemoTransport().send(CallContent("+31612345678", "", script), delivery.id)

    message = DemoMessage.objects.get()
    assert (message.channel, message.body) == ("call", "Key in the number.")


def test_what_the_phone_cannot_receive_is_refused(delivery):
    with pytest.raises(Misconfigured):
        DemoTransport().send(object(), delivery.id)

    assert not DemoMessage.objects.exists()


@pytest.mark.parametrize(
    ("body", "digits"),
    [
        ("Use this code:\n\n073040\n\nIt works once.", "073040"),
        ("073040 is your code (ref B7).\n\n@example.org #073040", "073040"),
        ("Use this code:\r\n\r\n073040\r\n\r\nIt works once.", "073040"),
        ("Your request 123456 was handled.", ""),
        ("Call 0201234567.", ""),
        ("", ""),
    ],
)
def test_the_phone_finds_the_code_that_stands_alone(body, digits):
    assert DemoMessage(body=body).digits == digits
