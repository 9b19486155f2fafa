"""The review: asking a person from time to time whether the methods are still right."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models.functions import Now
from django.http import HttpRequest
from django.urls import reverse

from accounts import destinations
from accounts.models import User
from methods.standing import Standing
from securityinfo import clock
from securityinfo.actor import Actor
from securityinfo.audit import log, tags
from securityinfo.policy.rules import Strength

MOST_POSTPONED = 3  # then the page has to be answered

# In the session, while its sign-in waits for an answer: since when it was due, and what follows.
PENDING = "review"

_NOW = Now()  # one object: see prepared.PreparedUpdate


def is_due(standing: Standing, strength: int) -> bool:
    """After a second step of this `strength`; what nobody can change isn't asked about (RV1).

    A pass proves no method, so nothing is asked after one.
    """
    if strength <= Strength.NONE or standing.is_frozen or not standing.registrations:
        return False
    due = _due(standing)
    return due is not None and due <= clock.now()


def _due(standing: Standing) -> datetime | None:
    """None: never. Counted from the first method of whoever has not been asked for anything."""
    days = standing.ruleset.settings.review_days
    since = standing.user.reviewed_at or min(
        (each.added_at for each in standing.registrations), default=None
    )
    return since + timedelta(days=days) if since and days else None


def next_time(standing: Standing) -> datetime:
    """When it is asked again after "Looks good"."""
    return clock.now() + timedelta(days=standing.ruleset.settings.review_days)


def ended(registered: str) -> dict[str, Any]:
    """What the end of a sign-in writes: required registration counts as a review (RV1)."""
    return {"reviewed_at": _NOW, "reviews_postponed": 0} if registered else {}


def ask(request: HttpRequest, user: User, *, then: str) -> str:
    """From now on this session has one page to answer; in the transaction that opens it.

    `then`: the address that was asked for. Returns that of the page.
    """
    request.session[PENDING] = {"since": _marked(user), "next": then}
    actor = Actor.of(request).acting_as(user)
    log.record(tags.REVIEW_SHOWN, actor=actor, subject=user.public_id)
    return reverse("accounts:review")


def is_pending(request: HttpRequest, user: User) -> bool:
    """Whether this session waits for an answer that no other one has given meanwhile."""
    kept = request.session.get(PENDING)
    return kept is not None and kept["since"] == _marked(user)


def go_on(request: HttpRequest) -> str:
    """The question is over, in this session. Returns the address that was asked for at first."""
    kept = request.session.pop(PENDING, {})
    return destinations.after(kept.get("next", ""))


def postponements_left(user: User) -> int:
    return max(0, MOST_POSTPONED - user.reviews_postponed)


@transaction.atomic
def confirm(user: User, *, actor: Actor) -> None:
    """ "Looks good"; of two clicks one counts."""
    unanswered = User.objects.filter(pk=user.pk, reviewed_at=user.reviewed_at)
    if unanswered.update(reviewed_at=clock.now(), reviews_postponed=0):
        log.record(tags.REVIEW_CONFIRMED, actor=actor, subject=user.public_id)


@transaction.atomic
def postpone(user: User, *, actor: Actor) -> bool:
    """ "Ask me later"; False if it can't be put off any more."""
    number = user.reviews_postponed
    if number >= MOST_POSTPONED:
        return False
    unchanged = User.objects.filter(pk=user.pk, reviews_postponed=number)
    if unchanged.update(reviews_postponed=number + 1):
        log.record(tags.REVIEW_POSTPONED, actor=actor, subject=user.public_id, times=number + 1)
    return True


def _marked(user: User) -> str:
    return user.reviewed_at.isoformat() if user.reviewed_at else ""
