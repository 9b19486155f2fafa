"""A number that has opted out is not tried again, whoever asks; seen from Twilio's side."""

from __future__ import annotations

import pytest
from django.urls import reverse

from methods import courier
from methods.models import Registration
from methods.undeliverable import Undeliverable
from securityinfo.messaging.models import Message
from securityinfo.messaging.transports import base
from securityinfo.telephony import Twilio
from tests import kinds
from tests.messaging.telephony import post_to_the_views
from tests.servers.twilio import ACCOUNT, FROM, TwilioServer, error

pytestmark = pytest.mark.django_db

TEXT, CALL = "sms", "call"
NUMBER = {"country": "NL", "number": "06 12345678"}
SET_UP = reverse("methods:set-up", args=[TEXT])


@pytest.fixture
def twilio(settings):
    base._instance.cache_clear()
    with TwilioServer(post_to_the_views) as server:
        settings.TELEPHONY_TRANSPORT = "securityinfo.messaging.transports.twilio.TwilioTransport"
        settings.TWILIO = Twilio(ACCOUNT.sid, ACCOUNT.auth_token, FROM, api_url=server.url)
        yield server
    base._instance.cache_clear()


@pytest.fixture(autouse=True)
def allowed(db):
    kinds.allow(TEXT)
    kinds.allow(CALL)


def work() -> None:
    """A worker takes everything that waits for it."""
    for message in Message.objects.filter(state="pending", category="code"):
        courier.deliver(message.pk)


def asked(twilio) -> int:
    return len(twilio.texts)


def test_after_21610_twilio_is_not_asked_again(bob, eve, signed_in, twilio):
    """R028: not for this person, not for another one, and other methods are offered."""
    twilio.next(error(400, 21610))
    his, hers = signed_in(bob), signed_in(eve)
    his.post(SET_UP, NUMBER)
    work()
    before = asked(twilio)
    kinds.pass_time(hours=1)

    again = his.post(reverse("methods:resend", args=[TEXT]), follow=True).content.decode()
    his.post(SET_UP, NUMBER)
    other = hers.post(SET_UP, {"country": "GB", "number": "0031 6 1234 5678"})
    work()

    assert asked(twilio) == before
    assert "This number has blocked our text messages." in again
    assert "I want to set up a different method" in again
    assert "This number has blocked our text messages." in other.content.decode()
    assert Message.objects.filter(category="code").count() == 1


def test_after_a_report_of_21610_a_registered_number_is_not_asked_again(bob, signed_in, twilio):
    """R028: the refusal comes by callback, an hour later, for a method that counts."""
    text = kinds.register(bob, TEXT, NUMBER)
    work()
    kinds.pass_time(hours=1)
    kinds.ask(text)
    work()
    twilio.report(twilio.texts[-1], "undelivered", error=21610)
    before = asked(twilio)
    kinds.pass_time(hours=1)

    page = signed_in(bob).get("/security-info/").content.decode()
    with pytest.raises(Undeliverable):
        kinds.ask(Registration.objects.get(pk=text.pk))
    work()

    assert asked(twilio) == before
    assert "This number has blocked our text messages." in page
