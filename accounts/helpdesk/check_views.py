"""The pages on which an agent checks who is calling."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.helpdesk import cases, checks, code_page, desk
from accounts.helpdesk.acting import limited
from accounts.helpdesk.cases import Check, NotHelped, Taken
from accounts.helpdesk.entrance import NEED, closed, with_person
from accounts.helpdesk.forms import CheckForm
from accounts.helpdesk.models import CODE, MANAGER, HelpdeskCase
from accounts.models import User
from methods import caller_check, sending, texts
from methods.answers import Result
from methods.models import Registration
from methods.places import SignedIn
from methods.undeliverable import Undeliverable
from securityinfo import freshness, throttling, times
from securityinfo.actor import Actor
from securityinfo.form_pages import form_page, posted, show
from securityinfo.messaging import service as messaging
from securityinfo.policy import service as policy


@form_page
@with_person
def check(request: SignedIn, person: User) -> HttpResponse:
    if not freshness.meets(request, NEED):
        return freshness.ask(request)
    if not person.is_active:
        return redirect("helpdesk:person", person.public_id)
    closed_until = caller_check.closed_until(person)
    allowed = policy.current().caller_checks
    ways = {} if closed_until or CODE not in allowed else checks.ways(person)
    recorded = [each for each in desk.CHECKS if each in allowed]
    form = CheckForm(posted(request), ways=ways, checks=recorded)
    if request.method == "POST" and form.is_valid():
        return _begin(request, person, form, ways)
    context = {
        "person": person,
        "form": form,
        "cards": code_page.cards(form, ways, recorded),
        "is_recorded": bool(recorded),
        "closed_until": closed_until,
    }
    return show(request, "helpdesk/check.html", context, form)


@form_page
@with_person
def read_out(request: SignedIn, person: User) -> HttpResponse:
    found = code_page.asked(request.user, person)
    if found is None:
        return redirect("helpdesk:person", person.public_id)
    form = code_page.form_of(found, posted(request))
    if request.method == "POST" and form.is_valid():
        page = _answer(request, found, form)
        if page is not None:
            return page
    return show(request, "helpdesk/code.html", code_page.context(found, form), form)


@require_POST
@with_person
def resend(request: SignedIn, person: User) -> HttpResponse:
    found = code_page.asked(request.user, person)
    if found is not None:
        _ask(request, found.case, found.registration)
    return redirect("helpdesk:code", person.public_id)


@require_safe
@with_person
def status(request: SignedIn, person: User) -> HttpResponse:
    """The delivery status alone, for the page to replace its own."""
    found = code_page.asked(request.user, person)
    if found is None or found.challenge is None:
        raise Http404
    challenge = found.challenge
    delivery = messaging.status_of(challenge.pk, challenge.generation)
    context = {"status": delivery, "answered": challenge.is_keyed_right}
    return render(request, "components/delivery_text.html", context)


def _begin(
    request: SignedIn, person: User, form: CheckForm, ways: dict[str, Registration]
) -> HttpResponse:
    given, method = form.cleaned_data, ways.get(form.by_code)
    done = Check(
        name=CODE if method else given["how"],
        reason=given["reason"],
        ticket=given["ticket"],
        manager=given["manager"] if given["how"] == MANAGER else "",
        method=method,
    )
    actor = Actor.of(request)
    try:
        pk = cases.begin(person, done, agent=request.user, settings=policy.current(), actor=actor)
    except (Taken, NotHelped) as refusal:
        messages.error(request, _why_not(refusal))
        return redirect("helpdesk:person", person.public_id)
    except throttling.Throttled as wait:
        return limited(request, person, wait)
    if method is None:
        return redirect("helpdesk:person", person.public_id)
    _ask(request, HelpdeskCase.objects.select_related("person", "agent").get(pk=pk), method)
    return redirect("helpdesk:code", person.public_id)


def _ask(request: SignedIn, case: HelpdeskCase, method: Registration) -> None:
    """If nothing could be sent the next page says why."""
    try:
        checks.ask(case, method, actor=Actor.of(request))
    except (sending.TooEarly, throttling.Throttled, Undeliverable) as error:
        messages.error(request, texts.why_not_sent(method.method, error))


def _answer(request: SignedIn, found: code_page.Asked, form: Form) -> HttpResponse | None:
    """The next page after a right answer; None after a wrong one, of which the form tells."""
    person, challenge = found.case.person, found.challenge
    if challenge is None:
        return redirect("helpdesk:code", person.public_id)
    try:
        answer = checks.answer(found.case, challenge, form.cleaned_data, actor=Actor.of(request))
    except throttling.Throttled as wait:
        form.add_error(None, _closed(wait.retry_at))
        return None
    except NotHelped:
        return closed(request, person)
    if answer or answer.result is Result.USED:
        return redirect("helpdesk:person", person.public_id)
    field = next(iter(form.fields), None)
    form.add_error(field, texts.why_wrong(found.registration.method, answer))
    return None


def _closed(until: Any) -> str:
    return _("The code check is closed for this person until {until}. Check another way.").format(
        until=times.clock(until)
    )


def _why_not(refusal: Taken | NotHelped) -> str:
    if isinstance(refusal, NotHelped):
        return _("You can't help this person right now.")
    return _("{name} is helping this person until {until}.").format(
        name=refusal.case.agent.get_full_name(), until=times.clock(refusal.case.ends_at)
    )
