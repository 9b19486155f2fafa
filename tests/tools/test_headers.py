"""Headers of every response, at the level of the middleware."""

from __future__ import annotations

import pytest
from django.http import HttpResponse, StreamingHttpResponse
from django.test import RequestFactory

from securityinfo.headers import ResponseHeadersMiddleware


def through_the_middleware(response):
    return ResponseHeadersMiddleware(lambda _request: response)(RequestFactory().get("/"))


@pytest.mark.parametrize("response", [HttpResponse(), StreamingHttpResponse()])
def test_every_response_is_closed_to_other_sites_and_to_features(response):
    """R119"""
    headers = through_the_middleware(response).headers

    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "camera=()" in headers["Permissions-Policy"]
    assert "self" not in headers["Permissions-Policy"]


def test_nothing_is_stored_unless_the_view_says_how_long():
    """R120"""
    page = through_the_middleware(HttpResponse())
    logo = through_the_middleware(HttpResponse(headers={"Cache-Control": "public, max-age=60"}))

    assert page.headers["Cache-Control"] == "no-store"
    assert logo.headers["Cache-Control"] == "public, max-age=60"
