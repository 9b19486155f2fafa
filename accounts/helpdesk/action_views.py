"""The pages of the actions: each says what will happen, and does it once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms import BaseForm
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts.helpdesk import action_pages, actions, entrance
from accounts.helpdesk.actions import Outcome
from accounts.helpdesk.entrance import with_case
from accounts.helpdesk.forms import ActionForm, LiftForm
from accounts.helpdesk.models import Action, HelpdeskCase
from methods.places import SignedIn
from securityinfo import throttling, times
from securityinfo.actor import Actor
from securityinfo.form_pages import form_page, posted, show

LIMITED = 429


@form_page
@with_case
def delete(request: SignedIn, case: HelpdeskCase, method: UUID) -> HttpResponse:
    form = ActionForm(posted(request))
    if request.method == "POST" and form.is_valid():
        return _perform(request, case, Action.DELETE, form, {"method": str(method)})
    context = action_pages.of_deletion(case.person, method)
    if context is None:
        raise Http404
    return _show(request, case, "helpdesk/delete.html", form, context)


@form_page
@with_case
def reregister(request: SignedIn, case: HelpdeskCase) -> HttpResponse:
    form = ActionForm(posted(request))
    if request.method == "POST" and form.is_valid():
        return _perform(request, case, Action.REREGISTER, form, {})
    context = action_pages.of_reregistration(case.person)
    return _show(request, case, "helpdesk/reregister.html", form, context)


@form_page
@with_case
def end_sessions(request: SignedIn, case: HelpdeskCase) -> HttpResponse:
    form = ActionForm(posted(request))
    if request.method == "POST" and form.is_valid():
        return _perform(request, case, Action.END_SESSIONS, form, {})
    context = action_pages.of_sessions(case.person)
    return _show(request, case, "helpdesk/plain_action.html", form, context)


@form_page
@with_case
def unlock(request: SignedIn, case: HelpdeskCase) -> HttpResponse:
    form = ActionForm(posted(request))
    if request.method == "POST" and form.is_valid():
        return _perform(request, case, Action.UNLOCK, form, {})
    context = action_pages.of_unlocking(case.person)
    return _show(request, case, "helpdesk/plain_action.html", form, context)


@form_page
@with_case
def lift_freeze(request: SignedIn, case: HelpdeskCase) -> HttpResponse:
    form = LiftForm(posted(request), suspended=action_pages.suspended(case.person))
    if request.method == "POST" and form.is_valid():
        details = {"restore": form.cleaned_data.get("restore", [])}
        return _perform(request, case, Action.LIFT_FREEZE, form, details)
    context = action_pages.of_freeze(case.person)
    return _show(request, case, "helpdesk/plain_action.html", form, context)


def _perform(
    request: SignedIn,
    case: HelpdeskCase,
    action: Action,
    form: ActionForm,
    details: Mapping[str, Any],
) -> HttpResponse:
    """After it back to the case; a second click finds it done, and says nothing more."""
    token = str(form.cleaned_data["token"])
    try:
        outcome = actions.perform(case, action, details, token=token, actor=Actor.of(request))
    except throttling.Throttled as wait:
        return _limited(request, case, wait)
    if outcome is Outcome.CLOSED:
        return entrance.closed(request, case.person)
    name = case.person.get_full_name()
    if outcome is Outcome.DONE:
        messages.success(request, _("Done. {name} has been told.").format(name=name))
    elif outcome is Outcome.WAITING:
        messages.info(request, _("A second person has to agree within one hour."))
    elif outcome is Outcome.NOTHING:
        messages.info(request, _("There was nothing to do any more."))
    return redirect("helpdesk:person", case.person.public_id)


def _limited(request: SignedIn, case: HelpdeskCase, wait: throttling.Throttled) -> HttpResponse:
    response = show(
        request,
        "helpdesk/limited.html",
        {"person": case.person, "until": times.clock(wait.retry_at)},
        None,
    )
    response.status_code = LIMITED
    response.headers["Retry-After"] = str(wait.retry_after)
    return response


def _show(
    request: SignedIn,
    case: HelpdeskCase,
    template: str,
    form: BaseForm,
    context: Mapping[str, Any],
) -> HttpResponse:
    page = {"case": case, "person": case.person, "form": form, **context}
    return show(request, template, page, form)
