"""Twilio's transport against a server that speaks Twilio's protocol."""

from __future__ import annotations

import logging
import socket
import time
import uuid

import pytest

from securityinfo.messaging.content import CallContent, CallScript, EmailContent, TextContent
from securityinfo.messaging.models import Progress, Reason, State
from securityinfo.messaging.transports import base
from securityinfo.messaging.transports.twilio import TwilioTransport
from securityinfo.telephony import Twilio
from tests.servers import twilio as servers
from tests.servers.processes import free_port
from tests.servers.twilio import ACCOUNT, FROM, SERVICE, TwilioServer, error

MESSAGE_ID = uuid.UUID("00112233-4455-6677-8899-aabbccddeeff")
NUMBER = "+31612345678"
TEXT = TextContent(NUMBER, "Example Org: 073040 is your code.", valid_for=540)
SCRIPT = CallScript("Key it in.", "Thanks.", "Wrong.", "Nothing.", "Stopped.", "Over.")
CALL = CallContent(NUMBER, "", SCRIPT, "nl")


@pytest.fixture
def twilio():
    with TwilioServer() as server:
        yield server


def account(url, **changes):
    return Twilio(
        **{
            "account_sid": ACCOUNT.sid,
            "auth_token": ACCOUNT.auth_token,
            "sender": FROM,
            "api_url": url,
        }
        | changes
    )


@pytest.fixture
def transport(twilio):
    """Patient: on a busy machine an answer takes its time."""
    return TwilioTransport(account(twilio.url), seconds=20)


def test_a_text_is_taken_with_the_fields_it_needs(transport, twilio):
    """R024, DE4: Twilio drops what comes too late."""
    receipt = transport.send(TEXT, MESSAGE_ID)

    (sent,) = twilio.texts
    assert receipt.provider_id == sent.sid
    assert sent.fields == {
        "To": NUMBER,
        "From": FROM,
        "Body": TEXT.text,
        "StatusCallback": f"http://testserver/webhooks/twilio/text/{MESSAGE_ID}/",
        "ValidityPeriod": "540",
        "RiskCheck": "enable",
    }


def test_a_text_goes_by_the_messaging_service_and_is_forgotten_where_that_is_set_up(twilio):
    """R024."""
    ours = account(twilio.url, messaging_service=SERVICE, discards_content=True)

    TwilioTransport(ours).send(TEXT, MESSAGE_ID)

    fields = twilio.texts[0].fields
    assert fields["MessagingServiceSid"] == SERVICE
    assert "From" not in fields
    assert (fields["ContentRetention"], fields["AddressRetention"]) == ("discard", "obfuscate")


def test_a_call_is_placed_and_asks_for_its_document_later(transport, twilio):
    receipt = transport.send(CALL, MESSAGE_ID)

    (call,) = twilio.calls
    assert receipt.provider_id == call.sid
    assert call.fields["Url"] == f"http://testserver/webhooks/twilio/call/{MESSAGE_ID}/"
    assert call.fields["Method"] == "POST"
    assert call.fields["StatusCallbackEvent"] == "initiated ringing answered completed"
    assert "SendDigits" not in call.fields


def test_an_extension_is_dialed_when_the_call_is_answered(transport, twilio):
    transport.send(CallContent(NUMBER, "1234", SCRIPT, "en"), MESSAGE_ID)

    assert twilio.calls[0].fields["SendDigits"] == "w1234"


def test_nothing_secret_is_in_an_address_that_twilio_learns(transport, twilio):
    """R026."""
    transport.send(TEXT, MESSAGE_ID)
    transport.send(CALL, MESSAGE_ID)

    for sent in twilio.taken:
        for value in (each for each in sent.fields.values() if each.startswith("http")):
            assert value.removeprefix("http://testserver/webhooks/twilio/").replace(
                str(MESSAGE_ID), ""
            ) in {"text//", "call//", "call//status/"}


def test_mail_is_not_for_twilio(transport, twilio):
    with pytest.raises(base.Misconfigured):
        transport.send(EmailContent("bob@example.net", "a", "b", "c"), MESSAGE_ID)

    assert twilio.requests == 0


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (error(429, 20429), base.Busy),
        (error(429), base.Busy),
        (error(400, 60202), base.Busy),
        (error(429, 60203), base.Busy),
        (error(400, 21211), base.Undeliverable),
        (error(400, 21614), base.Undeliverable),
        (error(400, 21635), base.Undeliverable),
        (error(400, 30005), base.Undeliverable),
        (error(400, 30006), base.Undeliverable),
        (error(400, 21610), base.OptedOut),
        (error(401, 20003), base.Misconfigured),
        (error(400, 21408), base.Misconfigured),
        (error(400, 21606), base.Misconfigured),
        (error(400, 30007), base.Misconfigured),
        (error(400, 21215), base.Misconfigured),
        (error(400, 60200), base.Misconfigured),
        (error(403), base.Misconfigured),
        (error(400, 30036), base.Expired),
        (error(500, 20500), base.OutcomeUnknown),
        (error(502), base.OutcomeUnknown),
        (error(503), base.OutcomeUnknown),
        (servers.DROP, base.OutcomeUnknown),
        (servers.RESET, base.OutcomeUnknown),
        (servers.BAD_JSON, base.OutcomeUnknown),
        (servers.NO_SID, base.OutcomeUnknown),
        (servers.REDIRECT, base.OutcomeUnknown),
        (servers.QUIET_AT_FIRST, base.OutcomeUnknown),
    ],
    ids=str,
)
@pytest.mark.parametrize("outgoing", [TEXT, CALL], ids=["text", "call"])
def test_every_outcome_has_its_class(transport, twilio, outgoing, answer, problem):
    """R027, R127, F05: and nothing is asked twice, whatever Twilio does."""
    twilio.next(answer)

    with pytest.raises(base.DeliveryProblem) as raised:
        transport.send(outgoing, MESSAGE_ID)

    assert type(raised.value) is problem
    assert twilio.requests == 1
    assert NUMBER not in raised.value.reason


@pytest.mark.parametrize("mood", [servers.HANG, servers.DRIP])
@pytest.mark.parametrize("outgoing", [TEXT, CALL], ids=["text", "call"])
def test_whoever_hangs_or_drips_is_cut_off_at_the_deadline(twilio, outgoing, mood):
    """R027, R127, F05: they would take 20 s and more; the deadline here is 1 s."""
    twilio.next(mood)
    began = time.monotonic()

    with pytest.raises(base.OutcomeUnknown) as raised:
        TwilioTransport(account(twilio.url), seconds=1).send(outgoing, MESSAGE_ID)

    assert time.monotonic() - began < 10
    assert twilio.requests == 1
    assert NUMBER not in raised.value.reason


def test_nobody_at_home_is_safe_to_try_again():
    """R027: the connection was refused."""
    transport = TwilioTransport(account(f"http://127.0.0.1:{free_port()}"), seconds=20)

    with pytest.raises(base.TransportDown):
        transport.send(TEXT, MESSAGE_ID)


def test_a_name_that_nobody_knows_is_safe_to_try_again(monkeypatch):
    """R027: DNS."""

    def unknown(*_args, **_options):
        raise socket.gaierror(-2, "Name or service not known")

    transport = TwilioTransport(account("http://api.twilio.invalid"), seconds=20)
    monkeypatch.setattr(socket, "getaddrinfo", unknown)

    with pytest.raises(base.TransportDown):
        transport.send(TEXT, MESSAGE_ID)


def test_a_failed_handshake_is_safe_to_try_again(twilio):
    """R027: TLS, before anything was said."""
    transport = TwilioTransport(account(twilio.url.replace("http:", "https:")), seconds=20)

    with pytest.raises(base.TransportDown):
        transport.send(TEXT, MESSAGE_ID)

    assert twilio.taken == []


def test_a_handshake_that_never_ends_is_cut(monkeypatch):
    """R127: the deadline holds before the first byte of ours, too."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"https://127.0.0.1:{silent.getsockname()[1]}"
        began = time.monotonic()

        with pytest.raises(base.TransportDown):
            TwilioTransport(account(url), seconds=1).send(TEXT, MESSAGE_ID)

    assert time.monotonic() - began < 10


def test_a_wrong_token_is_our_configuration(twilio):
    transport = TwilioTransport(account(twilio.url, auth_token="another one"), seconds=20)

    with pytest.raises(base.Misconfigured) as raised:
        transport.send(TEXT, MESSAGE_ID)

    assert raised.value.reason == "401 20003"


def test_the_environment_of_the_process_chooses_no_other_twilio(transport, twilio, monkeypatch):
    for name in ("TWILIO_EDGE", "TWILIO_REGION"):
        monkeypatch.setenv(name, "elsewhere")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")

    transport.send(TEXT, MESSAGE_ID)

    assert len(twilio.texts) == 1


def test_nothing_of_a_text_is_logged(transport, caplog):
    """R125."""
    caplog.set_level(logging.DEBUG)

    transport.send(TEXT, MESSAGE_ID)

    assert NUMBER not in caplog.text
    assert NUMBER[1:] not in caplog.text
    assert "073040" not in caplog.text
    assert ACCOUNT.auth_token not in caplog.text


@pytest.mark.parametrize(
    ("status", "number", "state", "reason"),
    [
        ("queued", "", State.SENT, ""),
        ("sending", "", State.SENT, ""),
        ("sent", "", State.SENT, ""),
        ("delivered", "", State.DELIVERED, ""),
        ("undelivered", "30003", State.FAILED, Reason.UNREACHED),
        ("undelivered", "30008", State.FAILED, Reason.UNREACHED),
        ("failed", "", State.FAILED, Reason.UNREACHED),
        ("undelivered", "30005", State.FAILED, Reason.UNDELIVERABLE),
        ("undelivered", "30006", State.FAILED, Reason.UNDELIVERABLE),
        ("failed", "21610", State.FAILED, Reason.OPTED_OUT),
        ("undelivered", "30007", State.FAILED, Reason.MISCONFIGURED),
        ("failed", "30036", State.EXPIRED, ""),
        ("dancing", "", None, ""),
    ],
)
def test_every_report_of_a_text_has_its_meaning(transport, status, number, state, reason):
    """R027."""
    fields = {"MessageSid": "SM1", "MessageStatus": status, "ErrorCode": number}

    report = transport.parse_status(fields)

    assert (report.provider_id, report.state, report.reason) == ("SM1", state, reason)
    assert report.progress is None


@pytest.mark.parametrize(
    ("status", "state", "progress"),
    [
        ("queued", State.SENT, None),
        ("initiated", State.SENT, None),
        ("ringing", State.SENT, Progress.RINGING),
        ("in-progress", State.SENT, Progress.ANSWERED),
        ("completed", State.SENT, Progress.ENDED),
        ("busy", State.SENT, Progress.BUSY),
        ("no-answer", State.SENT, Progress.NO_ANSWER),
        ("canceled", State.SENT, Progress.CANCELED),
        ("failed", State.FAILED, None),
        ("dancing", None, None),
    ],
)
def test_every_report_of_a_call_has_its_meaning(transport, status, state, progress):
    """R027."""
    report = transport.parse_status({"CallSid": "CA1", "CallStatus": status})

    assert (report.provider_id, report.state, report.progress) == ("CA1", state, progress)
