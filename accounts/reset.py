"""A forgotten password: from the name to the new password, in one browser, without signing in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import ClassVar

from django.db import transaction
from django.http import HttpRequest
from django.middleware.csrf import rotate_token

from accounts import reset_limits, reset_policy, reset_rights
from accounts.models import User
from accounts.reset_models import PasswordReset
from accounts.reset_policy import Next, Why
from methods.models import Registration
from methods.proving import Proving
from securityinfo.actor import Actor
from securityinfo.audit import log, tags
from securityinfo.audit.models import Event
from securityinfo.flows import FlowExpired, SessionFlow

PROOF = "reset"  # the second check's place among the proofs of a session
LONGEST_KEPT = 300  # characters of what was typed: no name is that long


class State(StrEnum):
    FIRST_CHECK = "first-check"
    FIRST_CODE = "first-code"
    SECOND_CHECK = "second-check"
    NEW_PASSWORD = "new-password"  # noqa: S105 - the name of a state
    DONE = "done"
    STOPPED = "stopped"


# Where a browser is in each state, by the names of the pages.
PAGES = {
    State.FIRST_CHECK: "accounts:reset-check",
    State.FIRST_CODE: "accounts:reset-code",
    State.SECOND_CHECK: "accounts:reset-check-2",
    State.NEW_PASSWORD: "accounts:reset-password",
    State.DONE: "accounts:reset-done",
    State.STOPPED: "accounts:reset-stopped",
}
_STATES = {
    Next.SECOND_CHECK: State.SECOND_CHECK,
    Next.NEW_PASSWORD: State.NEW_PASSWORD,
    Next.STOP: State.STOPPED,
}


@dataclass
class ResetFlow(SessionFlow):
    """Where this browser is. Who was named, and what was proved, is in the database."""

    KEY: ClassVar[str] = "reset"
    START: ClassVar[StrEnum] = State.FIRST_CHECK
    MOVES: ClassVar[Mapping[StrEnum, frozenset[StrEnum]]] = {
        State.FIRST_CHECK: frozenset({State.FIRST_CODE}),
        State.FIRST_CODE: frozenset(
            {State.FIRST_CODE, State.SECOND_CHECK, State.NEW_PASSWORD, State.STOPPED}
        ),
        State.SECOND_CHECK: frozenset({State.NEW_PASSWORD, State.STOPPED}),
        # Policy is asked again until the end: what it asks for may have become more.
        State.NEW_PASSWORD: frozenset({State.DONE, State.SECOND_CHECK, State.STOPPED}),
        State.DONE: frozenset(),
        State.STOPPED: frozenset(),
    }

    reset: str = ""  # id of the row
    why: str = ""  # it was stopped
    held: str = ""  # kind that can't sign in for now,
    held_until: float = 0.0  # until this Unix time
    pass_until: float = 0.0  # until when the pass opens the sign-in that follows

    @property
    def over_at(self) -> datetime:
        return datetime.fromtimestamp(self.ends_at(), UTC)


@dataclass
class UnderWay:
    """The reset of one browser, as one request finds it."""

    flow: ResetFlow
    reset: PasswordReset
    token: str = field(default="", repr=False)  # of the right that this request was granted

    @property
    def user(self) -> User:
        """The person; only after the first check."""
        if self.reset.user is None:
            raise FlowExpired
        return self.reset.user


def begin(request: HttpRequest, typed: str) -> None:
    """Whatever was typed. Nothing on any account changes, and an earlier reset here is over."""
    actor = Actor.of(request)
    is_limited = not reset_limits.may_begin(typed, actor)
    is_recorded = not is_limited or reset_limits.is_recorded(actor)
    user = User.objects.named(typed)
    with transaction.atomic():
        reset = PasswordReset.objects.create(
            is_limited=is_limited, asked=_asked(typed[:LONGEST_KEPT], actor)
        )
        if is_recorded:
            _record_start(user, actor, is_limited=is_limited)
    Proving.forget(request.session, PROOF)
    ResetFlow(reset=str(reset.pk)).save(request.session)


def _record_start(user: User | None, actor: Actor, *, is_limited: bool) -> None:
    log.record(
        tags.RESET_STARTED,
        actor=actor,
        subject=user.public_id if user else None,
        result="refused" if is_limited else "ok",
        reason="limit" if is_limited else "",
    )


def _asked(typed: str, actor: Actor) -> dict[str, str]:
    origin = actor.origin
    return {
        "name": typed,
        "address": origin.address,
        "browser": origin.browser,
        "request": origin.request_id,
    }


def resume(request: HttpRequest) -> UnderWay | None:
    """The reset of this browser; None if there is none.

    Raises FlowExpired, once: its time is over, or the person's access was changed meanwhile.
    """
    was_done = request.session.get(ResetFlow.key(), {}).get("state") == State.DONE
    try:
        flow = ResetFlow.load(request.session)
    except FlowExpired:
        if was_done:  # everything was changed that was to be
            return None
        raise
    if flow is None:
        return None
    reset = (
        PasswordReset.objects.select_related("user", "first", "second", "by_pass")
        .filter(pk=flow.reset)
        .first()
    )
    if reset is None or not (flow.state == State.DONE or _is_as_it_was(reset)):
        forget(request)
        raise FlowExpired
    return UnderWay(flow, reset)


def _is_as_it_was(reset: PasswordReset) -> bool:
    """Sessions that ended, a changed method, another role: all of that ends open flows (SE2)."""
    user, by_pass = reset.user, reset.by_pass
    if by_pass is not None and by_pass.ended_at is not None:  # revoked, or another one issued
        return False
    return user is None or (user.is_active and user.access_epoch == reset.epoch)


def forget(request: HttpRequest) -> None:
    ResetFlow.forget(request.session)
    Proving.forget(request.session, PROOF)


def step(request: HttpRequest, under_way: UnderWay) -> None:
    """The person did something: the idle time begins again."""
    under_way.flow.touch()
    under_way.flow.save(request.session)


def go_on(request: HttpRequest, under_way: UnderWay) -> None:
    """After a check was passed, in its transaction, which holds the person's row.

    Grants the right to set a password, if that is what comes next.
    """
    reset, user = under_way.reset, under_way.user
    request.session.cycle_key()
    rotate_token(request)
    following, why = reset_policy.next_step(reset, user)
    _move(request, under_way, following, why)
    if following is Next.NEW_PASSWORD:
        under_way.token = reset_rights.grant(reset, user)


def check_again(request: HttpRequest, under_way: UnderWay) -> None:
    """Policy may ask for more than it did, or forbid it, while a reset is under way (PU3)."""
    following, why = reset_policy.next_step(under_way.reset, under_way.user)
    is_more = following is Next.SECOND_CHECK and under_way.flow.state == State.NEW_PASSWORD
    if following is Next.STOP or is_more:
        with transaction.atomic():
            _move(request, under_way, following, why)


def _move(request: HttpRequest, under_way: UnderWay, following: Next, why: Why | None) -> None:
    flow = under_way.flow
    flow.move(_STATES[following])
    if why is not None:
        flow.why = why
        _record_stop(request, under_way, why)
    flow.save(request.session)


def _record_stop(request: HttpRequest, under_way: UnderWay, why: Why) -> None:
    user = under_way.user
    log.record(
        tags.RESET_STOPPED,
        actor=Actor.of(request).acting_as(user),
        subject=user.public_id,
        result="refused",
        reason=why,
    )


def passed(
    request: HttpRequest, under_way: UnderWay, registration: Registration, *, is_first: bool
) -> Event | None:
    """Note that this method has proved the person, in the transaction of the proof; then go on.

    The event of it; None if another click was faster.
    """
    reset = under_way.reset
    if is_first:
        unproved = PasswordReset.objects.as_read(reset)
        reset.user, reset.first = registration.user, registration
        reset.epoch = registration.user.access_epoch
        changes = {"user": reset.user, "first": registration, "epoch": reset.epoch}
    else:
        unproved = PasswordReset.objects.filter(pk=reset.pk, second=None)
        reset.second = registration
        changes = {"second": registration}
    if unproved.update(**changes) != 1:
        return None
    event = log.record(
        tags.RESET_CHECK_PASSED,
        actor=Actor.of(request).acting_as(under_way.user),
        subject=under_way.user.public_id,
        kind=registration.kind,
        masked=registration.summary,
    )
    go_on(request, under_way)
    return event
