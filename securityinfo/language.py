"""Which language and which time zone a page speaks."""

from __future__ import annotations

import zoneinfo
from collections.abc import Callable
from functools import cache

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers
from django.utils.translation.trans_real import parse_accept_lang_header

from securityinfo.policy import service as policy
from securityinfo.policy.settings_table import Settings

# Answers without words: no session is read for them.
WORDLESS = ("/static/", "/branding/", "/livez", "/readyz", "/metrics", "/webhooks/")


class LanguageMiddleware:
    """The person's own choice, then the browser's, then the organization's."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info.startswith(WORDLESS):
            return self.get_response(request)
        _ = request.user.is_authenticated  # reads the session, and the policy's token with it
        rules = policy.current()
        language = language_of(request, rules)
        request.LANGUAGE_CODE = language
        with translation.override(language), timezone.override(zone_of(request, rules)):
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        patch_vary_headers(response, ("Accept-Language", "Cookie"))
        return response


def language_of(request: HttpRequest, rules: Settings) -> str:
    """One of the policy's languages."""
    user = request.user
    chosen = user.language if user.is_authenticated else ""
    for wanted in (chosen, request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")):
        if wanted in rules.languages:
            return wanted
    return _of_browser(request, rules.languages) or rules.default_language


def _of_browser(request: HttpRequest, offered: tuple[str, ...]) -> str:
    """The first language of the browser's list that is offered; "nl-be" is content with "nl"."""
    for wanted, _quality in parse_accept_lang_header(request.headers.get("Accept-Language", "")):
        if wanted == "*":
            return ""
        for candidate in (wanted, wanted.split("-")[0]):
            if candidate in offered:
                return candidate
    return ""


def zone_of(request: HttpRequest, rules: Settings) -> zoneinfo.ZoneInfo:
    """The person's own time zone, else the organization's, else the server's."""
    user = request.user
    own = user.time_zone if user.is_authenticated else ""
    return _zone(own) or _zone(rules.time_zone) or zoneinfo.ZoneInfo(settings.TIME_ZONE)


@cache
def _zone(name: str) -> zoneinfo.ZoneInfo | None:
    try:
        return zoneinfo.ZoneInfo(name) if name else None
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return None
