"""The second transport: any gateway that takes signed JSON."""

from __future__ import annotations

import json
import uuid

import pytest
from django.test import Client

from securityinfo.messaging import calls, service
from securityinfo.messaging.calls import Keyed
from securityinfo.messaging.models import Message, Progress, State
from securityinfo.messaging.status import DeliveryState
from securityinfo.messaging.transports import base, webhook
from securityinfo.messaging.transports.webhook import WebhookTransport
from securityinfo.telephony import Gateway
from tests.messaging.telephony import NUMBER, SCRIPT, a_call, a_text
from tests.servers.gateway import SECRET, GatewayServer, report
from tests.servers.processes import free_port

MESSAGE_ID = uuid.UUID("00112233-4455-6677-8899-aabbccddeeff")


@pytest.fixture
def gateway(settings, monkeypatch):
    monkeypatch.setattr(calls, "_handlers", [])
    monkeypatch.setattr(calls, "_questions", [])
    base._instance.cache_clear()
    with GatewayServer() as server:
        settings.TELEPHONY_TRANSPORT = "securityinfo.messaging.transports.webhook.WebhookTransport"
        settings.GATEWAY = Gateway(server.url, SECRET)
        yield server
    base._instance.cache_clear()


@pytest.fixture
def call(queue_code, gateway):
    message = queue_code(channel="call")
    service.deliver(message.pk, a_call)
    calls.on_keys(lambda _message, digits: Keyed.RIGHT if digits == "47" else Keyed.WRONG)
    return message


def of(message, **fields):
    return {"message": str(message.pk), "id": "g-1", **fields}


def path(message, more=""):
    return f"/webhooks/gateway/{message.pk}/{more}"


def row(message):
    return Message.objects.get(pk=message.pk)


def told(message):
    return service.status_of(message.reference, message.generation).state


def test_a_text_is_taken(queue_code, gateway):
    message = queue_code(channel="text")

    service.deliver(message.pk, a_text)

    assert gateway.taken == [
        {
            "kind": "text",
            "message": str(message.pk),
            "status_url": f"http://testserver{path(message)}",
            "to": NUMBER,
            "text": a_text().text,
            "valid_for": 540,
        }
    ]
    assert (row(message).state, row(message).provider_id) == (State.SENT, "g-1")


def test_a_call_is_placed_with_what_it_asks_and_nothing_that_answers(call, gateway):
    """R026."""
    (asked,) = gateway.taken

    assert asked["kind"] == "call"
    assert asked["script"]["ask"] == SCRIPT.ask
    assert asked["keys_url"] == f"http://testserver{path(call, 'keys/')}"
    assert asked["language"] == "en"


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        ((429, {}), base.Busy),
        ((503, {"error": "busy"}), base.OutcomeUnknown),
        ((400, {"error": "busy"}), base.Busy),
        ((400, {"error": "bad_destination"}), base.Undeliverable),
        ((400, {"error": "opted_out"}), base.OptedOut),
        ((400, {"error": "expired"}), base.Expired),
        ((401, {"error": "misconfigured"}), base.Misconfigured),
        ((404, "<html>"), base.Misconfigured),
        ((500, "<html>"), base.OutcomeUnknown),
        ((307, {}), base.OutcomeUnknown),
        ((200, "{"), base.OutcomeUnknown),
        ((200, {}), base.OutcomeUnknown),
        ((200, {"id": ""}), base.OutcomeUnknown),
    ],
)
def test_every_outcome_has_its_class(gateway, answer, problem):
    """R027: the same five classes."""
    gateway.answers.append(answer)

    with pytest.raises(base.DeliveryProblem) as raised:
        WebhookTransport(seconds=2).send(a_text(), MESSAGE_ID)

    assert type(raised.value) is problem


def test_nobody_at_home_is_safe_to_try_again():
    nowhere = Gateway(f"http://127.0.0.1:{free_port()}/", SECRET)

    with pytest.raises(base.TransportDown):
        WebhookTransport(nowhere, seconds=1).send(a_text(), MESSAGE_ID)


def test_a_wrong_secret_is_our_configuration(gateway):
    other = Gateway(gateway.url, "another-secret-of-thirty-two-characters")

    with pytest.raises(base.Misconfigured):
        WebhookTransport(other).send(a_text(), MESSAGE_ID)


@pytest.mark.parametrize(
    ("statuses", "state"),
    [
        (["ringing"], DeliveryState.RINGING),
        (["answered", "ringing"], DeliveryState.ANSWERED),
        (["ringing", "busy", "answered"], DeliveryState.BUSY),
        (["no_answer", "no_answer"], DeliveryState.NOT_ANSWERED),
        (["ended", "answered"], DeliveryState.HUNG_UP),
        (["failed"], DeliveryState.REFUSED),
    ],
)
def test_reports_go_forward_only(call, statuses, state):
    """R128."""
    answers = [report(path(call), of(call, status=each)).status for each in statuses]

    assert set(answers) == {200}
    assert told(call) == state


def test_keys_are_judged_once(call):
    """R026."""
    first = report(path(call, "keys/"), of(call, digits="47"))
    second = report(path(call, "keys/"), of(call, digits="48"))

    assert json.loads(first.body) == {"keyed": "right", "say": SCRIPT.right}
    assert second.status == 410
    assert told(call) == DeliveryState.CONFIRMED


def test_an_answered_call_learns_that_nobody_wants_it_any_more(call):
    calls.on_answer(lambda message: False)

    answer = report(path(call), of(call, status="answered"))

    assert json.loads(answer.body) == {"wanted": False}


@pytest.mark.parametrize(
    "changes",
    [
        {"secret": "another-secret-of-thirty-two-characters"},
        {"seconds": -webhook.SIGNED_FOR - 60},
        {"seconds": webhook.SIGNED_FOR + 600},
        {"body": b'{"message": "", "digits": "47"}'},
    ],
    ids=["forged", "recorded", "from the future", "changed"],
)
def test_only_the_gateway_is_heard(call, changes):
    """R128."""
    for more in ("", "keys/"):
        answer = report(path(call, more), of(call, status="busy", digits="47"), **changes)
        assert answer.status == 403

    assert row(call).progress == Progress.NONE


def test_a_report_signed_for_one_message_says_nothing_of_another(call, queue_code):
    """R128: the address is not signed, so the body names the message."""
    other = queue_code(channel="call", generation=1)

    assert report(path(other, "keys/"), of(call, digits="47")).status == 403


@pytest.mark.parametrize("fields", [[], "busy", {"status": ["busy"]}, {"status": None}])
def test_what_is_no_report_is_refused(call, fields):
    assert report(path(call), fields).status == 403


def test_what_is_nested_too_deeply_is_refused(call):
    body = b"[" * 10_000

    answer = Client().generic("POST", path(call), body, headers=webhook.signed(body, SECRET))

    assert answer.status_code == 403


def test_another_call_of_the_gateway_is_foreign(call):
    """R026."""
    stranger = of(call, status="busy", digits="47") | {"id": "g-2"}

    assert report(path(call), stranger).status == 403
    assert report(path(call, "keys/"), stranger).status == 403
    assert row(call).progress == Progress.NONE


@pytest.mark.django_db
def test_a_message_nobody_knows_has_no_effect(gateway):
    nobody = uuid.uuid4()

    answer = report(f"/webhooks/gateway/{nobody}/", {"message": str(nobody), "id": "g-1"})

    assert answer.status == 404
