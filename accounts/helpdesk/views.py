"""The pages of the helpdesk that find a person and show where the person stands."""

from __future__ import annotations

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts import explain, explain_words
from accounts.helpdesk import attention, cases, desk, people, second
from accounts.helpdesk.entrance import agents_only, with_case, with_person
from accounts.helpdesk.forms import SearchForm
from accounts.helpdesk.models import HelpdeskCase
from accounts.models import User
from methods.places import SignedIn
from securityinfo.actor import Actor
from securityinfo.audit import log, tags
from securityinfo.form_pages import form_page, posted, show

FOUND = "helpdesk_found"  # in the session: public ids, and nothing of what was typed


@form_page
@agents_only
def search(request: SignedIn) -> HttpResponse:
    """What is typed may be somebody's number: it is in no address, and kept nowhere."""
    form = SearchForm(posted(request))
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data["typed"]
        found = people.search(typed, agent=request.user, actor=Actor.of(request))
        request.session[FOUND] = [str(each.public_id) for each in found]
        return redirect("helpdesk:search")
    found_before = request.session.get(FOUND)
    context = {
        "form": form,
        "was_searched": found_before is not None and not form.is_bound,
        "found": people.listed(request.user, found_before or []),
        "most": people.MOST,
        "attention": attention.needed(request.user),
        "cases": cases.open_of(request.user),
        "to_decide": second.to_decide(request.user),
    }
    return show(request, "helpdesk/search.html", context, form)


@require_safe
@with_person
def person(request: SignedIn, person: User) -> HttpResponse:
    """Before the check how the account is and what kinds there are; in the case everything."""
    case = cases.current(request.user, person)
    if case and case.is_checked:
        return render(request, "helpdesk/case.html", desk.in_case(case, person))
    with transaction.atomic():
        log.record(tags.HELPDESK_PERSON_OPENED, actor=Actor.of(request), subject=person.public_id)
    return render(request, "helpdesk/person.html", desk.before_check(case, person))


@require_safe
@with_case
def explained(request: SignedIn, case: HelpdeskCase) -> HttpResponse:
    """Why things are as they are: what policy says about this person."""
    explanation = explain.explain(case.person, Actor.of(request))
    context = {"person": case.person, **explain_words.context(explanation)}
    return render(request, "helpdesk/explain.html", context)


@require_POST
@with_person
def close(request: SignedIn, person: User) -> HttpResponse:
    case = cases.current(request.user, person)
    if case:
        cases.close(case, actor=Actor.of(request))
        messages.success(request, _("The case is closed."))
    return redirect("helpdesk:search")
