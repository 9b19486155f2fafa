"""Who may enter the pages of the helpdesk, for whom, and with which case."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache

from accounts.helpdesk import cases, people
from accounts.helpdesk.models import HelpdeskCase
from accounts.models import User
from methods.places import SignedIn
from securityinfo import freshness
from securityinfo.freshness import STAFF_NEED, Need, proof_required

View = Callable[..., HttpResponse]
NEED = Need(
    strength=STAFF_NEED.strength, before=gettext_lazy("Before you go on with the helpdesk.")
)
OVER = gettext_lazy("The case is closed. Check the caller again.")


def needs(_request: SignedIn, **_named: Any) -> Need:
    return NEED


def agents_only(view: View) -> View:
    """For everybody else there is no such page; agents have been proved strongly (SU6)."""

    @never_cache
    @wraps(view)
    def guarded(request: SignedIn, **named: Any) -> HttpResponse:
        if not request.user.is_agent:
            raise Http404
        if not freshness.is_strong_session(request):
            return freshness.ask(request)
        return view(request, **named)

    setattr(guarded, freshness.NEED, needs)
    return guarded


def with_person(view: View) -> View:
    """Hands over whom this agent may help; for others there is no such page (HD1)."""

    @agents_only
    @wraps(view)
    def guarded(request: SignedIn, public_id: UUID, **named: Any) -> HttpResponse:
        person = people.named(request.user, public_id)
        if person is None:
            raise Http404
        return view(request, person, **named)

    return guarded


def with_case(view: View) -> View:
    """Hands over the case, once its caller has been checked; the agent was proved just now."""

    @with_person
    @wraps(view)
    def guarded(request: SignedIn, person: User, **named: Any) -> HttpResponse:
        case = cases.current(request.user, person)
        if case is None or not case.is_checked:
            return closed(request, person)
        case.person, case.agent = person, request.user
        return fresh(request, case, **named)

    @proof_required(lambda _request, _case, **_named: NEED)
    def fresh(request: SignedIn, case: HelpdeskCase, **named: Any) -> HttpResponse:
        return view(request, case, **named)

    return guarded


def closed(request: SignedIn, person: User) -> HttpResponse:
    messages.error(request, str(OVER))
    return redirect("helpdesk:person", person.public_id)
