"""The pages on which a method is set up: what to reach you by, and the proof of it."""

from __future__ import annotations

import secrets
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from methods import answering, changes, names, phone, sending, setup, texts, without_proof
from methods.admission import AlreadyAdded
from methods.answers import Result
from methods.manage_forms import NameField
from methods.models import Challenge, Outcome
from methods.place import Place
from methods.setup import SetUp, State
from methods.together import Followers
from methods.undeliverable import Undeliverable
from securityinfo import errors, form_pages, throttling
from securityinfo.flows import FlowExpired
from securityinfo.messaging import service as messaging
from securityinfo.policy.rules import Reason


def enter(request: HttpRequest, place: Place) -> HttpResponse:
    """What should we reach you by? On success a challenge is sent and the proof page follows."""
    if not place.method.asks_first:
        return prove_at_once(request, place)
    if "cancel" in request.POST:
        return _cancel(request, place)
    added = without_proof.added_by(request.session, place, _attempt(request))
    if added:  # the other click of a double click
        return place.done(request, added)
    decision = place.may_begin()
    if not decision:
        return _leave(request, place, decision.reason)
    flow = _resume(request, place, quietly=request.method == "POST")
    form = _enrol_form(request, place, flow)
    if request.method == "POST" and form.is_valid():
        try:
            return _take(request, place, flow, form)
        except changes.Refused as refused:
            return _leave(request, place, refused.reason)
        except AlreadyAdded:
            form.add_error(None, place.method.already_added)
        except (sending.TooEarly, throttling.Throttled, Undeliverable) as error:
            form.add_error(None, texts.why_not_sent(place.method, error))
    context = {
        "place": place,
        "method": place.method,
        "form": form,
        "attempt": secrets.token_urlsafe(16) if without_proof.is_possible(place) else "",
        "is_suggested": bool(place.suggested)
        and not form.is_bound
        and form.initial == place.suggested,
    }
    return form_pages.show(request, place.method.set_up_template, context, form)


def prove_at_once(request: HttpRequest, place: Place) -> HttpResponse:
    """The one page of a kind that asks nothing before the proof: it begins when it is opened.

    What is to be proved stays the same until it is, or until its time or its tries are over.
    """
    if "cancel" in request.POST:
        return _cancel(request, place)
    flow = _resume(request, place)
    challenge = setup.challenge_of(flow, place)
    is_done = challenge is not None and challenge.outcome == Outcome.VERIFIED
    if challenge and is_done and request.method == "POST":  # the other click of a double click
        return place.done(request, challenge.registration)
    decision = place.may_begin()
    if not decision:
        return _leave(request, place, decision.reason)
    if flow and challenge and setup.is_asking(flow, challenge):
        return _prove(request, place, flow, challenge)
    if flow and not is_done:
        messages.warning(request, str(place.method.took_too_long))
    try:
        flow, challenge = setup.begin_at_once(request.session, place, before=flow)
    except changes.Refused as refused:
        return _leave(request, place, refused.reason)
    except throttling.Throttled as wait:
        return errors.too_many(request, wait.retry_at, back_url=place.cancel_url)
    if request.method == "POST":
        return redirect(request.path)
    return _prove(request, place, flow, challenge)


def verify(request: HttpRequest, place: Place) -> HttpResponse:
    """Prove it: on success the method counts and `place.done` takes over."""
    if not place.method.asks_first:
        return prove_at_once(request, place)
    flow = _resume(request, place)
    challenge = setup.challenge_of(flow, place)
    if flow is None or challenge is None:
        return redirect(place.start_url)
    if flow.state == State.DONE:
        return place.done(request, challenge.registration)
    return _prove(request, place, flow, challenge)


def _prove(request: HttpRequest, place: Place, flow: SetUp, challenge: Challenge) -> HttpResponse:
    form = _proof_form(request, place, challenge)
    over = challenge.outcome == Outcome.EXHAUSTED
    if request.method == "POST" and form.is_valid():
        given, name = form.cleaned_data, form.cleaned_data.get("name", "")
        followers = _followers(place, flow, challenge)
        try:
            wrong = setup.prove(
                request.session, place, flow, challenge, given, name=name, also=followers.follow
            )
            if wrong is None:
                return _tell_of(followers, request, place.done(request, challenge.registration))
            if wrong.result is not Result.WRONG and not place.method.asks_first:
                return redirect(request.path)  # which begins again, and says so
            over = wrong.result is Result.EXHAUSTED
            field = None if over else next(iter(form.fields), None)
            form.add_error(field, texts.why_wrong(place.method, wrong))
        except changes.Refused as refused:
            return _leave(request, place, refused.reason)
        except throttling.Throttled as wait:
            return errors.too_many(request, wait.retry_at)  # any other method waits as well
        except AlreadyAdded:
            form.add_error(None, place.method.already_added)
        except names.Taken:
            form.add_error("name", _("You already have a method with this name."))
    context = _proof_context(place, challenge, form)
    if over:
        free_at = answering.free_at(challenge, place.actor)
        context["over"] = place.method.exhausted
        context["free_at"] = free_at and errors.whole_minute(free_at)
    return form_pages.show(request, place.method.verify_template, context, form)


def resend(request: HttpRequest, place: Place) -> HttpResponse:
    """Send a new code, and go back to the page that asks for it."""
    flow = _resume(request, place)
    challenge = setup.challenge_of(flow, place)
    if flow is None or challenge is None or flow.state != State.PROVING:
        return redirect(place.start_url)
    decision = place.may_begin()
    if not decision:
        return _leave(request, place, decision.reason)
    try:
        setup.renew(request.session, place, flow, challenge)
    except (sending.TooEarly, throttling.Throttled, Undeliverable) as error:
        messages.error(request, texts.why_not_sent(place.method, error))
    return redirect(place.verify_url)


def status(request: HttpRequest, place: Place) -> HttpResponse:
    """The delivery status alone, for the page to replace its own."""
    challenge = setup.challenge_of(_resume(request, place), place)
    if challenge is None:
        raise Http404
    delivery = messaging.status_of(challenge.pk, challenge.generation)
    if place.method.is_keyed:  # read last: a call that is over was keyed before that
        challenge.refresh_from_db(fields=["keyed"])
    context = {"status": delivery, "answered": challenge.is_keyed_right}
    return render(request, "components/delivery_text.html", context)


def _take(request: HttpRequest, place: Place, flow: SetUp | None, form: Form) -> HttpResponse:
    """What was entered is to be proved, or counts at once."""
    entered = form.cleaned_data
    is_proven = bool(entered.get("proven_by"))
    if place.method.needs_proof and not is_proven:
        setup.begin(request.session, place, entered, before=flow)
        return redirect(place.verify_url)
    add = without_proof.adopt if is_proven else without_proof.add
    try:
        added = add(request.session, place, entered, attempt=_attempt(request))
    except throttling.Throttled as wait:
        return errors.too_many(request, wait.retry_at)
    return place.done(request, added)


def _attempt(request: HttpRequest) -> str:
    """Which form was sent: of two clicks on one button both say the same."""
    return request.POST.get("attempt", "")[:64]


def _cancel(request: HttpRequest, place: Place) -> HttpResponse:
    setup.cancel(request.session, place, _resume(request, place, quietly=True))
    return redirect(place.cancel_url)


def _leave(request: HttpRequest, place: Place, reason: Reason | None) -> HttpResponse:
    messages.error(request, texts.why_refused(place.method, reason))
    return redirect(place.cancel_url)


def _resume(request: HttpRequest, place: Place, *, quietly: bool = False) -> SetUp | None:
    try:
        return SetUp.load(request.session, place.suffix)
    except FlowExpired:
        if not quietly:
            messages.warning(request, str(place.method.took_too_long))
        return None


def _enrol_form(request: HttpRequest, place: Place, flow: SetUp | None) -> Form:
    challenge = setup.challenge_of(flow, place) if request.method == "GET" else None
    typed = challenge and not challenge.registration.confirmed and challenge.registration.details
    here = SetUp.ids_of(request.session)
    initial = place.method.form_initial(typed) if typed else dict(place.initial(here))
    if flow and typed:
        initial |= {phone.box_of(key): key in flow.also for key in place.shared}
    return place.method.enrol_form(
        form_pages.posted(request),
        initial=initial,
        person=place.user,
        settings=place.ruleset.settings,
        others=place.others,
        proven=place.proven,
        shared=place.shared,
        call_url=place.call_url,
    )


def _proof_form(request: HttpRequest, place: Place, challenge: Challenge) -> Form:
    method = place.method
    prompt = challenge.prompt(challenge.registration.details)
    form = method.form_for(prompt, form_pages.posted(request))
    if method.is_named and not place.replaces:
        taken = names.taken(place.user)
        form.fields["name"] = NameField(
            taken=taken, required=False, initial=names.suggested(method, taken)
        )
    if not method.asks_first:  # there is something to read first
        for field in form.fields.values():
            field.widget.attrs.pop("autofocus", None)
    return form


def _followers(place: Place, flow: SetUp, challenge: Challenge) -> Followers:
    old = challenge.registration.replaces
    channel = old.channel if old else ""
    return Followers(flow.also, channel, ruleset=place.ruleset, actor=place.actor)


def _tell_of(followers: Followers, request: HttpRequest, page: HttpResponse) -> HttpResponse:
    """What became of the methods that were to follow, below the news of the first one."""
    for registration in followers.changed:
        messages.success(request, texts.changed(registration))
    for registration, why in followers.kept:
        messages.warning(request, texts.kept(registration, why))
    return page


def _proof_context(place: Place, challenge: Challenge, form: Form) -> dict[str, Any]:
    registration = challenge.registration
    return {
        "place": place,
        "method": place.method,
        "form": form,
        "challenge": challenge,
        "value": place.method.full_value(registration.details),
        "status": messaging.status_of(challenge.pk, challenge.generation),
        "answered": challenge.is_keyed_right,
        # What is keyed into a phone has no message to be told from a late one.
        "reference": "" if place.method.is_keyed else challenge.reference,
        "ready_at": sending.next_send_at(registration, purpose=challenge.purpose),
        **place.method.page(challenge.prompt(registration.details, place.user.username)),
    }
