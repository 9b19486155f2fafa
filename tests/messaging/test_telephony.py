"""How texts and calls are configured; what is half done refuses to start."""

from __future__ import annotations

import pytest
from django.core.exceptions import ImproperlyConfigured

from securityinfo import env, telephony
from tests.servers.twilio import ACCOUNT, FROM, SERVICE

TWILIO = {
    "TWILIO_ACCOUNT_SID": ACCOUNT.sid,
    "TWILIO_AUTH_TOKEN": ACCOUNT.auth_token,
    "TWILIO_FROM": FROM,
}
GATEWAY = {
    "SECURITYINFO_GATEWAY_URL": "https://sms.example.org/send",
    "SECURITYINFO_GATEWAY_SECRET": "0123456789abcdefghijklmnopqrstuvwxyz",
}


@pytest.fixture
def environment(monkeypatch):
    def put(variables):
        for name, value in variables.items():
            monkeypatch.setenv(name, value)

    return put


def test_an_account_at_twilio_is_read(environment):
    environment(TWILIO | {"TWILIO_MESSAGING_SERVICE_SID": SERVICE, "TWILIO_DISCARD_CONTENT": "on"})

    account = telephony.twilio(rehearsal=False)

    assert account == telephony.Twilio(
        ACCOUNT.sid, ACCOUNT.auth_token, FROM, SERVICE, discards_content=True
    )
    assert account.api_url == "https://api.twilio.com"
    assert ACCOUNT.auth_token not in repr(account)


@pytest.mark.parametrize("missing", TWILIO)
def test_half_an_account_refuses_to_start(environment, missing):
    environment({name: value for name, value in TWILIO.items() if name != missing})

    with pytest.raises(ImproperlyConfigured, match=missing):
        telephony.twilio(rehearsal=False)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TWILIO_ACCOUNT_SID", "SK0123"),
        ("TWILIO_FROM", "0612345678"),
        ("TWILIO_FROM", "Example"),
        ("TWILIO_MESSAGING_SERVICE_SID", ACCOUNT.sid),
        ("TWILIO_API_URL", "https://elsewhere.example"),
    ],
)
def test_a_misspelled_account_refuses_to_start_and_is_not_repeated(environment, name, value):
    environment(TWILIO | {name: value})

    with pytest.raises(ImproperlyConfigured) as refusal:
        telephony.twilio(rehearsal=False)

    assert name in str(refusal.value)
    assert value not in str(refusal.value)


def test_in_a_rehearsal_somebody_else_plays_twilio(environment):
    environment(TWILIO | {"TWILIO_API_URL": "http://127.0.0.1:9/"})

    assert telephony.twilio(rehearsal=True).api_url == "http://127.0.0.1:9"


def test_a_gateway_is_read(environment):
    environment(GATEWAY)

    gateway = telephony.gateway(rehearsal=False)

    assert gateway.url == "https://sms.example.org/send"
    assert repr(gateway) == "Gateway()"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECURITYINFO_GATEWAY_URL", ""),
        ("SECURITYINFO_GATEWAY_URL", "http://sms.example.org/send"),
        ("SECURITYINFO_GATEWAY_URL", "http://127.0.0.1/send"),
        ("SECURITYINFO_GATEWAY_URL", "https:///send"),
        ("SECURITYINFO_GATEWAY_URL", "https://user:word@sms.example.org/"),
        ("SECURITYINFO_GATEWAY_SECRET", ""),
        ("SECURITYINFO_GATEWAY_SECRET", "short"),
    ],
)
def test_half_a_gateway_refuses_to_start(environment, name, value):
    environment(GATEWAY | {name: value})

    with pytest.raises(ImproperlyConfigured, match=name):
        telephony.gateway(rehearsal=False)


def test_an_unknown_provider_refuses_to_start(environment):
    environment({"SECURITYINFO_TELEPHONY": "twillio"})

    with pytest.raises(ImproperlyConfigured, match="twilio, webhook"):
        env.choice("SECURITYINFO_TELEPHONY", "", of=telephony.PROVIDERS)
