"""The pages about sessions: where a person is signed in, signing out there, staying signed in."""

from __future__ import annotations

from uuid import UUID

from django.contrib import auth, messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import rotate_token
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts import session_list, sessions, signin, trusted_browsers
from accounts.middleware import SESSION_END
from accounts.session_limits import SessionEnd
from accounts.session_store import store_of
from methods import needs
from methods.places import SignedIn
from securityinfo import user_agent
from securityinfo.actor import Actor
from securityinfo.form_pages import form_page
from securityinfo.freshness import proof_required
from securityinfo.headers import CLEAR_SITE_DATA
from securityinfo.policy import service as policy
from securityinfo.templatetags.ui import seconds_until


@never_cache
@form_page
def sign_out_everywhere(request: SignedIn) -> HttpResponse:
    """No step-up: whoever has lost the phone can't do one (SE3)."""
    if request.method == "POST":
        sessions.sign_out_everywhere(request.user, actor=Actor.of(request))
        return _signed_out(request, _("You're signed out everywhere."))
    settings = policy.current()
    places = session_list.places_of(request.user, settings, here=_here(request))
    trusted = request.user.browsers_trusted_for(settings.trusted_browser_days)
    context = {"places": places, "ends": _what_ends(len(places), len(trusted))}
    return render(request, "accounts/sign_out_everywhere.html", context)


@never_cache
@form_page
@proof_required(needs.any_method)
def sign_out_one(request: SignedIn, uuid: UUID) -> HttpResponse:
    """GET is where a proof comes back to: the question, with the button to press again."""
    if request.method == "POST":
        if uuid == _here(request):
            signin.sign_out(request)
            messages.success(request, _("You're signed out."))
            return redirect("accounts:sign-in")
        if not sessions.end_one(request.user, uuid, actor=Actor.of(request)):
            raise Http404
        messages.success(request, _("That session has ended."))
        return redirect("accounts:sign-out-everywhere")
    session = get_object_or_404(request.user.sessions.all(), public_id=uuid)
    context = {
        "title": _("Sign out there?"),
        "what": user_agent.translated(session.browser) or _("Unknown browser"),
        "button": _("Sign out"),
        "back": reverse("accounts:sign-out-everywhere"),
    }
    return render(request, "accounts/press_again.html", context)


@never_cache
@form_page
@proof_required(needs.any_method)
def forget_browser(request: SignedIn, uuid: UUID) -> HttpResponse:
    """GET is where a proof comes back to: the question, with the button to press again."""
    if request.method == "POST":
        if not trusted_browsers.forget(request.user, uuid, actor=Actor.of(request)):
            raise Http404
        messages.success(request, _("That browser is forgotten."))
        return redirect("methods:list")
    browser = get_object_or_404(request.user.trusted_browsers.all(), public_id=uuid)
    context = {
        "title": _("Forget this trusted browser?"),
        "what": browser.in_words,
        "button": _("Forget"),
        "back": reverse("methods:list"),
    }
    return render(request, "accounts/press_again.html", context)


@never_cache
@require_POST
def stay(request: HttpRequest) -> HttpResponse:
    """Asking is using: the answer tells the new end of the session."""
    end: SessionEnd = getattr(request, SESSION_END)
    answer = {"seconds": seconds_until(end.at), "until": end.words, "may_stay": end.may_stay}
    return JsonResponse(answer)


def _what_ends(opened: int, trusted: int) -> str:
    ends = ngettext("{n} session", "{n} sessions", opened).format(n=opened)
    if not trusted:
        return _("This ends {sessions}, this browser included. Your methods stay.").format(
            sessions=ends
        )
    forgets = ngettext("{n} trusted browser", "{n} trusted browsers", trusted).format(n=trusted)
    return _(
        "This ends {sessions} and forgets {browsers}, this browser included. Your methods stay."
    ).format(sessions=ends, browsers=forgets)


def _here(request: HttpRequest) -> UUID | None:
    row = store_of(request).row
    return row.public_id if row else None


def _signed_out(request: HttpRequest, words: str) -> HttpResponse:
    auth.logout(request)
    rotate_token(request)
    messages.success(request, words)
    response = redirect("accounts:sign-in")
    response["Clear-Site-Data"] = CLEAR_SITE_DATA
    return response
