"""Signing in with a password, and signing out."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from accounts import destinations, second_step, signin
from accounts.forms import SignInForm
from accounts.middleware import WAS_AWAY
from securityinfo import errors
from securityinfo.flows import FlowExpired
from securityinfo.form_pages import form_page, show
from securityinfo.headers import CLEAR_SITE_DATA
from securityinfo.throttling import Throttled


@login_not_required
@never_cache
@form_page
@sensitive_post_parameters("password")
def sign_in(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        return redirect(destinations.after(request.GET.get("next", "")))
    if request.method != "POST":
        if under_way := signin.page_under_way(request):
            return redirect(under_way)
        if request.session.pop(WAS_AWAY, False):
            text = _("You were signed out because you were away. Nothing was changed.")
            messages.info(request, text)
        form = SignInForm(initial={"next": request.GET.get("next", "")})
        return render(request, "accounts/sign_in.html", {"form": form})
    form = SignInForm(request.POST)
    if form.is_valid():
        answer = _tried(request, form)
        if answer is not None:
            return answer
    return show(request, "accounts/sign_in.html", {"form": form}, form)


def _tried(request: HttpRequest, form: SignInForm) -> HttpResponse | None:
    typed = form.cleaned_data
    try:
        begun = signin.begin(
            request, typed=typed["name"], password=typed["password"], next_page=typed["next"]
        )
        if begun is not None:
            return second_step.enter(request, *begun)
    except Throttled as wait:
        return errors.too_many(request, wait.retry_at)
    except FlowExpired:
        return signin.started_over(request)
    form.refuse()
    return None


@login_not_required
@never_cache
@form_page
def sign_out(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return render(request, "accounts/sign_out.html")
    # A visitor is told nothing: it would be kept in a session, and anybody could ask for thousands.
    was_here = bool(request.session.keys()) and "cancel" not in request.POST
    signin.sign_out(request)
    if was_here:
        messages.success(request, _("You're signed out."))
    response = redirect("accounts:sign-in")
    response["Clear-Site-Data"] = CLEAR_SITE_DATA
    return response
