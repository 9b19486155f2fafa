"""The page that asks whether a person's methods are still right."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts import review
from methods import needs, places, rows
from methods.places import SignedIn
from methods.standing import Standing
from securityinfo.actor import Actor
from securityinfo.form_pages import form_page
from securityinfo.freshness import proof_required


@never_cache
@form_page
@proof_required(needs.any_method)
def show(request: SignedIn) -> HttpResponse:
    """In full, so whoever was proved long ago is asked first.

    Also there for whoever wasn't asked for a review: "Looks good" then counts as well.
    """
    standing = places.standing_of(request)
    days = standing.ruleset.settings.review_days
    if not days or standing.is_frozen:
        return HttpResponseRedirect(review.go_on(request))
    if request.method == "POST":
        review.confirm(request.user, actor=Actor.of(request))
        return HttpResponseRedirect(review.go_on(request))
    helpdesk = standing.ruleset.settings.helpdesk.text
    context = {
        "rows": rows.rows(standing, helpdesk=helpdesk, in_full=True),
        "why": _why(days),
        "next_time": review.next_time(standing),
        "later": _later(request, standing),
    }
    return render(request, "accounts/review.html", context)


@never_cache
@require_POST
def later(request: SignedIn) -> HttpResponse:
    if review.is_pending(request, request.user) and not review.postpone(
        request.user, actor=Actor.of(request)
    ):
        return redirect("accounts:review")
    return HttpResponseRedirect(review.go_on(request))


def _why(days: int) -> str:
    return ngettext(
        "Your organization asks this every day, so that you can always get back in.",
        "Your organization asks this every {n} days, so that you can always get back in.",
        days,
    ).format(n=days)


def _later(request: SignedIn, standing: Standing) -> str:
    """What the button says; empty where there is none."""
    left = review.postponements_left(standing.user)
    if not left or not review.is_pending(request, request.user):
        return ""
    words = ngettext("{n} time left", "{n} times left", left).format(n=left)
    return _("Ask me later ({times})").format(times=words)
