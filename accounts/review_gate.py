"""Leads whoever has been asked for a review back to it, until it is answered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts import review
from accounts.models import User

# Where methods are changed and people confirm who they are; and out.
_OPEN = frozenset({"accounts", "methods"})


class ReviewMiddleware:
    """Closes "Security info" and all that a person has come for; nothing else is looked at."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], *_: Any
    ) -> HttpResponse | None:
        if not getattr(view, "login_required", True) or not isinstance(request.user, User):
            return None
        if review.PENDING not in request.session or not _is_closed(request):
            return None
        if review.is_pending(request, request.user):
            return redirect("accounts:review")
        review.go_on(request)  # answered elsewhere
        return None


def _is_closed(request: HttpRequest) -> bool:
    match = request.resolver_match
    return match is None or match.app_name not in _OPEN or match.view_name == "methods:list"
