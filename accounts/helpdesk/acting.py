"""What follows when the button of an action was pressed: where to, and with which words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.forms import BaseForm
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts.helpdesk import actions, entrance
from accounts.helpdesk.actions import Outcome
from accounts.helpdesk.forms import ActionForm
from accounts.helpdesk.models import Action, HelpdeskCase
from accounts.models import User
from methods.places import SignedIn
from securityinfo import throttling, times
from securityinfo.actor import Actor
from securityinfo.form_pages import show

LIMITED = 429
PERSON = "helpdesk:person"


def perform(
    request: SignedIn,
    case: HelpdeskCase,
    action: Action,
    form: ActionForm,
    details: Mapping[str, Any],
    *,
    then: str = PERSON,
) -> HttpResponse:
    """On to `then` once it is done; a second click finds it done, and says nothing more."""
    token = str(form.cleaned_data["token"])
    try:
        performed = actions.perform(case, action, details, token=token, actor=Actor.of(request))
    except throttling.Throttled as wait:
        return limited(request, case.person, wait)
    outcome, name = performed.outcome, case.person.get_full_name()
    if outcome is Outcome.CLOSED:
        return entrance.closed(request, case.person)
    if outcome is Outcome.DONE:
        messages.success(request, _("Done. {name} has been told.").format(name=name))
    elif outcome is Outcome.WAITING:
        messages.info(request, _("A second person has to agree within one hour."))
    elif outcome is Outcome.NOTHING:
        messages.info(request, _("There was nothing to do any more."))
    follows = outcome in (Outcome.DONE, Outcome.AGAIN)
    return redirect(then if follows else PERSON, case.person.public_id)


def limited(request: SignedIn, person: User, wait: throttling.Throttled) -> HttpResponse:
    """HD10: nothing was done."""
    context = {"person": person, "until": times.clock(wait.retry_at)}
    response = show(request, "helpdesk/limited.html", context, None)
    response.status_code = LIMITED
    response.headers["Retry-After"] = str(wait.retry_after)
    return response


def show_action(
    request: SignedIn,
    case: HelpdeskCase,
    template: str,
    form: BaseForm,
    context: Mapping[str, Any],
) -> HttpResponse:
    page = {"case": case, "person": case.person, "form": form, **context}
    return show(request, template, page, form)
