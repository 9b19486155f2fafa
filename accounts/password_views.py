"""The two pages on which a person chooses a new password."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from accounts import new_password, password_change, signin
from accounts.forms import ChangePasswordForm, NewPasswordForm
from accounts.password_change import WrongCurrent
from accounts.password_rules import Refused
from methods import needs
from methods.places import SignedIn
from securityinfo import errors
from securityinfo.flows import FlowExpired
from securityinfo.form_pages import form_page
from securityinfo.freshness import proof_required
from securityinfo.throttling import Throttled

never_reported = sensitive_post_parameters("current_password", "new_password", "new_password_again")


@never_cache
@form_page
@never_reported
@proof_required(needs.to_change_password)
def change(request: SignedIn) -> HttpResponse:
    form = ChangePasswordForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        typed = form.cleaned_data
        try:
            password_change.change_own(
                request, current=typed["current_password"], new=typed["new_password"]
            )
            messages.success(request, _("Your password was changed. Other sessions were ended."))
            return redirect("methods:list")
        except WrongCurrent as wrong:
            form.add_error("current_password", str(wrong))
        except Refused as refused:
            form.add_error("new_password", str(refused))
        except Throttled as wait:
            return errors.too_many(request, wait.retry_at)
    return _page(request, "accounts/password.html", form)


@login_not_required
@never_cache
@form_page
@never_reported
def choose(request: HttpRequest) -> HttpResponse:
    try:
        under_way = new_password.under_way(request)
        if under_way is None:
            return redirect("accounts:sign-in")
        form = NewPasswordForm(request.POST if request.method == "POST" else None)
        if form.is_valid():
            typed = form.cleaned_data["new_password"]
            return HttpResponseRedirect(new_password.choose(request, *under_way, typed))
    except FlowExpired:
        return signin.started_over(request)
    except Refused as refused:
        form.add_error("new_password", str(refused))
    return _page(request, "accounts/new_password.html", form)


def _page(request: HttpRequest, template: str, form: NewPasswordForm) -> HttpResponse:
    return render(request, template, {"form": form}, status=422 if form.errors else 200)
