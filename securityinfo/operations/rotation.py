"""A new key for everything that is stored, and what each key still holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import Count

from accounts import new_keys
from accounts.models import User
from methods.models import Registration
from securityinfo import crypto, resealing
from securityinfo.actor import COMMAND_LINE, Actor
from securityinfo.audit import log, tags
from securityinfo.audit.models import Event, Head, Mark, Seal
from securityinfo.operations import key_proofs
from securityinfo.operations.models import KeyProof
from securityinfo.resealing import BATCH, Column

AUDIT = "audit log"


@dataclass
class Result:
    """What a rotation has done so far."""

    resealed: Counter[str] = field(default_factory=Counter)  # by column
    renewed: int = 0  # fingerprints of methods
    damaged: list[str] = field(default_factory=list)

    @property
    def steps(self) -> int:
        return self.resealed.total() + self.renewed


def columns() -> list[Column]:
    """All but the proofs of the keys themselves, each of which belongs to its own key."""
    return [column for column in resealing.columns() if column.model is not KeyProof]


def holdings() -> Iterator[tuple[str, dict[str, int]]]:
    """Each place with how many rows each key holds there."""
    for column in columns():
        yield str(column), resealing.by_key(column)
    yield AUDIT, _of_audit()


def _of_audit() -> dict[str, int]:
    """Entries that only their key can verify. Nothing seals them anew: that would be forging."""
    found: Counter[str] = Counter()
    for model, name in ((Event, "stamp_key"), (Seal, "key_id"), (Mark, "key_id"), (Head, "key_id")):
        rows = model._default_manager.values_list(name).annotate(number=Count("pk")).order_by()
        found.update(dict(rows))
    return dict(found)


def rotate(*, after_batch: Callable[[Result], object] = lambda _: None) -> Result:
    """Everything under the current key. Broken off anywhere, it is taken up by starting again."""
    result = Result()
    for column in columns():
        _rotate(column, result, after_batch)
    _renew(result, after_batch)
    forget_unused()
    _record(result, actor=COMMAND_LINE)
    return result


def _rotate(column: Column, result: Result, after_batch: Callable[[Result], object]) -> None:
    last = None
    while True:
        batch = resealing.reseal(column, after=last, limit=BATCH)
        if batch.last is None:
            return
        last = batch.last
        result.resealed[str(column)] += batch.resealed
        result.damaged += batch.damaged
        after_batch(result)


def _renew(result: Result, after_batch: Callable[[Result], object]) -> None:
    """Person by person: all that one has, or nothing."""
    last = 0
    while people := _people(after=last):
        for user in people:
            renewed = new_keys.renew(user)
            if renewed is None:
                result.damaged.append(f"user {user.pk} has the same value twice under two keys")
            result.renewed += renewed or 0
        last = people[-1].pk
        after_batch(result)


def _people(*, after: int) -> list[User]:
    """The next ones who have any method."""
    theirs = Registration.objects.filter(user_id__gt=after).order_by("user_id")
    ids = theirs.values_list("user_id", flat=True).distinct()[:BATCH]
    return list(User.objects.filter(pk__in=list(ids)).order_by("pk"))


def forget_unused() -> list[str]:
    """Proofs of keys that hold nothing any more: the other processes may now lose them."""
    used = {key_id for _, numbers in holdings() for key_id in numbers}
    key_proofs.leave()
    unused = KeyProof.objects.exclude(pk__in=used | {crypto.current_key_id()})
    names = list(unused.values_list("pk", flat=True))
    unused.delete()
    return names


@transaction.atomic
def _record(result: Result, *, actor: Actor) -> None:
    if result.steps or result.damaged:
        log.record(
            tags.KEYS_ROTATED,
            actor=actor,
            key=crypto.current_key_id(),
            rows=dict(result.resealed),
            renewed=result.renewed,
            damaged=len(result.damaged),
        )
