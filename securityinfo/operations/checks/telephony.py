"""Does the provider of texts and calls know us? Nothing is sent, and nothing is paid for."""

from __future__ import annotations

from django.conf import settings

from securityinfo.messaging.content import Channel
from securityinfo.messaging.transports import base
from securityinfo.operations.findings import Findings, ok, wrong

ABOUT = "telephony"


def findings() -> Findings:
    if not base.has_provider(Channel.TEXT):
        yield ok(ABOUT, "No provider: texts and calls say that they aren't working right now.")
        return
    provider = settings.TELEPHONY
    try:
        base.for_channel(Channel.TEXT).try_out()
    except base.Misconfigured as problem:
        yield wrong(ABOUT, f"{provider} refuses us ({problem.reason}): correct its credentials.")
    except base.DeliveryProblem as problem:
        yield wrong(ABOUT, f"{provider} isn't reached ({problem.reason}): open the way to it.")
    else:
        yield ok(ABOUT, f"{provider} answers.")
