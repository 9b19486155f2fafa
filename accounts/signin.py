"""Signing in: from the password to the session, and the only place where a session begins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from django.contrib import auth, messages
from django.db import transaction
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import rotate_token
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from accounts import attempts, browsers, destinations, passwords, required
from accounts.hashers import Busy
from accounts.models import User
from accounts.required import Asked
from accounts.session_store import store_of
from securityinfo import throttling
from securityinfo.actor import Actor
from securityinfo.audit import log, tags
from securityinfo.flows import FlowExpired, SessionFlow
from securityinfo.policy import service as policy

BACKEND = "accounts.backend.WorkAccountBackend"


class State(StrEnum):
    PASSWORD_ACCEPTED = "password-accepted"  # noqa: S105 - the name of a state
    NEW_PASSWORD = "new-password"  # noqa: S105 - the name of a state
    REGISTERING = "registering"
    COMPLETED = "completed"


@dataclass
class SignInFlow(SessionFlow):
    """What a browser may do between the right password and the session: only the next step."""

    KEY: ClassVar[str] = "sign-in"
    START: ClassVar[StrEnum] = State.PASSWORD_ACCEPTED
    # The second step will stand between the password and everything else.
    MOVES: ClassVar[Mapping[StrEnum, frozenset[StrEnum]]] = {
        State.PASSWORD_ACCEPTED: frozenset(
            {State.NEW_PASSWORD, State.REGISTERING, State.COMPLETED}
        ),
        State.NEW_PASSWORD: frozenset({State.REGISTERING, State.COMPLETED}),
        State.REGISTERING: frozenset({State.COMPLETED}),
        State.COMPLETED: frozenset(),
    }

    person: int = 0
    epoch: int = 0  # the person's access_epoch when the password was right
    next: str = ""
    proved_by: str = ""  # kind of the method that was proved in this flow: its second step


@sensitive_variables("password")
def begin(
    request: HttpRequest, *, typed: str, password: str, next_page: str = ""
) -> tuple[SignInFlow, User] | None:
    """The flow after a right password, with its person; None for every failure alike.

    Raises throttling.Throttled (nothing was compared) and hashers.Busy.
    """
    user = prove_password(request, typed=typed, password=password, purpose="sign_in")
    if user is None:
        return None
    forget_flows(request)
    request.session.cycle_key()
    rotate_token(request)
    flow = SignInFlow(person=user.pk, epoch=user.access_epoch, next=destinations.safe(next_page))
    flow.save(request.session)
    return flow, user


@sensitive_variables("password")
def prove_password(request: HttpRequest, *, typed: str, password: str, purpose: str) -> User | None:
    """The active person with this name and password; every failure takes one hash's time.

    Raises throttling.Throttled (nothing was compared) and hashers.Busy.
    """
    user = User.objects.named(typed)
    charged = attempts.charge(
        typed,
        Actor.of(request).origin,
        purpose=purpose,
        browser=browsers.known_as(request, user),
    )
    try:
        right = passwords.matches(user, password)
    except Busy:
        throttling.give_back(*charged)
        raise
    if user is None or not right or not user.is_active:
        _record_refusal(request, user, typed=typed, right=right, purpose=purpose)
        return None
    throttling.give_back(*charged)
    if purpose == "sign_in":
        with transaction.atomic():
            actor = Actor.of(request).acting_as(user)
            log.record(tags.SIGN_IN_PASSWORD_ACCEPTED, actor=actor, subject=user.public_id)
    return user


def _record_refusal(
    request: HttpRequest, user: User | None, *, typed: str, right: bool, purpose: str
) -> None:
    reason = "unknown" if user is None else "inactive" if right else "wrong"
    subject = user.public_id if user else None
    actor = Actor.of(request)
    waits = attempts.is_held(typed, purpose=purpose)
    with transaction.atomic():
        log.record(
            tags.SIGN_IN_PASSWORD_REFUSED,
            actor=actor,
            subject=subject,
            result="refused",
            reason=reason,
            purpose=purpose,
        )
        if waits:
            log.record(tags.SIGN_IN_WAITING_STARTED, actor=actor, subject=subject)


def resume(request: HttpRequest) -> tuple[SignInFlow, User] | None:
    """The sign-in under way in this browser with its person, None if there is none.

    Raises FlowExpired, once: its time is over, or the person's access was changed meanwhile.
    """
    flow = SignInFlow.load(request.session)
    if flow is None:
        return None
    user = User.objects.filter(pk=flow.person, access_epoch=flow.epoch, is_active=True).first()
    if user is None:
        SignInFlow.forget(request.session)
        raise FlowExpired
    return flow, user


def page_under_way(request: HttpRequest) -> str:
    """The page of a registration under way, for a second tab; empty if nothing is under way.

    If its time is over, the sign-in page says so.
    """
    try:
        under_way = resume(request)
    except FlowExpired:
        _say_started_over(request)
        return ""
    is_registering = under_way is not None and under_way[0].state == State.REGISTERING
    return reverse("accounts:keep-secure") if is_registering else ""


def proceed(request: HttpRequest, flow: SignInFlow, user: User) -> str:
    """The next step after the password, or the end. Returns its address. Raises FlowExpired."""
    if user.must_change_password:
        flow.move(State.NEW_PASSWORD)
        flow.save(request.session)
        return reverse("accounts:new-password")
    asked = Asked.of(user, policy.current_for(user))
    required.note(user, asked.needed)
    if not asked.needed.blocks_sign_in:
        return complete(request, flow, user)
    if flow.state != State.REGISTERING:
        flow.move(State.REGISTERING)
        flow.save(request.session)
        with transaction.atomic():
            log.record(
                tags.REGISTRATION_REQUIRED,
                actor=Actor.of(request).acting_as(user),
                subject=user.public_id,
                reason=str(asked.needed.state),
            )
    return reverse("accounts:keep-secure")


def complete(request: HttpRequest, flow: SignInFlow, user: User) -> str:
    """After the last step: the session becomes the person's. Returns where to go.

    Raises FlowExpired if the person's access was changed in this moment.
    """
    flow.move(State.COMPLETED)
    with transaction.atomic():
        # The same row that ending all sessions writes first: one of the two comes too late.
        in_time = User.objects.filter(
            pk=user.pk, access_epoch=flow.epoch, is_active=True, must_change_password=False
        )
        if not in_time.update(last_sign_in_at=Now()):
            SignInFlow.forget(request.session)
            raise FlowExpired
        forget_flows(request)
        auth.login(request, user, backend=BACKEND)
        actor = Actor.of(request)
        session = store_of(request)
        session.came_from(actor.origin)
        session.save()
        browsers.remember(request, user)
        log.record(tags.SIGN_IN_COMPLETED, actor=actor, subject=user.public_id, kind=flow.proved_by)
    return destinations.after(flow.next)


def sign_out(request: HttpRequest) -> None:
    """Ends this session, or the sign-in under way; does nothing for a visitor."""
    user = request.user
    with transaction.atomic():
        ended = store_of(request).end()
        if ended and user.is_authenticated:
            actor = Actor.of(request)
            log.record(tags.SIGN_IN_SIGNED_OUT, actor=actor, subject=user.public_id)
    auth.logout(request)
    rotate_token(request)


def forget_flows(request: HttpRequest) -> None:
    """Whatever was under way in this browser belonged to an earlier visit."""
    for key in [key for key in request.session.keys() if key.startswith("flow:")]:  # noqa: SIM118 - a session is no dict
        del request.session[key]


def started_over(request: HttpRequest) -> HttpResponse:
    """A sign-in that took too long begins again, with the reason above the form."""
    _say_started_over(request)
    return redirect("accounts:sign-in")


def _say_started_over(request: HttpRequest) -> None:
    messages.info(request, _("This took too long, so we started over. Nothing was changed."))
