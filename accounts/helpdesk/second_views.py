"""The page on which a second person agrees to what an agent has asked for, or doesn't."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts.helpdesk import action_pages, actions, desk, second
from accounts.helpdesk.actions import Outcome
from accounts.helpdesk.entrance import NEED, agents_only
from accounts.helpdesk.models import HelpdeskAction
from methods.places import SignedIn
from securityinfo import freshness
from securityinfo.actor import Actor
from securityinfo.form_pages import form_page, show

AGREE = "agree"  # the name of the button that was pressed


@form_page
@agents_only
def decide(request: SignedIn, asked: UUID) -> HttpResponse:
    """For those who may not decide, and for what is decided, there is no such page."""
    waiting = HelpdeskAction.objects.waiting().select_related("case__person", "case__agent")
    found = waiting.filter(public_id=asked).first()
    if found is None or not second.may_decide(request.user, found.case, found.case.person):
        if request.method == "POST":
            return _decided(request)
        raise Http404
    if not freshness.meets(request, NEED):
        return freshness.ask(request)
    if request.method == "POST":
        return _decide(request, found)
    context = {
        "asked": found,
        "case": found.case,
        "person": found.case.person,
        "checked_by": desk.checked_by(found.case),
        "lines": action_pages.what_was_asked(found),
    }
    return show(request, "helpdesk/decide.html", context, None)


def _decide(request: SignedIn, found: HelpdeskAction) -> HttpResponse:
    agrees = AGREE in request.POST
    outcome = actions.decide(found, request.user, agrees=agrees, actor=Actor.of(request))
    if outcome is Outcome.CLOSED:
        return _decided(request)
    if not agrees:
        messages.success(request, _("You refused it. Nothing was done."))
    elif outcome is Outcome.NOTHING:
        messages.info(request, _("There was nothing to do any more."))
    else:
        name = found.case.person.get_full_name()
        messages.success(request, _("Done. {name} has been told.").format(name=name))
    return redirect("helpdesk:search")


def _decided(request: SignedIn) -> HttpResponse:
    messages.info(request, _("This has been decided, or its hour is over."))
    return redirect("helpdesk:search")
