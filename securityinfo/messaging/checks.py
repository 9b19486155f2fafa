"""Refuses a start with which messages would go out wrongly, or nowhere."""

from __future__ import annotations

import os
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning

from securityinfo.backends import LOOPBACK
from securityinfo.messaging import failpoints, letterhead

TEST_TRANSPORTS = ("securityinfo.messaging.transports.memory.", "securityinfo.demo.")


def plain_mail_stays_at_home(**_: Any) -> list[CheckMessage]:
    """Mail without TLS may go to a server on this machine only (R127)."""
    smtp = settings.SMTP
    if smtp["use_tls"] or smtp["use_ssl"] or smtp["host"] in LOOPBACK:
        return []
    return [Error("smtp+plain:// in EMAIL_URL is for this machine only.", id="messaging.E001")]


def texts_name_our_site(**_: Any) -> list[CheckMessage]:
    """Phones fill codes in by the last line of a text, where it has room for the host (DE4)."""
    if len(letterhead.public_host()) <= letterhead.LONGEST_BOUND_HOST:
        return []
    longest = letterhead.LONGEST_BOUND_HOST
    text = f"The host of SECURITYINFO_PUBLIC_URL has more than {longest} characters."
    hint = "Texts leave it out, so phones don't fill the codes in by themselves."
    return [Warning(text, hint=hint, id="messaging.W001")]


def nothing_of_the_tests_in_production(**_: Any) -> list[CheckMessage]:
    """Neither a transport that sends nothing nor a failpoint (R134)."""
    if not settings.PRODUCTION:
        return []
    found: list[CheckMessage] = []
    if settings.EMAIL_TRANSPORT.startswith(TEST_TRANSPORTS):
        found.append(Error("EMAIL_TRANSPORT sends nothing.", id="messaging.E002"))
    if settings.TELEPHONY_TRANSPORT.startswith(TEST_TRANSPORTS):
        found.append(Error("TELEPHONY_TRANSPORT sends nothing.", id="messaging.E004"))
    if os.environ.get(failpoints.VARIABLE):
        found.append(Error("FAILPOINT is for tests only.", id="messaging.E003"))
    return found
