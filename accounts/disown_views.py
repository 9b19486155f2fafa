""" "This wasn't me": what happened and what a press will do, and that it was done."""

from __future__ import annotations

from django.contrib import auth
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import rotate_token
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts import disown
from methods import activity
from securityinfo import disown_links, errors, throttling
from securityinfo.actor import Actor
from securityinfo.audit.models import Event
from securityinfo.crypto import fingerprint
from securityinfo.form_pages import form_page
from securityinfo.network import network_key
from securityinfo.throttling import limits

GONE = 410


@login_not_required
@never_cache
@form_page
def not_me(request: HttpRequest, token: str) -> HttpResponse:
    """Whoever has the link may protect the account: it was sent to its owner alone."""
    event = _event_of(token)
    if event is None:
        return _no_longer_works(request)
    if request.method == "POST":
        return _protect(request, event, token)
    if not disown.is_open(event):
        return _no_longer_works(request)
    return render(request, "accounts/not_me.html", {"entry": activity.entry(event), "token": token})


@login_not_required
@never_cache
@require_safe
def done(request: HttpRequest, token: str) -> HttpResponse:
    event = _event_of(token)
    if event is None or disown.is_open(event):
        return _no_longer_works(request)
    return render(request, "accounts/protected.html")


def _protect(request: HttpRequest, event: Event, token: str) -> HttpResponse:
    """Of two clicks the second one finds it done."""
    if not disown.is_open(event):
        return redirect("accounts:not-me-done", token)
    actor = Actor.of(request)
    address = network_key(actor.origin.address)
    try:
        throttling.hit(limits.DISOWNINGS_BY_ADDRESS, fingerprint("address", address))
    except throttling.Throttled as wait:
        return errors.too_many(request, wait.retry_at)
    disown.protect(event, actor)
    if actor.person == event.subject:  # this session has ended with all others
        auth.logout(request)
        rotate_token(request)
    return redirect("accounts:not-me-done", token)


def _event_of(token: str) -> Event | None:
    """None if the token is no good, or if the event is about nobody."""
    about_people = Event.objects.select_related("origin").exclude(subject=None)
    return about_people.filter(pk=disown_links.event_of(token) or 0).first()


def _no_longer_works(request: HttpRequest) -> HttpResponse:
    """Used, too old or forged: one page for all of them."""
    return render(request, "accounts/not_me_gone.html", status=GONE)
