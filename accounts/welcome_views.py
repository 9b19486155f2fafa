"""The page behind a welcome link: the first password of an administrator."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from accounts import welcome as links
from accounts.forms import NewPasswordForm
from accounts.password_rules import Refused
from securityinfo.flows import FlowExpired
from securityinfo.form_pages import form_page, posted, show

GONE = 410
# Not "no-referrer": browsers then send no Origin with the form, and it would be refused.
ORIGIN_ONLY = "strict-origin"


@login_not_required
@never_cache
@form_page
@sensitive_post_parameters("new_password", "new_password_again")
def welcome(request: HttpRequest, token: str) -> HttpResponse:
    """Looking uses nothing up; the link is good for one password."""
    response = _answer(request, token)
    response["Referrer-Policy"] = ORIGIN_ONLY
    return response


def _answer(request: HttpRequest, token: str) -> HttpResponse:
    link = links.find(token)
    if link is None:
        return _no_longer_works(request)
    form = NewPasswordForm(posted(request))
    if form.is_valid():
        try:
            address = links.accept(request, link, form.cleaned_data["new_password"])
            return HttpResponseRedirect(address)
        except FlowExpired:
            return _no_longer_works(request)
        except Refused as refused:
            form.add_error("new_password", str(refused))
    context = {"form": form, "token": token, "person": link.user}
    return show(request, "accounts/welcome.html", context, form)


def _no_longer_works(request: HttpRequest) -> HttpResponse:
    """Used, too old, replaced or made up: one page for all of them."""
    return render(request, "accounts/welcome_gone.html", status=GONE)
