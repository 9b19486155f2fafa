"""Texts and calls on the simulated phone: real transport, own gateway, signed callbacks."""

from __future__ import annotations

import base64
import uuid
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from methods import calls as challenge_calls
from methods import courier
from securityinfo.demo import phone, tasks
from securityinfo.demo.models import DemoMessage
from securityinfo.messaging import calls, service
from securityinfo.messaging.calls import Keyed
from securityinfo.messaging.models import Message, State
from securityinfo.messaging.status import DeliveryState
from securityinfo.messaging.transports import base
from securityinfo.policy.models import OrgPolicy
from securityinfo.telephony import Twilio
from tests import kinds
from tests.messaging.telephony import NUMBER, SCRIPT, a_call, a_text
from tests.servers.twilio import ACCOUNT, FROM

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def worker(live_server, settings, monkeypatch):
    """The gateway of the demo is asked over the network, as a worker does."""
    answers = {"47": Keyed.RIGHT, "": Keyed.SILENCE, "0": Keyed.REPORTED}
    monkeypatch.setattr(calls, "_questions", [])
    monkeypatch.setattr(
        calls, "_handlers", [lambda _message, digits: answers.get(digits, Keyed.WRONG)]
    )
    base._instance.cache_clear()
    settings.TELEPHONY_TRANSPORT = "securityinfo.messaging.transports.twilio.TwilioTransport"
    url = f"{live_server.url}/demo/gateway"
    settings.TWILIO = Twilio(ACCOUNT.sid, ACCOUNT.auth_token, FROM, api_url=url)
    yield service.deliver
    base._instance.cache_clear()


@pytest.fixture
def queued(bob):
    def queue(channel):
        return service.queue_code(
            bob,
            channel=channel,
            reference=uuid.uuid4(),
            generation=0,
            expires_at=timezone.now() + timedelta(minutes=10),
        )

    return queue


@pytest.fixture
def ringing(worker, queued):
    """A call that rings on bob's phone, and its delivery row."""
    message = queued("call")
    worker(message.pk, a_call)
    return DemoMessage.objects.get(), message


def told(message):
    return service.status_of(message.reference, 0).state


def entry():
    (only,) = Client().get("/demo/phone.json").json()["messages"]
    return only


def test_a_text_arrives_and_is_reported_as_delivered(worker, queued):
    message = queued("text")

    worker(message.pk, a_text)

    assert told(message) == DeliveryState.DELIVERED
    assert (entry()["channel"], entry()["state"], entry()["to"]) == ("sms", "sent", NUMBER)
    assert (entry()["user"], entry()["body"]) == ("bob", a_text().text)
    assert Message.objects.get(pk=message.pk).provider_id.startswith("SM")


def test_a_call_rings(ringing):
    _, message = ringing

    assert (entry()["channel"], entry()["state"], entry()["body"]) == ("call", "ringing", "")
    assert told(message) == DeliveryState.RINGING


def test_a_call_is_answered_and_keys_are_pressed_one_by_one(ringing):
    """Without a script: each key is a button of a form."""
    call, message = ringing
    browser = Client()

    browser.post(f"/demo/phone/calls/{call.pk}/answer/")
    assert told(message) == DeliveryState.ANSWERED
    assert SCRIPT.ask in browser.get("/demo/phone/").content.decode()
    for key in "47#":
        browser.post(f"/demo/phone/calls/{call.pk}/press/", {"key": key})

    assert told(message) == DeliveryState.CONFIRMED
    assert entry()["state"] == "answered"
    assert entry()["body"].endswith(SCRIPT.right)


@pytest.mark.parametrize(
    ("digits", "state"),
    [
        ("47", DeliveryState.CONFIRMED),
        ("47#", DeliveryState.CONFIRMED),
        ("48#", DeliveryState.WRONG_NUMBER),
        ("0#", DeliveryState.REPORTED),
    ],
)
def test_a_script_presses_keys_at_the_documented_address(ringing, digits, state):
    call, message = ringing

    answer = Client(enforce_csrf_checks=True).post(
        f"/demo/phone/calls/{call.pk}/keys/", {"digits": digits}
    )

    assert answer.status_code == 302
    assert told(message) == state


def test_a_bare_pound_is_no_answer_to_a_question_for_a_number(ringing):
    """As Twilio has it: the call goes on asking, three times in all."""
    call, message = ringing
    keys = f"/demo/phone/calls/{call.pk}/keys/"

    Client().post(keys, {"digits": "#"})
    Client().post(keys, {"digits": "#"})

    assert told(message) == DeliveryState.ANSWERED
    assert entry()["body"] == "\n\n".join([SCRIPT.ask] * 3)
    Client().post(keys, {"digits": "#"})
    assert told(message) == DeliveryState.NOTHING_KEYED


@pytest.mark.parametrize(
    ("keys", "state"),
    [
        ("#", DeliveryState.CONFIRMED),
        ("0#", DeliveryState.REPORTED),
        ("1#", DeliveryState.WRONG_NUMBER),
        ("12", DeliveryState.WRONG_NUMBER),
    ],
)
def test_where_policy_has_it_a_bare_pound_confirms(worker, bob, keys, state):
    """CA4: from the page of the kind to the demo phone, key by key."""
    kinds.allow("call")
    OrgPolicy.objects.update(call_key="hash")
    calls.on_keys(challenge_calls.keys_pressed)
    challenge = kinds.begin(bob, kinds.registry.get("call"))
    message = Message.objects.get(reference=challenge.pk)
    courier.deliver(message.pk)
    call = DemoMessage.objects.get()
    Client().post(f"/demo/phone/calls/{call.pk}/answer/")

    for key in keys:
        Client().post(f"/demo/phone/calls/{call.pk}/press/", {"key": key})

    assert told(message) == state
    assert kinds.reload(challenge).is_keyed_right == (state == DeliveryState.CONFIRMED)


def test_keys_work_once(ringing):
    call, message = ringing
    keys = f"/demo/phone/calls/{call.pk}/keys/"

    Client().post(keys, {"digits": "48"})
    Client().post(keys, {"digits": "47"})

    assert told(message) == DeliveryState.WRONG_NUMBER


def test_a_declined_call_was_missed(ringing):
    call, message = ringing

    Client().post(f"/demo/phone/calls/{call.pk}/hang-up/")

    assert entry()["state"] == "missed"
    assert told(message) == DeliveryState.BUSY


def test_a_call_that_nobody_answers_was_missed(ringing):
    call, message = ringing

    tasks.ring_out(str(call.pk))
    Client().post(f"/demo/phone/calls/{call.pk}/keys/", {"digits": "47"})

    assert entry()["state"] == "missed"
    assert told(message) == DeliveryState.NOT_ANSWERED


def test_somebody_who_listens_only_has_keyed_nothing(ringing):
    call, message = ringing
    Client().post(f"/demo/phone/calls/{call.pk}/answer/")

    tasks.keep_silent(str(call.pk))

    assert told(message) == DeliveryState.NOTHING_KEYED


def test_somebody_who_hangs_up_has_keyed_nothing(ringing):
    call, message = ringing
    Client().post(f"/demo/phone/calls/{call.pk}/answer/")

    Client().post(f"/demo/phone/calls/{call.pk}/hang-up/")

    assert told(message) == DeliveryState.HUNG_UP


def test_the_phone_s_own_buttons_need_its_form(ringing):
    """R121: in the demo, too; only the documented address for scripts does not."""
    call, _ = ringing
    strict = Client(enforce_csrf_checks=True)

    statuses = [
        strict.post(f"/demo/phone/calls/{call.pk}/{verb}/").status_code
        for verb in ("answer", "press", "hang-up")
    ]

    assert statuses == [403] * 3


@pytest.mark.parametrize(
    ("sid", "token", "fields", "status", "number"),
    [
        (ACCOUNT.sid, "wrong", {}, 401, 20003),
        ("AC" + "0c" * 16, ACCOUNT.auth_token, {}, 404, 20404),
        (ACCOUNT.sid, ACCOUNT.auth_token, {}, 400, 21604),
        (ACCOUNT.sid, ACCOUNT.auth_token, {"To": "0612345678"}, 400, 21211),
        (ACCOUNT.sid, ACCOUNT.auth_token, {"To": NUMBER, "Body": "a"}, 400, 21603),
        (ACCOUNT.sid, ACCOUNT.auth_token, {"To": NUMBER, "Colour": "red"}, 400, 20001),
    ],
)
def test_the_gateway_refuses_what_twilio_refuses(worker, sid, token, fields, status, number):
    credentials = base64.b64encode(f"{ACCOUNT.sid}:{token}".encode()).decode()

    answer = Client().post(
        f"/demo/gateway/2010-04-01/Accounts/{sid}/Messages.json",
        fields,
        headers={"authorization": f"Basic {credentials}"},
    )

    assert (answer.status_code, answer.json()["code"]) == (status, number)
    assert set(answer.json()) == {"code", "message", "more_info", "status"}
    assert not DemoMessage.objects.exists()


def test_without_an_account_there_is_no_gateway(settings):
    settings.TWILIO = None

    answer = Client().post(f"/demo/gateway/2010-04-01/Accounts/{ACCOUNT.sid}/Messages.json")

    assert answer.status_code == 404


def test_a_second_click_changes_nothing(ringing):
    call, message = ringing
    stale = DemoMessage.objects.get(pk=call.pk)

    phone.answer(call)
    phone.ring_out(stale)
    phone.answer(stale)

    assert DemoMessage.objects.get().state == "answered"
    assert Message.objects.get(pk=message.pk).state == State.SENT
