"""What counts as soon as it is entered: nothing to prove, or proved before by another method."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction
from django.utils.crypto import constant_time_compare

from methods import changes, registrations
from methods.models import Registration
from methods.place import Place
from methods.setup import SetUp, State


def add(
    session: SessionBase, place: Place, entered: Mapping[str, Any], *, attempt: str
) -> Registration:
    """Let what was entered count at once. `attempt` names the form that was sent.

    Of a double click both get the same method. Raises what registrations.add_unproved does.
    """
    enrolment = place.method.enrol(place.user, entered)  # may hash: not while others wait
    draft = registrations.draft(place.user, place.method, enrolment, place.replaces)
    with transaction.atomic():
        changes.lock(place.user)
        earlier = added_by(session, place, attempt)
        if earlier:
            return earlier
        registration = registrations.add_unproved(
            draft, ruleset=place.ruleset, actor=place.actor, required=place.required
        )
        flow = SetUp(id=attempt, added=str(registration.uuid))
        flow.move(State.DONE)
        flow.save(session, place.suffix)
        session.save()  # the other click must find it as soon as it finds the method
    return registration


def added_by(session: SessionBase, place: Place, attempt: str) -> Registration | None:
    """What this very form has added already, in this browser."""
    flow = SetUp.load_again(session, place.suffix)
    if not attempt or flow is None or not flow.added:
        return None
    if not constant_time_compare(flow.id, attempt):
        return None
    return Registration.objects.of(place.user).confirmed().filter(uuid=flow.added).first()


def adopt(place: Place, entered: Mapping[str, Any]) -> Registration:
    """The method on a number proved before. Raises what registrations.adopt does."""
    return registrations.adopt(
        place.user,
        place.method,
        entered,
        proven_by=entered["proven_by"] if entered["proven_by"] in place.proven else "",
        ruleset=place.ruleset,
        actor=place.actor,
    )
