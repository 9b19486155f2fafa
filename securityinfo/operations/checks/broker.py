"""Does the broker answer, and does nobody listen on the way?"""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings

from securityinfo.backends import LOOPBACK
from securityinfo.operations import redaction, tasks
from securityinfo.operations.findings import Findings, ok, warning, wrong

ABOUT = "broker"


def findings() -> Findings:
    try:
        tasks.ask_broker()
    except Exception as error:  # noqa: BLE001 - the broker's library raises what it likes
        told = redaction.of_error(error)
        yield wrong(ABOUT, f"Not reached: start Redis, or correct REDIS_URL. {told}")
        return
    url = urlsplit(settings.REDIS_URL)
    if not settings.REDIS_URL:
        yield ok(ABOUT, "The folder of SECURITYINFO_BROKER_DIR.")
    elif url.scheme == "redis" and url.hostname not in LOOPBACK:
        yield warning(ABOUT, "It answers, without TLS: use rediss:// where the network isn't ours.")
    else:
        yield ok(ABOUT, "It answers.")
