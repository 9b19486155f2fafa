"""Signing in: from the password to the session, and the only place where a session begins."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.contrib import auth, messages
from django.db import transaction
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import rotate_token
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from accounts import (
    browsers,
    destinations,
    passes,
    password_proof,
    required,
    review,
    trusted_browsers,
)
from accounts.models import TemporaryPass, User
from accounts.required import Asked
from accounts.session_store import store_of
from accounts.signin_flow import PAGES, SignInFlow, State
from methods.models import Registration
from methods.standing import Standing
from securityinfo import freshness
from securityinfo.actor import Actor
from securityinfo.audit import log, tags
from securityinfo.crypto import fingerprint
from securityinfo.flows import FlowExpired
from securityinfo.policy import service as policy
from securityinfo.prepared import Prepared, PreparedUpdate

BACKEND = "accounts.backend.WorkAccountBackend"

# Each page of a sign-in under way reads the person, its end notes it.
_person = Prepared(lambda pk: User.objects.with_pass().filter(pk=pk), -1)
_note_end = PreparedUpdate(
    lambda pk, epoch: User.objects.filter(
        pk=pk, access_epoch=epoch, is_active=True, must_change_password=False
    ),
    *(-1, 999_999),
)
_NOW = Now()


@sensitive_variables("password")
def begin(
    request: HttpRequest, *, typed: str, password: str, next_page: str = ""
) -> tuple[SignInFlow, User] | None:
    """The flow after a right password, with its person; None for every failure alike.

    Raises throttling.Throttled (nothing was compared) and hashers.Busy.
    """
    user = password_proof.prove(request, typed=typed, password=password, purpose="sign_in")
    if user is None:
        return None
    return started(request, user, next_page), user


def started(request: HttpRequest, user: User, next_page: str = "") -> SignInFlow:
    """The sign-in of somebody whose password is right, whatever was under way in this browser."""
    attempt, known = _attempt(request), browsers.known(request, user)
    forget_flows(request)
    request.session.cycle_key()
    rotate_token(request)
    flow = SignInFlow(
        person=user.pk,
        epoch=user.access_epoch,
        next=destinations.safe(next_page),
        id=attempt,
        known_browser=known.name,
        has_own_counters=known.has_own_counters,
    )
    flow.save(request.session)
    return flow


def _attempt(request: HttpRequest) -> str:
    """Which form was sent in which browser: of a double click both say the same, nobody else does.

    So the second click waits for the code of the first one.
    """
    secret = request.COOKIES.get(settings.CSRF_COOKIE_NAME) or secrets.token_urlsafe(16)
    return fingerprint("sign-in form", secret)


def resume(request: HttpRequest) -> tuple[SignInFlow, User] | None:
    """The sign-in under way in this browser with its person, None if there is none.

    Raises FlowExpired, once: its time is over, or the person's access was changed meanwhile.
    """
    flow = SignInFlow.load(request.session)
    if flow is None:
        return None
    user = next(iter(_person(flow.person)), None)
    if user is None or user.access_epoch != flow.epoch or not user.is_active:
        SignInFlow.forget(request.session)
        raise FlowExpired
    if flow.passed and not passes.carries(flow.passed):
        SignInFlow.forget(request.session)
        raise FlowExpired
    return flow, user


def page_under_way(request: HttpRequest) -> str:
    """The page of a sign-in under way, for a second tab; empty if nothing is under way.

    If its time is over, the sign-in page says so.
    """
    try:
        under_way = resume(request)
    except FlowExpired:
        _say_started_over(request)
        return ""
    page = PAGES.get(State(under_way[0].state)) if under_way else None
    return reverse(page) if page else ""


def proved(
    request: HttpRequest, flow: SignInFlow, standing: Standing, registration: Registration
) -> str:
    """The second step was right; in its transaction. Returns the next address.

    `standing` was read by this request: whoever changes a method ends the sign-in. Raises
    FlowExpired.
    """
    flow.proved_by = registration.kind
    flow.strength = registration.method.strength
    flow.is_settled = not registration.is_new()
    return _go_on(request, flow, standing)


def passed(request: HttpRequest, flow: SignInFlow, standing: Standing, used: TemporaryPass) -> str:
    """A temporary access pass in place of the second step; in the transaction of its use.

    It opens nothing but registering (R057). Returns the next address.
    """
    request.session.cycle_key()
    rotate_token(request)
    flow.passed, flow.pass_ends = str(used.pk), used.carries_until.timestamp()
    flow.beside_others = standing.has_sign_in_method
    return _go_on(request, flow, standing)


@transaction.atomic
def go_on(request: HttpRequest, flow: SignInFlow, user: User) -> str:
    """What comes after the second step, or in place of it (RR12). Returns its address.

    Raises FlowExpired.
    """
    return _go_on(request, flow, Standing.of(user, policy.current_for(user)))


def _go_on(request: HttpRequest, flow: SignInFlow, standing: Standing) -> str:
    user = standing.user
    if user.must_change_password:
        flow.move(State.NEW_PASSWORD)
        flow.save(request.session)
        return reverse("accounts:new-password")
    proof = flow.proof if flow.proved_by else None
    asked = Asked(standing, proof)
    required.note(user, asked.needed)
    if asked.may_finish and not flow.passed:
        return _complete(request, flow, user, asks_review=review.is_due(standing, flow.strength))
    if flow.state != State.REGISTERING:
        flow.move(State.REGISTERING)
        flow.save(request.session)
        log.record(
            tags.REGISTRATION_REQUIRED,
            actor=Actor.of(request).acting_as(user),
            subject=user.public_id,
            reason=str(asked.needed.state),
        )
    return reverse("accounts:keep-secure")


@transaction.atomic
def complete(request: HttpRequest, flow: SignInFlow, user: User) -> str:
    """After the last step: the session becomes the person's. Returns where to go.

    Raises FlowExpired if the person's access was changed in this moment.
    """
    return _complete(request, flow, user)


def _complete(
    request: HttpRequest, flow: SignInFlow, user: User, *, asks_review: bool = False
) -> str:
    flow.move(State.COMPLETED)
    if not _may_end(flow, user):
        SignInFlow.forget(request.session)
        raise FlowExpired
    # The same row that ending all sessions writes first: one of the two comes too late.
    if not _note_end(user.pk, flow.epoch, last_sign_in_at=_NOW, **review.ended(flow.registered)):
        SignInFlow.forget(request.session)
        raise FlowExpired
    forget_flows(request)
    auth.login(request, user, backend=BACKEND)
    # A cookie proves nobody (SU1), and a pass is enough for no change and no page of staff (R059).
    if not (flow.is_trusted or flow.passed):
        freshness.note(request, flow.proof)
    if flow.passed:
        passes.finish(flow.passed)
    actor = Actor.of(request)
    session = store_of(request)
    session.came_from(actor.origin)
    session.save()
    if flow.trust:
        trusted_browsers.trust(request, Standing.of(user, policy.current_for(user)))
    completed = log.record(
        tags.SIGN_IN_COMPLETED,
        actor=actor,
        subject=user.public_id,
        kind=flow.proved_by or flow.registered,
    )
    browsers.remember(request, user, completed, known=flow.known_browser)
    if asks_review:
        return review.ask(request, user, then=flow.next)
    return destinations.after(flow.next)


def needs_second_step(standing: Standing) -> bool:
    """Whoever has a method that signs in, or is asked for a pass in place of one.

    And a frozen account never opens by password (RR11).
    """
    is_expected = standing.has_sign_in_method or standing.is_frozen
    return is_expected or passes.is_required(standing.user)


def _may_end(flow: SignInFlow, user: User) -> bool:
    """Whether a session may begin: the one rule for every way that leads to one (SI7, R061).

    With the password alone only for whoever has nothing else to be asked for; after a temporary
    access pass never without a method that was set up with it.
    """
    if flow.passed:
        return bool(flow.registered)
    if flow.proved_by or flow.registered or flow.is_trusted:
        return True
    return not needs_second_step(Standing.of(user, policy.current_for(user)))


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
