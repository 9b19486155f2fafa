"""Reads how texts and calls leave the house; a half-configured provider refuses to start."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import SplitResult

from django.core.exceptions import ImproperlyConfigured

from securityinfo import env
from securityinfo.backends import LOOPBACK

PROVIDERS = ("", "twilio", "webhook")
TRANSPORTS = {
    "": "",
    "twilio": "securityinfo.messaging.transports.twilio.TwilioTransport",
    "webhook": "securityinfo.messaging.transports.webhook.WebhookTransport",
}

TWILIO_API = "https://api.twilio.com"
_ACCOUNT = re.compile(r"AC[0-9a-f]{32}")
_SERVICE = re.compile(r"MG[0-9a-f]{32}")
_NUMBER = re.compile(r"\+[1-9]\d{6,14}")
SHORTEST_SECRET = 32  # characters: whoever guesses it confirms calls


@dataclass(frozen=True)
class Twilio:
    """An account at Twilio; texts go by the messaging service if there is one."""

    account_sid: str
    auth_token: str = field(repr=False)
    sender: str
    messaging_service: str = ""
    discards_content: bool = False
    api_url: str = TWILIO_API


@dataclass(frozen=True)
class Gateway:
    """A gateway of the organization's own, which takes signed JSON."""

    url: str = field(repr=False)
    secret: str = field(repr=False)


def twilio(*, rehearsal: bool) -> Twilio:
    """`rehearsal`: in tests and demo somebody else may play Twilio, and nowhere else."""
    given = env.text("TWILIO_API_URL", "")
    if given and not rehearsal:
        raise ImproperlyConfigured("TWILIO_API_URL is for tests and the demo.")
    return Twilio(
        account_sid=_spelled("TWILIO_ACCOUNT_SID", env.text("TWILIO_ACCOUNT_SID"), _ACCOUNT),
        auth_token=env.secret("TWILIO_AUTH_TOKEN"),
        sender=_spelled("TWILIO_FROM", env.text("TWILIO_FROM"), _NUMBER),
        messaging_service=_spelled(
            "TWILIO_MESSAGING_SERVICE_SID", env.text("TWILIO_MESSAGING_SERVICE_SID", ""), _SERVICE
        ),
        discards_content=env.flag("TWILIO_DISCARD_CONTENT", default=False),
        api_url=given.rstrip("/") or TWILIO_API,
    )


def gateway(*, rehearsal: bool) -> Gateway:
    """https, or http on this machine in tests and demo."""
    url = env.url("SECURITYINFO_GATEWAY_URL", schemes=("https", "http"))
    if url.scheme == "http" and not (rehearsal and url.hostname in LOOPBACK):
        raise ImproperlyConfigured("SECURITYINFO_GATEWAY_URL must start with https://.")
    secret = env.secret("SECURITYINFO_GATEWAY_SECRET")
    if len(secret) < SHORTEST_SECRET:
        raise ImproperlyConfigured(
            f"SECURITYINFO_GATEWAY_SECRET must have {SHORTEST_SECRET} characters or more."
        )
    return Gateway(url=_written(url), secret=secret)


def _written(url: SplitResult) -> str:
    if not url.hostname or url.username or url.fragment:
        raise ImproperlyConfigured("SECURITYINFO_GATEWAY_URL must be https://host/path.")
    return url.geturl()


def _spelled(name: str, value: str, pattern: re.Pattern[str]) -> str:
    """Empty, or as the pattern wants it. The value is not repeated: it may be another secret."""
    if value and not pattern.fullmatch(value):
        raise ImproperlyConfigured(f"{name} is not written as it should be: {pattern.pattern}")
    return value
