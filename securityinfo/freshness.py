"""Freshness: how long ago the person of this session was last proved."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Protocol, cast
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse


class ProvingSession(Protocol):
    """What a session has to know of its person's latest proof; see accounts.session_store."""

    def mark_fresh(self) -> None: ...

    def is_fresh(self) -> bool: ...


View = Callable[..., HttpResponse]

CONFIRM = "accounts:confirm"  # by name: this module knows no page


def mark(request: HttpRequest) -> None:
    """The person has just been proved. A sign-in is marked by the session store."""
    cast(ProvingSession, request.session).mark_fresh()


def is_fresh(request: HttpRequest) -> bool:
    """Within `step_up_minutes` of the policy, by the database's clock."""
    return request.user.is_authenticated and cast(ProvingSession, request.session).is_fresh()


def fresh_sign_in_required(view: View) -> View:
    """Asks for a proof first, then comes back with GET: posted data is not carried over."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if is_fresh(request):
            return view(request, *args, **kwargs)
        query = urlencode({"next": request.get_full_path()})
        return HttpResponseRedirect(f"{reverse(CONFIRM)}?{query}")

    return guarded
