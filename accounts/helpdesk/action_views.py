"""The pages of the actions: each says what will happen, and does it once."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpResponse

from accounts.helpdesk import action_pages
from accounts.helpdesk.acting import PERSON, perform, show_action
from accounts.helpdesk.entrance import with_case
from accounts.helpdesk.forms import ActionForm, DeleteForm, LiftForm
from accounts.helpdesk.models import Action, HelpdeskCase
from methods.places import SignedIn
from securityinfo.form_pages import form_page, posted


@form_page
@with_case
def delete(request: SignedIn, case: HelpdeskCase, method: UUID) -> HttpResponse:
    context = action_pages.of_deletion(case.person, method)
    offers_pass = context is not None and not context["left"]
    form = DeleteForm(posted(request), offers_pass=offers_pass)
    if request.method == "POST" and form.is_valid():
        then = "helpdesk:pass" if form.cleaned_data.get("pass_next") else PERSON
        details = {"method": str(method)}
        return perform(request, case, Action.DELETE, form, details, then=then)
    if context is None:
        raise Http404
    return show_action(request, case, "helpdesk/delete.html", form, context)


@form_page
@with_case
def reregister(request: SignedIn, case: HelpdeskCase) -> HttpResponse:
    form = ActionForm(posted(request))
    if request.method == "POST" and form.is_valid():
        return perform(request, case, Action.REREGISTER, form, {})
    context = action_pages.of_reregistration(case.person)
    return show_action(request, case, "helpdesk/reregister.html", form, context)


@form_page
@with_case
def end_sessions(request: SignedIn, case: HelpdeskCase) -> HttpResponse:
    form = ActionForm(posted(request))
    if request.method == "POST" and form.is_valid():
        return perform(request, case, Action.END_SESSIONS, form, {})
    context = action_pages.of_sessions(case.person)
    return show_action(request, case, "helpdesk/plain_action.html", form, context)


@form_page
@with_case
def unlock(request: SignedIn, case: HelpdeskCase) -> HttpResponse:
    form = ActionForm(posted(request))
    if request.method == "POST" and form.is_valid():
        return perform(request, case, Action.UNLOCK, form, {})
    context = action_pages.of_unlocking(case.person)
    return show_action(request, case, "helpdesk/plain_action.html", form, context)


@form_page
@with_case
def lift_freeze(request: SignedIn, case: HelpdeskCase) -> HttpResponse:
    form = LiftForm(posted(request), suspended=action_pages.suspended(case.person))
    if request.method == "POST" and form.is_valid():
        details = {"restore": form.cleaned_data.get("restore", [])}
        return perform(request, case, Action.LIFT_FREEZE, form, details)
    context = action_pages.of_freeze(case.person)
    return show_action(request, case, "helpdesk/plain_action.html", form, context)
