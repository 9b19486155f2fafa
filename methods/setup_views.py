"""The pages of "Add method" and of "Change": the same ones, only their addresses differ."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from methods import changes, names, needs, places, setup_pages, texts
from methods.manage_forms import RenameForm
from methods.models import Registration
from methods.places import SignedIn, unless_frozen
from methods.standing import Standing
from securityinfo import errors, throttling
from securityinfo.actor import Actor
from securityinfo.form_pages import form_page, posted, show
from securityinfo.freshness import proof_required


@form_page
@unless_frozen
@proof_required(needs.to_add)
def set_up(request: SignedIn, kind: str) -> HttpResponse:
    return setup_pages.enter(request, places.of(request, kind=kind))


@form_page
@unless_frozen
@proof_required(needs.to_change)
def change(request: SignedIn, uuid: UUID) -> HttpResponse:
    standing = places.standing_of(request)
    registration = places.own_or_404(standing, uuid)
    if registration.method.is_named:
        return _rename(request, registration, standing)
    return setup_pages.enter(request, places.changing(request, registration, standing))


@form_page
@unless_frozen
@proof_required(needs.to_set_up)
def verify(request: SignedIn, **named: Any) -> HttpResponse:
    return setup_pages.verify(request, places.of(request, **named))


@form_page
@unless_frozen
@proof_required(needs.to_set_up)
def resend(request: SignedIn, **named: Any) -> HttpResponse:
    """GET is where a proof comes back to: the page with the button."""
    if request.method != "POST":
        return redirect(places.of(request, **named).verify_url)
    return setup_pages.resend(request, places.of(request, **named))


@require_safe
def status(request: SignedIn, **named: Any) -> HttpResponse:
    return setup_pages.status(request, places.of(request, **named))


def _rename(request: SignedIn, registration: Registration, standing: Standing) -> HttpResponse:
    if not (decision := standing.may_change(registration)):
        messages.error(request, texts.why_refused(registration.method, decision.reason))
        return redirect("methods:list")
    used = names.taken(request.user, besides=registration)
    form = RenameForm(posted(request), taken=used, initial={"name": registration.name})
    if request.method == "POST" and form.is_valid():
        name, actor = form.cleaned_data["name"], Actor.of(request)
        try:
            if names.rename(registration, name, ruleset=standing.ruleset, actor=actor):
                messages.success(request, texts.renamed(registration))
            return redirect("methods:list")
        except (names.Taken, changes.Refused):  # in another tab, meanwhile
            return redirect(request.path)
        except throttling.Throttled as wait:
            return errors.too_many(request, wait.retry_at)
    place = places.changing(request, registration, standing)
    context = {"form": form, "place": place, "method": registration.method}
    return show(request, "methods/rename.html", context, form)
