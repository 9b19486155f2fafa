"""Suspending a method that its person has disowned, and restoring it: check, write, record."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from methods import challenges, changes
from methods.models import Registration
from securityinfo import clock
from securityinfo.actor import Actor
from securityinfo.audit import tags
from securityinfo.policy import service as policy

if TYPE_CHECKING:
    from accounts.models import User


def suspend(user: User, uuid: str, *, actor: Actor) -> Registration | None:
    """The method with this public id proves nothing from now on, and what it has begun is over.

    In a transaction that holds the person's row. None if it is gone, or suspended already.
    """
    active = Registration.objects.of(user).confirmed().filter(suspended_at=None)
    registration = active.filter(uuid=uuid).first()
    if registration is None:
        return None
    registration.suspended_at = clock.now()
    registration.save(update_fields=["suspended_at"])
    challenges.cancel(registration)
    changes.record(tags.METHOD_SUSPENDED, registration, actor, policy.current_for(user))
    return registration


def restore(user: User, uuids: Collection[str], *, actor: Actor) -> list[Registration]:
    """Those of the person's suspended methods count again. In a transaction, as `suspend`."""
    restored = [each for each in suspended_of(user) if str(each.uuid) in uuids]
    for registration in restored:
        registration.suspended_at = None
        registration.save(update_fields=["suspended_at"])
        changes.record(tags.METHOD_RESTORED, registration, actor, policy.current_for(user))
    return restored


def suspended_of(user: User) -> list[Registration]:
    return list(Registration.objects.of(user).confirmed().exclude(suspended_at=None))
