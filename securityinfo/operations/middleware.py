"""Answers what machines ask before anything looks for a person, a host or the database."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase
from django.urls import resolve

from securityinfo.operations import monitoring

URLS = "securityinfo.operations.urls"
PATHS = frozenset({"/livez", "/readyz", "/metrics"})


class ProbeMiddleware:
    """A probe knows neither the public host nor https, and must not fail with what it asks for.

    What it is told holds nothing that came with the request.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        monitoring.networks()  # a spelling mistake stops the start, not a request

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info not in PATHS or request.method not in ("GET", "HEAD"):
            return self.get_response(request)
        view = resolve(request.path_info, URLS).func
        return view(request)
