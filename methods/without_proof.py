"""What counts as soon as it is entered: nothing to prove, or proved before by another method."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction
from django.utils.crypto import constant_time_compare

from methods import changes, registrations
from methods.models import Registration
from methods.place import Place
from methods.setup import SetUp, State
from securityinfo import throttling
from securityinfo.throttling import limits


def add(
    session: SessionBase, place: Place, entered: Mapping[str, Any], *, attempt: str
) -> Registration:
    """Let what was entered count at once. `attempt` names the form that was sent.

    Of a double click both get the same method. Raises throttling.Throttled, and then nothing was
    hashed, and what registrations.add_unproved does.
    """
    throttling.hit_all((*limits.CHANGES_BY_ACCOUNT, limits.UNPROVED_BY_ACCOUNT), str(place.user.pk))
    enrolment = place.method.enrol(place.user, entered)  # may hash: not while others wait
    draft = registrations.draft(place.user, place.method, enrolment, place.replaces)

    def add_it() -> Registration:
        return registrations.add_unproved(
            draft, ruleset=place.ruleset, actor=place.actor, required=place.is_first_time
        )

    return _once(session, place, attempt, add_it)


def adopt(
    session: SessionBase, place: Place, entered: Mapping[str, Any], *, attempt: str
) -> Registration:
    """The method on a number proved before; `attempt` as in `add`.

    Raises throttling.Throttled and what registrations.adopt does.
    """
    changes.charge(place.user)

    def adopt_it() -> Registration:
        return registrations.adopt(
            place.user,
            place.method,
            entered,
            proven_by=entered["proven_by"] if entered["proven_by"] in place.proven else "",
            ruleset=place.ruleset,
            actor=place.actor,
        )

    return _once(session, place, attempt, adopt_it)


def is_possible(place: Place) -> bool:
    """Whether the form of this place may add something at once."""
    return not place.method.needs_proof or bool(place.proven)


def added_by(session: SessionBase, place: Place, attempt: str) -> Registration | None:
    """What this very form has added already, in this browser."""
    flow = SetUp.load_again(session, place.suffix) if attempt else None
    if flow is None or not flow.added or not constant_time_compare(flow.id, attempt):
        return None
    return Registration.objects.of(place.user).confirmed().filter(uuid=flow.added).first()


def _once(
    session: SessionBase, place: Place, attempt: str, add_it: Callable[[], Registration]
) -> Registration:
    """Whatever was clicked twice is added once."""
    with transaction.atomic():
        changes.lock(place.user)
        earlier = added_by(session, place, attempt)
        if earlier:
            return earlier
        registration = add_it()
        flow = SetUp(id=attempt, added=str(registration.uuid))
        flow.move(State.DONE)
        flow.save(session, place.suffix)
        session.save()  # the other click must find it as soon as it finds the method
    return registration
