"""Does the proxy in front hand on what we need? Asked from outside, as a browser would."""

from __future__ import annotations

from django.conf import settings
from urllib3 import PoolManager, Timeout
from urllib3.exceptions import HTTPError

from securityinfo.operations.findings import Findings, ok, warning, wrong

ABOUT = "proxy"
SECONDS = 5.0
PAGE = "/sign-in/"


def findings() -> Findings:
    if not settings.PRODUCTION:
        yield ok(ABOUT, "None is needed here.")
        return
    if not settings.TRUSTED_PROXIES:
        yield warning(ABOUT, "None is trusted: name it in SECURITYINFO_TRUSTED_PROXIES.")
    yield from from_outside(settings.PUBLIC_URL)


def from_outside(public_url: str) -> Findings:
    """What the sign-in page answers at an address."""
    address = public_url + PAGE
    try:
        status, location = _ask(address)
    except HTTPError as error:
        told = type(error).__name__
        yield warning(ABOUT, f"{public_url} isn't reached from here ({told}): try it elsewhere.")
        return
    if status == 200:
        yield ok(ABOUT, f"{public_url} shows the sign-in page.")
    elif location == address:
        text = "It redirects to itself: trust the proxy, and let it send X-Forwarded-Proto."
        yield wrong(ABOUT, text)
    elif status == 400:
        yield wrong(ABOUT, "The host is refused: let the proxy pass Host on unchanged.")
    else:
        yield wrong(ABOUT, f"{public_url} answers {status}: is it this application?")


def _ask(address: str) -> tuple[int, str]:
    with PoolManager() as pool:
        answer = pool.request(
            "GET", address, timeout=Timeout(total=SECONDS), retries=False, redirect=False
        )
        return answer.status, answer.headers.get("Location", "")
