"""What every answer asks and writes, made once: by the ORM each took half a millisecond.

The number of rows that an update changes is its verdict (docs/performance.md).
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db import connection
from django.db.models import Exists, F
from django.db.models.functions import Now

from methods.models import Challenge, Keyed, Outcome, Registration
from securityinfo.prepared import Prepared, PreparedUpdate

Statement = tuple[str, list[Any]]

# On PostgreSQL one trip to the database instead of two.
_IN_TURN = """
WITH first AS ({first} RETURNING 1),
second AS ({then} AND EXISTS (SELECT 1 FROM first) RETURNING 1)
SELECT EXISTS (SELECT 1 FROM first), EXISTS (SELECT 1 FROM second)
"""
_NOW, _ONE_MORE = Now(), F("tries") + 1
_SOME, _GENERATION = UUID(int=1), 999_999

_tries = Prepared(lambda pk: Challenge.objects.only("tries", "max_tries").filter(pk=pk), _SOME)
_as_read = PreparedUpdate(
    lambda pk, generation, user: (
        Challenge.objects.open()
        .filter(pk=pk, generation=generation)
        .filter(Exists(get_user_model().objects.select_for_update(no_key=True).filter(pk=user)))
    ),
    *(_SOME, _GENERATION, -3),
)
_with_tries = PreparedUpdate(
    lambda pk, generation, destination: (
        Challenge.objects.open()
        .filter(pk=pk, generation=generation, destination=destination)
        .filter(tries__lt=F("max_tries"), keyed="")
    ),
    *(_SOME, _GENERATION, "destination?"),
    returning=("tries", "max_tries"),
)
_registration = PreparedUpdate(lambda pk: Registration.objects.filter(pk=pk), -1)
_before_step = PreparedUpdate(
    lambda pk, step: Registration.objects.filter(pk=pk, last_counter__lt=step), *(-1, -2)
)


def count_try(challenge: Challenge, *, keyed: bool) -> int | None:
    """Spend a try of what is open, as it was read, and still goes where it went.

    How many are left; None if it was none of these, and nothing was spent.
    """
    read = (challenge.pk, challenge.generation, challenge.registration.fingerprint)
    spent = {"keyed": Keyed.WRONG.value} if keyed else {}
    counted = _with_tries.rows(*read, tries=_ONE_MORE, **spent)
    return _left(*counted[0]) if counted else None


def tries_left(challenge: Challenge) -> int | None:
    """By now; None if the challenge is gone."""
    found = next(iter(_tries(challenge.pk)), None)
    return None if found is None else _left(found.tries, found.max_tries)


def _left(tries: int, most: int) -> int:
    return max(most - tries, 0)


def consume(
    challenge: Challenge, registration: Registration, step: int | None, *, is_use: bool
) -> tuple[bool, bool]:
    """Use it up, then note on the method that it was: whether each could be done.

    First, as every change does, this locks the person's row (changes.lock).
    """
    read = (challenge.pk, challenge.generation, challenge.user_id)
    used = _as_read.statement(*read, closed_at=_NOW, outcome=Outcome.VERIFIED.value)
    if not is_use and step is None:
        return _changes(used), True
    is_used, is_noted = _in_turn(used, _noting(registration, step, is_use=is_use))
    return is_used, _noted(registration, step, is_noted)


def note_use(registration: Registration, step: int | None) -> bool:
    """When it was used last, and up to which step; False if that step was used before."""
    return _noted(registration, step, _changes(_noting(registration, step, is_use=True)))


def _noting(registration: Registration, step: int | None, *, is_use: bool) -> Statement:
    """What proved it when it was set up is no use."""
    used = {"last_used_at": _NOW} if is_use else {}
    if step is None:
        return _registration.statement(registration.pk, **used)
    return _before_step.statement(registration.pk, step, last_counter=step, **used)


def _noted(registration: Registration, step: int | None, is_noted: bool) -> bool:
    if is_noted and step is not None:
        registration.last_counter = step
    return is_noted


def _in_turn(first: Statement, then: Statement) -> tuple[bool, bool]:
    """Whether each changed a row; the second isn't tried in vain."""
    if connection.vendor != "postgresql":
        is_changed = _changes(first)
        return is_changed, is_changed and _changes(then)
    with connection.cursor() as cursor:
        cursor.execute(_IN_TURN.format(first=first[0], then=then[0]), [*first[1], *then[1]])
        return cursor.fetchone()


def _changes(statement: Statement) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(*statement)
        return cursor.rowcount == 1
