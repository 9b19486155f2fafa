"""What Twilio asks and reports of texts and calls."""

from __future__ import annotations

import itertools
import logging
import uuid
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from securityinfo.demo import gateway
from securityinfo.messaging import calls, outcomes, service
from securityinfo.messaging.calls import Keyed
from securityinfo.messaging.models import Message, Progress, Reason, State
from securityinfo.messaging.status import DeliveryState
from securityinfo.messaging.transports import base
from securityinfo.messaging.transports.twilio import TwilioTransport
from securityinfo.telephony import Twilio
from tests.messaging.conftest import age
from tests.messaging.telephony import SCRIPT, a_call, a_text, post_to_the_views
from tests.servers import twilio as servers
from tests.servers.twilio import ACCOUNT, FROM, TwilioServer

EXPECTED = "47"


@pytest.fixture
def twilio(settings, monkeypatch):
    monkeypatch.setattr(calls, "_handlers", [])
    monkeypatch.setattr(calls, "_questions", [])
    base._instance.cache_clear()
    with TwilioServer(post_to_the_views) as server:
        settings.TELEPHONY_TRANSPORT = "securityinfo.messaging.transports.twilio.TwilioTransport"
        settings.TWILIO = Twilio(ACCOUNT.sid, ACCOUNT.auth_token, FROM, api_url=server.url)
        yield server
    base._instance.cache_clear()


@pytest.fixture
def text(queue_code, twilio):
    """A text that Twilio has taken: the row, and what Twilio knows."""
    message = queue_code(channel="text")
    service.deliver(message.pk, a_text)
    return message, twilio.texts[0]


@pytest.fixture
def call(queue_code, twilio, judged):
    """A call that was placed: the row, and what Twilio knows."""
    message = queue_code(channel="call")
    service.deliver(message.pk, a_call)
    return message, twilio.calls[0]


@pytest.fixture
def judged(twilio):
    """The digits that a handler was asked to judge; the right ones are 47."""
    asked = []

    def judge(message, digits):
        asked.append(digits)
        answers = {EXPECTED: Keyed.RIGHT, "": Keyed.SILENCE, "0": Keyed.REPORTED}
        return answers.get(digits, Keyed.WRONG)

    calls.on_keys(judge)
    return asked


def row(message):
    return Message.objects.get(pk=message.pk)


def told(message):
    return service.status_of(message.reference, message.generation)


# --- Texts ----------------------------------------------------------------------------------------


def test_a_delivered_text_is_told_on_the_page(text, twilio):
    message, sent = text

    answers = [twilio.report(sent, each).status for each in ("sent", "delivered")]

    assert answers == [204, 204]
    assert row(message).state == State.DELIVERED
    assert told(message).state == DeliveryState.DELIVERED
    assert told(message).text.startswith("Delivered at ")


@pytest.mark.parametrize(
    ("number", "state", "reason"),
    [
        (30003, DeliveryState.REFUSED, Reason.UNREACHED),
        (30005, DeliveryState.REFUSED, Reason.UNDELIVERABLE),
        (30006, DeliveryState.REFUSED, Reason.UNDELIVERABLE),
        (30008, DeliveryState.REFUSED, Reason.UNREACHED),
        (21610, DeliveryState.OPTED_OUT, Reason.OPTED_OUT),
        (30007, DeliveryState.NOT_WORKING, Reason.MISCONFIGURED),
        (30036, DeliveryState.EXPIRED, ""),
    ],
)
def test_a_text_that_fails_later_is_told_and_heard_of(text, twilio, number, state, reason):
    """R027, 5.2: by callback."""
    heard = []
    outcomes.listen(lambda message: heard.append((message.state, message.reason)))
    message, sent = text

    twilio.report(sent, "undelivered", error=number)

    assert told(message).state == state
    assert told(message).is_failure
    assert row(message).reason == reason
    assert heard == [(row(message).state, reason)]


@pytest.mark.parametrize("order", list(itertools.permutations(["sent", "delivered", "sending"])))
def test_reports_in_any_order_end_with_the_same(text, twilio, order):
    """R128, F13: forward only."""
    message, sent = text

    for status in order * 2:
        assert twilio.report(sent, status).status == 204

    assert row(message).state == State.DELIVERED


@pytest.mark.parametrize(
    ("statuses", "end"),
    [
        (["delivered", "undelivered"], State.DELIVERED),
        (["undelivered", "delivered"], State.FAILED),
        (["failed", "sent", "failed"], State.FAILED),
    ],
)
def test_an_end_is_an_end_and_is_told_once(text, twilio, statuses, end):
    """R128."""
    heard = []
    message, sent = text
    outcomes.listen(lambda message: heard.append(message.state))

    for status in statuses:
        twilio.report(sent, status)

    assert row(message).state == end
    assert heard == [end]


@pytest.mark.parametrize("lost", [servers.HANG, servers.DROP, servers.RESET, servers.BAD_JSON])
def test_a_report_makes_an_unclear_text_clear(queue_code, twilio, lost, monkeypatch):
    """F02, DE2: and there is no second one."""
    monkeypatch.setattr(base.for_channel("text"), "seconds", 1)
    twilio.next(lost)
    message = queue_code(channel="text")
    service.deliver(message.pk, a_text)
    assert told(message).state == DeliveryState.UNCLEAR

    twilio.report(twilio.texts[0], "sent")
    age(message, next_try_at=-timedelta(seconds=1))
    service.deliver(message.pk, a_text)

    assert row(message).state == State.SENT
    assert row(message).provider_id == twilio.texts[0].sid
    assert len(twilio.texts) == 1


def test_a_report_that_is_quicker_than_the_answer_is_kept(queue_code, twilio, monkeypatch):
    """The worker then finds its message moved on, and leaves it so."""
    hand_over = TwilioTransport.send_text

    def send_text(self, text, message_id):
        receipt = hand_over(self, text, message_id)
        twilio.report(twilio.texts[0], "delivered")
        return receipt

    monkeypatch.setattr(TwilioTransport, "send_text", send_text)
    message = queue_code(channel="text")
    service.deliver(message.pk, a_text)

    assert row(message).state == State.DELIVERED
    assert row(message).provider_id == twilio.texts[0].sid


# --- Calls ----------------------------------------------------------------------------------------


def test_a_call_asks_three_times_and_then_reports_silence(call, twilio, judged):
    """R025: a voicemail that listens confirms nothing."""
    message, sent = call

    twilio.report(sent, "ringing")
    assert told(message).text == "Ringing…"
    twilio.answer(sent)
    twilio.report(sent, "in-progress")
    assert told(message).text == "Answered. Key in the number, then #."
    twilio.wait(sent)

    assert sent.heard == [SCRIPT.ask] * 3 + [SCRIPT.silence]
    assert judged == [""]
    assert told(message).state == DeliveryState.NOTHING_KEYED


@pytest.mark.parametrize(
    ("digits", "judged_as", "sentence", "state"),
    [
        ("47", "47", SCRIPT.right, DeliveryState.CONFIRMED),
        ("48", "48", SCRIPT.wrong, DeliveryState.WRONG_NUMBER),
        ("0", "0", SCRIPT.reported, DeliveryState.REPORTED),
    ],
)
def test_keys_are_judged_and_answered(call, twilio, judged, digits, judged_as, sentence, state):
    message, sent = call
    twilio.answer(sent)

    answer = twilio.press(sent, digits)
    twilio.report(sent, "completed")

    assert answer.status == 200
    assert judged == [judged_as]
    assert sent.heard[-1] == sentence
    assert told(message).state == state


def test_a_bare_pound_is_no_number_and_the_call_goes_on_asking(call, twilio, judged):
    """R025: Twilio makes no request of it."""
    message, sent = call
    twilio.answer(sent)

    answers = [twilio.press(sent, "") for _ in range(3)]

    assert answers[:2] == [None, None]
    assert judged == [""]
    assert sent.heard == [SCRIPT.ask] * 3 + [SCRIPT.silence]
    assert told(message).state == DeliveryState.NOTHING_KEYED


def test_after_a_bare_pound_the_number_still_counts(call, twilio, judged):
    message, sent = call
    twilio.answer(sent)
    twilio.press(sent, "")

    twilio.press(sent, EXPECTED)

    assert judged == [EXPECTED]
    assert told(message).state == DeliveryState.CONFIRMED


def test_keys_without_any_key_are_silence(call, twilio, judged):
    """R025: should it ever be posted, nothing pressed confirms nothing."""
    message, sent = call
    twilio.answer(sent)
    fields = gateway.call_request(ACCOUNT, sent.sid, sent.fields, status="in-progress", Digits="")

    twilio.call_back(sent.document.gathers[0].action, fields)

    assert judged == [""]


@pytest.mark.parametrize(
    ("digits", "judged_as"), [("", "#"), ("0", "0"), ("1", "1"), ("47", "47"), ("475", "47")]
)
def test_where_a_bare_pound_is_asked_for_it_is_a_key_like_others(
    queue_code, twilio, judged, digits, judged_as
):
    """CA4: with finishOnKey Twilio would never tell of it."""
    message = queue_code(channel="call")
    service.deliver(message.pk, lambda _: replace(a_call(), script=replace(SCRIPT, bare=True)))
    sent = twilio.calls[0]
    twilio.answer(sent)

    answer = twilio.press(sent, digits)

    assert answer.status == 200
    assert judged == [judged_as]


def test_silence_where_a_bare_pound_is_asked_for_is_silence(queue_code, twilio, judged):
    """R025."""
    message = queue_code(channel="call")
    service.deliver(message.pk, lambda _: replace(a_call(), script=replace(SCRIPT, bare=True)))
    sent = twilio.calls[0]
    twilio.answer(sent)

    twilio.wait(sent)

    assert judged == [""]
    assert sent.heard == [SCRIPT.ask] * 3 + [SCRIPT.silence]


def test_a_wrong_number_is_told_in_the_words_of_the_page(call, twilio):
    message, sent = call
    twilio.answer(sent)
    twilio.press(sent, "48")

    assert told(message).text == "That wasn't the number on this page."


@pytest.mark.parametrize(
    ("status", "text"),
    [
        ("no-answer", "Nobody answered."),
        ("canceled", "Nobody answered."),
        ("busy", "The line was busy."),
        ("completed", "The call ended before the number was keyed in."),
        ("failed", "This could not be delivered. Check the number, or choose another way."),
    ],
)
def test_a_call_that_reaches_nobody_says_why(call, twilio, status, text):
    message, sent = call

    twilio.report(sent, "ringing")
    twilio.report(sent, status)

    assert told(message).text == text
    assert told(message).is_failure


@pytest.mark.parametrize(
    "order", list(itertools.permutations(["initiated", "ringing", "in-progress", "completed"]))
)
def test_progress_goes_forward_only(call, twilio, order):
    """R128, F13."""
    message, sent = call

    for status in order * 2:
        assert twilio.report(sent, status).status == 204

    assert row(message).progress == Progress.ENDED


def test_somebody_who_hangs_up_at_once_is_heard_all_the_same(call, twilio, judged):
    """`completed` may overtake the keys."""
    message, sent = call
    twilio.answer(sent)
    twilio.report(sent, "completed")

    twilio.press(sent, "47")

    assert told(message).state == DeliveryState.CONFIRMED


def test_a_call_has_one_try(call, twilio, judged):
    """R025, R026: repeated requests get 410."""
    message, sent = call
    twilio.answer(sent)
    document = sent.document

    first = twilio.press(sent, "48")
    sent.document = document
    again = [twilio.press(sent, "47").status, twilio.wait(sent).status, twilio.answer(sent).status]

    assert first.status == 200
    assert again == [410, 410, 410]
    assert judged == ["48"]
    assert row(message).progress == Progress.WRONG


def test_a_judge_who_fails_has_spent_the_try(call, twilio):
    def judge(_message, _digits):
        raise RuntimeError("a fault")

    message, sent = call
    twilio.answer(sent)
    calls.on_keys(judge)

    with pytest.raises(RuntimeError):
        twilio.press(sent, "47")

    assert row(message).progress == Progress.OVER


def test_a_call_that_is_no_longer_wanted_says_so(call, twilio, judged):
    message, sent = call
    calls.on_answer(lambda message: False)

    twilio.answer(sent)

    assert sent.heard == [SCRIPT.over]
    assert sent.document.gathers == ()
    assert judged == []


def test_late_requests_are_gone(call, twilio, judged):
    """R026."""
    message, sent = call
    twilio.answer(sent)
    age(message, expires_at=-calls.GRACE)

    assert twilio.press(sent, "47").status == 410
    assert twilio.answer(sent).status == 410
    assert judged == []


def test_a_call_asks_in_the_language_of_the_person(call, twilio):
    message, sent = call
    Message.objects.update(language="nl")

    twilio.answer(sent)

    assert sent.document.languages == {"nl-NL"}


def test_neither_an_expected_number_nor_a_destination_is_in_address_or_document(
    call, twilio, judged
):
    """R026: two digits would be found anywhere, so the whole document is known by heart."""
    message, sent = call

    document = twilio.answer(sent).body
    twilio.press(sent, "47")

    keys = f"http://testserver/webhooks/twilio/call/{message.pk}/keys/"
    gather = (
        f'<Gather action="{keys}" finishOnKey="#" input="dtmf" method="POST" numDigits="4" '
        f'timeout="5"><Say language="en-US">{SCRIPT.ask}</Say></Gather>'
    )
    silence = f'<Redirect method="POST">{keys.replace("keys", "silence")}</Redirect>'
    assert document.partition("?>")[2] == f"<Response>{gather * 3}{silence}</Response>"
    assert {urlsplit(url).query for url, _ in twilio.posted} == {""}


# --- Who may ask ----------------------------------------------------------------------------------

NAMES = ["twilio-text", "twilio-call", "twilio-call-keys", "twilio-call-silence"]
NAMES += ["twilio-call-status"]


@pytest.mark.parametrize("name", NAMES)
def test_only_twilio_is_heard(call, twilio, judged, name):
    """R026, R128: forged, unsigned, signed for another host or by another account."""
    message, sent = call
    path = reverse(f"webhooks:{name}", args=[message.pk])
    fields = gateway.call_request(ACCOUNT, sent.sid, sent.fields, status="busy", Digits="47")
    right = gateway.signature(ACCOUNT, f"http://testserver{path}", fields)
    other = replace(ACCOUNT, auth_token="guessed")
    before = Message.objects.values().get(pk=message.pk)

    answers = [
        Client().post(path, posted, headers=headers).status_code
        for posted, headers in [
            (fields, {}),
            (fields, {"x-twilio-signature": ""}),
            (fields, {"x-twilio-signature": "é"}),
            (
                fields,
                {
                    "x-twilio-signature": gateway.signature(
                        other, f"http://testserver{path}", fields
                    )
                },
            ),
            (
                fields,
                {
                    "x-twilio-signature": gateway.signature(
                        ACCOUNT, f"http://evil.example{path}", fields
                    )
                },
            ),
            (fields | {"Digits": "48"}, {"x-twilio-signature": right}),
            (fields | {"AccountSid": "AC" + "0c" * 16}, {"x-twilio-signature": right}),
        ]
    ]

    assert answers == [403] * 7
    assert judged == []
    assert Message.objects.values().get(pk=message.pk) == before


@pytest.mark.parametrize("name", NAMES)
def test_another_account_that_signs_with_our_token_is_not_heard(call, twilio, judged, name):
    """R026: a subaccount, of which nothing was asked."""
    message, sent = call
    stranger = replace(ACCOUNT, sid="AC" + "0c" * 16)
    url = f"http://testserver{reverse(f'webhooks:{name}', args=[message.pk])}"
    fields = gateway.call_request(stranger, sent.sid, sent.fields, status="busy", Digits="47")

    assert twilio.call_back(url, fields).status == 403
    assert judged == []
    assert row(message).progress == Progress.NONE


def test_the_signature_is_judged_over_the_public_address(call, twilio, settings):
    """R026, R128: whatever host the proxy hands on."""
    message, sent = call
    settings.ALLOWED_HOSTS = ["*"]
    path = reverse("webhooks:twilio-call-status", args=[message.pk])
    fields = gateway.call_request(ACCOUNT, sent.sid, sent.fields, status="busy")

    inside = Client().post(
        path,
        fields,
        headers={
            "host": "web-1.internal",
            "x-twilio-signature": gateway.signature(ACCOUNT, f"http://testserver{path}", fields),
        },
    )
    for_the_request_s_host = Client().post(
        path,
        fields,
        headers={
            "host": "evil.example",
            "x-twilio-signature": gateway.signature(ACCOUNT, f"http://evil.example{path}", fields),
        },
    )

    assert (inside.status_code, for_the_request_s_host.status_code) == (204, 403)


def test_another_call_of_the_same_account_is_foreign(call, twilio, judged):
    """R026: the matching CallSid."""
    message, sent = call
    twilio.answer(sent)
    stranger = replace(sent, sid=gateway.new_sid(sent.resource))

    statuses = [
        twilio.answer(stranger).status,
        twilio.press(stranger, "47").status,
        twilio.report(stranger, "busy").status,
        twilio.wait(stranger).status,
    ]

    assert statuses == [403] * 4
    assert judged == []
    assert row(message).progress == Progress.NONE


def test_a_message_nobody_knows_has_no_effect(call, twilio):
    """F13."""
    message, sent = call
    elsewhere = sent.fields["StatusCallback"].replace(str(message.pk), str(uuid.uuid4()))
    fields = gateway.call_request(ACCOUNT, sent.sid, sent.fields, status="busy")

    assert twilio.call_back(elsewhere, fields).status == 404


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_given_to_who_only_looks(call, name):
    """R026: POST only, documents too."""
    message, _ = call

    assert Client().get(reverse(f"webhooks:{name}", args=[message.pk])).status_code == 405


def test_a_huge_report_is_not_read(call, twilio):
    """R128."""
    message, sent = call
    fields = gateway.call_request(ACCOUNT, sent.sid, sent.fields, status="busy", Pad="x" * 20_000)

    assert twilio.call_back(sent.fields["StatusCallback"], fields).status == 413
    assert row(message).progress == Progress.NONE


def test_a_text_has_no_document(text, twilio):
    message, sent = text
    path = f"http://testserver{reverse('webhooks:twilio-call', args=[message.pk])}"
    fields = gateway.call_request(ACCOUNT, sent.sid, sent.fields, status="in-progress")

    assert twilio.call_back(path, fields).status == 410


def test_without_twilio_its_addresses_believe_nobody(call, twilio, settings):
    message, sent = call
    settings.TWILIO = None

    assert twilio.report(sent, "busy").status == 403


def test_nothing_of_a_call_is_logged(call, twilio, caplog):
    """R026, R125."""
    caplog.set_level(logging.DEBUG)
    message, sent = call
    twilio.answer(sent)
    twilio.press(sent, "47")

    assert "Digits" not in caplog.text
    assert sent.fields["To"] not in caplog.text
