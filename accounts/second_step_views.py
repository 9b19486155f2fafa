"""The pages between the password and the session: the second step, and another way for it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts import pass_proof, pass_step, second_step, signin
from accounts.models import User
from accounts.signin_flow import SignInFlow
from methods import proof_pages
from securityinfo import errors
from securityinfo.flows import FlowExpired
from securityinfo.form_pages import form_page, posted, show
from securityinfo.throttling import Throttled

View = Callable[[HttpRequest, SignInFlow, User], HttpResponse]


def half_signed_in(view: View) -> Callable[[HttpRequest], HttpResponse]:
    """Hands the sign-in under way to the view; everybody else goes to where they belong."""

    @login_not_required
    @never_cache
    @wraps(view)
    def guarded(request: HttpRequest) -> HttpResponse:
        try:
            under_way = second_step.under_way(request)
            if under_way is None:
                return redirect("accounts:sign-in")
            return view(request, *under_way)
        except FlowExpired:
            return signin.started_over(request)

    return guarded


@half_signed_in
@form_page
def verify(request: HttpRequest, flow: SignInFlow, user: User) -> HttpResponse:
    return proof_pages.verify(request, second_step.place_of(request, flow, user))


@half_signed_in
@form_page
def another_way(request: HttpRequest, flow: SignInFlow, user: User) -> HttpResponse:
    if request.method == "POST":
        second_step.step(request, flow)
    return proof_pages.choose(request, second_step.place_of(request, flow, user))


@half_signed_in
@form_page
def temporary_pass(request: HttpRequest, flow: SignInFlow, user: User) -> HttpResponse:
    """In place of the second step (TP1)."""
    method = pass_step.method_for(user)
    if method is None:
        return redirect("accounts:verify")
    form = method.answer_form(posted(request))
    if form.is_valid():
        try:
            page = pass_step.answer(request, flow, user, form.cleaned_data)
        except Throttled as wait:
            return errors.too_many(request, wait.retry_at)
        if page is not None:
            return page
        form.add_error("code", pass_proof.wrong(method))
    return show(request, "accounts/temporary_pass.html", {"form": form, "method": method}, form)


@half_signed_in
@require_POST
def resend(request: HttpRequest, flow: SignInFlow, user: User) -> HttpResponse:
    second_step.step(request, flow)
    return proof_pages.resend(request, second_step.place_of(request, flow, user))


@half_signed_in
@require_GET
def status(request: HttpRequest, flow: SignInFlow, user: User) -> HttpResponse:
    return proof_pages.status(request, second_step.place_of(request, flow, user))
