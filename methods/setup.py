"""Setting up a method over two pages: what to reach you by, and the proof of it."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from methods import changes, registrations, sending, texts
from methods.base import Method
from methods.challenges import Result
from methods.models import Challenge, Registration
from methods.standing import Standing
from securityinfo import errors, throttling
from securityinfo.actor import Actor
from securityinfo.flows import FlowExpired, SessionFlow
from securityinfo.messaging import service as messaging
from securityinfo.policy.rules import Ruleset

if TYPE_CHECKING:
    from accounts.models import User

UNPROCESSABLE = 422


class State(StrEnum):
    ENTERING = "entering"
    PROVING = "proving"
    DONE = "done"


@dataclass
class SetUp(SessionFlow):
    """One method being set up in this browser. The address is in the database, not in here."""

    KEY: ClassVar[str] = "set-up"
    START: ClassVar[StrEnum] = State.ENTERING
    MOVES: ClassVar[Any] = {
        State.ENTERING: frozenset({State.PROVING}),
        State.PROVING: frozenset({State.PROVING, State.DONE}),
        State.DONE: frozenset(),
    }

    id: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    challenge: str = ""


@dataclass(frozen=True)
class Place:
    """Where the pages of setting up stand: for whom, their addresses, and what comes after."""

    user: User
    method: Method
    ruleset: Ruleset
    actor: Actor
    title: str
    start_url: str
    verify_url: str
    resend_url: str
    status_url: str
    cancel_url: str
    done: Callable[[HttpRequest, Registration], HttpResponse]
    different_url: str = ""  # "I want to set up a different method", where there is a choice
    progress: tuple[int, int] | None = None  # method 1 of 2
    replaces: Registration | None = None  # this is a change of that method
    required: bool = False  # sign-in demands it

    @property
    def suffix(self) -> str:
        """Keeps the set-ups of one browser apart."""
        return str(self.replaces.uuid) if self.replaces else self.start_url

    @property
    def current_value(self) -> str:
        """In full: who changes a method has just been proved. Empty unless this is a change."""
        old = self.replaces
        return old.method.full_value(old.details) if old else ""

    def standing(self) -> Standing:
        return Standing.of(self.user, self.ruleset)


def start_page(request: HttpRequest, place: Place) -> HttpResponse:
    """What should we reach you by? On success a challenge is sent and the proof page follows."""
    if "cancel" in request.POST:
        return _cancel(request, place)
    refusal = _why_not(place)
    if refusal:
        return _leave(request, place, refusal)
    flow = _resume(request, place, quietly=request.method == "POST")
    form = _enrol_form(request, place, flow)
    if request.method == "POST" and form.is_valid():
        try:
            return _begin(request, place, form, flow)
        except changes.Refused as refused:
            return _leave(request, place, texts.why_refused(place.method, refused.reason))
        except registrations.AlreadyAdded:
            form.add_error(None, place.method.already_added)
        except (sending.TooEarly, throttling.Throttled) as error:
            form.add_error(None, texts.why_not_sent(place.method, error))
    context = {"place": place, "method": place.method, "form": form}
    return _render(request, place.method.set_up_template, context, form)


def verify_page(request: HttpRequest, place: Place) -> HttpResponse:
    """Prove it: on success the method counts and `place.done` takes over."""
    flow = _resume(request, place)
    challenge = _challenge_of(flow, place)
    if flow is None or challenge is None:
        return redirect(place.start_url)
    if flow.state == State.DONE:
        return place.done(request, challenge.registration)
    form = place.method.answer_form(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            if proved := _prove(request, place, flow, challenge, form):
                return proved
        except changes.Refused as refused:
            return _leave(request, place, texts.why_refused(place.method, refused.reason))
        except throttling.Throttled as wait:
            return errors.too_many(request, wait.retry_at, place.different_url or None)
        except registrations.AlreadyAdded:
            form.add_error(None, place.method.already_added)
    context = _proof_context(place, challenge, form)
    return _render(request, place.method.verify_template, context, form)


def resend(request: HttpRequest, place: Place) -> HttpResponse:
    """Send a new code; a challenge that has ended is followed by a new one."""
    flow = _resume(request, place)
    challenge = _challenge_of(flow, place)
    if flow is None or challenge is None or flow.state != State.PROVING:
        return redirect(place.start_url)
    refusal = _why_not(place)
    if refusal:
        return _leave(request, place, refusal)
    try:
        renewed = registrations.ask_again(
            challenge, flow=flow.id, ruleset=place.ruleset, actor=place.actor
        )
    except (sending.TooEarly, throttling.Throttled) as error:
        messages.error(request, texts.why_not_sent(place.method, error))
        return redirect(place.verify_url)
    flow.challenge = str(renewed.pk)
    flow.move(State.PROVING)
    flow.save(request.session, place.suffix)
    return redirect(place.verify_url)


def status_fragment(request: HttpRequest, place: Place) -> HttpResponse:
    """The delivery status alone, for the page to replace its own."""
    challenge = _challenge_of(_resume(request, place), place)
    if challenge is None:
        raise Http404
    status = messaging.status_of(challenge.pk, challenge.generation)
    return render(request, "components/delivery_text.html", {"status": status})


def _why_not(place: Place) -> str:
    """Policy and maximum, read at this moment; empty if the method may be set up."""
    if place.replaces:
        decision = place.standing().may_change(place.replaces)
    else:
        decision = place.standing().may_add(place.method)
    decision = decision and place.ruleset.may_send(place.method.traits)
    return "" if decision else texts.why_refused(place.method, decision.reason)


def _leave(request: HttpRequest, place: Place, why: str) -> HttpResponse:
    messages.error(request, why)
    return redirect(place.cancel_url)


def _resume(request: HttpRequest, place: Place, *, quietly: bool = False) -> SetUp | None:
    try:
        return SetUp.load(request.session, place.suffix)
    except FlowExpired:
        if not quietly:
            text = _("This took too long, so we started over. Nothing was changed.")
            messages.warning(request, text)
        return None


def _challenge_of(flow: SetUp | None, place: Place) -> Challenge | None:
    if flow is None or not flow.challenge:
        return None
    return (
        Challenge.objects.select_related("registration__user", "registration__replaces")
        .filter(pk=flow.challenge, user=place.user, flow=flow.id)
        .first()
    )


def _enrol_form(request: HttpRequest, place: Place, flow: SetUp | None) -> Form:
    challenge = _challenge_of(flow, place) if request.method == "GET" else None
    typed = challenge and not challenge.registration.confirmed and challenge.registration.details
    return place.method.enrol_form(
        request.POST if request.method == "POST" else None,
        initial=place.method.form_initial(typed) if typed else None,
        person=place.user,
        settings=place.ruleset.settings,
    )


def _begin(request: HttpRequest, place: Place, form: Form, before: SetUp | None) -> HttpResponse:
    """`before`: what this browser has begun already, of which a new value is a correction."""
    flow = SetUp(id=before.id) if before and before.state == State.PROVING else SetUp()
    try:
        challenge = registrations.begin(
            place.user,
            place.method,
            form.cleaned_data,
            flow=flow.id,
            ruleset=place.ruleset,
            actor=place.actor,
            replaces=place.replaces,
        )
    except sending.TooEarly:
        if _asked_already(request, place, form):
            return redirect(place.verify_url)  # a double click, a second tab: nothing more is sent
        raise
    flow.challenge = str(challenge.pk)
    flow.move(State.PROVING)
    flow.save(request.session, place.suffix)
    return redirect(place.verify_url)


def _asked_already(request: HttpRequest, place: Place, form: Form) -> bool:
    """Whether this browser, in another tab, already waits for the code to the very same value."""
    stored = type(request.session)(request.session.session_key)
    try:
        flow = SetUp.load(stored, place.suffix)
    except FlowExpired:
        return False
    challenge = _challenge_of(flow, place)
    return challenge is not None and registrations.is_same(
        challenge.registration, place.method.enrol(place.user, form.cleaned_data)
    )


def _cancel(request: HttpRequest, place: Place) -> HttpResponse:
    flow = _resume(request, place, quietly=True)
    if flow:
        registrations.cancel(place.user, flow=flow.id, ruleset=place.ruleset, actor=place.actor)
    SetUp.forget(request.session, place.suffix)
    return redirect(place.cancel_url)


def _prove(
    request: HttpRequest, place: Place, flow: SetUp, challenge: Challenge, form: Form
) -> HttpResponse | None:
    result = registrations.confirm(
        challenge,
        form.cleaned_data,
        flow=flow.id,
        ruleset=place.ruleset,
        actor=place.actor,
        required=place.required,
    )
    if result or result.result is Result.USED:  # used: the other click of a double click
        flow.move(State.DONE)
        flow.save(request.session, place.suffix)
        challenge.refresh_from_db()
        return place.done(request, challenge.registration)
    wrong = texts.why_wrong(challenge.registration.method, result)
    form.add_error(next(iter(form.fields), None), wrong)
    return None


def _proof_context(place: Place, challenge: Challenge, form: Form) -> dict:
    registration = challenge.registration
    return {
        "place": place,
        "method": place.method,
        "form": form,
        "challenge": challenge,
        "value": place.method.full_value(registration.details),
        "status": messaging.status_of(challenge.pk, challenge.generation),
        "ready_at": sending.next_send_at(registration),
        **place.method.page(challenge.prompt(registration.details, place.user.username)),
    }


def _render(request: HttpRequest, template: str, context: dict, form: Form) -> HttpResponse:
    return render(request, template, context, status=UNPROCESSABLE if form.errors else 200)
