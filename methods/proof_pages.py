"""The pages that prove a person, the same at sign-in, for a change and for a new password."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from methods import answering, proving, registry, sending, texts
from methods.answers import Answer, Result
from methods.base import Method
from methods.manage_forms import WayForm
from methods.models import Challenge, Outcome, Registration
from methods.proof_place import ProofPlace
from methods.proving import Proving
from methods.undeliverable import Undeliverable
from securityinfo import errors, form_pages, throttling
from securityinfo.messaging import service as messaging


def verify(request: HttpRequest, place: ProofPlace) -> HttpResponse:
    """Answer what was asked. If nothing was, a choice comes first: a GET sends nothing."""
    flow = proving.resume(request.session, place)
    registration = proving.asked(flow, place)
    if flow is not None and registration is None:
        return _gone(request, place)
    registration = registration or place.first
    if registration is None:
        return choose(request, place)
    challenge = proving.challenge_of(flow, place)
    if challenge is None and not _is_asked_without(registration, flow):
        return redirect(place.other_url)
    form = _form(request, place, registration, challenge)
    over = challenge is not None and challenge.outcome == Outcome.EXHAUSTED
    if request.method == "POST" and form.is_valid():
        try:
            page = _answer(request, place, flow, registration, challenge, form)
        except throttling.Throttled as wait:  # any other method waits as well
            return errors.too_many(request, wait.retry_at, back_url=place.verify_url)
        if isinstance(page, HttpResponse):
            return page
        over = page is Result.EXHAUSTED
        challenge = challenge or proving.challenge_of(proving.resume(request.session, place), place)
    context = _context(request, place, registration, challenge, form)
    if over and challenge is not None:
        context |= _over(registration, challenge, place)
    return form_pages.show(request, registration.method.prove_template, context, form)


def choose(request: HttpRequest, place: ProofPlace) -> HttpResponse:
    """Another way: all that may prove this, strongest first. Choosing sends, looking doesn't."""
    if not place.offers:
        return render(request, "methods/no_way.html", {"place": place})
    asked = _asked_before(request, place)
    ways = {str(each.uuid): each for each in place.offers if each != asked or not place.has_choice}
    issued = registry.issued() if place.issued_url else None
    form = WayForm(
        form_pages.posted(request),
        uuids=[*ways, *([issued.kind] if issued else [])],
        initial={"way": str(place.first.uuid)} if place.first else {},
        label=place.choose_title,
        error=place.choose_error,
    )
    if request.method == "POST" and form.is_valid():
        if form.cleaned_data["way"] not in ways:
            return redirect(place.issued_url)
        chosen = ways[form.cleaned_data["way"]]
        if place.works(chosen):
            return begin(request, place, chosen)
        form.add_error("way", str(chosen.method.not_working))
    context = {
        "place": place,
        "form": form,
        "cards": [*_cards(ways.values(), place), *([_issued_card(issued)] if issued else [])],
        "back_url": place.verify_url if asked else "",
    }
    return form_pages.show(request, "methods/another_way.html", context, form)


def resend(request: HttpRequest, place: ProofPlace) -> HttpResponse:
    """Send a new code, and go back to the page that asks for it."""
    flow = proving.resume(request.session, place)
    registration = proving.asked(flow, place)
    if flow is None or registration is None:
        return redirect(place.verify_url)
    if not place.works(registration):
        messages.error(request, str(registration.method.not_working))
        return redirect(place.verify_url)
    try:
        proving.ask_again(request.session, place, flow, registration)
    except (sending.TooEarly, throttling.Throttled, Undeliverable) as error:
        messages.error(request, texts.why_not_sent(registration.method, error))
    return redirect(place.verify_url)


def status(request: HttpRequest, place: ProofPlace) -> HttpResponse:
    """The delivery status alone, for the page to replace its own."""
    flow = proving.resume(request.session, place)
    challenge = proving.challenge_of(flow, place)
    if challenge is None:
        raise Http404
    delivery = messaging.status_of(challenge.pk, challenge.generation)
    if challenge.registration.method.is_keyed:  # read last: a call that is over was keyed before
        challenge.refresh_from_db(fields=["keyed"])
    context = {"status": delivery, "answered": challenge.is_keyed_right}
    return render(request, "components/delivery_text.html", context)


def begin(request: HttpRequest, place: ProofPlace, registration: Registration) -> HttpResponse:
    """Ask for this method, and go to the page for its answer, which says if nothing was sent."""
    try:
        proving.ask(request.session, place, registration)
    except (sending.TooEarly, throttling.Throttled, Undeliverable) as error:
        messages.error(request, texts.why_not_sent(registration.method, error))
    return redirect(place.verify_url)


def _asked_before(request: HttpRequest, place: ProofPlace) -> Registration | None:
    """What another way is an alternative to; None if there is no page to go back to."""
    flow = proving.resume(request.session, place)
    registration = proving.asked(flow, place) or place.first
    if registration is None or not _is_asked_without(registration, flow):
        return None
    return registration


def _is_asked_without(registration: Registration, flow: Proving | None) -> bool:
    """Whether the page can be shown before there is a challenge.

    It can if it was asked for and could not be sent; or if nothing is sent, and what is asked
    doesn't depend on the challenge.
    """
    method = registration.method
    return flow is not None or not (method.sends or not method.answer_form.base_fields)


def _answer(
    request: HttpRequest,
    place: ProofPlace,
    flow: Proving | None,
    registration: Registration,
    challenge: Challenge | None,
    form: Form,
) -> HttpResponse | Result | None:
    """The next page after a right answer; otherwise what was wrong, which the form says.

    What nothing is sent for begins with the first answer, and again once it has lapsed: an app
    knows no time but its own. Raises throttling.Throttled.
    """
    if not place.holds(request, form):
        return None
    if not registration.method.sends and (challenge is None or proving.has_lapsed(challenge)):
        flow = proving.ask(request.session, place, registration)
        challenge = proving.challenge_of(flow, place)
    if flow is None or challenge is None:
        return redirect(place.verify_url)
    return _judge(request, place, flow, challenge, form)


def _judge(
    request: HttpRequest, place: ProofPlace, flow: Proving, challenge: Challenge, form: Form
) -> HttpResponse | Result:
    registration = challenge.registration
    pages: list[HttpResponse] = []

    def go_on(_challenge: Challenge) -> None:
        proving.forget(request.session, place)
        pages.append(place.done(request, registration, form))

    answer = proving.answer(flow, challenge, place, form.cleaned_data, then=go_on)
    if answer:
        return pages[0]
    if answer.result is Result.USED:  # the other click of a double click has gone on
        return redirect(place.verify_url)
    was_typed = not registration.method.is_keyed  # else it was counted when it was keyed
    if was_typed and answer.result in (Result.WRONG, Result.EXHAUSTED):
        place.wrong(registration, answer)
    over = answer.result is Result.EXHAUSTED
    field = None if over else next(iter(form.fields), None)
    form.add_error(field, _why_wrong(registration, answer))
    return answer.result


def _why_wrong(registration: Registration, answer: Answer) -> str:
    method = registration.method
    if answer.result is Result.AWAITED:
        return str(method.not_keyed_yet)
    return texts.why_wrong(method, answer)


def _gone(request: HttpRequest, place: ProofPlace) -> HttpResponse:
    """PU3: what was asked for is no longer allowed."""
    proving.forget(request.session, place)
    messages.error(
        request, _("Your organization no longer allows this method. Choose another one.")
    )
    return redirect(place.other_url)


def _form(
    request: HttpRequest,
    place: ProofPlace,
    registration: Registration,
    challenge: Challenge | None,
) -> Form:
    method, data = registration.method, form_pages.posted(request)
    if challenge is None:
        form = method.answer_form(data)
    else:
        form = method.form_for(challenge.prompt(registration.details), data)
    for name, field in place.further().items():
        form.fields[name] = field
    return form


def _context(
    request: HttpRequest,
    place: ProofPlace,
    registration: Registration,
    challenge: Challenge | None,
    form: Form,
) -> dict[str, Any]:
    method = registration.method
    context: dict[str, Any] = {
        "place": place,
        "method": method,
        "form": form,
        "registration": registration,
        "heading": _heading(registration, challenge),
        "masked": registration.shown,
        "is_one_of_several": sum(each.kind == registration.kind for each in place.offers) > 1,
        "person": place.user,
        "ready_at": sending.next_send_at(registration, purpose=place.purpose),
        "is_sent": challenge is not None,
        "why": place.why if registration == place.first else "",
    }
    if challenge is None:
        return context
    return context | {
        "challenge": challenge,
        "status": method.sends and messaging.status_of(challenge.pk, challenge.generation),
        "answered": challenge.is_keyed_right,
        "reference": "" if method.is_keyed else challenge.reference,
        **method.page(challenge.prompt(registration.details, place.user.username)),
    }


def _heading(registration: Registration, challenge: Challenge | None) -> str | Promise:
    if registration.method.sends and challenge is None:
        return _("No code was sent yet")
    return registration.method.prove_heading


def _over(registration: Registration, challenge: Challenge, place: ProofPlace) -> dict[str, Any]:
    free_at = answering.free_at(challenge, place.actor)
    return {
        "over": registration.method.exhausted,
        "free_at": free_at and errors.whole_minute(free_at),
    }


def _cards(ways: Iterable[Registration], place: ProofPlace) -> list[dict[str, Any]]:
    """What doesn't work right now comes last, and says so (DE7)."""
    offers = sorted(ways, key=lambda each: not place.works(each))
    return [
        {
            "value": str(each.uuid),
            "label": way_of(each, place),
            "icon": each.method.icon,
            "mark": "" if place.works(each) else _("Not working right now"),
        }
        for each in offers
    ]


def _issued_card(method: Method) -> dict[str, Any]:
    return {"value": method.kind, "label": method.way, "icon": method.icon, "mark": ""}


def way_of(registration: Registration, place: ProofPlace) -> str | Promise:
    """ "Text a code to the number ending 78"; a name tells apps apart."""
    method, shown = registration.method, str(registration.shown)
    way = str(method.way).format(method=method.in_words, value=shown)
    if method.is_named and sum(each.kind == registration.kind for each in place.offers) > 1:
        return f"{way}: {shown or method.label}"
    return way
