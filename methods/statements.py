"""What every answer asks and writes, made once: by the ORM each took half a millisecond.

The number of rows that an update changes is its verdict (docs/performance.md).
"""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth import get_user_model
from django.db.models import Exists, F
from django.db.models.functions import Now

from methods.models import Challenge, Keyed, Outcome, Registration
from securityinfo.prepared import Prepared, PreparedUpdate

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


def consume(challenge: Challenge) -> bool:
    """Use it up. First, as every change does, this locks the person's row (changes.lock)."""
    read = (challenge.pk, challenge.generation, challenge.user_id)
    return _as_read(*read, closed_at=_NOW, outcome=Outcome.VERIFIED.value) == 1


def note_use(registration: Registration, step: int | None) -> bool:
    """When it was used last, and up to which step; False if that step was used before."""
    if step is None:
        return _registration(registration.pk, last_used_at=_NOW) == 1
    return _before_step(registration.pk, step, last_counter=step, last_used_at=_NOW) == 1


def note_first_step(registration: Registration, step: int) -> bool:
    """The step that proved it when it was set up."""
    return _before_step(registration.pk, step, last_counter=step) == 1
