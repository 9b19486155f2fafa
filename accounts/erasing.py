"""Deleting a person for good: no name, number or address is left; what happened stays (R112)."""

from __future__ import annotations

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction

from accounts import duties
from accounts.models import User
from methods.models import Registration
from securityinfo.actor import Actor
from securityinfo.audit import log, tags


class StillActive(Exception):
    """People are deactivated first: that ends their sessions, and tells them (N16)."""


@transaction.atomic
def erase(person: User, *, actor: Actor) -> bool:
    """False if somebody else has done it already. Raises StillActive.

    Events name people by a number that is nobody's from then on, and contacts by their masks: they
    stay, and the chain with them. Network addresses and browsers beside them go with retention.
    """
    locked = User.objects.select_for_update().filter(pk=person.pk).first()
    if locked is None:
        return False
    if locked.is_active:
        raise StillActive
    duties.give(locked, ())
    kinds = sorted(Registration.objects.of(locked).confirmed().values_list("kind", flat=True))
    log.record(tags.DATA_ERASED, actor=actor, subject=locked.public_id, kinds=kinds)
    # Django's own history of the administration has the user name in it.
    model = ContentType.objects.get_for_model(User)
    LogEntry.objects.filter(content_type=model, object_id=str(locked.pk)).delete()
    locked.delete()
    return True
