"""What every answer asks and writes, made once: by the ORM each took half a millisecond.

The number of rows that an update changes is its verdict (docs/performance.md).
"""

from __future__ import annotations

from uuid import UUID

from django.db.models import F
from django.db.models.functions import Now

from methods.models import Challenge, Outcome, Registration
from securityinfo.prepared import Prepared, PreparedUpdate

_CHALLENGE, _GENERATION = UUID(int=1), 999_999

tries = Prepared(
    lambda pk: Challenge.objects.only("tries", "max_tries").filter(pk=pk),
    *(_CHALLENGE,),
)
count_try = PreparedUpdate(
    lambda pk, generation, destination, keyed: (
        Challenge.objects.open()
        .filter(pk=pk, generation=generation, destination=destination)
        .filter(tries__lt=F("max_tries"), keyed=""),
        {"tries": F("tries") + 1, "keyed": keyed},
    ),
    *(_CHALLENGE, _GENERATION, "destination?", "keyed?"),
)
consume = PreparedUpdate(
    lambda pk, generation: (
        Challenge.objects.open().filter(pk=pk, generation=generation),
        {"closed_at": Now(), "outcome": Outcome.VERIFIED},
    ),
    *(_CHALLENGE, _GENERATION),
)
note_use = PreparedUpdate(
    lambda pk: (Registration.objects.filter(pk=pk), {"last_used_at": Now()}),
    *(-1,),
)
note_use_of_step = PreparedUpdate(
    lambda pk, step: (
        Registration.objects.filter(pk=pk, last_counter__lt=step),
        {"last_counter": step, "last_used_at": Now()},
    ),
    *(-1, -2),
)
raise_counter = PreparedUpdate(
    lambda pk, step: (
        Registration.objects.filter(pk=pk, last_counter__lt=step),
        {"last_counter": step},
    ),
    *(-1, -2),
)
