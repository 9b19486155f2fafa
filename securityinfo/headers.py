"""Response headers that every answer carries, beside those of Django."""

from __future__ import annotations

from collections.abc import Callable

from csp.utils import build_policy
from django.http import HttpRequest, HttpResponseBase

# No page uses any of these. Passkeys, one-time codes and copying stay possible on our own pages.
_DENIED_FEATURES = (
    "accelerometer",
    "autoplay",
    "browsing-topics",
    "camera",
    "clipboard-read",
    "display-capture",
    "encrypted-media",
    "fullscreen",
    "gamepad",
    "geolocation",
    "gyroscope",
    "hid",
    "idle-detection",
    "interest-cohort",
    "local-fonts",
    "magnetometer",
    "microphone",
    "midi",
    "payment",
    "picture-in-picture",
    "screen-wake-lock",
    "serial",
    "storage-access",
    "sync-xhr",
    "usb",
    "window-management",
    "xr-spatial-tracking",
)

# What a browser may have kept of the pages. Not "cookies": that would take those of every other
# application of the organization's domain with it; our own is deleted by name.
CLEAR_SITE_DATA = '"cache", "storage"'

HEADERS = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(f"{feature}=()" for feature in _DENIED_FEATURES),
    "X-Content-Type-Options": "nosniff",
    # Pages are about one person. Static files and the logo say themselves how long they keep.
    "Cache-Control": "no-store",
}


class ResponseHeadersMiddleware:
    """Outermost, so that error pages, redirects and static files have the headers too."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        # The same for every page, so django-csp's middleware, which makes it anew, has no part.
        self.headers = HEADERS | {"Content-Security-Policy": build_policy()}

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        for name, value in self.headers.items():
            response.headers.setdefault(name, value)
        return response
