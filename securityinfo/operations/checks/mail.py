"""Does the mail server let us in? Nothing is sent."""

from __future__ import annotations

from django.conf import settings

from securityinfo.messaging.content import Channel
from securityinfo.messaging.transports import base
from securityinfo.operations.findings import Findings, ok, wrong

ABOUT = "mail"


def findings() -> Findings:
    server = settings.SMTP
    place = f"{server['host']}:{server['port']}"
    try:
        base.for_channel(Channel.EMAIL).try_out()
    except base.Misconfigured as problem:
        yield wrong(ABOUT, f"{place} refuses us ({problem.reason}): correct EMAIL_URL.")
    except base.DeliveryProblem as problem:
        yield wrong(ABOUT, f"{place} isn't reached ({problem.reason}): start it, or open the way.")
    else:
        yield ok(ABOUT, f"{place} takes mail {_how()}.")


def _how() -> str:
    server = settings.SMTP
    secured = "over TLS" if server["use_tls"] or server["use_ssl"] else "on this machine"
    return f"{secured}, signed in" if server["username"] else secured
