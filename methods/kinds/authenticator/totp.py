"""Time-based codes (RFC 6238): SHA-1, 6 digits, 30 seconds, the one form that every app knows."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import quote

import pyotp
from django.utils.crypto import constant_time_compare

from securityinfo import clock

DIGITS = 6
PERIOD = 30  # seconds
KEY_LETTERS = 32  # of base32: 160 bits, as long as the hash (RFC 4226, R6)
STEPS_BESIDE = 1  # on either side: a phone's clock may be half a minute off (RFC 6238 5.2)


def new_key() -> str:
    """160 random bits in base32."""
    return pyotp.random_base32(KEY_LETTERS)


def step_at(moment: datetime) -> int:
    """Which half minute it is then."""
    return int(moment.timestamp()) // PERIOD


def step_now() -> int:
    """Which half minute it is, by the server's clock."""
    return step_at(clock.now())


def code_at(key: str, step: int) -> str:
    return pyotp.HOTP(key, digits=DIGITS).at(step)


def matching_step(key: str, typed: str) -> int | None:
    """The latest of the accepted steps whose code this is; None if it is none of them.

    Every step is compared, so that the time it takes says nothing.
    """
    now = step_now()
    steps = range(now - STEPS_BESIDE, now + STEPS_BESIDE + 1)
    matching = [step for step in steps if constant_time_compare(typed, code_at(key, step))]
    return max(matching, default=None)


def uri(key: str, *, issuer: str, account: str) -> str:
    """What an app reads from the QR code or from the link."""
    issuer = issuer.replace(":", " ")  # in the label the colon ends the issuer
    label = f"{quote(issuer, safe='')}:{quote(account, safe='')}"
    facts = f"secret={key}&issuer={quote(issuer, safe='')}"
    return f"otpauth://totp/{label}?{facts}&algorithm=SHA1&digits={DIGITS}&period={PERIOD}"
