"""The page that issues a temporary access pass, and shows it once."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from accounts import pass_rules, passes
from accounts.helpdesk import actions, entrance, second
from accounts.helpdesk.acting import PERSON, limited, show_action
from accounts.helpdesk.actions import Outcome
from accounts.helpdesk.entrance import with_case
from accounts.helpdesk.forms import PassForm
from accounts.helpdesk.models import Action, HelpdeskCase
from accounts.passes import Issued
from methods.places import SignedIn
from securityinfo import throttling
from securityinfo.actor import Actor
from securityinfo.form_pages import form_page, posted
from securityinfo.policy import service as policy


@form_page
@with_case
def issue(request: SignedIn, case: HelpdeskCase) -> HttpResponse:
    person = case.person
    agreed = second.agreed_to(case, Action.PASS)
    may_reset = pass_rules.may_issue(person, sets_password=True) is None
    form = PassForm(posted(request), is_agreed=agreed is not None, may_reset=may_reset)
    if request.method == "POST" and form.is_valid():
        return _issue(request, case, form)
    why_not = pass_rules.may_issue(person)
    context = {
        "refusal": pass_rules.in_words(why_not, person) if why_not else "",
        "agreed": agreed,
        "minutes": policy.current().pass_minutes,
    }
    return show_action(request, case, "helpdesk/pass.html", form, context)


@sensitive_variables("performed", "context")
def _issue(request: SignedIn, case: HelpdeskCase, form: PassForm) -> HttpResponse:
    """The pass is in this answer and nowhere else: sent again, the page says it was shown."""
    details = {"sets_password": form.cleaned_data.get("purpose") == PassForm.PASSWORD}
    token, actor = str(form.cleaned_data["token"]), Actor.of(request)
    try:
        performed = actions.perform(case, Action.PASS, details, token=token, actor=actor)
    except throttling.Throttled as wait:
        return limited(request, case.person, wait)
    except passes.NotIssued:
        return redirect("helpdesk:pass", case.person.public_id)
    if performed.outcome is Outcome.CLOSED:
        return entrance.closed(request, case.person)
    if performed.outcome is Outcome.WAITING:
        messages.info(request, _("A second person has to agree within one hour."))
        return redirect(PERSON, case.person.public_id)
    issued = performed.came_of_it
    context = {"issued": issued if isinstance(issued, Issued) else None}
    return show_action(request, case, "helpdesk/pass_issued.html", form, context)
