"""The pages of "Keep your account secure"."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts import limited, signin
from accounts.wizard import TITLE, NotHere, Wizard
from methods import places, setup_pages
from methods.manage_forms import ChooseForm
from securityinfo.flows import FlowExpired
from securityinfo.form_pages import UNPROCESSABLE, form_page, posted

View = Callable[..., HttpResponse]


def in_wizard(view: View) -> View:
    """Hands the registration under way to the view; everybody else goes to where they belong."""

    @login_not_required
    @never_cache
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            wizard = limited.resume(request)
            if request.method == "POST":
                wizard.step()
            return view(request, wizard, *args, **kwargs)
        except NotHere:
            return redirect("accounts:sign-in")
        except FlowExpired:
            return signin.started_over(request)

    return guarded


@in_wizard
@require_GET
def start(request: HttpRequest, wizard: Wizard) -> HttpResponse:
    if wizard.flow.registered:
        return redirect("accounts:keep-secure-summary")
    return _page(request, wizard, wizard.template)


@in_wizard
@form_page
def choose(request: HttpRequest, wizard: Wizard) -> HttpResponse:
    if not wizard.may_add:
        return redirect("accounts:keep-secure")
    cards = places.cards(wizard.proposals, wizard.ruleset)
    cards += limited.cards(wizard.replaceable)
    form = ChooseForm(posted(request), kinds=[card["value"] for card in cards])
    if form.is_valid():
        return redirect("accounts:keep-secure-set-up", form.cleaned_data["kind"])
    status = UNPROCESSABLE if form.is_bound else 200
    return _page(
        request, wizard, "accounts/keep_secure_choose.html", status=status, form=form, cards=cards
    )


@in_wizard
@form_page
def set_up(request: HttpRequest, wizard: Wizard, kind: str) -> HttpResponse:
    place = wizard.place(kind)
    if not wizard.offers(place):
        return _not_offered(request, wizard)
    return setup_pages.enter(request, place)


@in_wizard
@form_page
def verify(request: HttpRequest, wizard: Wizard, kind: str) -> HttpResponse:
    return setup_pages.verify(request, wizard.place(kind))


@in_wizard
@require_POST
def resend(request: HttpRequest, wizard: Wizard, kind: str) -> HttpResponse:
    return setup_pages.resend(request, wizard.place(kind))


@in_wizard
@require_GET
def status(request: HttpRequest, wizard: Wizard, kind: str) -> HttpResponse:
    return setup_pages.status(request, wizard.place(kind))


@in_wizard
@form_page
def summary(request: HttpRequest, wizard: Wizard) -> HttpResponse:
    if not wizard.flow.registered:
        return redirect("accounts:keep-secure")
    if request.method == "POST":
        return _go_on(wizard.finish(), "accounts:keep-secure-summary")
    return _page(request, wizard, "accounts/keep_secure_summary.html")


@in_wizard
@require_POST
def skip(request: HttpRequest, wizard: Wizard) -> HttpResponse:
    return _go_on(wizard.skip(), "accounts:keep-secure")


def _go_on(address: str | None, otherwise: str) -> HttpResponse:
    return redirect(otherwise) if address is None else HttpResponseRedirect(address)


def _not_offered(request: HttpRequest, wizard: Wizard) -> HttpResponse:
    if wizard.is_short:
        text = _("Your organization no longer allows this method. Choose another one.")
        messages.error(request, text)
    return redirect("accounts:keep-secure")


def _page(
    request: HttpRequest, wizard: Wizard, template: str, *, status: int = 200, **context: Any
) -> HttpResponse:
    context |= {"wizard": wizard, "asked": wizard.asked, "title": TITLE}
    return render(request, template, context, status=status)
