"""The pages of "Get back into your account"."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from accounts import (
    pass_proof,
    reset,
    reset_checks,
    reset_finish,
    reset_policy,
    reset_rights,
    reset_second,
)
from accounts.forms import NewPasswordForm
from accounts.password_rules import Refused
from accounts.reset import PAGES, State, UnderWay
from accounts.reset_checks import Result
from accounts.reset_forms import FirstCheckForm, NameForm
from accounts.reset_models import PasswordReset
from accounts.reset_policy import Why
from methods import proof_pages, registry, texts
from methods.base import Method
from methods.sending import TooEarly
from securityinfo import errors
from securityinfo.flows import FlowExpired
from securityinfo.form_pages import form_page, posted, show
from securityinfo.policy import service as policy
from securityinfo.throttling import Throttled

View = Callable[[HttpRequest, UnderWay], HttpResponse]


def in_reset(*states: State) -> Callable[[View], Callable[[HttpRequest], HttpResponse]]:
    """Hands the reset under way to a page of these states; elsewhere it goes to its own page."""

    def decorate(view: View) -> Callable[[HttpRequest], HttpResponse]:
        @login_not_required
        @never_cache
        @wraps(view)
        def guarded(request: HttpRequest) -> HttpResponse:
            try:
                under_way = reset.resume(request)
                if under_way is None:
                    return redirect("accounts:reset")
                if under_way.flow.state not in states:
                    return redirect(PAGES[State(under_way.flow.state)])
                return view(request, under_way)
            except FlowExpired:
                return _started_over(request)

        return guarded

    return decorate


@login_not_required
@never_cache
@form_page
def identify(request: HttpRequest) -> HttpResponse:
    form = NameForm(posted(request))
    if form.is_valid():
        reset.begin(request, form.cleaned_data["name"])
        return redirect("accounts:reset-check")
    return show(request, "accounts/reset.html", {"form": form}, form)


@in_reset(State.FIRST_CHECK, State.FIRST_CODE)
@form_page
def first_check(request: HttpRequest, under_way: UnderWay) -> HttpResponse:
    methods, ruleset = reset_checks.offers()
    form = FirstCheckForm(posted(request), methods=methods, settings=ruleset.settings)
    if form.is_valid():
        if ruleset.may_send(form.method.traits):
            reset_checks.choose(request, under_way, form.method, number=form.number)
            return redirect("accounts:reset-code")
        form.add_error("way", str(form.method.not_working))
    cards = reset_checks.cards(methods, ruleset, form)
    context = {"form": form, "cards": cards, "over_at": under_way.flow.over_at}
    return show(request, "accounts/reset_check.html", context, form)


@in_reset(State.FIRST_CODE)
@form_page
def first_code(request: HttpRequest, under_way: UnderWay) -> HttpResponse:
    row = under_way.reset
    method = _still_offered(row)
    if method is None:
        text = _("Your organization no longer allows this method. Choose another one.")
        messages.error(request, text)
        return redirect("accounts:reset-check")
    prompt = row.shown.prompt(method, policy.current())
    form = method.form_for(prompt, posted(request))
    if form.is_valid():
        try:
            result = reset_checks.judge(request, under_way, form.cleaned_data)
        except Throttled as wait:
            return errors.too_many(request, wait.retry_at)
        if result is Result.PASSED:
            return reset_second.to_next_page(under_way)
        if result is Result.PASSED_ALREADY:
            return redirect(request.path)
        form.add_error(next(iter(form.fields), None), _neutral(method))
    context = {
        "form": form,
        "method": method,
        "reference": prompt.reference,
        "expires_at": row.expires_at,
        "over_at": under_way.flow.over_at,
        "ready_at": reset_checks.next_send_at(row),
        **method.page(prompt),
    }
    return show(request, "accounts/reset_code.html", context, form)


@in_reset(State.FIRST_CODE)
@require_POST
def first_resend(request: HttpRequest, under_way: UnderWay) -> HttpResponse:
    method = _still_offered(under_way.reset)
    until = reset_checks.send_again(request, under_way) if method else None
    if method and until:
        messages.error(request, texts.why_not_sent(method, TooEarly(until)))
    return redirect("accounts:reset-code")


@in_reset(State.SECOND_CHECK)
@form_page
def second_check(request: HttpRequest, under_way: UnderWay) -> HttpResponse:
    return _second(request, under_way, proof_pages.choose)


@in_reset(State.SECOND_CHECK)
@form_page
def second_code(request: HttpRequest, under_way: UnderWay) -> HttpResponse:
    return _second(request, under_way, proof_pages.verify)


@in_reset(State.SECOND_CHECK)
@require_POST
def second_resend(request: HttpRequest, under_way: UnderWay) -> HttpResponse:
    return _second(request, under_way, proof_pages.resend)


@in_reset(State.SECOND_CHECK)
@require_safe
def second_status(request: HttpRequest, under_way: UnderWay) -> HttpResponse:
    return _second(request, under_way, proof_pages.status)


@sensitive_post_parameters("new_password", "new_password_again")
@in_reset(State.NEW_PASSWORD)
@form_page
def password(request: HttpRequest, under_way: UnderWay) -> HttpResponse:
    reset.check_again(request, under_way)
    if under_way.flow.state != State.NEW_PASSWORD:
        return redirect(PAGES[State(under_way.flow.state)])
    if reset_rights.find(request, under_way.reset, under_way.user) is None:
        reset.forget(request)
        raise FlowExpired
    form = NewPasswordForm(posted(request))
    if form.is_valid():
        try:
            reset_finish.finish(request, under_way, form.cleaned_data["new_password"])
            return reset_rights.take_cookie(redirect("accounts:reset-done"))
        except Refused as refused:
            form.add_error("new_password", str(refused))
        except Throttled as wait:
            return errors.too_many(request, wait.retry_at)
    context = {"form": form, "over_at": under_way.flow.over_at}
    return show(request, "accounts/reset_password.html", context, form)


@in_reset(State.DONE)
@form_page
def done(request: HttpRequest, under_way: UnderWay) -> HttpResponse:
    if request.method == "POST":
        reset.forget(request)
        text = _("Your password has been reset. Sign in with the new one.")
        messages.success(request, text)
        return redirect("accounts:sign-in")
    flow = under_way.flow
    held = registry.get(flow.held).in_words if registry.has(flow.held) else ""
    held_until = datetime.fromtimestamp(flow.held_until, UTC)
    pass_until = datetime.fromtimestamp(flow.pass_until, UTC) if flow.pass_until else None
    context = {"held": held, "held_until": held_until, "pass_until": pass_until}
    return render(request, "accounts/reset_done.html", context)


@in_reset(State.STOPPED)
@require_safe
def stopped(request: HttpRequest, under_way: UnderWay) -> HttpResponse:
    why = reset_policy.WORDS[Why(under_way.flow.why)]
    return render(request, "accounts/reset_stopped.html", {"why": why})


def _second(request: HttpRequest, under_way: UnderWay, page: Callable[..., Any]) -> HttpResponse:
    """The same pages as at sign-in, as long as policy has it so."""
    reset.check_again(request, under_way)
    if under_way.flow.state != State.SECOND_CHECK:
        return redirect(PAGES[State(under_way.flow.state)])
    if request.method == "POST":
        reset.step(request, under_way)
    answer: HttpResponse = page(request, reset_second.place_of(request, under_way))
    return answer


def _still_offered(row: PasswordReset) -> Method | None:
    """PU3: policy is read again whenever the page is shown, and when it is sent."""
    offered, _ruleset = reset_checks.offers()
    return next((method for method in offered if method.kind == row.way), None)


def _neutral(method: Method) -> str:
    """One text for every reason."""
    if method.is_issued:
        return pass_proof.wrong(method)
    if method.is_keyed:
        return str(method.not_keyed_yet)
    return _(
        "That code isn't right, or it has expired. Check it and try again, or choose another way."
    )


def _started_over(request: HttpRequest) -> HttpResponse:
    messages.info(request, _("This took too long, so we started over. Nothing was changed."))
    return redirect("accounts:reset")
