"""The words of the text that carries a code: one segment, nothing in it that a person typed."""

from __future__ import annotations

import math
from datetime import datetime

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from methods.base import Prompt, Purpose
from securityinfo import clock
from securityinfo.messaging import letterhead

_WORDS = {
    Purpose.REGISTER: _(
        "%(code)s is your %(sender)s code to add this phone (ref %(reference)s). "
        "Valid %(minutes)s minutes. Don't share it."
    ),
    Purpose.SIGN_IN: _(
        "%(code)s is your %(sender)s code to sign in (ref %(reference)s). "
        "Valid %(minutes)s minutes. Don't share it."
    ),
    Purpose.CONFIRM: _(
        "%(code)s is your %(sender)s code to confirm it's you (ref %(reference)s). "
        "Valid %(minutes)s minutes. Don't share it."
    ),
    Purpose.RESET: _(
        "%(code)s is your %(sender)s code to reset your password (ref %(reference)s). "
        "Valid %(minutes)s minutes. Don't share it."
    ),
    Purpose.CALLER: _(
        "%(sender)s helpdesk check: %(code)s. Read it out only if you called the helpdesk "
        "yourself. Nobody else may ask for it."
    ),
}


def of(prompt: Prompt) -> str:
    """In the active language; bound to our site, unless it is to be read out to somebody."""
    text = _WORDS[prompt.purpose] % {
        "code": prompt.code,
        "sender": letterhead.current().short_name,
        "reference": prompt.reference,
        "minutes": _minutes_until(prompt.expires_at),
    }
    if prompt.purpose is Purpose.CALLER:
        return text + _spoken(prompt.words)
    return text + _origin(prompt.code)


def _spoken(words: str) -> str:
    """By these a caller knows that the agent is real."""
    return " " + gettext("Words: %(words)s.") % {"words": words} if words else ""


def seconds_until(moment: datetime) -> int:
    return max(0, math.ceil((moment - clock.now()).total_seconds()))


def _minutes_until(moment: datetime) -> int:
    return max(1, math.ceil(seconds_until(moment) / 60))


def _origin(code: str) -> str:
    """By the last line a phone knows on which site it may fill the code in (SMS one-time codes)."""
    host = letterhead.public_host()
    return f"\n\n@{host} #{code}" if len(host) <= letterhead.LONGEST_BOUND_HOST else ""
