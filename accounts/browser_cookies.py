"""Cookies beside the session's: made while a request is judged, given with its response."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

_TO_KEEP = "browser_cookies"  # on the request


def name(bare: str) -> str:
    """For this host alone, where there is https."""
    return f"__Host-{bare}" if settings.HTTPS else bare


def keep(request: HttpRequest, cookie: str, value: str, *, max_age: timedelta) -> None:
    kept = getattr(request, _TO_KEEP, {})
    setattr(request, _TO_KEEP, kept | {cookie: (value, max_age)})


def give(request: HttpRequest, response: HttpResponseBase) -> None:
    """Puts what this request has made into its response."""
    for cookie, (value, max_age) in getattr(request, _TO_KEEP, {}).items():
        response.set_cookie(
            cookie, value, max_age=max_age, secure=settings.HTTPS, httponly=True, samesite="Lax"
        )
